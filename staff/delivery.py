"""The outbox's other end: notices, and whatever else is outgoing, leave the house, each at least once.

A row is leased, sent, then marked. A sender that dies in between leaves a lease that runs out, and the copy
goes again with the same Message-ID; one that slept past its lease marks nothing. Nothing is ever lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from staff.models import Delivery, DeliveryState, Outgoing
from staff.notices import render

log = logging.getLogger(__name__)
BATCH, LEASE, MOST_ATTEMPTS = 20, timedelta(seconds=60), 5
STINT = timedelta(seconds=5)


def deliver(*, now: datetime) -> int:
    """Send waiting copies of notices, soonest first, at most 20; return how many left."""
    return send_waiting(Delivery.objects.select_related("notice__recipient"), _message, now=now)


def send_waiting(rows: QuerySet[Any], message: Callable[[Any], EmailMessage], *, now: datetime) -> int:
    """Send waiting rows of a model that is `Outgoing` one after another, at most 20; return how many left.

    `message` makes the e-mail of a row. Each is leased on its own just before it is sent, so that a slow mail
    server uses up one lease and not twenty. Comes back early when it is slow: what is left is for the next
    call.
    """
    _give_up_lost(rows, now)
    begun, left = time.monotonic(), 0
    for _turn in range(BATCH):
        passed = timedelta(seconds=time.monotonic() - begun)
        row = _lease(rows, now + passed) if passed < STINT else None
        if row is None:
            break
        left += _send(row, message, now + passed)
    return left


def _lease(rows: QuerySet[Any], now: datetime) -> Any:
    with transaction.atomic():
        due = rows.filter(state=DeliveryState.WAITING, next_try_at__lte=now)
        row = due.order_by("next_try_at", "id").select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            row.lease, row.attempts = row.lease + 1, row.attempts + 1
            row.next_try_at = now + LEASE
            row.save(update_fields=["lease", "attempts", "next_try_at"])
    return row


def _send(row: Outgoing, message: Callable[[Any], EmailMessage], now: datetime) -> bool:
    try:
        message(row).send()
    except Exception as error:  # network, mail server or this one message: none stops the others
        _note_failure(row, error, now)
        return False
    _mine(row).update(state=DeliveryState.SENT, sent_at=now, error="")
    return True


def _message(delivery: Delivery) -> EmailMessage:
    notice = delivery.notice
    subject, body = render(notice, language=notice.recipient.language or settings.LANGUAGE_CODE)
    return EmailMessage(
        subject=subject,
        body=f"{body}\n\n{settings.SITE_URL}{notice.url}\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@opsdesk>"},
    )


def _note_failure(row: Outgoing, error: Exception, now: datetime) -> None:
    """Try again after 1, 2, 4, 8 minutes; after the fifth attempt give up where everybody can see it."""
    given_up, name = row.attempts >= MOST_ATTEMPTS, row._meta.verbose_name
    log.warning("%s %s failed (attempt %s): %s", name, row.pk, row.attempts, type(error).__name__)
    _mine(row).update(
        state=DeliveryState.FAILED if given_up else DeliveryState.WAITING,
        next_try_at=now + timedelta(minutes=2 ** (row.attempts - 1)),
        error=str(error)[:300],
    )


def _give_up_lost(rows: QuerySet[Any], now: datetime) -> None:
    """Give up what took every sender with it: five leases have run out and none came back."""
    lost = rows.filter(state=DeliveryState.WAITING, next_try_at__lte=now, attempts__gte=MOST_ATTEMPTS)
    lost.update(state=DeliveryState.FAILED, error="every sender ended before it had sent this")


def _mine(row: Outgoing) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk, lease=row.lease)

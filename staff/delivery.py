"""The outbox's other end: notices leave the house, each at least once.

A row is leased, sent, then marked. A sender that dies in between leaves a lease that runs out, and the copy
goes again with the same Message-ID; one that slept past its lease marks nothing. Nothing is ever lost.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from staff.models import Delivery, DeliveryState
from staff.notices import render

log = logging.getLogger(__name__)
BATCH, LEASE, MOST_ATTEMPTS = 20, timedelta(seconds=60), 5


def deliver(*, now: datetime) -> int:
    """Send up to 20 waiting copies; return how many left."""
    return sum(_send(delivery, now) for delivery in _lease(now))


def _lease(now: datetime) -> list[Delivery]:
    with transaction.atomic():
        due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=now).order_by(
            "next_try_at"
        )
        rows = list(due.select_for_update(skip_locked=True)[:BATCH])
        for row in rows:
            row.lease, row.attempts, row.next_try_at = row.lease + 1, row.attempts + 1, now + LEASE
        Delivery.objects.bulk_update(rows, ["lease", "attempts", "next_try_at"])
    return rows


def _send(delivery: Delivery, now: datetime) -> bool:
    notice = delivery.notice
    subject, body = render(notice, language=notice.recipient.language or settings.LANGUAGE_CODE)
    message = EmailMessage(
        subject=subject,
        body=f"{body}\n\n{settings.SITE_URL}{notice.url}\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@opsdesk>"},
    )
    try:
        message.send()
    except OSError as error:  # smtplib's errors and every network error
        _note_failure(delivery, error, now)
        return False
    _mine(delivery).update(state=DeliveryState.SENT, sent_at=now, error="")
    return True


def _note_failure(delivery: Delivery, error: Exception, now: datetime) -> None:
    """Try again after 1, 2, 4, 8 minutes; after the fifth attempt give up where everybody can see it."""
    given_up = delivery.attempts >= MOST_ATTEMPTS
    log.warning("delivery %s failed (attempt %s): %s", delivery.pk, delivery.attempts, type(error).__name__)
    _mine(delivery).update(
        state=DeliveryState.FAILED if given_up else DeliveryState.WAITING,
        next_try_at=now + timedelta(minutes=2 ** (delivery.attempts - 1)),
        error=str(error)[:300],
    )


def _mine(delivery: Delivery):  # type: ignore[no-untyped-def]
    return Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)

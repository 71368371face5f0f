"""The outbox's other end: notices leave the house, each at least once.

A row is leased, sent, then marked. A sender that dies in between leaves a lease that runs out, and the copy
goes again with the same Message-ID; one that slept past its lease marks nothing. Nothing is ever lost.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from staff.models import Delivery, DeliveryState
from staff.notices import render

log = logging.getLogger(__name__)
BATCH, LEASE, MOST_ATTEMPTS = 20, timedelta(seconds=60), 5
STINT = timedelta(seconds=5)


def deliver(*, now: datetime) -> int:
    """Send waiting copies one after another, soonest first, at most 20; return how many left.

    Each is leased on its own just before it is sent, so that a slow mail server uses up one lease and not
    twenty. Comes back early when it is slow: what is left is for the next call.
    """
    _give_up_lost(now)
    begun, left = time.monotonic(), 0
    for _turn in range(BATCH):
        passed = timedelta(seconds=time.monotonic() - begun)
        delivery = _lease(now + passed) if passed < STINT else None
        if delivery is None:
            break
        left += _send(delivery, now + passed)
    return left


def _lease(now: datetime) -> Delivery | None:
    with transaction.atomic():
        due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=now)
        delivery = (
            due.order_by("next_try_at", "id")
            .select_related("notice__recipient")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if delivery is not None:
            delivery.lease, delivery.attempts = delivery.lease + 1, delivery.attempts + 1
            delivery.next_try_at = now + LEASE
            delivery.save(update_fields=["lease", "attempts", "next_try_at"])
    return delivery


def _send(delivery: Delivery, now: datetime) -> bool:
    try:
        _message(delivery).send()
    except Exception as error:  # network, mail server or this one notice: none stops the others
        _note_failure(delivery, error, now)
        return False
    _mine(delivery).update(state=DeliveryState.SENT, sent_at=now, error="")
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


def _note_failure(delivery: Delivery, error: Exception, now: datetime) -> None:
    """Try again after 1, 2, 4, 8 minutes; after the fifth attempt give up where everybody can see it."""
    given_up = delivery.attempts >= MOST_ATTEMPTS
    log.warning("delivery %s failed (attempt %s): %s", delivery.pk, delivery.attempts, type(error).__name__)
    _mine(delivery).update(
        state=DeliveryState.FAILED if given_up else DeliveryState.WAITING,
        next_try_at=now + timedelta(minutes=2 ** (delivery.attempts - 1)),
        error=str(error)[:300],
    )


def _give_up_lost(now: datetime) -> None:
    """Give up what took every sender with it: five leases have run out and none came back."""
    Delivery.objects.filter(
        state=DeliveryState.WAITING, next_try_at__lte=now, attempts__gte=MOST_ATTEMPTS
    ).update(state=DeliveryState.FAILED, error="every sender ended before it had sent this")


def _mine(delivery: Delivery):  # type: ignore[no-untyped-def]
    return Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)

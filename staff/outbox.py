"""What is outgoing leaves the house, at least once: leased, sent, then marked.

A sender that dies in between leaves a lease that runs out, and the copy goes again under the same name; one
that slept past its lease marks nothing. Nothing is ever lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from staff.models import DeliveryState, Outgoing

log = logging.getLogger(__name__)
BATCH, LEASE, MOST_ATTEMPTS = 20, timedelta(seconds=60), 5
STINT = timedelta(seconds=5)
LOST = "every sender ended before it had sent this"


def take_turns(turn: Callable[[datetime], int | None], *, now: datetime) -> int:
    """Call `turn` with the instant, at most 20 times, until it finds nothing; return the sum of its answers.

    Comes back early when sending is slow: what is left is for the next call.
    """
    begun, left = time.monotonic(), 0
    for _turn in range(BATCH):
        passed = timedelta(seconds=time.monotonic() - begun)
        found = turn(now + passed) if passed < STINT else None
        if found is None:
            break
        left += found
    return left


def send_waiting(rows: QuerySet[Any], message: Callable[[Any], EmailMessage], *, now: datetime) -> int:
    """Send waiting rows of a model that is `Outgoing` one after another, at most 20; return how many left.

    `message` makes the e-mail of a row. Each is leased on its own just before it is sent, so that a slow mail
    server uses up one lease and not twenty.
    """

    def turn(now: datetime) -> int | None:
        row = _lease(rows, now)
        return None if row is None else _send(row, message, now)

    lost = due(rows, now).filter(attempts__gte=MOST_ATTEMPTS)
    lost.update(state=DeliveryState.FAILED, error=LOST)
    return take_turns(turn, now=now)


def due(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Those of the rows that wait and may be sent."""
    return rows.filter(state=DeliveryState.WAITING, next_try_at__lte=now)


def wait_before(attempt: int) -> timedelta:
    """How long to wait after so many failed attempts: 1, 2, 4, 8 minutes."""
    return timedelta(minutes=2 ** (attempt - 1))


def _lease(rows: QuerySet[Any], now: datetime) -> Any:
    with transaction.atomic():
        waiting = due(rows, now).order_by("next_try_at", "id")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
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


def _note_failure(row: Outgoing, error: Exception, now: datetime) -> None:
    """Try again later and later; after the fifth attempt give up where everybody can see it."""
    given_up, name = row.attempts >= MOST_ATTEMPTS, row._meta.verbose_name
    log.warning("%s %s failed (attempt %s): %s", name, row.pk, row.attempts, type(error).__name__)
    _mine(row).update(
        state=DeliveryState.FAILED if given_up else DeliveryState.WAITING,
        next_try_at=now + wait_before(row.attempts),
        error=str(error)[:300],
    )


def _mine(row: Outgoing) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk, lease=row.lease)

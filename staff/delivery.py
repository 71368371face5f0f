"""The outbox's other end: copies of notices leave the house, each at least once, by the way chosen for it.

A copy that is given up leaves by another way instead: its channel's fallback, else the person's e-mail.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from staff.channels import Item, NotSent, Route, send
from staff.copies import copy, note_success, route_of
from staff.models import ChannelKind, Delivery, DeliveryState, NoticeChannel
from staff.notices import item_of, language_of, message_of
from staff.outbox import LOST, MOST_ATTEMPTS, due, take_turns, wait_before
from staff.taking import Batch, take

log = logging.getLogger(__name__)
MOST_LOST = 100
SHUT = gettext_noop("the channel was switched off before this was sent")
gettext_noop(LOST)


def deliver(*, now: datetime) -> int:
    """Send waiting copies of notices, soonest first, at most 20 messages; return how many copies left."""
    _give_up_lost(now)
    return take_turns(_turn, now=now)


def _turn(now: datetime) -> int | None:
    batch = take(now)
    if batch is None:
        return None
    if batch.is_shut:
        _give_up(batch.rows, SHUT, now)
        return 0
    return _send(batch, now) if batch.rows else 0


def _send(batch: Batch, now: datetime) -> int:
    rows, items, language = [], [], ""
    for row in batch.rows:
        language = language_of(row.notice, batch.via)
        try:
            items.append(item_of(row.notice, language))
        except Exception as error:  # this one notice: it holds up no other
            _note_failure([row], NotSent(str(error), is_of_message=True), now)
        else:
            rows.append(row)
    if not rows:
        return 0
    message = message_of(batch.name, _gravest_first(rows, items), language=language, via=batch.via, at=now)
    try:
        answer = send(_route(rows[0], batch.via), message)
    except NotSent as error:
        _note_failure(rows, error, now, batch.via)
        return 0
    _mine(rows).update(state=DeliveryState.SENT, sent_at=now, error="", answer=answer[:80])
    if batch.via is not None:
        note_success(batch.via, now)
    return len(rows)


def _gravest_first(rows: Sequence[Delivery], items: Sequence[Item]) -> list[Item]:
    """The items with those of the gravest records first, where a short message may end before its last."""
    grades = [row.notice.params.get("grade") or 9 for row in rows]
    return [item for _grade, _place, item in sorted(zip(grades, range(len(rows)), items, strict=True))]


def _route(row: Delivery, via: NoticeChannel | None) -> Route:
    if via is None:
        return Route(ChannelKind.EMAIL, row.notice.recipient.email)
    return route_of(via)


@transaction.atomic
def _note_failure(
    rows: Sequence[Delivery], error: NotSent, now: datetime, via: NoticeChannel | None = None
) -> None:
    """Try again later and later; after the fifth attempt give up where everybody can see it.

    A channel that fails pauses as a whole, so that a dead one costs one attempt and not one a notice. After
    five failures in a row it is tried once a minute, and what comes meanwhile is given up at the first.
    """
    for row in rows:
        log.warning("delivery %s failed (attempt %s): %s", row.pk, row.attempts, type(error).__name__)
    held = list(_mine(rows).select_for_update(of=("self",)).select_related("notice__recipient"))
    if not held:
        return
    failures, next_try_at = 0, now + wait_before(min(row.attempts for row in held))
    if via is not None and not error.is_of_message:
        failures, next_try_at = _pause(via, error, now)
    elif error.wait:
        next_try_at = now + error.wait
    lasting: list[Delivery] = []
    over: list[Delivery] = []
    for row in held:
        is_over = error.is_final or row.attempts >= MOST_ATTEMPTS or failures >= MOST_ATTEMPTS
        (over if is_over else lasting).append(row)
    Delivery.objects.filter(pk__in=[row.pk for row in lasting]).update(
        next_try_at=next_try_at, error=str(error)[:300]
    )
    _give_up(over, str(error), now)


def _pause(via: NoticeChannel, error: NotSent, now: datetime) -> tuple[int, datetime]:
    """Note a failure of the whole channel; return how many there were in a row, and when to try again."""
    channel = NoticeChannel.objects.select_for_update(of=("self",), no_key=True).get(pk=via.pk)
    failures = channel.failures + 1
    wait = error.wait or wait_before(failures if failures < MOST_ATTEMPTS else 1)
    NoticeChannel.objects.filter(pk=via.pk).update(
        failures=F("failures") + 1,
        failing_since=channel.failing_since or now,
        paused_until=now + wait,
        error=str(error)[:300],
    )
    return failures, now + wait


@transaction.atomic
def _give_up_lost(now: datetime) -> None:
    """Give up what took every sender with it: five leases have run out and none came back."""
    rows = due(Delivery.objects.select_related("notice__recipient"), now).filter(attempts__gte=MOST_ATTEMPTS)
    lost = list(rows.select_for_update(skip_locked=True, of=("self",))[:MOST_LOST])
    if lost:
        _give_up(lost, LOST, now)


@transaction.atomic
def _give_up(rows: Sequence[Delivery], error: str, now: datetime) -> None:
    """Give copies up, and send their notices another way, once: a notice leaves by each way at most once."""
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.FAILED, error=error[:300]
    )
    tried = {row.via_id for row in rows if row.via_id is not None}
    channels = NoticeChannel.objects.select_related("fallback").in_bulk(tried) if tried else {}
    others = (_instead(row, channels[row.via_id].fallback, now) for row in rows if row.via_id is not None)
    Delivery.objects.bulk_create(filter(None, others), ignore_conflicts=True)


def _instead(row: Delivery, fallback: NoticeChannel | None, now: datetime) -> Delivery | None:
    if fallback is not None and fallback.is_usable:
        other = copy(row.notice, fallback, now)
    elif row.notice.recipient.email and row.notice.recipient.is_active:
        other = Delivery(notice=row.notice, channel="email", next_try_at=now)
    else:
        return None
    other.instead_of = row
    return other


def _mine(rows: Sequence[Delivery]) -> QuerySet[Delivery]:
    """Those of the copies that nobody has leased since."""
    return Delivery.objects.filter(reduce(or_, (Q(pk=row.pk, lease=row.lease) for row in rows)))

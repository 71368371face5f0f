"""What is sent next: one copy of a notice, or those that go in one message, leased together.

Copies by one channel are taken under the lock of its row, so that any number of senders keep to its pace.
Nothing waits for another sender's copies: what is locked is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from staff.models import Delivery, NoticeChannel
from staff.outbox import LEASE, due
from staff.pacing import MOST_A_MINUTE, MOST_MERGED, OLD, free_at, is_backlog, within_a_minute
from staff.topics import never_waits

MOST_PUT_OFF = 500


@dataclass(slots=True)
class Batch:
    """Copies that leave in one message under one name; none where those found have to wait.

    `is_shut`: their channel was switched off or removed.
    """

    rows: list[Delivery]
    via: NoticeChannel | None = None
    name: str = ""
    is_shut: bool = False


@transaction.atomic
def take(now: datetime) -> Batch | None:
    """Lease what is to be sent next, soonest first; None when nothing is due."""
    lead = _locked(due(_copies(), now)).first()
    if lead is None:
        return None
    if lead.via_id is None:
        return _leased(_by_mail(lead, now), None, now)
    channel = NoticeChannel.objects.select_for_update(of=("self",), no_key=True).get(pk=lead.via_id)
    if not channel.is_usable:
        batch = _leased(list(_others(channel, now)[:MOST_MERGED]), channel, now)
        batch.is_shut = True
        return batch
    held_until = channel.held_until(now)
    if held_until > now and not never_waits(lead.notice.params):
        Delivery.objects.filter(pk=lead.pk).update(next_try_at=held_until)
        return Batch([])
    may_speak_at = max(channel.paused_until or now, free_at(channel.recent, now) if channel.is_robot else now)
    if may_speak_at > now:
        put_off = [row.pk for row in _others(channel, now)[:MOST_PUT_OFF]]
        Delivery.objects.filter(pk__in=put_off).update(next_try_at=may_speak_at)
        return Batch([])
    rows = [
        row
        for row in _by_channel(channel, lead, now)
        if held_until <= now or row.pk == lead.pk or never_waits(row.notice.params)
    ]
    if channel.is_robot:
        spoken = [*within_a_minute(channel.recent, now), now]
        NoticeChannel.objects.filter(pk=channel.pk).update(recent=spoken)
    return _leased(rows, channel, now)


def _by_mail(lead: Delivery, now: datetime) -> list[Delivery]:
    """A copy to a person's own address, with the others of its message or of an outage that is over."""
    same = due(_copies(), now).filter(via=None, notice__recipient=lead.notice.recipient_id)
    if lead.message:
        return _together(lead, same)
    if now - lead.notice.created_at <= OLD:
        return [lead]
    waiting = list(_locked(same.filter(message=""))[:MOST_MERGED])
    return waiting if is_backlog([row.notice.created_at for row in waiting], now) else [lead]


def _by_channel(channel: NoticeChannel, lead: Delivery, now: datetime) -> list[Delivery]:
    """A copy by a channel; with all that waits where the pace, an outage or a failing channel asks for it."""
    if lead.message:
        return _together(lead, _others(channel, now))
    waiting = list(_others(channel, now).filter(message="")[:MOST_MERGED])
    may_speak = MOST_A_MINUTE - len(within_a_minute(channel.recent, now))
    merges = (
        channel.failures > 0
        or (channel.is_robot and len(waiting) > may_speak)
        or is_backlog([row.notice.created_at for row in waiting], now)
    )
    return waiting if merges else [lead]


def _together(lead: Delivery, rows: QuerySet[Delivery]) -> list[Delivery]:
    """What once went in one message goes in the same one again, under the same name."""
    return list(_locked(rows.filter(message=lead.message)))


def _others(channel: NoticeChannel, now: datetime) -> QuerySet[Delivery]:
    return _locked(due(_copies(), now).filter(via=channel))


def _copies() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("notice__recipient")


def _locked(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.order_by("next_try_at", "id").select_for_update(skip_locked=True, of=("self",))


def _leased(rows: list[Delivery], via: NoticeChannel | None, now: datetime) -> Batch:
    name = rows[0].message or (
        f"notice-{rows[0].notice_id}" if len(rows) == 1 else f"digest-{min(row.pk for row in rows)}"
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        lease=F("lease") + 1, attempts=F("attempts") + 1, next_try_at=now + LEASE, message=name
    )
    for row in rows:
        row.lease, row.attempts, row.message = row.lease + 1, row.attempts + 1, name
    return Batch(rows, via, name)

"""What calendars are told of a roster: each duty, its changes, and that it is called off (decision 20).

A calendar may keep what it has read, so a duty that was shown is never just left out: its event stays and is
called off. Groups whose duties nobody has subscribed to are not announced, and cost one question.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from duty.models import Feed, FeedEvent, Shift
from duty.plans import pieces_of
from duty.roster import Span, day_span
from staff.models import Group

DAYS_BACK, DAYS_AHEAD = 15, 180
# A piece is cut where the look ends: one that begins before the last day is read to its own end.
BEYOND = timedelta(days=9)
Key = tuple[str, int, datetime]  # duty, whose it is, from when on


def announced_span(now: datetime) -> Span:
    """What calendars show, in whole days: an event is shown where it touches it."""
    today, tz = timezone.localdate(now), timezone.get_default_timezone()
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    return Span(day_span(first, tz).starts_at, day_span(last, tz).ends_at)


def announce(group: Group, *, now: datetime) -> None:
    """Bring a group's events in step with its roster, if a calendar reads them.

    The caller holds the group's lock, and its shifts are written out.
    """
    ahead = FeedEvent.objects.filter(group=group, ends_at__gt=now, called_off_at=None)
    readers = Q(user__group=group) | Q(user__in=ahead.values("user"))
    if Feed.objects.calendars().filter(readers).exists():
        announce_all(group, now=now)


def announce_all(group: Group, *, now: datetime) -> None:
    """The same, whoever reads it. A second run changes nothing."""
    since = announced_span(now).starts_at
    wanted = _held(group, since, now) | _planned(group, now)
    known = Q(ends_at__gt=since) | Q(starts_at__gte=min((key[2] for key in wanted), default=now))
    changed = []
    for event in FeedEvent.objects.filter(known, group=group):
        ends_at = wanted.pop((event.role, event.user_id, event.starts_at), None)
        if _take_over(event, ends_at, now):
            changed.append(event)
    FeedEvent.objects.bulk_update(
        changed, ["ends_at", "sequence", "changed_at", "called_off_at"], batch_size=500
    )
    FeedEvent.objects.bulk_create(
        FeedEvent(group=group, role=role, user_id=person, starts_at=starts_at, ends_at=end, changed_at=now)
        for (role, person, starts_at), end in wanted.items()
    )


def _held(group: Group, since: datetime, now: datetime) -> dict[Key, datetime]:
    """What has begun is as the shifts say."""
    begun = Shift.objects.filter(group=group, ends_at__gt=since, starts_at__lte=now)
    found = begun.values_list("role", "user_id", "starts_at", "ends_at")
    return {(role, person, starts_at): ends_at for role, person, starts_at, ends_at in found}


def _planned(group: Group, now: datetime) -> dict[Key, datetime]:
    """What lies ahead is as the plan says, also beyond what is written out."""
    until = announced_span(now).ends_at
    return {
        (piece.role, piece.person, piece.starts_at): piece.ends_at
        for piece in pieces_of(group, now, until + BEYOND)
        if piece.person is not None and now < piece.starts_at < until
    }


def _take_over(event: FeedEvent, ends_at: datetime | None, now: datetime) -> bool:
    """Give an event its new end, or call it off where it has none; return whether that changes it."""
    if ends_at is None:
        if event.called_off_at is not None:
            return False
        event.called_off_at = now
    elif ends_at == event.ends_at and event.called_off_at is None:
        return False
    else:
        event.ends_at, event.called_off_at = ends_at, None
    event.sequence += 1
    event.changed_at = now
    return True

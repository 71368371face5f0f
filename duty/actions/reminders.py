"""What a person is told of his own duties: what has changed, and what is about to begin (§5.1, §5.5).

All is computed from the roster as it is when a sweep looks: a duty that was moved or taken away reminds
nobody any more, and of what a late look missed only the last is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from duty.actions.telling import listed, named_group, span_of, tell_of_swap
from duty.cover import Block
from duty.coverplans import blocks_ahead
from duty.models import Shift, ShiftChange, SwapRequest, SwapState
from duty.news import Duty, News, Step, news_of
from duty.reminding import DAY, Reminder, due, holiday_is_due, notice_day
from staff.actions import Occasion, notify_of
from staff.models import Notice, User

# A change is told of when a roster has been quiet for a while, or at the latest after another.
QUIET, PATIENCE = timedelta(minutes=2), timedelta(minutes=10)
HOLIDAY_DAYS = 7
LATE_SWAP = timedelta(days=1)


def remind(*, now: datetime) -> int:
    """Remind people a day before a duty, at its start, a week before a holiday; return how often."""
    occasions = [*_single(now), *_holidays(now)]
    told = Notice.objects.filter(key__in=[one.key for one in occasions])
    known = set(told.values_list("recipient", "key"))
    fresh = [one for one in occasions if any((person.pk, one.key) not in known for person in one.people)]
    return notify_of(fresh, now=now) + _past_due(now)


def _single(now: datetime) -> Iterable[Occasion]:
    """Duties that touch are one: who has a week in a row is reminded of its first day."""
    for shift in _first_ones().filter(ends_at__gt=now, starts_at__lte=now + DAY):
        reminder = due(shift.starts_at, shift.ends_at, now)
        if reminder is None:
            continue
        yield Occasion(
            [shift.user],
            "duty_ahead",
            named_group(shift.group)
            | {
                "has_begun": reminder == Reminder.START,
                "role": shift.role,
                "starts_at": shift.starts_at.isoformat(),
                "ends_at": shift.ends_at.isoformat(),
            },
            url=reverse("duty:mine"),
            key=f"duty:{reminder}:{shift.group_id}:{shift.role}:{shift.starts_at.timestamp():.0f}",
        )


def _first_ones() -> QuerySet[Shift]:
    """Shifts of people who work here, but for those that go on from one of the same person and duty."""
    before = Shift.objects.filter(
        group=OuterRef("group"), user=OuterRef("user"), role=OuterRef("role"), ends_at=OuterRef("starts_at")
    )
    return Shift.objects.filter(~Exists(before), user__is_active=True).select_related("user", "group")


def _holidays(now: datetime) -> Iterable[Occasion]:
    tz = ZoneInfo(settings.TIME_ZONE)
    today = notice_day(now, tz)
    for block in blocks_ahead(today, today + timedelta(days=HOLIDAY_DAYS + 1)):
        span = block.span(tz)
        touching = {"starts_at__lt": span.ends_at, "ends_at__gt": max(span.starts_at, now)}
        shifts = Shift.objects.filter(user__is_active=True, **touching).order_by("starts_at")
        own: dict[tuple[int, User], list[Shift]] = defaultdict(list)
        for shift in shifts.select_related("user", "group"):
            own[shift.group_id, shift.user].append(shift)
        for duties in own.values():
            if holiday_is_due(block.first, duties[0].starts_at, HOLIDAY_DAYS, now, tz):
                yield _holiday(block, duties)


def _holiday(block: Block, duties: Sequence[Shift]) -> Occasion:
    facts: dict[str, Any] = named_group(duties[0].group) | {
        "holiday": block.name,
        "holiday_en": block.name_en,
        "first_day": block.first.isoformat(),
        "last_day": block.last.isoformat(),
    }
    key = f"holiday:{duties[0].group_id}:{block.first}"
    facts |= listed(duties)
    return Occasion([duties[0].user], "holiday_duty", facts, url=reverse("duty:mine"), key=key)


def _past_due(now: datetime) -> int:
    """Whoever asked for cover that nobody gave hears that the duty stayed his."""
    asked = SwapRequest.objects.filter(
        state=SwapState.OPEN, leave=None, starts_at__lte=now, starts_at__gt=now - LATE_SWAP
    )
    keys = {f"swap:{request.pk}:past_due": request for request in asked.select_related("user")}
    known = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    waiting = [request for key, request in keys.items() if key not in known]
    for request in waiting:
        tell_of_swap(request, "past_due", [request.user], by=None, now=now)
    return len(waiting)


@transaction.atomic
def tell_news(*, now: datetime) -> int:
    """Tell everybody whose duties have changed, in one notice; return how many were told."""
    changes: dict[User, list[ShiftChange]] = defaultdict(list)
    rows = ShiftChange.objects.select_for_update(of=("self",), skip_locked=True)
    for change in rows.select_related("user", "group"):
        changes[change.user].append(change)
    ripe = {person: own for person, own in changes.items() if _is_ripe(own, now)}
    occasions = [_news(person, own, now) for person, own in ripe.items()]
    ShiftChange.objects.filter(pk__in=[change.pk for own in ripe.values() for change in own]).delete()
    return notify_of([one for one in occasions if one is not None], now=now)


def _is_ripe(changes: Sequence[ShiftChange], now: datetime) -> bool:
    return changes[-1].at <= now - QUIET or changes[0].at <= now - PATIENCE


def _news(person: User, changes: Sequence[ShiftChange], now: datetime) -> Occasion | None:
    steps = [Step(Duty(one.starts_at, one.ends_at, one.role), one.is_given) for one in changes]
    news: News = news_of(steps, now)
    if not news or not person.is_active:
        return None
    facts: dict[str, Any] = named_group(changes[-1].group)
    facts |= listed(news.new, "new") | listed(news.dropped, "dropped")
    facts |= listed([instead for _before, instead in news.changed], "moved")
    for shown, (before, _instead) in zip(facts["moved"], news.changed, strict=False):
        shown["was"] = span_of(before)
    key = f"roster:{changes[-1].pk}"
    return Occasion([person], "roster_changed", facts, url=reverse("duty:mine"), key=key)

"""The breaks ahead, and how a group's roster covers them: read for `duty/cover.py` (§5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from django.conf import settings

from clients.phones import InvalidPhone, normalise
from duty.actions.publishing import published_until
from duty.cover import DAY, Block, DayOff, Lack, Planned, blocks_of, lacks
from duty.models import CalendarDay, CalendarYear, DayKind, EmptyShift, Shift
from duty.plans import gather
from duty.resolving import resolve
from staff.models import Group, User

OFF = (DayKind.STATUTORY, DayKind.DAY_IN_LIEU)
MARGIN = timedelta(days=20)  # longer than any break: one that has begun is seen from its first day on


@dataclass(frozen=True, slots=True)
class CoverPlan:
    """How a group covers a break: who has which duty, and what lacks from now on.

    Not `is_official`: the government's plan is not known, and the break may turn out longer.
    """

    group: Group
    block: Block
    planned: Sequence[Planned]
    people: Mapping[int, User]
    lacks: Sequence[Lack]
    is_official: bool

    @property
    def is_complete(self) -> bool:
        return not self.lacks


def blocks_ahead(today: date, until: date) -> list[Block]:
    """Return the breaks that are not over on `today` and begin before `until`, in order."""
    days = CalendarDay.objects.filter(date__gte=today - MARGIN, date__lt=until + MARGIN, kind__in=OFF)
    found = blocks_of(
        DayOff(day.date, day.name, day.name_en, day.kind == DayKind.STATUTORY)
        for day in days.order_by("date")
    )
    return [block for block in found if block.last >= today and block.first < until]


def block_from(first: date) -> Block | None:
    """Return the break that begins on a day."""
    return next((one for one in blocks_ahead(first, first + DAY) if one.first == first), None)


def cover_plans(groups: Sequence[Group], blocks: Sequence[Block], *, now: datetime) -> list[CoverPlan]:
    """Return how groups cover breaks, group by group, the breaks in order.

    In a fixed number of queries for all that is written out; each group's plan is read for what lies beyond.
    """
    if not blocks or not groups:
        return []
    tz = ZoneInfo(settings.TIME_ZONE)
    planned = _written(groups, blocks[0].span(tz).starts_at, blocks[-1].span(tz).ends_at)
    for group in groups:
        planned[group.pk] += _beyond(group, blocks, now, tz)
    people = User.objects.in_bulk({one.person for own in planned.values() for one in own})
    callable_ = {pk for pk, person in people.items() if can_be_called(person)}
    official = set(CalendarYear.objects.filter(is_official=True).values_list("year", flat=True))
    plans = []
    for group, block in product(groups, blocks):
        span = block.span(tz)
        own = [
            one for one in planned[group.pk] if one.starts_at < span.ends_at and one.ends_at > span.starts_at
        ]
        lacking = lacks(block, own, callable_=callable_, since=now, tz=tz)
        known = {block.first.year, block.last.year} <= official
        plans.append(CoverPlan(group, block, own, people, lacking, known))
    return plans


def can_be_called(person: User) -> bool:
    """Whether a person has a phone number that is one."""
    try:
        normalise(person.phone)
    except InvalidPhone:
        return False
    return True


def _written(groups: Sequence[Group], since: datetime, until: datetime) -> dict[int, list[Planned]]:
    touching = {"group__in": groups, "starts_at__lt": until, "ends_at__gt": since}
    found: dict[int, list[Planned]] = {group.pk: [] for group in groups}
    for shift in Shift.objects.filter(**touching).select_related("user"):
        one = Planned(shift.starts_at, shift.ends_at, shift.role, shift.user_id, shift.user.is_active)
        found[shift.group_id].append(one)
    for empty in EmptyShift.objects.filter(**touching):
        one = Planned(empty.starts_at, empty.ends_at, empty.role, empty.user_id, is_there=False)
        found[empty.group_id].append(one)
    return found


def _beyond(group: Group, blocks: Sequence[Block], now: datetime, tz: ZoneInfo) -> Iterator[Planned]:
    """What is too far ahead to be written out, as it is planned now."""
    written, until = published_until(now), blocks[-1].span(tz).ends_at
    if until <= written:
        return
    plan = gather(group, written, until).plan
    for block in blocks:
        span = block.span(tz)
        if span.ends_at <= written:
            continue
        for piece in resolve(plan, max(span.starts_at, written), span.ends_at):
            is_there = piece.person is not None
            yield Planned(piece.starts_at, piece.ends_at, piece.role, piece.planned, is_there)

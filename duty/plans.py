"""The plan of a group's roster, read for `duty/resolving.py` in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from duty.models import (
    CalendarDay,
    DayKind,
    Leave,
    Override,
    RosterTerms,
    Rotation,
    SwapRequest,
    SwapState,
    TemporaryShift,
    TurnUnit,
)
from duty.resolving import Absence, Change, Claim, Piece, Plan, Source, resolve
from duty.rotation import KindOf, turns
from duty.rotation import Rotation as Rule
from staff.models import Group, User


@dataclass(frozen=True, slots=True)
class Gathered:
    """A group's plan in a span, and what each of its rows is called."""

    plan: Plan
    notes: Mapping[tuple[Source, int], str]


def gather(group: Group, since: datetime, until: datetime) -> Gathered:
    """Read everything planned for a group that touches [since, until), from now on: not the past."""
    notes: dict[tuple[Source, int], str] = {}
    claims = [
        *_rotated(group, since, until, notes),
        *_temporary(group, since, until, notes),
    ]
    changes = [*_swapped(group, since, until, notes), *_overridden(group, since, until, notes)]
    people = {claim.person for claim in claims} | {change.comes for change in changes if change.comes}
    absences = [*_away(people, group, since, until), *_gone(people, group, since, until)]
    return Gathered(Plan(claims, changes, absences), notes)


def pieces_of(group: Group, since: datetime, until: datetime) -> list[Piece]:
    """Who has which duty in a group from now on, also beyond what is published."""
    return resolve(gather(group, since, until).plan, since, until)


def terms_of(group: Group) -> RosterTerms:
    return RosterTerms.objects.filter(group=group).first() or RosterTerms(group=group)


def day_kinds(since: date) -> KindOf:
    """Return what kind of day a date is, from `since` on; else it follows the week."""
    named = CalendarDay.objects.filter(date__gte=since).exclude(kind__in=[DayKind.WORKDAY, DayKind.WEEKEND])
    kinds = dict(named.values_list("date", "kind"))

    def kind_of(day: date) -> str:
        return kinds.get(day) or DayKind.usual(day).value

    return kind_of


def rule_of(rotation: Rotation) -> Rule:
    """The pure facts of a rotation."""
    return Rule(
        role=rotation.role,
        people=tuple(place.user_id for place in rotation.places.all()),
        starts=rotation.starts,
        ends=rotation.ends,
        first_day=rotation.first_day,
        since=rotation.since,
        until=rotation.until,
        every=rotation.every,
        by_week=rotation.unit == TurnUnit.WEEK,
        weekdays=frozenset(rotation.weekdays),
        kinds=frozenset(rotation.kinds),
    )


def _rotated(
    group: Group, since: datetime, until: datetime, notes: dict[tuple[Source, int], str]
) -> Iterator[Claim]:
    rotations = Rotation.objects.unfinished(since).filter(group=group, since__lt=until)
    found = list(rotations.prefetch_related("places"))
    if not found:
        return
    tz = ZoneInfo(settings.TIME_ZONE)
    kind_of = day_kinds(min(rotation.first_day for rotation in found))
    for rotation in found:
        source = Source(rotation.source)
        notes[source, rotation.pk] = rotation.name
        for turn in turns(rule_of(rotation), kind_of, since, until, tz):
            yield Claim(
                turn.starts_at,
                turn.ends_at,
                rotation.role,
                turn.person,
                source,
                rotation.pk,
                rotation.line,
                rotation.priority,
            )


def _temporary(
    group: Group, since: datetime, until: datetime, notes: dict[tuple[Source, int], str]
) -> Iterator[Claim]:
    shifts = TemporaryShift.objects.filter(
        schedule__group=group, schedule__ended_at=None, starts_at__lt=until, ends_at__gt=since
    )
    for shift in shifts.select_related("schedule"):
        number = shift.schedule_id
        notes[Source.TEMPORARY, number] = shift.schedule.name
        yield Claim(
            shift.starts_at, shift.ends_at, shift.role, shift.user_id, Source.TEMPORARY, number, number
        )


def _swapped(
    group: Group, since: datetime, until: datetime, notes: dict[tuple[Source, int], str]
) -> Iterator[Change]:
    swaps = SwapRequest.objects.filter(group=group, state=SwapState.TAKEN)
    for swap in swaps.touching(since, until).order_by("taken_at", "pk"):
        notes[Source.SWAP, swap.pk] = swap.reason
        yield from changes_of(swap, swap.taker_id)


def changes_of(swap: SwapRequest, taker: int | None) -> Iterator[Change]:
    """What a swap comes to once somebody has taken it."""
    yield Change(swap.starts_at, swap.ends_at, swap.role, swap.user_id, taker, Source.SWAP, swap.pk)
    if swap.back_starts_at and swap.back_ends_at:
        yield Change(
            swap.back_starts_at,
            swap.back_ends_at,
            swap.back_role,
            taker,
            swap.user_id,
            Source.SWAP,
            swap.pk,
        )


def change_of(override: Override) -> Change:
    return Change(
        override.starts_at,
        override.ends_at,
        override.role,
        override.instead_of_id,
        override.user_id,
        Source.OVERRIDE,
        override.pk or 0,
    )


def _overridden(
    group: Group, since: datetime, until: datetime, notes: dict[tuple[Source, int], str]
) -> Iterator[Change]:
    placed = Override.objects.filter(group=group, ended_at=None, starts_at__lt=until, ends_at__gt=since)
    for override in placed.order_by("pk"):
        notes[Source.OVERRIDE, override.pk] = override.reason
        yield change_of(override)


def _away(people: set[int], group: Group, since: datetime, until: datetime) -> Iterator[Absence]:
    concerned = Q(user__group=group) | Q(user__in=people)
    for leave in Leave.objects.held(since, until).filter(concerned):
        yield Absence(leave.starts_at, leave.ends_at, leave.user_id, leave.pk)


def _gone(people: set[int], group: Group, since: datetime, until: datetime) -> Iterator[Absence]:
    """Who left, or moved to another group: nobody can hold a duty there any more."""
    here = set(User.objects.working().in_group(group).values_list("pk", flat=True))
    for person in people - here:
        yield Absence(since, until, person)

"""The plan of a group's roster, read for `duty/resolving.py` in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import IntegerField, Q, Value

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


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller has read already: the kinds of all days, and who works in the group or is on leave."""

    kind_of: KindOf
    working: Collection[int]
    leaves: Sequence[Leave]


def gather(group: Group, since: datetime, until: datetime, known: Known | None = None) -> Gathered:
    """Read everything planned for a group that touches [since, until), from now on: not the past."""
    notes: dict[tuple[Source, int], str] = {}
    blocks, overrides = _by_hand(group, since, until, notes)
    claims = [*_rotated(group, since, until, notes, known), *blocks]
    changes = [*_swapped(group, since, until, notes), *overrides]
    people = {claim.person for claim in claims} | {change.comes for change in changes if change.comes}
    absences = [*_away(people, group, since, until, known), *_gone(people, group, since, until, known)]
    return Gathered(Plan(claims, changes, absences), notes)


def pieces_of(group: Group, since: datetime, until: datetime, known: Known | None = None) -> list[Piece]:
    """Who has which duty in a group from now on, also beyond what is published."""
    return resolve(gather(group, since, until, known).plan, since, until)


def terms_of(group: Group) -> RosterTerms:
    return RosterTerms.objects.filter(group=group).first() or RosterTerms(group=group)


def day_kinds(since: date) -> KindOf:
    """Return what kind of day a date is, from `since` on; else it follows the week."""
    named = CalendarDay.objects.filter(date__gte=since).exclude(kind__in=[DayKind.WORKDAY, DayKind.WEEKEND])
    kinds = dict(named.values_list("date", "kind"))

    def kind_of(day: date) -> str:
        return kinds.get(day) or DayKind.usual(day).value

    return kind_of


def rule_of(rotation: Rotation, people: Sequence[int]) -> Rule:
    """The pure facts of a rotation, whose people take turns in this order."""
    return Rule(
        role=rotation.role,
        people=tuple(people),
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
    group: Group,
    since: datetime,
    until: datetime,
    notes: dict[tuple[Source, int], str],
    known: Known | None,
) -> Iterator[Claim]:
    rotations = Rotation.objects.unfinished(since).filter(group=group, since__lt=until)
    in_order = ArrayAgg("places__user", order_by="places__number", filter=Q(places__isnull=False), default=[])
    found = list(rotations.annotate(in_order=in_order))
    if not found:
        return
    tz = ZoneInfo(settings.TIME_ZONE)
    kind_of = known.kind_of if known else day_kinds(min(rotation.first_day for rotation in found))
    for rotation in found:
        source = Source(rotation.source)
        notes[source, rotation.pk] = rotation.name
        for turn in turns(rule_of(rotation, rotation.in_order), kind_of, since, until, tz):
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


def _by_hand(
    group: Group, since: datetime, until: datetime, notes: dict[tuple[Source, int], str]
) -> tuple[list[Claim], list[Change]]:
    """Temporary schedules and, in the order in which they were placed, overrides: in one question."""
    touching: dict[str, object] = {"starts_at__lt": until, "ends_at__gt": since}
    span, nobody = ("role", "starts_at", "ends_at"), Value(None, output_field=IntegerField())
    blocks = TemporaryShift.objects.filter(schedule__group=group, schedule__ended_at=None, **touching)
    overrides = Override.objects.filter(group=group, ended_at=None, **touching)
    kinds = (Value(Source.TEMPORARY.value), Value(Source.OVERRIDE.value))
    planned = blocks.order_by().values_list(
        kinds[0], "schedule_id", "schedule__name", *span, "user_id", nobody
    )
    changed = overrides.order_by().values_list(kinds[1], "pk", "reason", *span, "user_id", "instead_of_id")
    claims, changes = [], []
    for kind, key, name, role, starts_at, ends_at, person, instead_of in planned.union(changed, all=True):
        notes[Source(kind), key] = name
        if kind == Source.TEMPORARY:
            claims.append(Claim(starts_at, ends_at, role, person, Source.TEMPORARY, key, key))
        else:
            changes.append(Change(starts_at, ends_at, role, instead_of, person, Source.OVERRIDE, key))
    return claims, sorted(changes, key=lambda one: one.key)


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


def _away(
    people: set[int], group: Group, since: datetime, until: datetime, known: Known | None
) -> Iterator[Absence]:
    if known is None:
        concerned = Q(user__group=group) | Q(user__in=people)
        leaves: Iterable[Leave] = Leave.objects.held(since, until).filter(concerned)
    else:
        leaves = known.leaves
    for leave in leaves:
        yield Absence(leave.starts_at, leave.ends_at, leave.user_id, leave.pk)


def _gone(
    people: set[int], group: Group, since: datetime, until: datetime, known: Known | None
) -> Iterator[Absence]:
    """Who left, or moved to another group: nobody can hold a duty there any more."""
    if known is None:
        here = set(User.objects.working().in_group(group).values_list("pk", flat=True))
    else:
        here = set(known.working)
    for person in people - here:
        yield Absence(since, until, person)

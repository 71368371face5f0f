"""Who is on duty: every plan, swap, change and absence in one answer, with its source. Pure.

What holds at an instant is settled in this order: override, then accepted swap, then temporary schedule, then
holiday layer, then the layer of the highest priority, then the base rotation. Of two layers of one priority
the one that was defined first wins. A plan that has nobody at an instant lets the one below it show.
Swaps, in the order in which they were taken, then overrides, in the order in which they were placed, each
change what came out so far. Last, who is absent is taken out: that leaves an **empty shift**, somebody's and
not held. Where nobody was planned there is a **gap**, and no piece at all.

All spans are half-open; an instant is a span of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol, TypeVar

MOMENT = timedelta(microseconds=1)


class Source(StrEnum):
    """Where a shift comes from, the weakest first."""

    ROTATION = "rotation"
    LAYER = "layer"
    HOLIDAY = "holiday"
    TEMPORARY = "temporary"
    SWAP = "swap"
    OVERRIDE = "override"


STRENGTH = {source: number for number, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody planned for a role. `line` says which plan was defined first, `key` which row it stands in."""

    starts_at: datetime
    ends_at: datetime
    role: str
    person: int
    source: Source
    key: int
    line: int
    priority: int = 0

    @property
    def strength(self) -> tuple[int, int, int, datetime]:
        return STRENGTH[self.source], self.priority, -self.line, self.starts_at


@dataclass(frozen=True, slots=True)
class Change:
    """Where `goes` has the role (whoever has it, where None), `comes` has it instead (nobody, where None)."""

    starts_at: datetime
    ends_at: datetime
    role: str
    goes: int | None
    comes: int | None
    source: Source
    key: int


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is not there: by approved leave or, without a `key`, as he no longer works in the group."""

    starts_at: datetime
    ends_at: datetime
    person: int
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything planned for one group; `changes` in the order in which they apply."""

    claims: Sequence[Claim] = ()
    changes: Sequence[Change] = ()
    absences: Sequence[Absence] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of one role that is somebody's: `person` has it, or nobody while `planned` is absent.

    `instead_of` had it before a swap or an override; `leave` is the absence's key.
    """

    starts_at: datetime
    ends_at: datetime
    role: str
    planned: int
    person: int | None
    source: Source
    key: int
    instead_of: int | None = None
    leave: int | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """What came out so far at an instant; `unit` is the shift that it is a part of."""

    person: int | None
    source: Source
    key: int
    unit: object
    instead_of: int | None = None


class Spanning(Protocol):
    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


S = TypeVar("S", bound=Spanning)


def resolve(plan: Plan, since: datetime, until: datetime) -> list[Piece]:
    """Return who has which role in [since, until): pieces in order, no two of a role at once."""
    planned: list[Claim | Change] = [*plan.claims, *plan.changes]
    roles = sorted({one.role for one in planned})
    found = [piece for role in roles for piece in _of_role(role, plan, since, until)]
    return sorted(found, key=lambda piece: (piece.starts_at, piece.role))


def at_instant(plan: Plan, instant: datetime) -> list[Piece]:
    return resolve(plan, instant, instant + MOMENT)


def _of_role(role: str, plan: Plan, since: datetime, until: datetime) -> Iterator[Piece]:
    claims = _touching((one for one in plan.claims if one.role == role), since, until)
    changes = _touching((one for one in plan.changes if one.role == role), since, until)
    absences = _touching(plan.absences, since, until)
    spans: list[Claim | Change | Absence] = [*claims, *changes, *absences]
    ends = {end for one in spans for end in (one.starts_at, one.ends_at)}
    bounds = sorted({since, until} | {end for end in ends if since < end < until})
    last: tuple[object, Piece] | None = None
    holding = zip(
        pairwise(bounds),
        _holding(claims, bounds),
        _holding(changes, bounds),
        _holding(absences, bounds),
        strict=False,
    )
    for (starts_at, ends_at), claimed, changed, absent in holding:
        held = _settled(claimed, changed)
        piece = _piece(held, absent, role, starts_at, ends_at) if held else None
        unit = held and (held.unit, piece and piece.leave)
        if last and piece and unit == last[0] and _continues(last[1], piece):
            last = (unit, replace(last[1], ends_at=ends_at))
            continue
        if last:
            yield last[1]
        last = (unit, piece) if piece else None
    if last:
        yield last[1]


def _settled(claimed: Sequence[Claim], changed: Sequence[Change]) -> _Held | None:
    held = None
    if claimed:
        best = max(claimed, key=lambda one: one.strength)
        held = _Held(best.person, best.source, best.key, best)
    for change in changed:
        person = held.person if held else None
        if change.goes is None:
            held = _Held(change.comes, change.source, change.key, change, person)
        elif held and person == change.goes:
            first = held.instead_of or person
            held = _Held(change.comes, change.source, change.key, (held.unit, change), first)
    return held if held and held.person is not None else None


def _piece(
    held: _Held, absent: Sequence[Absence], role: str, starts_at: datetime, ends_at: datetime
) -> Piece | None:
    if held.person is None:
        return None
    away = next((one for one in absent if one.person == held.person), None)
    return Piece(
        starts_at=starts_at,
        ends_at=ends_at,
        role=role,
        planned=held.person,
        person=None if away else held.person,
        source=held.source,
        key=held.key,
        instead_of=held.instead_of if held.instead_of != held.person else None,
        leave=away.key if away else None,
    )


def _continues(piece: Piece, following: Piece) -> bool:
    same = (piece.planned, piece.person) == (following.planned, following.person)
    return same and piece.ends_at == following.starts_at


def _touching(spans: Iterable[S], since: datetime, until: datetime) -> list[S]:
    return [one for one in spans if one.starts_at < until and one.ends_at > since]


def _holding(spans: Sequence[S], bounds: Sequence[datetime]) -> Iterator[list[S]]:
    """Yield, for each of the rising bounds, which spans hold from there on, in their own order."""
    waiting = sorted(enumerate(spans), key=lambda one: one[1].starts_at, reverse=True)
    active: list[tuple[int, S]] = []
    for instant in bounds:
        while waiting and waiting[-1][1].starts_at <= instant:
            active.append(waiting.pop())
        active = [one for one in active if one[1].ends_at > instant]
        active.sort(key=lambda one: one[0])
        yield [one for _number, one in active]

"""The roster's plan written out as shifts: what everybody reads (docs/decisions/0015).

Whatever changes a plan publishes the group anew in its own transaction, under the group's lock. Only what
lies after `now` is written: a running shift that the plan no longer holds is cut there. Whose duties change
by that hears of it, but for what only comes into sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from duty.models import EmptyShift, Override, Rotation, Shift, ShiftChange, TemporaryShift
from duty.plans import Gathered, gather
from duty.resolving import Piece, resolve
from duty.roster import day_span
from staff.models import Group

DAYS_AHEAD = 60
DAY = timedelta(days=1)
WRITTEN: dict[type[Model], list[str]] = {
    Shift: ["ends_at", "source", "source_id", "note", "instead_of"],
    EmptyShift: ["ends_at", "leave"],
}
Key = tuple[str, int, datetime]  # duty, whose it is, from when on
Held = tuple[Key, datetime]  # and until when
Facts = dict[str, Any]
Row = TypeVar("Row", Shift, EmptyShift)


def published_until(now: datetime) -> datetime:
    """How far ahead shifts are written out: to the end of a day, so that nothing changes in between."""
    last = timezone.localdate(now) + timedelta(days=DAYS_AHEAD)
    return day_span(last, timezone.get_default_timezone()).ends_at


def in_sight_until(now: datetime) -> datetime:
    """Up to where a change of what is written out is news: the day behind was not written out yesterday."""
    return published_until(now) - DAY


def lock(group: Group) -> None:
    """Let one change at a time work on a group's roster; what only refers to the group does not wait."""
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)


def publish(group: Group, *, now: datetime, is_news: bool = True, is_change: bool = True) -> None:
    """Write a group's shifts from `now` on. The caller holds the group's lock.

    Not `is_news`: those whose duties change are told otherwise. Not `is_change`: the plan is what it was.
    """
    until = published_until(now)
    gathered = gather(group, now, until)
    held: dict[Key, Facts] = {}
    empty: dict[Key, Facts] = {}
    for piece in resolve(gathered.plan, now, until):
        key = (piece.role, piece.planned, piece.starts_at)
        if piece.person is None:
            empty[key] = {"ends_at": piece.ends_at, "leave_id": piece.leave}
        else:
            held[key] = _facts(piece, gathered)
    before = _bring_in_step(Shift.objects.all(), group, held, now)
    _bring_in_step(EmptyShift.objects.all(), group, empty, now)
    if is_news:
        reached = max((ends_at for _key, ends_at in before), default=now)
        after = {(key, facts["ends_at"]) for key, facts in held.items()}
        sight = in_sight_until(now)
        _note_news(group, before, after, sight if is_change else min(sight, reached), now)


def publish_all(*, now: datetime) -> int:
    """Write out what has come into sight since; return of how many groups."""
    planned = Group.objects.filter(
        Q(pk__in=Rotation.objects.unfinished(now).values("group"))
        | Q(pk__in=TemporaryShift.objects.filter(ends_at__gt=now).values("schedule__group"))
        | Q(pk__in=Override.objects.filter(ends_at__gt=now).values("group"))
    )
    groups = list(planned.order_by("pk"))
    for group in groups:
        with transaction.atomic():
            lock(group)
            publish(group, now=now, is_change=False)
    return len(groups)


def note_duties(group: Group, duties: Iterable[Held], *, is_given: bool, now: datetime) -> None:
    """Keep which duties somebody was given, or lost, until he is told (`duty/actions/reminders.py`)."""
    ShiftChange.objects.bulk_create(
        ShiftChange(
            group=group,
            user_id=person,
            role=role,
            starts_at=starts_at,
            ends_at=ends_at,
            is_given=is_given,
            at=now,
        )
        for (role, person, starts_at), ends_at in sorted(duties)
    )


def _note_news(group: Group, before: set[Held], after: set[Held], until: datetime, now: datetime) -> None:
    """Keep what has changed for people up to `until`; what begins later only comes into sight."""

    def by_part(duties: set[Held]) -> dict[Held, Held]:
        return {(key, min(ends_at, until)): (key, ends_at) for key, ends_at in duties if key[2] < until}

    had, has = by_part(before), by_part(after)
    note_duties(group, [had[part] for part in had.keys() - has.keys()], is_given=False, now=now)
    note_duties(group, [has[part] for part in has.keys() - had.keys()], is_given=True, now=now)


def _bring_in_step(
    rows: QuerySet[Row], group: Group, wanted: Mapping[Key, Facts], now: datetime
) -> set[Held]:
    """Make the rows from `now` on those that are wanted; return what there was. What goes makes room first.

    A row that has begun keeps its reason: that is how it began.
    """
    wanted = dict(wanted)
    changed: list[Row] = []
    gone: list[Row] = []
    before: set[Held] = set()
    for row in rows.filter(group=group, ends_at__gt=now):
        key = (row.role, row.user_id, max(row.starts_at, now))
        before.add((key, row.ends_at))
        facts = wanted.pop(key, None)
        if facts is None:
            gone.append(row)
        elif _take_over(row, facts if row.starts_at >= now else {"ends_at": facts["ends_at"]}):
            changed.append(row)
    rows.filter(pk__in=[row.pk for row in gone if row.starts_at >= now]).delete()
    rows.filter(pk__in=[row.pk for row in gone if row.starts_at < now]).update(ends_at=now)
    rows.bulk_update(changed, WRITTEN[rows.model])
    rows.bulk_create(
        rows.model(group=group, role=role, user_id=person, starts_at=starts_at, **facts)
        for (role, person, starts_at), facts in wanted.items()
    )
    return before


def _take_over(row: Shift | EmptyShift, facts: Facts) -> bool:
    """Give a row these facts; return whether any of them is new."""
    differs = any(getattr(row, name) != value for name, value in facts.items())
    for name, value in facts.items():
        setattr(row, name, value)
    return differs


def _facts(piece: Piece, gathered: Gathered) -> Facts:
    return {
        "ends_at": piece.ends_at,
        "source": piece.source.value,
        "source_id": piece.key,
        "note": gathered.notes[piece.source, piece.key],
        "instead_of_id": piece.instead_of,
    }

"""The roster's plan written out as shifts: what everybody reads (docs/decisions/0015).

Whatever changes a plan publishes the group anew in its own transaction, under the group's lock. Only what
lies after `now` is written: a running shift that the plan no longer holds is cut there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from duty.actions.announcing import announce
from duty.models import EmptyShift, Override, Rotation, Shift, TemporaryShift
from duty.plans import Gathered, gather
from duty.resolving import Piece, resolve
from duty.roster import day_span
from staff.models import Group

DAYS_AHEAD = 60
WRITTEN: dict[type[Model], list[str]] = {
    Shift: ["ends_at", "source", "source_id", "note", "instead_of"],
    EmptyShift: ["ends_at", "leave"],
}
Key = tuple[str, int, datetime]  # duty, whose it is, from when on
Facts = dict[str, Any]
Row = TypeVar("Row", Shift, EmptyShift)


def published_until(now: datetime) -> datetime:
    """How far ahead shifts are written out: to the end of a day, so that nothing changes in between."""
    last = timezone.localdate(now) + timedelta(days=DAYS_AHEAD)
    return day_span(last, timezone.get_default_timezone()).ends_at


def lock(group: Group) -> None:
    """Let one change at a time work on a group's roster; what only refers to the group does not wait."""
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)


def publish(group: Group, *, now: datetime) -> None:
    """Write a group's shifts from `now` on. The caller holds the group's lock."""
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
    _bring_in_step(Shift.objects.all(), group, held, now)
    _bring_in_step(EmptyShift.objects.all(), group, empty, now)
    announce(group, now=now)


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
            publish(group, now=now)
    return len(groups)


def _bring_in_step(rows: QuerySet[Row], group: Group, wanted: dict[Key, Facts], now: datetime) -> None:
    """Make the rows from `now` on those that are wanted. What goes makes room before anything comes.

    A row that has begun keeps its reason: that is how it began.
    """
    changed: list[Row] = []
    gone: list[Row] = []
    for row in rows.filter(group=group, ends_at__gt=now):
        facts = wanted.pop((row.role, row.user_id, max(row.starts_at, now)), None)
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

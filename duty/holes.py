"""Where nobody is on duty: gaps, where nobody was planned, and shifts left empty by somebody absent.

A group is watched from its first shift on: before that it has no roster that could have a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from duty.models import DutyRole, EmptyShift, Shift
from duty.roster import Span, day_span, gaps, part_within
from staff.models import Group, User

DAYS_WATCHED = 30
HAS_ROSTER = Exists(Shift.objects.filter(group=OuterRef("pk")))  # asked of groups


@dataclass(frozen=True, slots=True)
class Hole:
    """A half-open span in which nobody has a duty; `absent` was planned for it, nobody where None."""

    starts_at: datetime
    ends_at: datetime
    role: str
    absent: User | None = None


def holes(
    shifts: Sequence[Shift], empty: Sequence[EmptyShift], since: datetime, until: datetime
) -> list[Hole]:
    """Return the holes of one group's roster in [since, until), in order.

    Somebody must always be on duty; the other duties may be planned or not, and have holes only where the
    one planned is absent or has left.
    """
    window = Span(since, until)
    left = [shift for shift in shifts if not shift.user.is_active]
    found = [
        Hole(part.starts_at, part.ends_at, one.role, one.user)
        for one in (*empty, *left)
        if (part := part_within(Span(one.starts_at, one.ends_at), window))
    ]
    planned = [Span(one.starts_at, one.ends_at) for one in (*shifts, *empty) if one.role == DutyRole.PRIMARY]
    found += [Hole(gap.starts_at, gap.ends_at, DutyRole.PRIMARY) for gap in gaps(planned, since, until)]
    return sorted(found, key=lambda hole: (hole.starts_at, hole.role))


def holes_of(groups: Iterable[Group | int], since: datetime, until: datetime) -> Mapping[int, Sequence[Hole]]:
    """Return the holes of groups in [since, until) by the id of the group, in two queries."""
    keys = [group if isinstance(group, int) else group.pk for group in groups]
    shifts, empty = (by_group(model, keys, since, until) for model in (Shift, EmptyShift))
    return {key: holes(shifts[key], empty[key], since, until) for key in keys}


def watched() -> QuerySet[Group]:
    """The groups that have a roster."""
    return Group.objects.filter(HAS_ROSTER)


def watched_until(now: datetime) -> datetime:
    """Up to where holes are looked for: the end of a day, so that nothing changes in between."""
    last = timezone.localdate(now) + timedelta(days=DAYS_WATCHED - 1)
    return day_span(last, timezone.get_default_timezone()).ends_at


def by_group(model: Any, keys: Sequence[int], since: datetime, until: datetime) -> dict[int, list[Any]]:
    """Return shifts, or empty ones, that touch [since, until), by the id of the group, soonest first."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = model.objects.filter(group__in=keys, ends_at__gt=since, starts_at__lt=until)
    for row in rows.select_related("user").order_by("starts_at", "role"):
        found[row.group_id].append(row)
    return found

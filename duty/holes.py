"""Where nobody is on duty: gaps, where nobody was planned, and shifts left empty by somebody absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duty.models import DutyRole, EmptyShift, Shift
from duty.roster import Span, gaps, part_within
from staff.models import User


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

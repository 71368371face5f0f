"""Repeat faults: the same system fails again, from the same cause, soon after it was repaired (§3.2).

Pure: faults and a span in, a fault out. The span is a row with an editor (`tickets.models.Window`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Two faults that share one of these share nothing: the cause is not known, or it is none of the named ones.
NO_CAUSE = frozenset({"", "other"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What of a fault decides whether it repeats another one, or is repeated. All datetimes are aware."""

    number: int
    system: int | None
    cause: str
    reported_at: datetime
    resolved_at: datetime | None = None


def can_repeat(fault: Fault) -> bool:
    """Say whether enough is known of a fault to look for an earlier one."""
    return fault.system is not None and fault.cause not in NO_CAUSE


def repeats(fault: Fault, earlier: Fault, window: timedelta) -> bool:
    """Say whether a fault repeats an earlier one: same system, same cause, solved within the window before.

    What counts is from the solution of the one to the report of the other; both ends of the window belong to
    it. What was reported while the earlier one was still unsolved repeats nothing: it is the same fault.
    """
    if fault.number == earlier.number or earlier.resolved_at is None or not can_repeat(fault):
        return False
    same = (fault.system, fault.cause) == (earlier.system, earlier.cause)
    return same and timedelta(0) <= fault.reported_at - earlier.resolved_at <= window


def repeated(fault: Fault, candidates: Iterable[Fault], window: timedelta) -> Fault | None:
    """Return the fault that this one repeats: of several the one that was solved last."""
    found = [earlier for earlier in candidates if repeats(fault, earlier, window)]
    return max(found, key=lambda earlier: (earlier.resolved_at, earlier.number), default=None)

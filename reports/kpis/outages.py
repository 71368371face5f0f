"""How long systems were down, of the time that was agreed. Pure: spans in, seconds out.

All spans are half-open pairs of aware instants. What overlaps counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long a system was to run in a period, and how long of that it was down."""

    agreed: timedelta
    down: timedelta

    @property
    def up(self) -> timedelta:
        return self.agreed - self.down


def uptime(period: Span, since: datetime | None, outages: Iterable[Span], windows: Iterable[Span]) -> Uptime:
    """Reckon one system: it was to run from `since` on (None: all the time), but for planned windows."""
    start, end = period
    start = max(start, since) if since else start
    if start >= end:
        return Uptime(NOTHING, NOTHING)
    planned = merged(clipped(windows, (start, end)))
    down = merged(clipped(outages, (start, end)))
    return Uptime(
        agreed=(end - start) - length(planned),
        down=length(down) - length(crossed(down, planned)),
    )


def clipped(spans: Iterable[Span], bounds: Span) -> list[Span]:
    """Return what of the spans lies inside the bounds."""
    found = [(max(start, bounds[0]), min(end, bounds[1])) for start, end in spans]
    return [(start, end) for start, end in found if start < end]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as spans in order that neither overlap nor touch."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def crossed(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return the time that lies in both; each is merged."""
    return [span for bounds in other for span in clipped(one, bounds)]


def length(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), NOTHING)

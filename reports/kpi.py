"""The KPI dictionary: each figure is defined once, counts its rows, and can list them (§3.2b, §5.2).

The cohort rule: a month's rate covers the clocks whose *deadline* lies in the month and has come. A clock
that still runs past its deadline has failed; one whose deadline is still to come is not counted yet, nor is
one that a regrade replaced, nor one that stands still. No clocks, no rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models import ClockKind
from tickets.models.clock import ClockQuerySet

NOTHING = "—"
IN_TIME = Q(stopped_at__lte=F("due_at"))
TOO_LATE = Q(stopped_at__isnull=True) | Q(stopped_at__gt=F("due_at"))
SAME_WITHIN = 0.05  # points: less than what is shown


@dataclass(frozen=True, slots=True)
class Rate:
    """A share as its two numbers."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """0 to 100, or None where nothing was due: that is neither 0 nor 100 %."""
        return 100 * self.numerator / self.denominator if self.denominator else None

    @property
    def missed(self) -> int:
        return self.denominator - self.numerator

    def __str__(self) -> str:
        """One decimal; what is not all never reads 100.0, and what is not none never reads 0.0."""
        if self.percent is None:
            return NOTHING
        if 0 < self.numerator < self.denominator:
            return f"{min(max(self.percent, 0.1), 99.9):.1f}"
        return f"{self.percent:.1f}"


@dataclass(frozen=True, slots=True)
class InTimeRate:
    """The share of the clocks of one kind that stopped in time, over the clocks that fell due.

    `target` is in percent. Every method takes the clocks that the reader may see, a half-open span
    [start, end), and `now`.
    """

    key: str
    name: str | Promise
    clause: str
    formula: str | Promise
    clock: ClockKind
    target: int
    higher_is_better: bool = True

    def denominator(
        self, clocks: ClockQuerySet, start: datetime, end: datetime, *, now: datetime
    ) -> ClockQuerySet:
        """Return the clocks that fell due in the span."""
        return clocks.current().filter(kind=self.clock, due_at__gte=start, due_at__lt=min(end, now))

    def numerator(
        self, clocks: ClockQuerySet, start: datetime, end: datetime, *, now: datetime
    ) -> ClockQuerySet:
        """Return those of them that stopped in time."""
        return self.denominator(clocks, start, end, now=now).filter(IN_TIME)

    def missed(
        self, clocks: ClockQuerySet, start: datetime, end: datetime, *, now: datetime
    ) -> ClockQuerySet:
        """Return those of them that stopped too late or run still."""
        return self.denominator(clocks, start, end, now=now).filter(TOO_LATE)

    def measure(self, clocks: ClockQuerySet, start: datetime, end: datetime, *, now: datetime) -> Rate:
        """Count both, in one query."""
        due = self.denominator(clocks, start, end, now=now).order_by()
        counted = due.aggregate(numerator=Count("pk", filter=IN_TIME), denominator=Count("pk"))
        return Rate(**counted)

    def reaches_target(self, rate: Rate) -> bool | None:
        """Say whether a rate is good enough; None where there is no rate."""
        if rate.percent is None:
            return None
        return rate.percent >= self.target if self.higher_is_better else rate.percent <= self.target

    def trend(self, rate: Rate, before: Rate) -> Trend | None:
        """Compare two rates; None where one of them is missing."""
        if rate.percent is None or before.percent is None:
            return None
        points = rate.percent - before.percent
        if abs(points) < SAME_WITHIN:
            return Trend("same", 0.0)
        return Trend("better" if (points > 0) == self.higher_is_better else "worse", points)


@dataclass(frozen=True, slots=True)
class Trend:
    """A change in points of percent: `kind` is better, worse or same."""

    kind: str
    points: float

    def __str__(self) -> str:
        return f"{self.points:+.1f}".replace("-", "−") if self.points else "0.0"


RESPONSE = InTimeRate(
    key="response",
    name=_("Answered in time"),
    clause="§5.4",
    formula=_("Records that a person answered within the limit, over all whose limit ended in the month."),
    clock=ClockKind.RESPONSE,
    target=95,
)
DIAGNOSIS = InTimeRate(
    key="diagnosis",
    name=_("Diagnosed in time"),
    clause="§5.4.1.2",
    formula=_("Faults diagnosed within the limit, over all whose limit ended in the month."),
    clock=ClockKind.DIAGNOSIS,
    target=90,
)
RESOLUTION = InTimeRate(
    key="resolution",
    name=_("Solved in time"),
    clause="§5.4.1.2",
    formula=_("Records solved within the limit, over all whose limit ended in the month."),
    clock=ClockKind.RESOLUTION,
    target=90,
)

KPIS: Mapping[str, InTimeRate] = {kpi.key: kpi for kpi in (RESPONSE, DIAGNOSIS, RESOLUTION)}

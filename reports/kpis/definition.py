"""What a KPI is: rows of one table, the instant by which they fall into a period, and what of them counts.

One definition serves the dashboard, the reports, the assessment, the REST interface and the lists of rows
behind a figure, so that none of them can say anything else (§3.2b, §5.2).

The cohort rule: a rate of a period covers what *fell due* in it and has come by `now`; what is still open and
overdue has failed. Durations cover what was finished in the period. Nothing in it, no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Count,
    DecimalField,
    Expression,
    F,
    FloatField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Extract
from django.utils.functional import Promise
from django.utils.timezone import get_default_timezone, localdate, localtime

from reports.kpis.figure import Figure, Unit
from reports.scope import Axis, Scope

Rows = QuerySet[Any]
Text = str | Promise
NO_NUMBER = Value(None, output_field=FloatField())
# Numbers are added up as decimals, so that a sum is the same in whatever order its parts come.
EXACT: DecimalField[Any, Any] = DecimalField(max_digits=38, decimal_places=12)
NOTHING = timedelta(0)
# What rows come to, whatever the figure: see `Kpi.aggregates`.
COLUMNS = ("numerator", "denominator", "squares", "median", "p90")


class At(StrEnum):
    """What the value of `Kpi.at` is, and so by which bounds it lies in a period [start, end).

    MOMENT: an instant at which something happened or fell due. END_OF_DAY: the midnight at which a last day
    is over, which belongs to that day: (start, end]. DAY: a date on which something happened, one that has
    begun. LAST_DAY: a date by which something is due: it has come when that day is over.
    """

    MOMENT = "moment"
    END_OF_DAY = "end_of_day"
    DAY = "day"
    LAST_DAY = "last_day"


class Percentile(Aggregate):
    """The value below which such a share of all lies, between two neighbours in proportion."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Expression, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=fraction, **extra)


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """A figure over the rows whose `at` lies in a period. `Share` and the others below say how.

    `rows` gives all rows that may ever count, of the whole department; `at` is the lookup (or alias) of what
    decides the period and `at_is` what it holds; a row counts so long after it as `lag` says. `axes` has the
    lookup for each axis by which the figure can be narrowed. `source` names what the rows are: how they are
    listed and what makes kept counts stale go by it. `target` is in the unit of the value, None where nothing
    is aimed at. Of a volume (`is_volume`) neither more nor less is better: it says how much there was.
    Below `minimum_sample` rows a figure is shown as small, and of a single person nothing is said below
    `least_told`. `beside` are the keys of figures to be printed next to it: without them it could be made
    beautiful by letting records wait or taking them out.
    """

    key: str
    name: Text
    clause: str
    formula: Text
    rows: Callable[[], Rows] = field(repr=False)
    at: str
    source: str
    axes: Mapping[Axis, str]
    unit: Unit = Unit.PERCENT
    target: float | None = None
    higher_is_better: bool = True
    is_volume: bool = False
    minimum_sample: int = 5
    at_is: At = At.MOMENT
    lag: timedelta = NOTHING
    least_told: int = 0
    beside: Sequence[str] = ()

    @property
    def parts(self) -> Sequence[str]:
        """Which rows can be listed: all ("") and, of a share, those that are counted and the others."""
        return ("",)

    def measures(self, scope: Scope) -> bool:
        """Say whether the figure can be narrowed to a scope."""
        return all(axis in self.axes for axis in scope.chosen())

    def within(self, scope: Scope) -> Rows:
        """Return all rows of a scope. Raises KeyError where it cannot be narrowed so."""
        return self.rows().filter(**{self.axes[axis]: pk for axis, pk in scope.chosen().items()})

    def falls(self, start: datetime, end: datetime, *, now: datetime) -> Q:
        """The condition of the rows of [start, end): what comes after `now` does not count yet."""
        start, end = start - self.lag, min(end, now) - self.lag
        match self.at_is:
            case At.MOMENT:
                return Q(**{f"{self.at}__gte": start, f"{self.at}__lt": end})
            case At.END_OF_DAY:
                return Q(**{f"{self.at}__gt": start, f"{self.at}__lte": end})
        tz = get_default_timezone()
        first, until = localdate(start, tz), localdate(end, tz)
        if self.at_is is At.DAY and localtime(end, tz).time() != time.min:  # the day that is not over yet
            until += timedelta(days=1)
        return Q(**{f"{self.at}__gte": first, f"{self.at}__lt": until})

    def cohort(self, scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Rows:
        """Return the rows behind the denominator."""
        return self.within(scope).filter(self.falls(start, end, now=now))

    def part(self, name: str, scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Rows:
        """Return the rows of one of the `parts`. Raises ValueError of any other."""
        if name not in self.parts:
            raise ValueError(f"{self.key} has no part {name!r}")
        return self.cohort(scope, start, end, now=now)

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        """Return numerator, denominator, squares, median and p90, each over the rows for which `falls`.

        An empty condition is every row.
        """
        raise NotImplementedError

    def figure(self, row: Mapping[str, float | None]) -> Figure:
        """Make the figure of what the aggregates came to."""
        return Figure(self.unit, row["numerator"] or 0, int(row["denominator"] or 0), row["squares"])

    def told(self, figure: Figure, scope: Scope) -> Figure:
        """Return the figure, or one of nothing where too few speak of a single person."""
        if scope.person is not None and (figure.denominator or 0) < self.least_told:
            return self.figure(NO_ROWS)
        return figure


NO_ROWS: Mapping[str, float | None] = dict.fromkeys(COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Share(Kpi):
    """How many of the rows are `counted`, in per cent."""

    counted: Q

    @property
    def parts(self) -> Sequence[str]:
        return "", "counted", "others"

    def numerator(self, scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Rows:
        """Return the rows that are counted."""
        return self.cohort(scope, start, end, now=now).filter(self.counted)

    def others(self, scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Rows:
        """Return the rows of the cohort that are not: where more is better, those that failed."""
        # What is neither true nor false, as an empty time is neither early nor late, is not counted.
        rest = Case(When(self.counted, then=Value(False)), default=Value(True), output_field=BooleanField())
        return self.cohort(scope, start, end, now=now).filter(rest)

    def part(self, name: str, scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Rows:
        chosen = {"counted": self.numerator, "others": self.others}.get(name)
        return (
            chosen(scope, start, end, now=now) if chosen else super().part(name, scope, start, end, now=now)
        )

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        return {
            "numerator": Count("pk", filter=falls & self.counted),
            "denominator": Count("pk", filter=falls),
            "squares": NO_NUMBER,
            "median": NO_NUMBER,
            "p90": NO_NUMBER,
        }


@dataclass(frozen=True, kw_only=True)
class Mean(Kpi):
    """The mean of a number of each row: points. With an interval."""

    of: Expression | F

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        number = Cast(self.of, EXACT)
        return {
            "numerator": Sum(number, filter=falls),
            "denominator": Count("pk", filter=falls),
            "squares": Sum(number * number, filter=falls),
            "median": NO_NUMBER,
            "p90": NO_NUMBER,
        }


@dataclass(frozen=True, kw_only=True)
class Duration(Kpi):
    """The mean of a duration, in seconds, with its median and what nine in ten do not exceed."""

    of: Expression
    unit: Unit = Unit.SECONDS
    higher_is_better: bool = False

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        seconds = Cast(Extract(self.of, "epoch"), EXACT)
        number = Cast(seconds, FloatField())
        return {
            "numerator": Sum(seconds, filter=falls),
            "denominator": Count("pk", filter=falls),
            "squares": Sum(seconds * seconds, filter=falls),
            "median": Percentile(number, 0.5, filter=falls),
            "p90": Percentile(number, 0.9, filter=falls),
        }

    def figure(self, row: Mapping[str, float | None]) -> Figure:
        numbers = row["numerator"] or 0, int(row["denominator"] or 0), row["squares"]
        return Figure(self.unit, *numbers, row["median"], row["p90"])


@dataclass(frozen=True, kw_only=True)
class Total(Kpi):
    """How many rows there are, or the sum `of` a number of each."""

    of: Expression | F | None = None
    unit: Unit = Unit.NUMBER

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        total = Count("pk", filter=falls) if self.of is None else Sum(Cast(self.of, EXACT), filter=falls)
        return {
            "numerator": total,
            "denominator": NO_NUMBER,
            "squares": NO_NUMBER,
            "median": NO_NUMBER,
            "p90": NO_NUMBER,
        }

    def figure(self, row: Mapping[str, float | None]) -> Figure:
        return Figure(self.unit, row["numerator"] or 0)


@dataclass(frozen=True, kw_only=True)
class Stock(Total):
    """How many rows there are at the end of a period, or now where that is earlier. `standing` says which.

    It cannot be added up over days: each period is counted by itself. A row begins to stand at its `at` and
    ends at its `ends` (a lookup). Where its age decides too, `ages` are those after which it is another one;
    `standing` may then be told the instants that lie as long before its own.
    """

    standing: Callable[..., Q]
    ends: str
    ages: Sequence[timedelta] = ()

    def falls(self, start: datetime, end: datetime, *, now: datetime) -> Q:
        return self.standing(min(end, now))

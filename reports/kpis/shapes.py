"""KPIs of a shape of their own: of sums, by head, and those that no single statement over rows gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Aggregate, Count, Expression, F, Q, Sum, Value

from reports.kpis.definition import NO_NUMBER, Kpi
from reports.kpis.figure import Figure, Unit
from reports.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Weighted(Kpi):
    """How much the `part` of each row is of its `whole`, all rows taken together, in per cent."""

    of: Expression | F
    whole: Expression | F

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        return {
            "numerator": Sum(self.of, filter=falls),
            "denominator": Sum(self.whole, filter=falls),
            "squares": NO_NUMBER,
            "median": NO_NUMBER,
            "p90": NO_NUMBER,
        }


@dataclass(frozen=True, kw_only=True)
class PerHead(Kpi):
    """How many rows there are for each of the people that they belong to (`head`, a lookup)."""

    head: str
    unit: Unit = Unit.NUMBER
    minimum_sample: int = 1

    def aggregates(self, falls: Q) -> Mapping[str, Aggregate | Value]:
        return {
            "numerator": Count("pk", filter=falls),
            "denominator": Count(self.head, filter=falls, distinct=True),
            "squares": NO_NUMBER,
            "median": NO_NUMBER,
            "p90": NO_NUMBER,
        }


@dataclass(frozen=True, kw_only=True)
class Computed(Kpi):
    """A figure that is computed of its rows, not counted. `cohort` lists them all the same."""

    def figures(
        self, scope: Scope, spans: Sequence[tuple[datetime, datetime]], *, now: datetime
    ) -> Sequence[Figure]:
        """Return the figure of each span [start, end), in a fixed number of statements."""
        raise NotImplementedError

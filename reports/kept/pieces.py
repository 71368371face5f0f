"""The rows of one figure in one span, counted: the smallest piece that figures are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property, reduce
from hashlib import sha256
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, CharField, Expression, F, Q, Value
from django.utils.timezone import get_default_timezone_name

from reports.kept.parts import Nature
from reports.kpis.definition import Duration, Kpi, Rows, Stock
from reports.scope import Axis, Scope
from staff.prepared import Prepared

COLUMNS = ("numerator", "denominator", "squares", "median", "p90")
LONG_AGO, FAR_AHEAD = datetime(1900, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)


class Piece:
    """A figure's statement for one span, written once, and what kept counts need to know of the definition."""

    def __init__(self, kpi: Kpi) -> None:
        self.kpi = kpi
        self.question: Prepared[Any] = Prepared(self._ask)

    def _ask(self, group: int | None, start: datetime, stop: datetime) -> Rows:
        return counted_in(self.kpi, Scope(group=group), start, stop)

    def statement(self, group: int | None, start: datetime, stop: datetime) -> tuple[str, tuple[Any, ...]]:
        """Return SQL and parameters of one row with `COLUMNS`; for a group, or for all."""
        return self.question.statement(group, start, stop)

    @cached_property
    def nature(self) -> Nature:
        """How the figure behaves over time."""
        if isinstance(self.kpi, Stock):
            return Nature.STOCK
        return Nature.WHOLE if isinstance(self.kpi, Duration) else Nature.SUM

    @cached_property
    def instants(self) -> tuple[str, ...]:
        """The lookups of the instants by which rows fall into periods; of a stock, begin and end to stand."""
        return self.kpi.moves if isinstance(self.kpi, Stock) else (self.kpi.at,)

    @cached_property
    def source(self) -> str:
        """Under which name triggers note what makes the figure stale: its table and its instants."""
        return f"{self.kpi.rows().model._meta.db_table}.{'-'.join(self.instants)}"

    @cached_property
    def fingerprint(self) -> str:
        """Another one as soon as the definition counts otherwise, or days begin otherwise."""
        groups = self.kpi.rows().order_by().values(of_group=_group_of(self.kpi))
        said = (*self.statement(None, LONG_AGO, FAR_AHEAD), groups.query, self.source)
        return sha256(repr((*map(str, said), get_default_timezone_name())).encode()).hexdigest()


def counted_in(kpi: Kpi, scope: Scope, start: datetime, stop: datetime) -> Rows:
    """One row: what the rows of [start, stop) come to, of a scope."""
    falls = kpi.falls(start, stop, now=stop)
    rows = kpi.within(scope).order_by().filter(falls)
    return rows.values(kpi=Value(kpi.key, CharField())).annotate(**kpi.aggregates(falls)).values(*COLUMNS)


def counted_by_group(kpi: Kpi, falls: Q, **by: Expression) -> list[dict[str, Any]]:
    """What the rows for which `falls` come to, for each group (its id as `of_group`) and by what else is named."""
    rows = kpi.rows().order_by().filter(falls).values(of_group=_group_of(kpi), **by)
    return list(rows.annotate(**kpi.aggregates(falls)))


def _group_of(kpi: Kpi) -> Expression | F:
    lookup = kpi.axes.get(Axis.GROUP)
    return F(lookup) if lookup else Value(None, BigIntegerField())


def standing_by_group(kpi: Stock, instants: Sequence[datetime]) -> dict[datetime, dict[int | None, int]]:
    """How many stood at each of some instants, for each group: one pass over the rows."""
    names = {f"at_{place}": instant for place, instant in enumerate(instants)}
    standing = {name: kpi.standing(instant) for name, instant in names.items()}
    rows = kpi.rows().order_by().filter(reduce(or_, standing.values())).values(of_group=_group_of(kpi))
    sums = {name: kpi.aggregates(stands)["numerator"] for name, stands in standing.items()}
    found: dict[datetime, dict[int | None, int]] = {instant: {} for instant in instants}
    for row in rows.annotate(**sums):
        for name, instant in names.items():
            found[instant][row["of_group"]] = row[name]
    return found


_PIECES: dict[str, Piece] = {}


def piece(kpi: Kpi) -> Piece:
    """Return the statement of a figure."""
    if (found := _PIECES.get(kpi.key)) is None or found.kpi is not kpi:
        found = _PIECES[kpi.key] = Piece(kpi)
    return found

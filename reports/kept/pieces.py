"""The rows of one figure in one span, counted: the smallest piece that figures are put together from.

A row belongs to a period by one instant: that of `Kpi.at`, so much later as its `lag` says. A last day that
is over belongs to itself, so what is due at its end counts as a moment before; a date on which something
happened counts from its first instant on. So everything lies in half-open spans, as time does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, reduce
from hashlib import sha256
from inspect import getsource
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    Value,
)
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.timezone import get_default_timezone, get_default_timezone_name

from reports.kept.calendar import DAY, day_of, midnight
from reports.kept.parts import TICK, Nature, Stale
from reports.kpis import outages, systems
from reports.kpis.definition import COLUMNS, At, Duration, Kpi, Rows, Stock
from reports.kpis.shapes import PerHead
from reports.kpis.systems import OfSystems
from reports.scope import Axis, Scope
from staff.prepared import Prepared

LONG_AGO, FAR_AHEAD = datetime(1900, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)
OF_SYSTEMS = "clients_system"
RECKONED_IN = (systems, outages)  # where it is written how long systems ran
# Of rows that are filtered already: to ask each once more for every sum would cost half as much again.
EVERY = Q()
FEW = 8  # instants: of more, rows are first asked whether they stood at any
Bound = datetime | date


class Piece:
    """What kept counts need to know of a definition, and its statement for one span, written once."""

    def __init__(self, kpi: Kpi) -> None:
        self.kpi = kpi
        self.question: Prepared[Any] = Prepared(self._stock if isinstance(kpi, Stock) else self._ask)

    def _ask(self, group: int | None, low: Bound, high: Bound) -> Rows:
        return self._summed(group, self._between(low, high))

    def _stock(self, group: int | None, instant: datetime, *before: datetime) -> Rows:
        """What has not ended, for which an index of that alone is enough, and what ended since then."""
        assert isinstance(self.kpi, Stock)
        stands, ends = self.kpi.standing(instant, *before), self.kpi.ends
        goes_on, over = Q(**{f"{ends}__isnull": True}), Q(**{f"{ends}__gte": instant})
        return self._summed(group, stands & goes_on).union(self._summed(group, stands & over), all=True)

    def _summed(self, group: int | None, falls: Q) -> Rows:
        rows = self.kpi.within(Scope(group=group)).order_by().filter(falls)
        sums = self.kpi.aggregates(EVERY)
        return rows.values(kpi=Value(self.kpi.key, CharField())).annotate(**sums).values(*COLUMNS)

    def statement(self, group: int | None, start: datetime, stop: datetime) -> tuple[str, tuple[Any, ...]]:
        """Return SQL and parameters of rows with `COLUMNS` that add up, of a group or of all.

        Empty where no row can ever count.
        """
        if isinstance(self.kpi, Stock):
            return self.question.statement(group, stop, *(stop - age for age in self.kpi.ages))
        return self.question.statement(group, *self._bounds(start, stop))

    def falls(self, start: datetime, stop: datetime) -> Q:
        """The condition of the rows of a span; of a stock, of those that stand at its end."""
        return self._between(*self._bounds(start, stop))

    @cached_property
    def nature(self) -> Nature:
        """How the figure behaves over time."""
        if isinstance(self.kpi, Stock):
            return Nature.STOCK
        return Nature.WHOLE if isinstance(self.kpi, Duration | PerHead) else Nature.SUM

    @cached_property
    def source(self) -> str:
        """Under which name triggers note what makes the figure stale: its table and its instants."""
        if isinstance(self.kpi, OfSystems):
            return OF_SYSTEMS
        ends = f"-{self.kpi.ends}" if isinstance(self.kpi, Stock) else ""
        return f"{self.kpi.rows().model._meta.db_table}.{self.kpi.at}{ends}"

    @cached_property
    def fingerprint(self) -> str:
        """Another one as soon as the definition counts otherwise, or days begin otherwise.

        What no statement says, as how systems are reckoned, is read where it is written.
        """
        groups = self.kpi.rows().order_by().values(of_group=self.group)
        said: tuple[object, ...] = (groups.query, self.source, self.nature, get_default_timezone_name())
        if isinstance(self.kpi, OfSystems):
            said += tuple(getsource(module) for module in RECKONED_IN)
        else:
            said += self.statement(None, LONG_AGO, FAR_AHEAD)
        return sha256(repr([*map(str, said)]).encode()).hexdigest()

    @property
    def group(self) -> Expression | F:
        """Whose a row is; nobody's where the figure is the department's alone."""
        lookup = self.kpi.axes.get(Axis.GROUP)
        return F(lookup) if lookup else Value(None, BigIntegerField())

    @property
    def day(self) -> Expression | F:
        """The day in which a row lies."""
        if self._is_of_days:
            return F(self.kpi.at)
        at: Expression | F = F(self.kpi.at)
        if self._shift:
            at = ExpressionWrapper(at + Value(self._shift), output_field=DateTimeField())
        return TruncDate(at, tzinfo=get_default_timezone())

    def stale(self, noted: Sequence[Stale]) -> list[Stale]:
        """Turn instants of rows, as triggers note them, into those by which the rows lie in periods."""
        if not self._is_of_days and not self._shift:
            return list(noted)
        return [(self._instant(since), self._instant(until)) for since, until in noted]

    def next_at(self, until: datetime) -> datetime | None:
        """Return the first instant from `until` on by which a row lies in a period, or stands otherwise."""
        kpi = self.kpi
        if isinstance(kpi, OfSystems):
            return until
        found = []
        if isinstance(kpi, Stock):
            later = Q(**{f"{kpi.ends}__isnull": True}) | Q(**{f"{kpi.ends}__gte": until})
            moves = [(kpi.at, age) for age in (timedelta(0), *kpi.ages)] + [(kpi.ends, timedelta(0))]
            for lookup, age in moves:
                rows = kpi.rows().order_by().filter(later, **{f"{lookup}__gte": until - age})
                if (first := _first(rows, lookup)) is not None:
                    found.append(first + age)
        else:
            low, _high = self._bounds(until, FAR_AHEAD)
            rows = kpi.rows().order_by().filter(**{f"{kpi.at}__{self._from}": low})
            if (first := _first(rows, kpi.at)) is not None:
                found.append(self._instant(first))
        return min(found, default=None)

    def lies_before(self, instant: datetime) -> bool:
        """Say whether there is anything before an instant."""
        low, high = self._bounds(LONG_AGO, instant)
        if isinstance(self.kpi, Stock | OfSystems):
            return self.kpi.rows().filter(**{f"{self.kpi.at}__lt": instant}).exists()
        return self.kpi.rows().filter(self._between(low, high)).exists()

    @property
    def _is_of_days(self) -> bool:
        return self.kpi.at_is in (At.DAY, At.LAST_DAY)

    @property
    def _is_at_end(self) -> bool:
        return self.kpi.at_is in (At.END_OF_DAY, At.LAST_DAY)

    @property
    def _shift(self) -> timedelta:
        return self.kpi.lag - TICK if self.kpi.at_is is At.END_OF_DAY else self.kpi.lag

    @property
    def _from(self) -> str:
        return "gt" if self.kpi.at_is is At.END_OF_DAY else "gte"

    def _between(self, low: Bound, high: Bound) -> Q:
        if isinstance(self.kpi, Stock):
            assert isinstance(high, datetime)
            return self.kpi.standing(high)
        to = "lte" if self.kpi.at_is is At.END_OF_DAY else "lt"
        return Q(**{f"{self.kpi.at}__{self._from}": low, f"{self.kpi.at}__{to}": high})

    def _bounds(self, start: datetime, stop: datetime) -> tuple[Bound, Bound]:
        """What `at` is compared with, so that a row's instant lies in [start, stop)."""
        if isinstance(self.kpi, Stock):
            return start, stop
        if self.kpi.at_is is At.LAST_DAY:
            return day_of(start, self.tz), day_of(stop, self.tz)
        if self.kpi.at_is is At.DAY:
            return self._first_day_from(start), self._first_day_from(stop)
        return start - self.kpi.lag, stop - self.kpi.lag

    def _first_day_from(self, instant: datetime) -> date:
        day = day_of(instant, self.tz)
        return day if midnight(day, self.tz) == instant else day + DAY

    def _instant(self, at: Bound) -> datetime:
        """By which instant a row lies in a period; a day is noted as its midnight in UTC."""
        if not self._is_of_days:
            assert isinstance(at, datetime)
            return at + self._shift
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        return midnight(day + DAY, self.tz) - TICK if self._is_at_end else midnight(day, self.tz)

    @property
    def tz(self) -> Any:
        return get_default_timezone()


def _first(rows: Rows, lookup: str) -> Any:
    return rows.annotate(instant_=F(lookup)).order_by("instant_").values_list("instant_", flat=True).first()


def counted_by_group(one: Piece, falls: Q, **by: Any) -> list[dict[str, Any]]:
    """What the rows for which `falls` come to, by group (its id as `of_group`) and by what is named."""
    rows = one.kpi.rows().order_by().filter(falls).values(of_group=one.group, **by)
    return list(rows.annotate(**one.kpi.aggregates(EVERY)))


class Place(Func):
    """How many of some instants, in their order, lie at or before an instant: found by halving."""

    function = "width_bucket"
    output_field = IntegerField()

    def __init__(self, instant: Expression | F | str, instants: Sequence[datetime], **extra: Any) -> None:
        in_order = Value(list(instants), ArrayField(DateTimeField()))
        super().__init__(instant, Cast(in_order, ArrayField(DateTimeField())), **extra)


def standing_by_group(one: Piece, instants: Sequence[datetime]) -> dict[datetime, dict[int | None, int]]:
    """How many stood at each of some instants (in their order), for each group: one pass over the rows.

    Most rows come and go between two of many instants. That is asked first, and no more of these.
    """
    kpi = one.kpi
    assert isinstance(kpi, Stock)
    names = {f"at_{place}": instant for place, instant in enumerate(instants)}
    standing = {name: kpi.standing(instant) for name, instant in names.items()}
    rows = kpi.rows().order_by()
    if len(instants) > FEW:
        ends = Coalesce(F(kpi.ends), Value(FAR_AHEAD))
        rows = rows.alias(begins_after=Place(kpi.at, instants), ends_after=Place(ends, instants))
        rows = rows.filter(begins_after__lt=F("ends_after"))
    rows = rows.filter(reduce(or_, standing.values())).values(of_group=one.group)
    sums = {name: kpi.aggregates(stands)["numerator"] for name, stands in standing.items()}
    found: dict[datetime, dict[int | None, int]] = {instant: {} for instant in instants}
    for row in rows.annotate(**sums):
        for name, instant in names.items():
            found[instant][row["of_group"]] = row[name]
    return found


_PIECES: dict[str, Piece] = {}


def piece(kpi: Kpi) -> Piece:
    """Return what is known of a definition."""
    if (found := _PIECES.get(kpi.key)) is None or found.kpi is not kpi:
        found = _PIECES[kpi.key] = Piece(kpi)
    return found

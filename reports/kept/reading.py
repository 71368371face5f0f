"""Figures put together from kept counts and the few rows that have changed since (`reports.kept.parts`).

What is to be asked follows from what has become stale, and that may change until it is asked. So the one
statement that answers looks at it again, in the same view of the database: only where it finds what was
planned for does its answer hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from reports.kept.calendar import Span
from reports.kept.parts import Cell, Parts, Reckoned, Stale, parts_of
from reports.kept.pieces import piece
from reports.kpis.definition import COLUMNS, Kpi
from reports.kpis.figure import Figure
from reports.kpis.systems import OfSystems
from reports.periods import Period
from reports.scope import Scope

TRIES = 3
MOST_SPANS = 3  # of one figure: beyond them it is counted in all its periods at once
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)

STANDING = """
SELECT 'reckoned' AS what, kpi AS name, fingerprint AS said, since, until, next_at, is_whole,
       NULL::date AS first_on, NULL::numeric AS numerator, NULL::numeric AS denominator,
       NULL::numeric AS squares, NULL::float8 AS median, NULL::float8 AS p90
FROM reports_reckoning WHERE kpi = ANY(%(kpis)s)
UNION ALL
SELECT 'stale', source, '', min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL
FROM reports_stalespan WHERE source = ANY(%(sources)s)
GROUP BY source, (since AT TIME ZONE %(tz)s)::date, (until AT TIME ZONE %(tz)s)::date
"""
KEPT = """
SELECT 'kept', every.kpi, every.unit, NULL, NULL, NULL, NULL,
       every.first_on, own.numerator, own.denominator, own.squares, own.median, own.p90
FROM reports_keptcount AS every {own}
WHERE every.group_id IS NULL AND every.kpi = ANY(%(kpis)s) AND ({cells})
"""
OF_ALL = "CROSS JOIN LATERAL (SELECT every.*) AS own"
OF_A_GROUP = """
LEFT JOIN reports_keptcount AS own ON own.kpi = every.kpi AND own.unit = every.unit
     AND own.first_on = every.first_on AND own.group_id = %(group)s
"""
PIECE = """
SELECT 'piece', %s, %s, %s, %s, NULL, NULL, NULL,
       numerator::numeric, denominator::numeric, squares::numeric, median::float8, p90::float8
FROM ({}) AS rows
"""

Plan = Mapping[tuple[str, Period], Parts]
Others = dict[tuple[Period, ...], list[Kpi]]


@dataclass
class Numbers:
    """Sums over parts; medians of one part alone."""

    numerator: Decimal | int = 0
    denominator: Decimal | int = 0
    squares: Decimal | None = None
    median: float | None = None
    p90: float | None = None

    def add(self, other: Numbers, sign: int = 1) -> None:
        self.numerator += sign * other.numerator
        self.denominator += sign * other.denominator
        if other.squares is not None:
            self.squares = (self.squares or 0) + sign * other.squares
        if other.median is not None:
            self.median, self.p90 = other.median, other.p90

    def row(self) -> Mapping[str, Any]:
        """As counting the rows gives them."""
        return {
            "numerator": float(self.numerator),
            "denominator": float(self.denominator),
            "squares": float(self.squares) if self.squares is not None and self.denominator else None,
            "median": self.median,
            "p90": self.p90,
        }


@dataclass
class Found:
    """What a statement says: how far figures are kept, what is stale, kept counts, counted spans."""

    reckoned: dict[str, tuple[str, Reckoned]] = field(default_factory=dict)
    stale: dict[str, list[Stale]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[tuple[str, Cell], Numbers] = field(default_factory=dict)
    counted: dict[tuple[str, Span], Numbers] = field(default_factory=dict)

    def standing(self, kpis: Iterable[Kpi]) -> Sequence[Any]:
        """How some figures stand: how far each is kept, and what of it is stale."""
        return [(self.reckoned.get(kpi.key), sorted(self.stale.get(piece(kpi).source, ()))) for kpi in kpis]


def put_together(
    kpis: Sequence[Kpi], group: int | None, periods: Sequence[Period], *, tz: ZoneInfo, now: datetime
) -> tuple[dict[tuple[str, Period], Figure], Others]:
    """Return what is put together, and which figures are better counted from all their rows, and where."""
    facts = {
        "kpis": [kpi.key for kpi in kpis],
        "sources": sorted({piece(kpi).source for kpi in kpis}),
        "tz": str(tz),
        "group": group,
    }
    by_key = {kpi.key: kpi for kpi in kpis}
    found = _run(STANDING, facts)
    unkept: dict[str, set[Cell]] = defaultdict(set)
    for _try in range(TRIES):
        plan = _plan(kpis, periods, found, unkept, tz, now)
        chosen = {
            key: parts for key, parts in plan.items() if not _is_long(plan, by_key[key[0]], parts, periods)
        }
        seen, found = found, _answer(chosen, by_key, group, facts)
        holds = found.reckoned == seen.reckoned and found.stale == seen.stale
        for (kpi, _period), parts in chosen.items():
            for cell in (*parts.plus, *parts.minus):
                if (kpi, cell) not in found.kept:
                    unkept[kpi].add(cell)
                    holds = False
        if holds or _plan(kpis, periods, found, unkept, tz, now) == plan:
            # What is reckoned is asked for in statements of its own: did all stand still until then?
            if reckoned := _reckon(chosen, by_key, group, found, now):
                later = _run(STANDING, facts)
                if later.standing(reckoned) != found.standing(reckoned):
                    found = later
                    continue
            made = {
                (kpi.key, period): _figure(kpi, _sum(kpi, parts, found))
                for kpi in kpis
                for period in periods
                if (parts := chosen.get((kpi.key, period))) is not None
            }
            others = {}
            for kpi in kpis:
                left = tuple(period for period in periods if (kpi.key, period) not in chosen)
                if left:
                    others.setdefault(left, []).append(kpi)
            return made, others
    return {}, {tuple(periods): list(kpis)}  # it changes faster than it can be asked: all rows


def _plan(
    kpis: Sequence[Kpi],
    periods: Sequence[Period],
    found: Found,
    unkept: Mapping[str, Collection[Cell]],
    tz: ZoneInfo,
    now: datetime,
) -> Plan:
    plan = {}
    whole = [(period, *period.span(tz), Parts(plus=((period.unit, period.first),))) for period in periods]
    for kpi in kpis:
        known, (said, reckoned) = piece(kpi), found.reckoned.get(kpi.key, ("", None))
        if said != known.fingerprint:
            reckoned = None
        if reckoned is not None and isinstance(kpi, OfSystems):
            # Systems are to run whether anything happens or not: time alone makes it another figure.
            reckoned = replace(reckoned, next_at=reckoned.until, is_whole=False)
        stale, missing = known.stale(found.stale.get(known.source, ())), unkept.get(kpi.key, ())
        is_clear = reckoned is not None and not stale and not missing
        for period, start, end, kept in whole:
            if is_clear and reckoned.since <= start and end <= reckoned.until and end <= now:
                plan[kpi.key, period] = kept  # most of them: the rule says the same
            else:
                plan[kpi.key, period] = parts_of(
                    known.nature, period, reckoned, stale, unkept=missing, tz=tz, now=now
                )
    return plan


def _is_long(plan: Plan, kpi: Kpi, parts: Parts, periods: Sequence[Period]) -> bool:
    """Say whether so many spans of a figure are counted that one pass over its rows is cheaper."""
    if not parts.spans:
        return False
    spans = {span for period in periods for span in plan[kpi.key, period].spans}
    return len(spans) > MOST_SPANS


def _answer(plan: Plan, kpis: Mapping[str, Kpi], group: int | None, facts: Mapping[str, Any]) -> Found:
    """Ask for everything at once: how far figures are kept, what is stale, the counts and the rows."""
    units: dict[str, set[date]] = defaultdict(set)
    spans: dict[tuple[str, Span], Kpi] = {}
    for (key, _period), parts in plan.items():
        for unit, first in (*parts.plus, *parts.minus):
            units[unit].add(first)
        if not isinstance(kpis[key], OfSystems):
            spans |= {(key, span): kpis[key] for span in parts.spans}
    statement, values = STANDING, dict(facts)
    if units:
        cells = " OR ".join(
            f"(every.unit = %(unit_{unit})s AND every.first_on = ANY(%(first_{unit})s))" for unit in units
        )
        statement += " UNION ALL " + KEPT.format(own=OF_ALL if group is None else OF_A_GROUP, cells=cells)
        values |= {f"unit_{unit}": unit for unit in units}
        values |= {f"first_{unit}": sorted(firsts) for unit, firsts in units.items()}
    with connection.cursor() as cursor:
        asked = cursor.mogrify(statement, values).decode()
        for (key, (start, stop)), kpi in spans.items():
            sql, params = piece(kpi).statement(group, start, stop)
            if sql:  # else no row can ever count
                more = cursor.mogrify(PIECE.format(sql), (key, "", start, stop, *params)).decode()
                asked += " UNION ALL " + more
    return _run(asked)


def _reckon(
    plan: Plan, kpis: Mapping[str, Kpi], group: int | None, found: Found, now: datetime
) -> Sequence[OfSystems]:
    """Add the spans of what no statement counts, those of several figures together; return these figures."""
    of_systems = {key: kpi for key, kpi in kpis.items() if isinstance(kpi, OfSystems)}
    spans = sorted(
        {span for (key, _period), parts in plan.items() if key in of_systems for span in parts.spans}
    )
    if not spans:
        return ()
    reckoned = list(of_systems.values())
    totals = reckoned[0].totals(Scope(group=group), spans, now=now)
    for kpi in reckoned:
        for span, total in zip(spans, totals, strict=True):
            numbers = kpi.numbers(total)
            found.counted[kpi.key, span] = _numbers([numbers[name] for name in COLUMNS])
    return reckoned


def _run(statement: str, values: Mapping[str, Any] | None = None) -> Found:
    found = Found()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for what, name, said, since, until, next_at, is_whole, first_on, *numbers in cursor.fetchall():
            match what:
                case "reckoned":
                    found.reckoned[name] = said, Reckoned(since, until, next_at, is_whole)
                case "stale":
                    found.stale[name].append((since, until or FOR_EVER))
                case "kept":
                    found.kept[name, (said, first_on)] = _numbers(numbers)
                case "piece":
                    found.counted.setdefault((name, (since, until)), Numbers()).add(_numbers(numbers))
    return found


def _numbers(columns: Sequence[Any]) -> Numbers:
    numerator, denominator, squares, median, p90 = columns
    return Numbers(numerator or 0, denominator or 0, squares, median, p90)


def _figure(kpi: Kpi, numbers: Numbers) -> Figure:
    if isinstance(kpi, OfSystems):
        return kpi.figure({"numerator": numbers.numerator, "denominator": numbers.denominator})
    return kpi.figure(numbers.row())


def _sum(kpi: Kpi, parts: Parts, found: Found) -> Numbers:
    total = Numbers()
    for cell in parts.plus:
        total.add(found.kept[kpi.key, cell])
    for cell in parts.minus:
        total.add(found.kept[kpi.key, cell], -1)
    for span in parts.spans:
        total.add(found.counted.get((kpi.key, span), Numbers()))
    return total

"""What the raw rows come to: the numbers of each KPI, for each month and each person, group or client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isclose

import duckdb

from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.definition import Kpi
from reports.kpis.figure import Figure
from reports.periods import Period
from reports.scope import Scope
from reports.tests.recount.outages import outages
from reports.tests.recount.shapes import Shape
from reports.tests.recount.words import WORDS

COLUMNS = ("at", "ripe", "since", "until", "grp", "person", "client", "yes", "amount", "whole")
TYPES = dict.fromkeys(COLUMNS, "DOUBLE") | dict.fromkeys(COLUMNS[:4], "TIMESTAMPTZ") | {"yes": "BOOLEAN"}
AXES = {"group": "grp", "person": "person", "client": "client"}
FALLS = """
    SELECT r.kpi, p.number, count(*), count(*) FILTER (yes), sum(amount), sum(amount * amount),
        quantile_cont(amount, 0.5), quantile_cont(amount, 0.9), sum(whole), count(DISTINCT person)
    FROM counted r JOIN period p ON r.at >= p.start AND r.at < p.finish AND r.ripe <= $now
    WHERE {where} GROUP BY ALL
"""
STANDS = """
    SELECT r.kpi, p.number, count(*) FROM counted r
    JOIN period p ON r.since < least(p.finish, $now) AND r.until >= least(p.finish, $now)
    WHERE {where} GROUP BY ALL
"""
TELLS_OF_FIVE = ("satisfied", "satisfaction")
EMPTY = (0, 0, None, None, None, None, None, 0)


@dataclass(frozen=True)
class Numbers:
    """What two counts must agree on."""

    numerator: float
    denominator: float | None
    median: float | None = None
    p90: float | None = None

    def agrees(self, other: Numbers) -> bool:
        mine = (self.numerator, self.denominator, self.median, self.p90)
        theirs = (other.numerator, other.denominator, other.median, other.p90)
        return all(_same(one, two) for one, two in zip(mine, theirs, strict=True))


def _same(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return isclose(one, two, rel_tol=1e-9, abs_tol=1e-5)  # sums of microseconds as floats


def prepare(raw: duckdb.DuckDBPyConnection) -> None:
    """Write down the rows of every KPI, as its words say."""
    columns = ", ".join(f'"{name}" {TYPES[name]}' for name in COLUMNS)
    raw.execute(f"CREATE TABLE counted (kpi VARCHAR, {columns})")
    for key, words in WORDS.items():
        raw.execute(f"INSERT INTO counted BY NAME SELECT '{key}' AS kpi, * FROM ({words.rows})")


def recounted(
    raw: duckdb.DuckDBPyConnection, scope: Scope, periods: Sequence[Period], *, now: datetime
) -> dict[tuple[str, Period], Numbers]:
    """Return the numbers of every KPI in each period, from what was prepared."""
    _write_periods(raw, periods)
    chosen = scope.chosen()
    where = " AND ".join(f"r.{AXES[str(axis)]} = {pk}" for axis, pk in chosen.items()) or "true"
    fell = {(kpi, place): row for kpi, place, *row in _ask(raw, FALLS, where, now)}
    stood = {(kpi, place): row for kpi, place, *row in _ask(raw, STANDS, where, now)}
    found = {}
    for key, words in WORDS.items():
        for place, period in enumerate(periods):
            if words.shape is Shape.STOCK:
                found[key, period] = Numbers(*stood.get((key, place), [0]), None)
            else:
                found[key, period] = _numbers(words.shape, *fell.get((key, place), EMPTY))
    for (key, period), pair in outages(raw, scope, periods, now=now).items():
        found[key, period] = Numbers(*pair)
    return found


def _numbers(  # type: ignore[no-untyped-def]
    shape: Shape, number, yes, total, squares, median, p90, whole, heads
) -> Numbers:
    match shape:
        case Shape.SHARE:
            return Numbers(yes, number)
        case Shape.MEAN:
            return Numbers(total or 0, number, median, p90)
        case Shape.RATIO:
            return Numbers(total or 0, whole or 0)
        case Shape.HEADS:
            return Numbers(number, heads)
    return Numbers(total or 0, None)


def _ask(raw: duckdb.DuckDBPyConnection, question: str, where: str, now: datetime):  # type: ignore[no-untyped-def]
    return raw.execute(question.format(where=where), {"now": now}).fetchall()


def _write_periods(raw: duckdb.DuckDBPyConnection, periods: Sequence[Period]) -> None:
    """The months of Shanghai, worked out by DuckDB."""
    raw.execute("CREATE OR REPLACE TABLE period (number BIGINT, start TIMESTAMPTZ, finish TIMESTAMPTZ)")
    for place, period in enumerate(periods):
        raw.execute(
            "INSERT INTO period SELECT $1, ($2::DATE::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai',"
            " ($3::DATE::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai'",
            [place, period.first.isoformat(), period.until.isoformat()],
        )


def differences(
    raw: duckdb.DuckDBPyConnection,
    scopes: Iterable[Scope],
    periods: Sequence[Period],
    *,
    now: datetime,
    kpis: Iterable[Kpi] = tuple(KPIS.values()),
) -> list[str]:
    """Return in words where the dictionary and the recount differ."""
    found = []
    for scope in scopes:
        mine = recounted(raw, scope, periods, now=now)
        for (key, period), figure in figures(kpis, scope, periods, now=now).items():
            said, counted = _said(figure), mine.get((key, period))
            if scope.person is not None and key in TELLS_OF_FIVE and counted and counted.denominator < 5:
                counted = Numbers(0, 0)  # of a single person nothing is said below five answers
            if key == "satisfaction" and counted is not None:
                counted = Numbers(counted.numerator, counted.denominator)  # a mean without median
            if counted is None or not said.agrees(counted):
                found.append(f"{key} {period} {scope}: the dictionary {said}, the recount {counted}")
    return found


def _said(figure: Figure) -> Numbers:
    return Numbers(figure.numerator, figure.denominator, figure.median, figure.p90)

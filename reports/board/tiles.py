"""A figure as a tile or a line of the table: value, how sure, its target, the period before, its course, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.addresses import rows_address
from reports.board.asked import Board
from reports.board.shown import (
    Change,
    Light,
    change_of,
    interval_words,
    is_week_of_few,
    light_of,
    number_words,
    unit_words,
    value_words,
    whole_words,
)
from reports.board.targets import target_of
from reports.charts.drawing import Drawing
from reports.charts.lines import spark
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.definition import Kpi, Share
from reports.kpis.figure import Figure, Unit

# The first look, by what is asked of the work: fast, done, done once, well received.
HEADLINE = (
    *("response", "diagnosis", "resolution", "arrival"),
    *("mttr", "fcr", "second_call", "repeat_fault"),
    *("satisfaction", "backlog"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a period; addresses are empty where nothing stands behind a number.

    `median` and `p90` are words, of durations. `missed` are the rows of a share that do not count.
    """

    kpi: Kpi
    figure: Figure
    figure_before: Figure
    value: str
    unit: str
    n: int | None
    is_small: bool
    interval: str
    target: str
    target_value: float | None
    light: Light
    before: str
    before_n: int | None
    change: Change | None
    median: str
    p90: str
    spark: Drawing | None
    missed: int
    rows: str
    rows_missed: str
    rows_before: str
    course: str


def headline(board: Board) -> list[Tile]:
    """The figures of the first look, those that the scope narrows: all asked for at once."""
    return tiles(board, [KPIS[key] for key in HEADLINE if key in KPIS], with_course=True)


def whole_table(board: Board) -> list[tuple[str, list[Tile]]]:
    """Every figure of the dictionary, by subject."""
    found = tiles(board, KPIS.values())
    subjects: dict[str, list[Tile]] = {}
    for tile in found:
        subjects.setdefault(str(tile.kpi.clause), []).append(tile)
    return list(subjects.items())


def tiles(board: Board, kpis: Iterable[Kpi], *, with_course: bool = False) -> list[Tile]:
    """Ask for figures of the period and the one before, `with_course` of all that a trend shows, in one go."""
    scope = board.chosen.scope
    wanted = [kpi for kpi in kpis if kpi.measures(scope)]
    periods = list(board.shown) if with_course else [board.before, board.period]
    if board.before not in periods:
        periods = [board.before, *periods]
    found = figures(wanted, scope, periods, now=board.now)
    courses = {kpi.key: [found[kpi.key, period] for period in periods] for kpi in wanted}
    return [_tile(board, kpi, courses[kpi.key], with_course=with_course) for kpi in wanted]


def _tile(board: Board, kpi: Kpi, course: Sequence[Figure], *, with_course: bool) -> Tile:
    before, figure = course[-2:]
    chosen = board.chosen
    target = target_of(kpi, chosen.scope)
    behind, behind_before = (_behind(each) for each in (figure, before))
    missed = figure.denominator - int(figure.numerator) if isinstance(kpi, Share) and figure.denominator else 0
    return Tile(
        kpi=kpi,
        figure=figure,
        figure_before=before,
        value=value_words(figure),
        unit=unit_words(figure.unit) if figure.value is not None else "",
        n=figure.denominator,
        is_small=figure.is_small(kpi.minimum_sample) and bool(figure.denominator),
        interval=interval_words(figure),
        target="" if target is None else f"{number_words(kpi.unit, target)} {unit_words(kpi.unit)}".rstrip(),
        target_value=target,
        light=light_of(figure, target, higher_is_better=kpi.higher_is_better),
        before=whole_words(before),
        before_n=before.denominator,
        change=change_of(
            figure,
            before,
            higher_is_better=kpi.higher_is_better,
            only_which_way=is_week_of_few(board.period.unit, figure, before),
        ),
        median="" if figure.median is None else number_words(Unit.SECONDS, figure.median),
        p90="" if figure.p90 is None else number_words(Unit.SECONDS, figure.p90),
        spark=spark([each.value for each in course]) if with_course else None,
        missed=missed,
        rows=rows_address(kpi.key, chosen, board.period) if behind else "",
        rows_missed=rows_address(kpi.key, chosen, board.period, part="others") if missed else "",
        rows_before=rows_address(kpi.key, chosen, board.before) if behind_before else "",
        course=board.query(kpi=kpi.key),
    )


def _behind(figure: Figure) -> float:
    """How many rows stand behind a figure."""
    return figure.numerator if figure.denominator is None else figure.denominator

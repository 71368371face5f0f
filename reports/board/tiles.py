"""A figure as a tile or a line: value, how sure, its target, the period before, its course, its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.addresses import rows_address
from reports.board.asked import Board
from reports.board.shown import Change, Light, change_of, is_week_of_few, light_of
from reports.charts.drawing import Drawing
from reports.charts.lines import spark
from reports.figures import figures
from reports.kpis import KPIS, SUBJECTS
from reports.kpis.counting import Figures
from reports.kpis.definition import Kpi, Share, Stock, Total
from reports.kpis.figure import Figure, Unit
from reports.kpis.shapes import PerHead
from reports.periods import Period
from reports.targets import Aim, targets_for
from reports.wording import interval_words, number_words, target_words, unit_words, value_words, whole_words

# The first look, by what is asked of the work: fast, done, done once, well received.
HEADLINE = (
    *("response", "diagnosis", "resolution", "arrival", "mttr"),
    *("first_time", "second_calls", "repeat_faults", "satisfied", "backlog"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a period; addresses are empty where nothing stands behind a number.

    `median` and `p90` are words, of durations. `failed` are the rows of a share that speak against it: those
    that do not count, or where less is better those that do. `difference` is the change in the unit of the
    value, None where its size would say nothing. `beside` are other figures to be read with it.
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
    difference: float | None
    median: str
    p90: str
    spark: Drawing | None
    failed: int
    rows: str
    rows_failed: str
    rows_before: str
    course: str
    beside: Sequence[tuple[Kpi, Figure, str]]


def headline(board: Board) -> list[Tile]:
    """The figures of the first look, those that the scope narrows: all asked for at once."""
    return tiles(board, [KPIS[key] for key in HEADLINE], with_course=True)


def whole_table(board: Board) -> list[tuple[str, list[Tile]]]:
    """Every figure of the dictionary, by subject."""
    found = {tile.kpi.key: tile for tile in tiles(board, list(KPIS.values()))}
    subjects = [
        (str(subject.name), [found[kpi.key] for kpi in subject.kpis if kpi.key in found])
        for subject in SUBJECTS
    ]
    return [(name, lines) for name, lines in subjects if lines]


def tiles(board: Board, kpis: Sequence[Kpi], *, with_course: bool = False) -> list[Tile]:
    """Ask for figures of the period and the one before, `with_course` of all that a trend shows, in one go.

    With their course come the figures that are to be read beside them.
    """
    scope = board.chosen.scope
    wanted = [kpi for kpi in kpis if kpi.measures(scope)]
    beside = {key: KPIS[key] for kpi in wanted for key in kpi.beside} if with_course else {}
    asked = beside | {kpi.key: kpi for kpi in wanted}
    periods = list(board.shown) if with_course else []
    periods = periods if len(periods) > 1 else [board.before, board.period]
    found = figures(asked.values(), scope, periods, now=board.now)
    aims = targets_for(board.period)
    return [_tile(board, kpi, aims[kpi.key], found, periods, with_course=with_course) for kpi in wanted]


def _tile(
    board: Board, kpi: Kpi, aim: Aim, found: Figures, periods: Sequence[Period], *, with_course: bool
) -> Tile:
    course = [found[kpi.key, period] for period in periods]
    before, figure = course[-2:]
    chosen = board.chosen
    target = aim.target
    failed, failed_part = _failed(kpi, figure)
    is_unlike, is_of_few = _is_unlike(board, kpi), is_week_of_few(board.period.unit, figure, before)
    return Tile(
        kpi=kpi,
        figure=figure,
        figure_before=before,
        value=value_words(figure, aim),
        unit=unit_words(figure.unit) if figure.value is not None else "",
        n=None if figure.is_of_time else figure.denominator,
        is_small=bool(figure.denominator) and not figure.is_of_time and aim.is_small(figure),
        interval=interval_words(figure),
        target="" if target is None else target_words(kpi.unit, target),
        target_value=target,
        light=light_of(aim, figure),
        before=whole_words(before),
        before_n=None if before.is_of_time else before.denominator,
        change=None
        if is_unlike
        else change_of(
            figure,
            before,
            higher_is_better=None if kpi.is_volume else kpi.higher_is_better,
            only_which_way=is_of_few,
        ),
        difference=None if is_unlike or is_of_few else _difference(figure, before),
        median="" if figure.median is None else number_words(Unit.SECONDS, figure.median),
        p90="" if figure.p90 is None else number_words(Unit.SECONDS, figure.p90),
        spark=spark([each.value for each in course], is_so_far=board.is_running) if with_course else None,
        failed=failed,
        rows=rows_address(kpi.key, chosen, board.period) if _behind(figure) else "",
        rows_failed=rows_address(kpi.key, chosen, board.period, part=failed_part) if failed else "",
        rows_before=rows_address(kpi.key, chosen, board.before) if _behind(before) else "",
        course=board.query(kpi=kpi.key),
        beside=[_beside(board, KPIS[key], found) for key in kpi.beside if (key, board.period) in found],
    )


def _is_unlike(board: Board, kpi: Kpi) -> bool:
    """Whether a sum so far would be compared with that of a whole period: it would always be less.

    By head it is a sum too.
    """
    is_sum = isinstance(kpi, Total | PerHead) and not isinstance(kpi, Stock)
    return board.is_running and is_sum


def _difference(figure: Figure, before: Figure) -> float | None:
    return None if figure.value is None or before.value is None else figure.value - before.value


def _failed(kpi: Kpi, figure: Figure) -> tuple[int, str]:
    """How many rows of a share speak against it, and which part of its rows they are."""
    if not isinstance(kpi, Share) or not figure.denominator:
        return 0, ""
    counted = int(figure.numerator)
    return (figure.denominator - counted, "others") if kpi.higher_is_better else (counted, "counted")


def _beside(board: Board, kpi: Kpi, found: Figures) -> tuple[Kpi, Figure, str]:
    figure = found[kpi.key, board.period]
    return kpi, figure, rows_address(kpi.key, board.chosen, board.period) if _behind(figure) else ""


def _behind(figure: Figure) -> float:
    """Whether there are rows behind a figure: 0 where there are none."""
    return figure.numerator if figure.denominator is None else figure.denominator

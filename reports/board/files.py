"""The figures of a page as lines of a spreadsheet: numbers as numbers, with what they are made of."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.board.asked import Board
from reports.board.tiles import Tile, whole_table
from reports.kpis.figure import Unit
from reports.wording import UNITS as UNIT_WORDS
from staff.sheets import Cell

WIDTHS = (20, 34, 12, 12, 10, 12, 10, 12, 12, 12, 12, 12, 10, 12, 12, 12)
PLACES = 4
UNITS = {**UNIT_WORDS, Unit.SECONDS: gettext_lazy("seconds")}


def heading() -> list[str]:
    return [
        _("Key"),
        _("Figure"),
        _("Clause"),
        _("Period"),
        _("Value"),
        _("Unit"),
        _("Numerator"),
        "n",
        _("95 % from"),
        _("95 % to"),
        _("Target"),
        _("Value before"),
        _("n before"),
        _("Change since"),
        _("Median"),
        _("90 % within"),
    ]


def lines(board: Board) -> Iterator[list[Cell]]:
    """Every figure that the scope narrows, in the order of the table. Durations are in seconds."""
    for _subject, tiles in whole_table(board):
        for tile in tiles:
            yield _line(tile, board)


def _line(tile: Tile, board: Board) -> list[Cell]:
    figure, before, kpi = tile.figure, tile.figure_before, tile.kpi
    low, high = figure.interval() or (None, None)
    return [
        kpi.key,
        str(kpi.name),
        kpi.clause,
        str(board.period),
        _round(figure.value),
        str(UNITS[kpi.unit]),
        _round(figure.numerator),
        figure.denominator,
        _round(low),
        _round(high),
        tile.target_value,
        _round(before.value),
        before.denominator,
        _round(tile.difference),
        _round(figure.median),
        _round(figure.p90),
    ]


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)

"""What a part of a dashboard shows: a drawing with its legend, and behind it the same numbers as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from reports.board.asked import Board
from reports.charts.drawing import Drawing
from reports.periods import Period

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table, and the address of the rows that it counts where there are any."""

    text: str
    address: str = ""
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    head: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Legend:
    """What a mark stands for: `shape` is bar, line, target or whisker."""

    mark: str
    name: str
    shape: str = "bar"


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as it is drawn. Without a drawing it says `empty`; `note` is read below the drawing."""

    drawing: Drawing | None
    head: Sequence[str]
    rows: Sequence[Row]
    legend: Sequence[Legend] = ()
    note: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `read` asks for its figures. Without `template` it is drawn as `Shown`.

    A wide one is a list, which takes the whole width of the page.
    """

    key: str
    title: Text
    read: Callable[[Board], Shown | dict[str, Any]]
    template: str = "reports/_shown.html"
    is_wide: bool = False


def behind(board: Board, page: str, period: Period | None = None, **which: object) -> str:
    """Return the address of the records behind a number of a chart: `page` is reported or solved."""
    return f"{reverse(f'reports:{page}')}?{board.query(period, **which)}"


def head_of(board: Board, period: Period) -> str:
    """Return the name of a period in a table; of that which is looked at, whether it goes on."""
    return f"{period} {board.so_far}".rstrip() if period == board.period else str(period)


def number(count: float, address: str = "", *, is_strong: bool = False) -> Cell:
    """A count that leads to its rows; nothing leads nowhere."""
    return Cell(f"{count:.0f}", address if count else "", is_strong)

"""Records as an Excel file: real dates, real texts, and never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tickets.export import COLUMNS, TIMES, Cell

# Rows. A thousand take about a second of work, in which the same process answers others more slowly.
MOST = 20_000
LONGEST = 32_767  # what a cell of Excel holds, in units of UTF-16
WIDE, NARROW, TIME = 44, 14, 17  # widths in characters
WIDTHS = {"title": WIDE, "details": WIDE, "diagnosis": WIDE, "solution": WIDE, "client": 24, "system": 24}
# A text stays a text, whatever it begins with.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_workbook(file: IO[bytes], *, name: str, head: list[str], rows: Iterable[list[Cell]]) -> int:
    """Write the rows to an empty file, holding one of them in memory at a time; return how many there were.

    The heading stays in sight and filters. Times are local, as the clock on the wall shows them.
    """
    book = Workbook(file, OPTIONS)
    sheet = book.add_worksheet(name)
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, key in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(key, TIME if key in TIMES else NARROW))
        sheet.write_string(0, column, head[column], bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, line in enumerate(rows, start=1):
        for column, cell in _filled(line):
            _write(sheet, count, column, cell, moment)
    sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
    book.close()
    return count


def _filled(line: list[Cell]) -> Iterator[tuple[int, str | int | datetime]]:
    return ((column, cell) for column, cell in enumerate(line) if cell is not None and cell != "")


def _write(sheet: Worksheet, row: int, column: int, cell: str | int | datetime, moment: object) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.replace(tzinfo=None, microsecond=0), moment)
    elif isinstance(cell, str):
        sheet.write_string(row, column, _plain(cell))
    else:
        sheet.write_number(row, column, cell)


def _plain(text: str) -> str:
    """Return what a cell can hold of a text; one that is cut says so by its last sign.

    What looks like the library's own markup for rich texts would be written into the file as it stands, so
    that it could be anything, a formula too: a blank behind it makes it a text again.
    """
    if text.endswith("</r>"):
        text += " "
    if len(text) <= LONGEST // 2 or len(text.encode("utf-16-le")) <= 2 * LONGEST:
        return text
    return text.encode("utf-16-le")[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"

"""Tables as spreadsheets read them, CSV and Excel: real dates, real texts, and never a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # without it Excel takes UTF-8 for the computer's old character set
AT_ONCE = 500  # lines of CSV held in memory
LONGEST = 32_767  # what a cell of Excel holds, in units of UTF-16

# What a spreadsheet may take for a formula or a command, also behind blanks and in the full width of Chinese
# keyboards. Behind apostrophes it gets one more, so that taking one away always gives the text as it was.
FORMULA = re.compile(r"'*([\s\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n\0])")
# A text stays a text, whatever it begins with.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
MOMENT = {"num_format": "yyyy-mm-dd hh:mm", "align": "left"}
HEADING = {"bold": True, "bottom": 1}

Cell = str | int | float | datetime | None


def safe(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet might run it as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def as_it_was(cell: str) -> str:
    """Return the text that `safe` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def as_text(cell: Cell) -> str:
    """Return a cell as CSV writes it: a harmless text, times in ISO 8601."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return safe(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def as_csv(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield a CSV file in pieces: UTF-8 with its mark, lines ended as Excel ends them."""
    rows, writer = iter(rows), csv.writer(_Echo())
    yield BOM
    while piece := list(islice(rows, AT_ONCE)):
        yield "".join(writer.writerow(row) for row in piece)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def write_table(
    file: IO[bytes], *, name: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write the rows to an empty file, holding one of them in memory at a time; return how many there were.

    The heading stays in sight and filters. Times are local, as the clock on the wall shows them; widths are
    in characters.
    """
    book = Workbook(file, OPTIONS)
    sheet = book.add_worksheet(name)
    moment = book.add_format(MOMENT)
    write_heading(sheet, head, widths, book.add_format(HEADING))
    count = 0
    for count, line in enumerate(rows, start=1):
        write_line(sheet, count, line, moment)
    sheet.autofilter(0, 0, count, len(head) - 1)
    book.close()
    return count


def write_heading(sheet: Worksheet, head: Sequence[str], widths: Sequence[int], style: object) -> None:
    for column, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, text, style)
    sheet.freeze_panes(1, 0)


def write_line(sheet: Worksheet, row: int, line: Sequence[Cell], moment: Any, style: Any = None) -> None:
    """Write a row's cells; empty ones only where they have a style to show."""
    for column, cell in enumerate(line):
        if isinstance(cell, datetime):
            sheet.write_datetime(row, column, cell.replace(tzinfo=None, microsecond=0), moment)
        elif isinstance(cell, str) and cell:
            sheet.write_string(row, column, _plain(cell), style)
        elif isinstance(cell, int | float):
            sheet.write_number(row, column, cell, style)
        elif style is not None:
            sheet.write_blank(row, column, None, style)


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

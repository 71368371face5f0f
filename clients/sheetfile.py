"""The archive as an Excel file, written and read: a sheet a kind of row, headings in either language."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from xlsxwriter import Workbook

from clients.sheetcolumns import SHEETS, Sheet, spoken
from staff.refused import Refused
from staff.sheets import HEADING, OPTIONS, write_heading, write_line

MOST_BYTES, MOST_UNPACKED = 5_000_000, 100_000_000
MOST_ROWS = 10_000
DAY = {"num_format": "yyyy-mm-dd"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its cells by column, empty ones left out, and where each stands (`C17`)."""

    sheet: Sheet
    number: int
    cells: Mapping[str, Any]
    places: Mapping[str, str]

    def at(self, column: str) -> str:
        return self.places.get(column, f"A{self.number}")


def write_archive(file: IO[bytes], rows: Mapping[str, Iterable[Sequence[Any]]]) -> int:
    """Write rows by the name of their sheet, cells in the order of its columns; return how many.

    Sheets without rows are there too: so a file without any is the template to fill in.
    """
    book = Workbook(file, OPTIONS)
    bold, as_day = book.add_format(HEADING), book.add_format(DAY)
    count = 0
    for sheet in SHEETS:
        page = book.add_worksheet(str(sheet.label)[:31])
        write_heading(
            page,
            [f"{column.label}{' *' if column.required else ''}" for column in sheet.columns],
            [column.width for column in sheet.columns],
            bold,
        )
        number = 0
        for number, line in enumerate(rows.get(sheet.name, ()), start=1):
            write_line(page, number, [_cell(value) for value in line], as_day)
        page.autofilter(0, 0, max(number, 1), len(sheet.columns) - 1)
        count += number
    book.close()
    return count


def read_archive(file: IO[bytes]) -> list[Row]:
    """Read all rows of the sheets that are known. Raises `Refused` where the file is no such thing."""
    no_excel = Refused(_("This is no Excel file (.xlsx)."), field="file", code="invalid")
    if file.seek(0, 2) > MOST_BYTES:
        raise Refused(_("This file is too large."), field="file", code="too_large")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise no_excel from None
    if unpacked > MOST_UNPACKED:
        raise Refused(_("This file is too large."), field="file", code="too_large")
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        pages = [(page.title, _lines(page)) for page in book.worksheets[:20]]
    except Exception:  # a damaged file breaks the reader in many ways
        raise no_excel from None
    rows: list[Row] = []
    is_known = False
    for sheet in SHEETS:
        names = spoken(sheet.label) | {sheet.name}
        for title, lines in pages:
            if title.casefold() in {name[:31] for name in names}:
                is_known = True
                rows += _rows(sheet, lines)
    if not is_known:
        names = ", ".join(str(sheet.label) for sheet in SHEETS)
        message = _("No sheet has one of these names: %(names)s.") % {"names": names}
        raise Refused(message, field="file", code="invalid")
    if len(rows) > MOST_ROWS:
        message = _("A file has at most %(most)s rows.") % {"most": MOST_ROWS}
        raise Refused(message, field="file", code="too_large")
    return rows


def _lines(page: Any) -> list[tuple[Any, ...]]:
    page.reset_dimensions()  # which a file may claim as it likes
    return list(page.iter_rows(max_row=MOST_ROWS + 2, max_col=40, values_only=True))


def _rows(sheet: Sheet, lines: Sequence[Sequence[Any]]) -> list[Row]:
    if not lines:
        return []
    words = {word: column.name for column in sheet.columns for word in {column.name, *spoken(column.label)}}
    head: dict[int, str] = {}
    for place, cell in enumerate(lines[0]):
        name = words.get(_text(cell).casefold().removesuffix("*").strip())
        if name and name not in head.values():
            head[place] = name
    missing = [
        str(column.label)
        for column in sheet.columns
        if column.name in sheet.key and column.name not in head.values()
    ]
    if missing:
        message = _("Sheet %(sheet)s: the first line must name the columns; missing: %(names)s.")
        raise Refused(
            message % {"sheet": sheet.label, "names": ", ".join(missing)}, field="file", code="invalid"
        )
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = {
            name: line[place] for place, name in head.items() if place < len(line) and _text(line[place])
        }
        if cells:
            rows.append(
                Row(sheet, number, cells, {name: f"{_letter(p)}{number}" for p, name in head.items()})
            )
    return rows


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(0))
    return "" if value is None else value if isinstance(value, datetime | int | float) else str(value)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"A{chr(ord('A') + place - 26)}"

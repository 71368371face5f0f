"""A report as an Excel file: a sheet a section. Runs in the process of `maker`, without Django.

What was frozen are finished strings; those that are a number, with a unit or without, become a number of
just that value, shown as it was written. So the file cannot say anything else than the other papers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

# What Excel holds exactly; a number of a contract with a nought before it is a name.
NUMBER = re.compile(r"(-?(?:0|[1-9]\d{0,14})(?:\.(\d+))?)( %| h)?")
UNSAFE = re.compile(r"[\[\]:*?/\\']")
TEXT, WIDE = {"text_wrap": True, "valign": "top"}, 18
TONES = {"good": "#0F5530", "bad": "#9C0F2A"}
# Apart from each other without any colour, as on paper.
PATTERNS = ("percent_90", "wide_upward_diagonal", "percent_20", "small_confetti", "wide_downward_diagonal")
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
Writer = Callable[[dict[str, Any], int], int]


def write(document: dict[str, Any]) -> bytes:
    """Return the workbook of a report; of the same report always the same bytes."""
    file = BytesIO()
    book = _Book(Workbook(file, OPTIONS), document)
    book.write()
    return file.getvalue()


class _Book:
    def __init__(self, book: Workbook, document: dict[str, Any]) -> None:
        self.book, self.document = book, document
        self.styles: dict[tuple[Any, ...], Any] = {}
        self.names: set[str] = set()

    def write(self) -> None:
        issued = datetime.fromisoformat(self.document["issued_at"]).astimezone(UTC).replace(tzinfo=None)
        about = {"title": f"{self.document['title']} {self.document['number']}", "author": "OpsDesk"}
        self.book.set_properties(about | {"created": issued})
        for place, section in enumerate(self.document["sections"]):
            sheet = _Sheet(self, self.book.add_worksheet(self._name(section["title"])))
            if place == 0:
                sheet.head(self.document)
            sheet.section(section)
        self.book.close()

    def _name(self, title: str) -> str:
        """A name that Excel takes: short, without its signs, and no other sheet's."""
        plain = UNSAFE.sub(" ", title)[:31].strip()
        name, number = plain, 1
        while name.lower() in self.names:
            number += 1
            name = f"{plain[:27]} ({number})"
        self.names.add(name.lower())
        return name

    def style(self, **facts: Any) -> Any:
        key = tuple(sorted(facts.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format(TEXT | facts)
        return self.styles[key]


class _Sheet:
    """One sheet, written from top to bottom; `row` is the next that is empty."""

    def __init__(self, book: _Book, sheet: Worksheet) -> None:
        self.book, self.sheet, self.row = book, sheet, 0
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 11, WIDE)

    def head(self, document: dict[str, Any]) -> None:
        self._line([document["title"]], bold=True, font_size=16, text_wrap=False)
        self._line([document["number"]], text_wrap=False)
        self._line([document["subject"]], bold=True, text_wrap=False)
        for pair in document["head"]:
            self._line(pair)
        self._line([document["footnote"]], text_wrap=False)
        self.row += 1

    def section(self, section: dict[str, Any]) -> None:
        self._line([section["title"]], bold=True, font_size=13, text_wrap=False)
        writers = {"text": self._text, "pairs": self._pairs, "table": self._table, "chart": self._chart}
        for part in section["parts"]:
            writers[part["kind"]](part)
            self.row += 1

    def _text(self, part: dict[str, Any]) -> None:
        for line in part["text"].split("\n"):
            self._line([line], text_wrap=False)

    def _pairs(self, part: dict[str, Any]) -> None:
        for pair in part["rows"]:
            self._line(pair)

    def _table(self, part: dict[str, Any]) -> None:
        self._line(part["head"], bold=True, bottom=1)
        for place, row in enumerate(part["rows"]):
            tone = part["tones"][place] if place < len(part["tones"]) else ""
            self._line(row, last={"font_color": TONES[tone]} if tone else {})

    def _chart(self, part: dict[str, Any]) -> None:
        """The chart's numbers as a table, and Excel's own drawing of them; a map is the table, shaded."""
        names = [name for name, _values in part["series"]]
        self._line([part["title"], *names], bold=True, bottom=1)
        first = self.row
        for place, label in enumerate(part["labels"]):
            self._line([label, *(str(values[place]) for _name, values in part["series"])], labels=1)
        last = self.row - 1
        if last < first:
            return
        if part.get("is_map"):
            shades = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#8FA9AB"}
            self.sheet.conditional_format(first, 1, last, len(names), shades)
            return
        kind = {"type": "bar"} if part["is_lying"] else {"type": "column", "subtype": "stacked"}
        chart = self.book.book.add_chart(kind)
        name = self.sheet.get_name()
        for column, series in enumerate(names, start=1):
            pattern = {
                "pattern": PATTERNS[(column - 1) % len(PATTERNS)],
                "fg_color": "#222222",
                "bg_color": "#FFFFFF",
            }
            chart.add_series(
                {
                    "name": series,
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, column, last, column],
                    "pattern": pattern,
                    "border": {"color": "#222222"},
                }
            )
        chart.set_title({"name": part["title"], "name_font": {"size": 11}})
        chart.set_legend({"none": True} if len(names) == 1 else {"position": "bottom"})
        self.sheet.insert_chart(self.row + 1, 0, chart)
        self.row += 17

    def _line(
        self, cells: list[str], *, last: dict[str, Any] | None = None, labels: int = 0, **style: Any
    ) -> None:
        for column, cell in enumerate(cells):
            facts = style | (last or {} if column == len(cells) - 1 else {})
            found = NUMBER.fullmatch(cell) if column >= labels else None
            if found is None:
                self.sheet.write_string(self.row, column, cell, self.book.style(**facts))
                continue
            number, places, unit = found.groups()
            shape = "0" + ("." + "0" * len(places) if places else "") + (f'"{unit}"' if unit else "")
            facts |= {"num_format": shape, "align": "left"}
            self.sheet.write_number(self.row, column, float(number), self.book.style(**facts))
        self.row += 1

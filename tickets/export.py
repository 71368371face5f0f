"""Records as a spreadsheet reads them: one line each, and never a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from tickets.models import Cause, Grade, Kind, Status, Ticket

BOM = "\ufeff"  # without it Excel takes UTF-8 for the computer's old character set
AT_ONCE = 500  # lines held in memory

# What a spreadsheet may take for a formula or a command, also behind blanks and in the full width of Chinese
# keyboards. Behind apostrophes it gets one more, so that taking one away always gives the text as it was.
FORMULA = re.compile(r"'*([\s\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n\0])")

NAMES = ("client", "system", "group", "owner", "taken_by")
TIMES = (
    "reported_at",
    "logged_at",
    "acknowledged_at",
    "diagnosed_at",
    "resolved_at",
    "closed_at",
    "next_due_at",
)
COLUMNS = {
    "id": _("Number"),
    "kind": _("Kind"),
    "grade": _("Grade"),
    "status": _("Status"),
    "client": _("Client"),
    "system": _("System"),
    "caller_name": _("Caller"),
    "callback_number": _("Phone"),
    "channel": _("Channel"),
    "title": _("What happened"),
    "details": _("Details"),
    "group": _("Group"),
    "owner": _("Owner"),
    "taken_by": _("First receiver"),
    "reported_at": _("Reported at"),
    "logged_at": _("Recorded at"),
    "acknowledged_at": _("Acknowledged at"),
    "diagnosed_at": _("Diagnosed at"),
    "resolved_at": _("Resolved at"),
    "closed_at": _("Closed at"),
    "next_due_at": _("Next due"),
    "diagnosis": _("Diagnosis"),
    "cause": _("Cause"),
    "solution": _("Solution"),
    "confirmed_by": _("Confirmed by"),
    "reopened_count": _("Times reopened"),
}

Cell = str | int | datetime | None


def safe(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet might run it as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def as_it_was(cell: str) -> str:
    """Return the text that `safe` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def heading() -> list[str]:
    """Return the columns' names in the language of the call."""
    return [str(label) for label in COLUMNS.values()]


def cells(rows: QuerySet[Ticket]) -> Iterator[list[Cell]]:
    """Yield a record's cells: texts, whole numbers, local times and nothing, as they are read.

    Words are looked up now, not when the lines are drawn: by then the reader's language is no longer active.
    """
    words = _words()
    wanted = [column for name in COLUMNS for column in _columns(name)]
    found = rows.values_list(*wanted).iterator(chunk_size=AT_ONCE)
    return (_line(dict(zip(wanted, row, strict=True)), words) for row in found)


def lines(rows: QuerySet[Ticket]) -> Iterator[list[str]]:
    """Yield the heading and then a line of harmless texts for each record, times in ISO 8601."""
    return chain([heading()], ([_text(cell) for cell in line] for line in cells(rows)))


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


def _columns(name: str) -> tuple[str, ...]:
    if name not in NAMES:
        return (name,)
    english = (get_language() or "").startswith("en")
    return (f"{name}__name", f"{name}__name_en") if english else (f"{name}__name",)


def _words() -> dict[str, dict[Any, str]]:
    choices = {"kind": Kind, "grade": Grade, "status": Status, "channel": Channel, "cause": Cause}
    return {name: {value: str(label) for value, label in of.choices} for name, of in choices.items()}


def _line(facts: dict[str, Any], words: dict[str, dict[Any, str]]) -> list[Cell]:
    return [_cell(name, facts, words) for name in COLUMNS]


def _cell(name: str, facts: dict[str, Any], words: dict[str, dict[Any, str]]) -> Cell:
    if name == "id":
        return f"T-{facts['id']}"
    if name in NAMES:
        return facts.get(f"{name}__name_en") or facts[f"{name}__name"] or ""
    if name in words:
        return words[name].get(facts[name], "")
    if name in TIMES:
        return timezone.localtime(facts[name]) if facts[name] else None
    return facts[name]


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return safe(cell) if isinstance(cell, str) else "" if cell is None else str(cell)

"""Records as a spreadsheet reads them: one line each, and never a formula."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.sheets import AT_ONCE, Cell, as_text
from tickets.models import Cause, Grade, Kind, Status, Ticket

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
    return chain([heading()], ([as_text(cell) for cell in line] for line in cells(rows)))


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

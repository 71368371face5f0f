"""A roster as an Excel file: written to be read and filled in, and read back, each fault at its cell.

One shift a row, from when to when, which duty, who. Times are local. Headings and duties are understood in
either language; further columns, and rows without a person, are passed over.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from xlsxwriter import Workbook

from duty.actions import Placed
from duty.models import DayKind, DutyRole
from duty.wallchart import Chart
from staff.models import User
from staff.refused import Refused
from staff.sheets import HEADING, MOMENT, OPTIONS, Cell, write_heading, write_line

COLUMNS = {
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "duty": gettext_lazy("Duty"),
    "person": gettext_lazy("Person"),
    "username": gettext_lazy("Sign-in name"),
}
MORE = {"kind": gettext_lazy("Kind of day"), "note": gettext_lazy("Note")}
WIDTHS = [18, 18, 18, 20, 18, 22, 30]
MOST_BYTES, MOST_UNPACKED = 1_000_000, 20_000_000
MOST_ROWS = 600  # a quarter of day, night, backup and supervisor, and room
WRITTEN = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M")
YEARS = range(2000, 2101)
SHADE = {"bg_color": "#E9EDF0"}
WORKED = (DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, at the cell where it stands."""

    cell: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says; `skipped` rows name nobody."""

    placed: Sequence[Placed]
    faults: Sequence[Fault]
    skipped: int


def write_roster(file: IO[bytes], chart: Chart) -> int:
    """Write the shifts of a span; return how many. Days off are shaded."""
    people, days = {one.pk: one for one in chart.people}, {day.date: day for day in chart.days}
    own = [one for by_day in chart.held.values() for held in by_day.values() for one in held]
    rows: list[tuple[list[Cell], bool]] = []
    for one in sorted(own, key=lambda one: (one.starts_at, DutyRole.values.index(one.role))):
        starts_at, person = timezone.localtime(one.starts_at), people.get(one.person)
        day = days.get(starts_at.date())
        kind = DayKind(day.kind) if day else DayKind.usual(starts_at.date())
        told = _("empty") if one.is_empty else _("by a swap or a change") if one.is_changed else ""
        line: list[Cell] = [starts_at, timezone.localtime(one.ends_at), str(DutyRole(one.role).label)]
        line += [person.label, person.username] if person else ["", ""]
        line += [f"{kind.label} {day.name if day else ''}".strip(), told]
        rows.append((line, kind not in WORKED))
    _write(file, rows, chart.people)
    return len(rows)


def write_template(
    file: IO[bytes], spans: Iterable[tuple[datetime, datetime]], people: Sequence[User]
) -> None:
    """Write a file to fill in: a shift for each of the spans, and the people to choose from."""
    rows: list[tuple[list[Cell], bool]] = [
        ([starts_at, ends_at, str(DutyRole.PRIMARY.label), None, None, None, None], False)
        for starts_at, ends_at in spans
    ]
    _write(file, rows, people)


def _write(file: IO[bytes], rows: Sequence[tuple[list[Cell], bool]], people: Sequence[User]) -> None:
    book = Workbook(file, OPTIONS)
    sheet, second = book.add_worksheet(_("Roster")), book.add_worksheet(_("People"))
    bold, moment, shaded = (book.add_format(style) for style in (HEADING, MOMENT, SHADE))
    shaded_moment = book.add_format(MOMENT | SHADE)
    head = [str(label) for label in (*COLUMNS.values(), *MORE.values())]
    write_heading(sheet, head, WIDTHS, bold)
    for number, (line, is_off) in enumerate(rows, start=1):
        write_line(sheet, number, line, shaded_moment if is_off else moment, shaded if is_off else None)
    sheet.autofilter(0, 0, len(rows), len(head) - 1)
    duties = {"validate": "list", "source": [str(label) for label in DutyRole.labels]}
    sheet.data_validation(1, 2, MOST_ROWS, 2, duties)
    if people:
        source = f"='{second.get_name()}'!$A$2:$A${len(people) + 1}"
        sheet.data_validation(1, 3, MOST_ROWS, 3, {"validate": "list", "source": source})
    write_heading(second, head[3:5], WIDTHS[3:5], bold)
    for number, person in enumerate(people, start=1):
        write_line(second, number, [person.label, person.username], moment)
    book.close()


def read_roster(file: IO[bytes], people: Sequence[User]) -> Reading:
    """Read a file against the people of a group. Raises `Refused` where it is no roster at all."""
    rows = _rows(file)
    places = _places(rows[0] if rows else ())
    known, duties = _people(people), _duties()
    placed: list[Placed] = []
    faults: list[Fault] = []
    skipped = 0
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[place] if place < len(row) else None for name, place in places.items()}
        at = {name: f"{_letter(place)}{number}" for name, place in places.items()}
        if not _text(cells["person"]) and not _text(cells.get("username")):
            skipped += any(_text(cell) for cell in cells.values())
            continue
        wrong: list[Fault] = []
        user = _person(cells, at, known, wrong)
        role = duties.get(_text(cells["duty"]).casefold())
        if role is None:
            wrong.append(Fault(at["duty"], _("There is no such duty.")))
        ends = [_moment(cells[name], at[name], wrong) for name in ("from", "to")]
        if ends[0] and ends[1] and ends[1] <= ends[0]:
            wrong.append(Fault(at["to"], _("The end must come after the start.")))
        if user and role and ends[0] and ends[1] and not wrong:
            placed.append(Placed(user, role, ends[0], ends[1], field=at["person"]))
        faults += wrong
    return Reading(placed, faults, skipped)


def _rows(file: IO[bytes]) -> list[tuple[Any, ...]]:
    no_excel = Refused(_("This is no Excel file (.xlsx)."), field="file", code="invalid")
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
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # which a file may claim as it likes
        rows = list(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=30, values_only=True))
    except Exception:  # a damaged file breaks the reader in many ways
        raise no_excel from None
    if len(rows) > MOST_ROWS + 1:
        most = _("A file has at most %(most)s shifts.") % {"most": MOST_ROWS}
        raise Refused(most, field="file", code="too_large")
    return rows


def _places(head: Sequence[Any]) -> Mapping[str, int]:
    """Where the columns stand, by what they are called in either language."""
    words = {word: name for name, label in COLUMNS.items() for word in _spoken(label)}
    found: dict[str, int] = {}
    for place, cell in enumerate(head):
        name = words.get(_text(cell).casefold())
        if name:
            found.setdefault(name, place)
    missing = [str(COLUMNS[name]) for name in COLUMNS if name not in found and name != "username"]
    if missing:
        message = _("The first line must name the columns; missing: %(names)s.")
        raise Refused(message % {"names": ", ".join(missing)}, field="file", code="invalid")
    return found


def _spoken(label: Any) -> set[str]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(label).casefold())
    return found


def _duties() -> Mapping[str, DutyRole]:
    return {word: role for role in DutyRole for word in (*_spoken(role.label), role.value)}


def _people(people: Sequence[User]) -> Mapping[str, list[User]]:
    """Who is meant by a name in either language, or by a sign-in name."""
    found: dict[str, list[User]] = defaultdict(list)
    for person in people:
        for name in {person.name, person.name_en, person.username} - {""}:
            found[name.casefold()].append(person)
    return found


def _person(
    cells: Mapping[str, Any], at: Mapping[str, str], known: Mapping[str, list[User]], wrong: list[Fault]
) -> User | None:
    column = "username" if _text(cells.get("username")) else "person"
    name = _text(cells[column])
    found = known.get(name.casefold(), [])
    if column == "username":
        found = [person for person in found if person.username == name]
    if len(found) == 1:
        return found[0]
    message = (
        _("Several people have this name: write the sign-in name.")
        if found
        else _("%(name)s does not work in the group.") % {"name": name}
    )
    wrong.append(Fault(at[column], message))
    return None


def _moment(cell: Any, at: str, wrong: list[Fault]) -> datetime | None:
    """A local time from a date cell or a text; to the minute, because Excel counts in parts of a day."""
    found = cell if isinstance(cell, datetime) else _parsed(_text(cell))
    if found is None or found.year not in YEARS:
        wrong.append(Fault(at, _("Write day and time like 2026-11-23 08:30.")))
        return None
    return (found + timedelta(seconds=30)).replace(
        second=0, microsecond=0, tzinfo=timezone.get_default_timezone()
    )


def _parsed(text: str) -> datetime | None:
    for written in WRITTEN:
        with suppress(ValueError):
            return datetime.strptime(text, written)  # noqa: DTZ007 - local, as a date cell is
    return None


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"A{chr(ord('A') + place - 26)}"

"""Reading the log: one row per update of an incident, broken rows set aside with their line number."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from tickets.models import Grade

# The log gives day-month-year times without a zone; the house reads them as its own.
ZONE = ZoneInfo("Asia/Shanghai")
TIME = "%d-%m-%Y %H:%M"
UNKNOWN = "?"
LONGEST = 60  # what is longer is no code or name of such a log
COLUMNS = (
    "number",
    "incident_state",
    "reassignment_count",
    "reopen_count",
    "caller_id",
    "opened_at",
    "sys_created_at",
    "sys_updated_by",
    "sys_updated_at",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "priority",
    "assignment_group",
    "assigned_to",
    "closed_code",
    "resolved_by",
    "resolved_at",
    "closed_at",
)
GRADES = {
    "1 - Critical": Grade.ONE,
    "2 - High": Grade.TWO,
    "3 - Moderate": Grade.THREE,
    "4 - Low": Grade.THREE,
}


class Unreadable(Exception):
    """The file is no incident log that could be read at all."""


class State(StrEnum):
    NEW = "New"
    ACTIVE = "Active"
    AWAITING_USER = "Awaiting User Info"
    AWAITING_PROBLEM = "Awaiting Problem"
    AWAITING_VENDOR = "Awaiting Vendor"
    AWAITING_EVIDENCE = "Awaiting Evidence"
    RESOLVED = "Resolved"
    CLOSED = "Closed"

    @property
    def is_awaiting(self) -> bool:
        return self.value.startswith("Awaiting")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the log. Times are aware; an empty text or None is what the log leaves unknown."""

    line: int
    number: str
    state: State
    updated_at: datetime
    updated_by: str
    opened_at: datetime | None
    created_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    caller: str
    location: str
    category: str
    subcategory: str
    symptom: str
    priority: str
    group: str
    person: str
    closed_code: str
    resolved_by: str
    reassignments: int
    reopenings: int

    @property
    def grade(self) -> Grade | None:
        return GRADES.get(self.priority)


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read; `number` is empty where not even that is known."""

    line: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Incident:
    """The rows of one incident by time; rows of one minute stay in the order of the file."""

    number: str
    rows: tuple[Row, ...]
    out_of_order: tuple[int, ...] = ()


@dataclass(slots=True)
class Log:
    """A whole file. `lines` counts its rows without the heading and empty lines."""

    lines: int = 0
    incidents: list[Incident] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def read(path: Path) -> Log:
    """Read a log. Raises `Unreadable` where there is no such file, or where it is no incident log."""
    log, found = Log(), defaultdict(list)
    for line, number, cells in _lines(path):
        log.lines += 1
        row = cells if isinstance(cells, str) else _row(line, cells)
        if isinstance(row, str):
            log.broken.append(Broken(line, number, row))
        else:
            found[row.number].append(row)
    log.incidents = [_incident(number, rows) for number, rows in found.items()]
    return log


def _incident(number: str, rows: list[Row]) -> Incident:
    by_time = sorted(rows, key=lambda row: row.updated_at)
    moved = tuple(now.line for was, now in pairwise(rows) if now.updated_at < was.updated_at)
    return Incident(number, tuple(by_time), moved)


def _lines(path: Path) -> Iterator[tuple[int, str, dict[str, str] | str]]:
    """Yield line number, incident number and cells by column; in place of the cells, why there are none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            columns = next(reader, [])
            if missing := [column for column in COLUMNS if column not in columns]:
                raise Unreadable(f"no incident log: the column {missing[0]} is missing")
            while True:
                try:
                    cells = [" ".join(cell.split()) for cell in next(reader)]
                except StopIteration:
                    return
                except csv.Error as error:
                    yield reader.line_num, "", str(error)
                    continue
                if not cells:
                    continue
                if len(cells) != len(columns):
                    number = cells[0] if columns[0] == "number" else ""
                    yield reader.line_num, number, "wrong number of columns"
                    continue
                row = {
                    column: "" if cell == UNKNOWN else cell
                    for column, cell in zip(columns, cells, strict=True)
                }
                yield reader.line_num, row["number"], row
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error


def _row(line: int, cells: dict[str, str]) -> Row | str:
    """Return the row, or the reason why it cannot be read."""
    if not cells["number"]:
        return "no incident number"
    if too_long := [column for column in COLUMNS if len(cells[column]) > LONGEST]:
        return f"{too_long[0]} is longer than {LONGEST} characters"
    if not cells["sys_updated_at"]:
        return "no time of the update"
    if cells["incident_state"] not in list(State):
        return f"unknown state “{cells['incident_state']}”"
    if cells["priority"] not in GRADES and cells["priority"]:
        return f"unknown priority “{cells['priority']}”"
    times = {}
    for column in ("sys_updated_at", "opened_at", "sys_created_at", "resolved_at", "closed_at"):
        try:
            times[column] = _time(cells[column])
        except ValueError:
            return f"{column} is no time: “{cells[column]}”"
    counts = {}
    for column in ("reassignment_count", "reopen_count"):
        if not (cells[column] or "0").isdecimal():
            return f"{column} is no count: “{cells[column]}”"
        counts[column] = int(cells[column] or "0")
    updated_at = times["sys_updated_at"]
    assert updated_at is not None
    return Row(
        line=line,
        number=cells["number"],
        state=State(cells["incident_state"]),
        updated_at=updated_at,
        updated_by=cells["sys_updated_by"],
        opened_at=times["opened_at"],
        created_at=times["sys_created_at"],
        resolved_at=times["resolved_at"],
        closed_at=times["closed_at"],
        caller=cells["caller_id"],
        location=cells["location"],
        category=cells["category"],
        subcategory=cells["subcategory"],
        symptom=cells["u_symptom"],
        priority=cells["priority"],
        group=cells["assignment_group"],
        person=cells["assigned_to"],
        closed_code=cells["closed_code"],
        resolved_by=cells["resolved_by"],
        reassignments=counts["reassignment_count"],
        reopenings=counts["reopen_count"],
    )


def _time(text: str) -> datetime | None:
    return datetime.strptime(text, TIME).replace(tzinfo=ZONE) if text else None

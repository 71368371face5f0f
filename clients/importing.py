"""What a file would do to the archive: its rows against what is there. Reads the database, writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from clients.actions import Number, may_edit
from clients.actions.common import Facts
from clients.actions.contacts import phones_of
from clients.models import Client, ClientType, Contact, Contract, Phone, ServiceHours, Site, System
from clients.phonetext import PhonesUnreadable, read_phones
from clients.sheetcolumns import Column
from clients.sheetfile import Row
from staff.models import Group, Role, User

MODELS: Mapping[str, Any] = {
    "clients": Client,
    "sites": Site,
    "contacts": Contact,
    "systems": System,
    "contracts": Contract,
}
CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, at the cell where it stands."""

    sheet: str
    cell: str
    message: str


@dataclass(slots=True)
class Planned:
    """What becomes of a row: a thing that is new, changed or as it was, and in what it differs."""

    row: Row
    thing: Any
    outcome: str
    changes: list[Facts]
    phones: list[Phone] | None = None


@dataclass(slots=True)
class Plan:
    planned: list[Planned] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def counts(self) -> list[tuple[str, int, int, int]]:
        """By sheet: its name, how many rows are new, changed, and as they were."""
        tally = Counter((one.row.sheet.name, one.outcome) for one in self.planned)
        sheets = {one.row.sheet.name: one.row.sheet for one in self.planned}
        return [
            (str(sheet.label), *(tally[name, outcome] for outcome in (CREATED, CHANGED, UNCHANGED)))  # type: ignore[misc]
            for name, sheet in sheets.items()
        ]


class Known:
    """Everything that rows refer to, read once: 5,000 rows cost the same queries as five."""

    def __init__(self, rows: Sequence[Row], by: User) -> None:
        self.by = by
        codes = {str(row.cells.get(name, "")).strip() for row in rows for name in ("code", "client")}
        clients = (
            Client.objects.visible_to(by).filter(code__in=codes).select_related("group", "type", "hours")
        )
        self.clients = {client.code: client for client in clients}
        numbers = {str(row.cells.get("number", "")).strip() for row in rows if row.sheet.name == "contracts"}
        mine = Q(client__in=list(self.clients.values()))
        self.things: dict[str, dict[tuple[Any, ...], Any]] = {
            "clients": {(client.code,): client for client in self.clients.values()},
            "sites": {(s.client_id, s.name): s for s in Site.objects.filter(mine).order_by("is_active")},
            "contacts": {
                (c.client_id, c.name): c
                for c in Contact.objects.filter(mine, merged_into=None)
                .prefetch_related("phones")
                .order_by("is_active", "-pk")
            },
            "systems": {
                (s.client_id, s.name): s
                for s in System.objects.filter(mine)
                .select_related("maintainer", "backup")
                .order_by("is_active")
            },
            "contracts": {
                (c.number,): c
                for c in Contract.objects.filter(number__in=numbers).select_related("client__group")
            },
        }
        self.taken = set(Client.objects.filter(code__in=codes).values_list("code", flat=True))
        self.names: dict[str, dict[str, Any]] = {
            "type": _named(ClientType.objects.all()),
            "group": _named(Group.objects.all()),
            "hours": _named(ServiceHours.objects.all()),
        }
        self.people: dict[str, list[User]] = {}
        for person in User.objects.working().filter(Q(group__isnull=False) | Q(role=Role.SPECIALIST)):
            for name in {person.username, person.name, person.name_en} - {""}:
                self.people.setdefault(name.casefold(), []).append(person)

    def look_up(self, what: str, name: str) -> Any:
        if what == "client":
            return self.clients.get(name)
        if what == "person":
            found = self.people.get(name.casefold(), [])
            if len(found) > 1:
                raise ValueError(_("Several people have this name: write the sign-in name."))
            return found[0] if found else None
        return self.names[what].get(name.casefold())

    def phones(self, value: Any) -> list[Number]:
        try:
            return read_phones(str(value))
        except PhonesUnreadable as error:
            raise ValueError("; ".join(error.messages)) from error


def plan(rows: Sequence[Row], *, by: User) -> Plan:
    """Say of each row what would become of it, or what is wrong with it at which cell."""
    known, found = Known(rows, by), Plan()
    seen: set[tuple[str, tuple[Any, ...]]] = set()
    for row in rows:
        values, wrong = _read(row, known)
        if not wrong:
            wrong = _place(row, values, known, seen, found)
        found.faults += [Fault(str(row.sheet.label), row.at(name), message) for name, message in wrong]
    return found


def _read(row: Row, known: Known) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    values, wrong = {}, []
    for column in row.sheet.columns:
        if column.name not in row.cells:
            continue
        try:
            values[column.name] = _value(column, row.cells[column.name], known)
        except ValueError as error:
            wrong.append((column.name, str(error)))
    missing = [name for name in row.sheet.key if name not in row.cells]
    wrong += [(name, _("This cell must not be empty.")) for name in missing]
    return values, wrong


def _value(column: Column, cell: Any, known: Known) -> Any:
    if column.read is not None:
        return column.read(cell, known)
    text = (str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)).strip()
    if len(text) > column.longest:
        raise ValueError(_("At most %(most)s characters.") % {"most": column.longest})
    return text


def _place(
    row: Row,
    values: dict[str, Any],
    known: Known,
    seen: set[tuple[str, tuple[Any, ...]]],
    found: Plan,
) -> list[tuple[str, str]]:
    """Put a row that could be read into the plan; return what stands against it."""
    sheet = row.sheet.name
    key = tuple(_key(values[name]) for name in row.sheet.key)
    if (sheet, key) in seen:
        return [(row.sheet.key[-1], _("This row is there twice."))]
    seen.add((sheet, key))
    thing = known.things[sheet].get(key)
    is_new = thing is None
    if is_new:
        if sheet == "clients" and values["code"] in known.taken:
            return [("code", _("This code is another group's."))]
        missing = [c.name for c in row.sheet.columns if c.required and c.name not in values]
        if missing:
            return [(name, _("A new row needs this.")) for name in missing]
        thing = MODELS[sheet]()
    objections = _objections(thing, values, is_new, known)
    if objections:
        return objections
    phones = values.pop("phones", None)
    changes = _changes(thing, values, is_new)
    new_phones = _phones(thing, phones, is_new, changes)
    for name, value in values.items():
        setattr(thing, name, value)
    if is_new:
        known.things[sheet][key] = thing
        if sheet == "clients":
            known.clients[thing.code] = thing
    outcome = CREATED if is_new else CHANGED if changes else UNCHANGED
    found.planned.append(Planned(row, thing, outcome, changes, new_phones))
    return []


def _objections(thing: Any, values: Mapping[str, Any], is_new: bool, known: Known) -> list[tuple[str, str]]:
    """What the rules have against these values: whose group it is, and what fits together."""
    client = thing if isinstance(thing, Client) else values.get("client") or thing.client
    groups = [values.get("group", None)] if isinstance(thing, Client) else [client.group]
    if isinstance(thing, Client) and not is_new:
        groups.append(thing.group)
    place = "group" if isinstance(thing, Client) else "client"
    if not all(may_edit(known.by, group) for group in groups if group is not None):
        return [(place, _("Only the people of the client's group may change this."))]
    if not isinstance(thing, Client) and not is_new and thing.client_id != client.pk:
        return [("client", _("This contract belongs to another client."))]
    if isinstance(thing, System):
        people = [
            values.get(name, getattr(thing, name) if not is_new else None)
            for name in ("maintainer", "backup")
        ]
        if people[0] is not None and people[0] == people[1]:
            return [("backup", _("The backup must be another person than the maintainer."))]
        for name in ("maintainer", "backup"):
            person = values.get(name)
            if person and person.role != Role.SPECIALIST and person.group_id != client.group_id:
                return [(name, _("%(name)s does not work in the client's group.") % {"name": person.label})]
    if isinstance(thing, Contract):
        starts, ends = (values.get(name, getattr(thing, name, None)) for name in ("starts_on", "ends_on"))
        if starts and ends and ends < starts:
            return [("ends_on", _("The contract must end on or after the day it starts."))]
    return []


def _changes(thing: Any, values: Mapping[str, Any], is_new: bool) -> list[Facts]:
    changes = []
    for name, value in values.items():
        old = None if is_new else getattr(thing, name)
        if old != value and name != "client":
            changes.append({"field": name, "old": _fact(old), "new": _fact(value)})
    return changes


def _phones(
    thing: Any, numbers: list[Number] | None, is_new: bool, changes: list[Facts]
) -> list[Phone] | None:
    if numbers is None:
        return None
    phones = phones_of(numbers)
    old = [] if is_new else list(thing.phones.all())
    if [(one.digits, one.extension, one.kind) for one in old] == [
        (one.digits, one.extension, one.kind) for one in phones
    ]:
        return None
    changes.append(
        {"field": "phones", "old": [one.number for one in old], "new": [one.number for one in phones]}
    )
    return phones


def _fact(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if hasattr(value, "pk") else value


def _key(value: Any) -> Any:
    if isinstance(value, Client):
        return value.pk or value.code
    return value


def _named(rows: Any) -> dict[str, Any]:
    found = {}
    for row in rows:
        for name in (row.name_en, row.name, row.code):
            if name:
                found[name.casefold()] = row
    return found

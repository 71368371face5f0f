"""Who and what the log names, as rows of the house: found by their code, created where missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.text import slugify

import clients.actions
import tickets.actions.policy
from clients.models import Client, ClientType, Contact, Contract, ServiceHours, System
from duty.actions import load_year
from duty.models import CalendarYear
from duty.official import plan_of
from opsdesk.replay.rows import Incident, Row
from staff.models import Group, ManagementLevel, Role, User

CODE = "replay"
UNKNOWN_PLACE = "Unknown location"
UNKNOWN_CALLER = "Unknown caller"


@dataclass(slots=True)
class Cast:
    """The rows by the name that the log gives them. An empty group name is the desk's own group."""

    home: Group
    desk: User
    groups: dict[str, Group] = field(default_factory=dict)
    supervisors: dict[str, User] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    contacts: dict[tuple[str, str], Contact] = field(default_factory=dict)
    systems: dict[tuple[str, str], System] = field(default_factory=dict)

    def client_of(self, row: Row) -> Client:
        return self.clients[row.location or UNKNOWN_PLACE]

    def contact_of(self, row: Row) -> Contact | None:
        return self.contacts.get((row.location or UNKNOWN_PLACE, row.caller))

    def system_of(self, row: Row) -> System | None:
        return self.systems.get((row.location or UNKNOWN_PLACE, system_name(row)))

    def actor_of(self, row: Row) -> User:
        """Who does what the row tells: whom it names, else the supervisor of the group it names."""
        return self.people[row.person] if row.person else self.supervisors[row.group]


@transaction.atomic
def find_cast(incidents: Iterable[Incident], *, home: Group | None, everyone: dict[str, set[str]]) -> Cast:
    """Find or create everyone and everything that these incidents name.

    Clients belong to `home`, by default a group of the replay's own. `everyone` tells in which groups each
    person works in the whole log: one who works in several belongs to the company's technical team, because
    an owner must belong to the record's group or to that team (§5.4.1.2). Nobody of them can sign in.
    """
    rows = [row for incident in incidents for row in incident.rows]
    _load_reference_rows(rows)
    own = home is None
    home = home or _group(CODE, "Replayed log")
    cast = Cast(home=home, desk=_supervisor(home, f"{CODE}-desk", "Replay desk", is_told=own))
    cast.groups[""], cast.supervisors[""] = home, cast.desk
    people = {row.person for row in rows} - {""}
    named = {row.group for row in rows}.union(*(everyone[person] for person in people))
    for name in sorted(named - {""}):
        group = _group(_code(name), name)
        cast.groups[name] = group
        cast.supervisors[name] = _supervisor(
            group, f"{group.code}-supervisor", f"{name} supervisor", is_told=True
        )
    for name in sorted(people):
        groups = everyone[name]
        cast.people[name] = _person(name, cast.groups[min(groups)] if len(groups) == 1 else None)
    _find_clients(cast, rows)
    return cast


def groups_of_everyone(incidents: Iterable[Incident]) -> dict[str, set[str]]:
    """Return the groups in which each person is named anywhere in the log."""
    found: dict[str, set[str]] = defaultdict(set)
    for incident in incidents:
        for row in incident.rows:
            if row.person:
                found[row.person].add(row.group)
    return found


def system_name(row: Row) -> str:
    """Return the system that a row is about: its category and subcategory, as far as they are known."""
    return " / ".join(part for part in (row.category, row.subcategory) if part)


def _find_clients(cast: Cast, rows: list[Row]) -> None:
    years = [row.updated_at.year for row in rows]
    for place in sorted({row.location or UNKNOWN_PLACE for row in rows}):
        cast.clients[place] = _client(place, cast.home, date(min(years), 1, 1), date(max(years), 12, 31))
    of_ours = {"client__in": cast.clients.values()}
    callers = {(contact.client_id, contact.name): contact for contact in Contact.objects.filter(**of_ours)}
    systems = {(system.client_id, system.name): system for system in System.objects.filter(**of_ours)}
    for row in rows:
        client = cast.client_of(row)
        place = row.location or UNKNOWN_PLACE
        if row.caller and (place, row.caller) not in cast.contacts:
            known = callers.get((client.pk, row.caller))
            named = Contact(client=client, name=row.caller, name_en=row.caller)
            cast.contacts[place, row.caller] = known or clients.actions.save_contact(named, [])
        name = system_name(row)
        if name and (place, name) not in cast.systems:
            cast.systems[place, name] = systems.get((client.pk, name)) or System.objects.create(
                client=client, name=name, name_en=name, kind=row.category
            )


def _group(code: str, name: str) -> Group:
    group, _created = Group.objects.get_or_create(code=code, defaults={"name": name, "name_en": name})
    return group


def _supervisor(group: Group, username: str, name: str, *, is_told: bool) -> User:
    """Return the account that stands for a group where the log names nobody; told of report-ups if wished."""
    level = ManagementLevel.SUPERVISOR if is_told else ManagementLevel.NONE
    return _user(username, name, role=Role.SUPERVISOR, group=group, management_level=level)


def _person(name: str, group: Group | None) -> User:
    role = Role.ENGINEER if group else Role.SPECIALIST
    return _user(_code(name), name, role=role, group=group)


def _user(username: str, name: str, **facts: object) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, name=name, name_en=name, email_notices=False, **facts)
        user.set_unusable_password()
        user.save()
    return user


def _client(place: str, home: Group, first: date, last: date) -> Client:
    client, created = Client.objects.get_or_create(
        code=_code(place),
        defaults={
            "name": place,
            "name_en": place,
            "type": ClientType.objects.get(code="C"),
            "group": home,
            "hours": ServiceHours.objects.get(code="office"),
        },
    )
    if created:
        # The log covers its own incidents; without a contract each record would be marked as not covered.
        Contract.objects.create(client=client, number=_code(place), starts_on=first, ends_on=last)
    return client


def _load_reference_rows(rows: list[Row]) -> None:
    clients.actions.load_defaults()
    tickets.actions.policy.load_defaults()
    years = {row.updated_at.year for row in rows}
    wanted = set(range(min(years, default=0), max(years, default=-1) + 2))
    for year in wanted - set(CalendarYear.objects.values_list("year", flat=True)):
        load_year(plan_of(year))


def _code(name: str) -> str:
    return f"{CODE}-{slugify(name)}"

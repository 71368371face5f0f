"""What clients, systems, contacts, groups and people are called, for a whole page of records at once.

Joined to the records, their five tables take longer to plan than to read. So a page asks for its records
first and then, in one more query, for the names that they have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from staff.models import User
from staff.prepared import prepared
from tickets.models import Ticket

NAMES = """
SELECT 'client', id, code, name, name_en FROM clients_client WHERE id = ANY(%s::bigint[])
UNION ALL SELECT 'system', id, '', name, name_en FROM clients_system WHERE id = ANY(%s::bigint[])
UNION ALL SELECT 'contact', id, '', name, name_en FROM clients_contact WHERE id = ANY(%s::bigint[])
UNION ALL SELECT 'group', id, code, name, name_en FROM staff_group WHERE id = ANY(%s::bigint[])
UNION ALL SELECT 'person', id, username, name, name_en FROM staff_user WHERE id = ANY(%s::bigint[])
"""
# What belongs to a record, by which of its relations, and what a thing is known by beside its name.
RELATIONS = {
    "client": "client",
    "system": "system",
    "contact": "contact",
    "group": "group",
    "owner": "person",
    "taken_by": "person",
}
CODES = {"client": "code", "group": "code", "person": "username"}


def is_english() -> bool:
    """Whether the reader's language is English."""
    return (get_language() or "").startswith("en")


class Name(NamedTuple):
    """A thing's id, the code or sign-in name by which it is known where it has one, and its names."""

    id: int
    code: str
    name: str
    name_en: str

    @property
    def label(self) -> str:
        """The name in the reader's language, as the models' own `label` gives it."""
        return self.said(is_english())

    def said(self, english: bool) -> str:
        """The same for a list, which asks only once for the language."""
        return (english and self.name_en) or self.name or self.code


class Names(NamedTuple):
    """The names that some records have, by the ids of what they belong to."""

    client: dict[int, Name]
    system: dict[int | None, Name]
    contact: dict[int | None, Name]
    group: dict[int, Name]
    person: dict[int | None, Name]


def names_of(tickets: Iterable[Ticket]) -> Names:
    """Return what these records' clients, systems, contacts, groups and people are called."""
    rows, names = list(map(vars, tickets)), Names({}, {}, {}, {}, {})  # an id as an attribute costs a call
    wanted = [[row[f"{thing}_id"] for row in rows] for thing in ("client", "system", "contact", "group")]
    wanted.append([pk for row in rows for pk in (row["owner_id"], row["taken_by_id"])])
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(NAMES, [_array(ids) for ids in wanted])
            for kind, *name in cursor.fetchall():
                getattr(names, kind)[name[0]] = Name(*name)
    return names


def _array(ids: Iterable[int | None]) -> str:
    """Ids as one value: a list would be written and read one by one, each as an expression of its own."""
    return f"{{{','.join(str(pk) for pk in {*ids} if pk is not None)}}}"


def known_names(ticket: Ticket) -> Names | None:
    """Return the names of a record whose client, system and so on are loaded; None where any is not."""
    names, loaded = Names({}, {}, {}, {}, {}), ticket._state.fields_cache
    for relation, kind in RELATIONS.items():
        if (pk := getattr(ticket, f"{relation}_id")) is None:
            continue
        if (thing := loaded.get(relation)) is None:
            return None
        code = getattr(thing, CODES.get(kind, ""), "")
        getattr(names, kind)[pk] = Name(pk, code, thing.name, thing.name_en)
    return names


def with_people(ticket: Ticket, reader: User) -> Ticket:
    """Fill in who owns a record and who received it: one query, none where both are the reader himself."""
    ids = [pk if pk != reader.pk else None for pk in (ticket.owner_id, ticket.taken_by_id)]
    people = {person.pk: person for person in (reader, *_people(*ids))}
    ticket.owner, ticket.taken_by = people.get(ticket.owner_id), people.get(ticket.taken_by_id)
    return ticket


@prepared
def _people(one: int | None, other: int | None) -> QuerySet[User]:
    return User.objects.filter(Q(pk=one) | Q(pk=other))

"""Who is meant by `@somebody` in a note, and that he is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.translation import gettext as _

from staff.models import Role, User
from tickets.actions.people import may_read
from tickets.actions.telling import tell_people
from tickets.lifecycle import Refused
from tickets.mentions import Reader, mentions_in
from tickets.models import Entry, Ticket

EXCERPT = 200


def mentioned_in(text: str, ticket: Ticket, *, by: User, field: str) -> dict[str, Reader]:
    """Return whom a text mentions, by the handle as it is written.

    Raises `Refused` at the field for somebody who may not see the record, and for a name that several bear.
    A client's contact mentions nobody: he does not know who works here.
    """
    if by.is_contact or not {"@", "\uff20"} & set(text):
        return {}
    meant: dict[str, Reader] = {}
    for mention in mentions_in(text, readers(ticket)):
        name = {"name": mention.handle}
        if not mention.readers[0].may_see:
            message = _("%(name)s may not see this record and cannot be mentioned.") % name
            raise Refused(message, field=field, code="mention")
        if len(mention.readers) > 1:
            usernames = ", ".join(f"@{reader.username}" for reader in mention.readers)
            message = _("Several people are called %(name)s. Write the sign-in name: %(choices)s.")
            raise Refused(message % (name | {"choices": usernames}), field=field, code="mention")
        meant[mention.handle] = mention.readers[0]
    return meant


def as_changes(meant: Mapping[str, Reader]) -> dict[str, object]:
    """Return what the entry keeps of them: the sign-in name by the handle as it is written."""
    return {"mentioned": {handle: reader.username for handle, reader in meant.items()}} if meant else {}


def tell_mentioned(entry: Entry, readers: Iterable[Reader], *, by: User, now: datetime) -> None:
    """Tell everybody whom an entry mentions, once an entry, but for the one who wrote it."""
    wanted = {reader.pk for reader in readers} - {by.pk}
    if not wanted:
        return
    people = User.objects.filter(pk__in=wanted)
    facts = {"by": by.name, "by_en": by.name_en, "text": entry.text[:EXCERPT]}
    tell_people(entry.ticket, people, "mentioned", key=f"mention:{entry.pk}", now=now, **facts)


def readers(ticket: Ticket) -> list[Reader]:
    """Everybody of the house, each with whether he may see the record."""
    may_see = ExpressionWrapper(may_read(ticket), output_field=BooleanField())
    house = User.objects.filter(is_active=True).exclude(role=Role.CONTACT).annotate(may_see=may_see)
    rows = house.order_by("pk").values_list("pk", "username", "name", "name_en", "may_see")
    return [Reader(pk, username, (name, name_en), may_see) for pk, username, name, name_en, may_see in rows]

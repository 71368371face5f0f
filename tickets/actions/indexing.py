"""What a record can be found by, written in the transaction of whatever changes it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.db import connection, transaction

from clients.models import Phone
from tickets.grams import characters, grams, key
from tickets.models import Attachment, Entry, SearchText, Ticket

CHUNK = 500

# One statement: a new row, new pieces on an old row, and no write where everything is known already.
LEARN = """
INSERT INTO tickets_searchtext AS kept (ticket_id, grams) VALUES (%s, %s)
ON CONFLICT (ticket_id) DO UPDATE
SET grams = kept.grams || ARRAY(SELECT unnest(EXCLUDED.grams) EXCEPT SELECT unnest(kept.grams))
WHERE NOT kept.grams @> EXCLUDED.grams
"""


def learn(ticket: Ticket, *texts: str) -> None:
    """Make a locked record findable by these texts too, without reading what it is found by already."""
    _learn(ticket, grams(texts))


def learn_new(ticket: Ticket) -> None:
    """Make a new record findable by its texts, its number, its client and its caller."""
    phones = Phone.objects.filter(contact=ticket.contact_id) if ticket.contact_id else ()
    _learn(ticket, _pieces(ticket, phones, entries=()))


def own_texts(ticket: Ticket) -> tuple[str, ...]:
    """Return the texts in the record's own row that somebody wrote."""
    return ticket.title, ticket.details, ticket.diagnosis, ticket.solution


def index(tickets: Sequence[Ticket]) -> None:
    """Write anew what these records are found by, from all that is there now.

    For records that came in bulk, and after a client, a system or a contact has changed its name.
    """
    with transaction.atomic():
        ids = [ticket.pk for ticket in tickets]
        locked = Ticket.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True)
        fresh = list(locked.select_related("client", "system", "contact").order_by("pk"))
        phones: dict[int | None, list[Phone]] = defaultdict(list)
        for phone in Phone.objects.filter(contact__in={t.contact_id for t in fresh if t.contact_id}):
            phones[phone.contact_id].append(phone)
        entries: dict[int, list[str]] = defaultdict(list)  # what was said, and the names of the files
        said = Entry.objects.filter(ticket__in=ids).exclude(text="")
        for pk, text in said.order_by().values_list("ticket", "text"):
            entries[pk].append(text)
        for pk, name in Attachment.objects.filter(ticket__in=ids).order_by().values_list("ticket", "name"):
            entries[pk].append(name)
        SearchText.objects.bulk_create(
            [
                SearchText(
                    ticket=ticket, grams=_keys(_pieces(ticket, phones[ticket.contact_id], entries[ticket.pk]))
                )
                for ticket in fresh
            ],
            update_conflicts=True,
            unique_fields=["ticket"],
            update_fields=["grams"],
        )


def index_all(*, say: Callable[[int], None] = lambda done: None) -> int:
    """Write anew what every record is found by, some hundred at a time; return how many there are."""
    last = done = 0
    while chunk := list(Ticket.objects.filter(pk__gt=last).order_by("pk").only("pk")[:CHUNK]):
        index(chunk)
        last, done = chunk[-1].pk, done + len(chunk)
        say(done)
    return done


def _pieces(ticket: Ticket, phones: Iterable[Phone], entries: Iterable[str]) -> set[str]:
    """By what the whole record is found: its texts and history, number, client, system and caller."""
    names = [ticket.client.name, ticket.client.name_en]
    if ticket.system:
        names += [ticket.system.name, ticket.system.name_en]
    if ticket.contact:
        names += [ticket.contact.name, ticket.contact.name_en]
    numbers = [ticket.callback_number, _digits(ticket.callback_number)]
    for phone in phones:
        numbers += [phone.number, _digits(phone.number), phone.digits]
    known = (f"t{ticket.pk}", ticket.external_ref or "", ticket.caller_name)
    texts = (*own_texts(ticket), *known, *names, *numbers, *entries)
    return grams(texts) | characters([ticket.title])


def _learn(ticket: Ticket, pieces: set[str]) -> None:
    if pieces:
        with connection.cursor() as cursor:
            cursor.execute(LEARN, [ticket.pk, _keys(pieces)])


def _keys(pieces: Iterable[str]) -> list[int]:
    return sorted({key(piece) for piece in pieces})


def _digits(number: str) -> str:
    """The digits alone, for those who look for a number without its dashes."""
    return re.sub(r"\D", "", number)

"""Who is calling, and what the house knows of him: found while his number is typed (§3.2, §5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from clients.models import Client, Contact, Contract, Phone
from clients.phones import Candidate, InvalidPhone, candidates, extension_in, normalise
from duty.calendar import working_time
from duty.hours import Span
from staff.models import User
from staff.prepared import prepared
from tickets.faces import ClockFace, next_clocks
from tickets.models import Entry, EntryKind, Status, Ticket
from tickets.models.ticket import REPEAT_KINDS

SHORTEST = 5  # digits: fewer fit too many
SHORTEST_EXTENSION = 3
MOST_FOUND, MOST_OPEN, MOST_CLOSED = 6, 6, 5
LONGEST_LOCAL = 8  # digits of a number inside a city
RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenRecord:
    ticket: Ticket
    clock: ClockFace | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A client, the contact who calls where he is known, and what to know before the first word.

    `calls` counts this call too, and those of the last seven days; `today` is when the client is served
    today, in minutes after midnight.
    """

    client: Client
    contact: Contact | None
    is_covered: bool
    today: tuple[Span, ...]
    calls: int
    open: list[OpenRecord]
    closed: list[Ticket]


def find_contacts(text: str, user: User) -> list[Contact]:
    """Return the contacts with this number, or whose number fits so far, at most six; any spelling.

    The whole number finds the contact of any client, since anyone records for any client (§5.1); a part of
    it, or an extension alone, only those of the clients that the person may see. Who share a number are told
    apart by the extension, where one is given. Never raises.
    """
    possible = candidates(text)
    extension, is_alone = extension_in(text)
    if not is_alone and (not possible or sum(map(str.isdigit, text)) < SHORTEST):
        return []
    # An index knows whole numbers and how they begin; only for a part of one is every number looked into.
    whole = "" if is_alone else _whole(text)
    if whole:
        exact = _their_contacts(_with_number(whole, extension)) if extension else []
        if found := exact or _their_contacts(_with_number(whole, None)):
            return found
    seen = _phones().filter(contact__in=Contact.objects.visible_to(user))
    if is_alone:
        own = seen.filter(extension=extension) if len(extension) >= SHORTEST_EXTENSION else seen.none()
        return _their_contacts(own[: 2 * MOST_FOUND])
    begins, within = _lookups(possible)
    for likely in (seen.filter(begins),) if whole else (seen.filter(begins), seen.filter(within)):
        most = 2 * MOST_FOUND
        exact = _their_contacts(likely.filter(extension=extension)[:most]) if extension else []
        if found := exact or _their_contacts(likely[:most]):
            return found
    return []


def know(client: Client, contact: Contact | None, user: User, now: datetime) -> Caller:
    """Gather what the person may see of a caller's client and of his records, in seven queries."""
    day = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return Caller(
        client=client,
        contact=contact,
        is_covered=bool(_covering(client.pk, day)),
        today=working_time(client.hours, since=day).spans_on(day),
        calls=len(_calls(contact.pk, now - RECENT)) + 1 if contact else 0,
        open=_with_clocks(_open(user, client.pk, contact and contact.pk), now),
        closed=_closed(user, client.pk),
    )


def _phones() -> QuerySet[Phone]:
    """The numbers of those who still call, with everything that is shown of their client."""
    phones = Phone.objects.filter(contact__is_active=True, contact__client__is_active=True)
    phones = phones.select_related(*(f"contact__client__{part}" for part in ("type", "group", "hours")))
    return phones.order_by("pk")


@prepared
def _with_number(digits: str, extension: str | None) -> QuerySet[Phone]:
    phones = _phones().filter(digits=digits)
    return (phones if extension is None else phones.filter(extension=extension))[: 2 * MOST_FOUND]


def _their_contacts(phones: Iterable[Phone]) -> list[Contact]:
    return list({phone.contact_id: phone.contact for phone in phones}.values())[:MOST_FOUND]


@prepared
def _covering(client: int, day: date) -> QuerySet[Contract, tuple[int]]:
    return Contract.objects.covering(client, None, day).order_by().values_list("pk")[:1]


@prepared
def _calls(contact: int, since: datetime) -> QuerySet[Entry, tuple[int]]:
    calls = Entry.objects.filter(ticket__contact=contact, kind__in=(EntryKind.LOGGED, *REPEAT_KINDS))
    return calls.filter(at__gte=since).order_by().values_list("pk")


@prepared
def _open(user: User, client: int, contact: int | None) -> QuerySet[Ticket]:
    records = Ticket.objects.visible_to(user).open().filter(client=client).select_related("system", "owner")
    own = Case(When(contact=contact, then=Value(False)), default=Value(True), output_field=BooleanField())
    first = () if contact is None else (own,)
    return records.order_by(*first, "next_due_at", "pk")[:MOST_OPEN]


@prepared
def _closed(user: User, client: int) -> QuerySet[Ticket]:
    records = Ticket.objects.visible_to(user).filter(client=client, status=Status.CLOSED)
    return records.order_by("-pk")[:MOST_CLOSED]


def _lookups(possible: list[Candidate]) -> tuple[Q, Q]:
    """Return how to look for numbers that begin so, and for those that have it somewhere inside."""
    begins, within = Q(pk=None), Q(pk=None)
    for number in possible:
        condition = Q(**{f"digits__{number.lookup}": number.digits})
        if number.lookup == "contains":
            within |= condition
        else:
            begins |= condition
    return begins, within


def _whole(text: str) -> str:
    """Return the digits of a number that is complete with its area; nothing for a part of one."""
    try:
        digits = normalise(text).digits
    except InvalidPhone:
        return ""
    return digits if len(digits) > LONGEST_LOCAL else ""


def _with_clocks(records: list[Ticket], now: datetime) -> list[OpenRecord]:
    clocks = next_clocks(records, now)
    return [OpenRecord(ticket, clocks.get(ticket.pk)) for ticket in records]

"""Which clients and contacts look like doubles: called alike, or reached under the same number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count

from clients.doubles import similar
from clients.models import Client, Contact, Phone
from staff.models import User

MOST = 100
SHARED_BY_MOST = 4  # a switchboard of more people tells nobody apart


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two clients, or two contacts of one client, and why they are thought to be one."""

    thing: str
    first: Client | Contact
    second: Client | Contact
    likeness: int  # percent; 0 where only the number is the same
    number: str


def suggestions(user: User) -> list[Suggestion]:
    """Likely doubles among what the person may see; four queries."""
    clients = {client.pk: client for client in Client.objects.visible_to(user).active()}
    alike = {
        (pair.first, pair.second): pair.likeness
        for pair in similar({pk: (one.name, one.name_en) for pk, one in clients.items()})
    }
    numbers = _shared_numbers(user)
    same_client: dict[tuple[int, int], str] = {}
    same_contact: dict[tuple[Contact, Contact], str] = {}
    for number, people in numbers.items():
        for one, other in combinations(sorted(people, key=lambda person: person.pk), 2):
            if one.client_id == other.client_id:
                same_contact.setdefault((one, other), number)
            else:
                key = min(one.client_id, other.client_id), max(one.client_id, other.client_id)
                same_client.setdefault(key, number)
    found = [
        Suggestion(
            "client",
            clients[first],
            clients[second],
            round(100 * alike.get((first, second), 0)),
            same_client.get((first, second), ""),
        )
        for first, second in alike.keys() | same_client.keys()
        if first in clients and second in clients
    ]
    found.sort(key=lambda one: (not one.number, -one.likeness, one.first.pk, one.second.pk))
    people = [
        Suggestion("contact", one, other, 0, number)
        for (one, other), number in same_contact.items()
        if one.name == other.name or one.name_en and one.name_en == other.name_en
    ]
    return (found + people)[:MOST]


def _shared_numbers(user: User) -> dict[str, list[Contact]]:
    phones = Phone.objects.filter(
        contact__in=Contact.objects.visible_to(user), contact__is_active=True, contact__client__is_active=True
    )
    shared = (
        phones.values("digits", "extension")
        .annotate(n=Count("contact"))
        .filter(n__range=(2, SHARED_BY_MOST))
        .values("digits")
    )
    found: dict[str, list[Contact]] = defaultdict(list)
    rows = phones.filter(digits__in=shared).select_related("contact__client").order_by("pk")
    for phone in rows:
        found[f"{phone.digits} {phone.extension}".strip()].append(phone.contact)
    return found

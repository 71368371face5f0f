"""How clients are found: by code, by name, or by the digits of a contact's phone number."""

from __future__ import annotations

from functools import reduce

from django.db.models import Q

from clients.models import NAMES, Client, ClientQuerySet, Phone
from clients.phones import candidates


def search(clients: ClientQuerySet, words: str) -> ClientQuerySet:
    """Return those of the clients whose code or name contains the words, or who can be called on the number.

    No words, no search: all of them.
    """
    words = words.replace("\0", "").strip()
    if not words:
        return clients
    # Who was merged into another is found as the other, by his old name and code too.
    doubles = Client.objects.filter(merged_into__isnull=False).matching(words)
    called = Q(names__contains=words.lower()) | Q(pk__in=doubles.values("merged_into"))
    named = clients.alias(names=NAMES).filter(called)
    numbers = [Q(**{f"digits__{number.lookup}": number.digits}) for number in candidates(words)]
    if not numbers:
        return named
    called = Phone.objects.filter(reduce(Q.__or__, numbers)).values("contact__client")
    return clients.filter(Q(pk__in=named.values("pk")) | Q(pk__in=called))

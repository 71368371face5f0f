"""Why a record was found: the place in it or in its history where the words stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.grams import excerpt, fold
from tickets.models import Attachment, Entry, Ticket
from tickets.names import Names

PLACES = {
    "details": _("Details"),
    "diagnosis": _("Diagnosis"),
    "solution": _("Solution"),
    "caller_name": _("Caller"),
    "callback_number": _("Call back on"),
}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A short piece of text and where it stands."""

    place: str | Promise
    text: str


def excerpts(
    tickets: Iterable[Ticket], names: Names, words: tuple[str, ...], user: User
) -> dict[int, Excerpt]:
    """Return by record's id where it has the first word that its row in a list does not show already.

    Only from what `user` may read, with two queries at most. Of a record whose row shows every word, nothing.
    """
    hidden = {ticket: missing for ticket in tickets if (missing := _hidden(ticket, names, words))}
    found = {ticket.pk: place for ticket, word in hidden.items() if (place := _in_record(ticket, word))}
    rest = {ticket.pk: word for ticket, word in hidden.items() if ticket.pk not in found}
    if rest:
        has_one = reduce(Q.__or__, (Q(text__icontains=word) for word in set(rest.values())))
        said = Entry.objects.visible_to(user).filter(has_one, ticket__in=rest).order_by("ticket", "-pk")
        for pk, text in said.values_list("ticket", "text"):
            if pk not in found and (cut := excerpt(text, rest[pk])):
                found[pk] = Excerpt(_("History"), cut)
    if rest := {pk: word for pk, word in rest.items() if pk not in found}:
        for pk, name in (
            Attachment.objects.visible_to(user).filter(ticket__in=rest).values_list("ticket", "name")
        ):
            if cut := excerpt(name, rest[pk]):
                found[pk] = Excerpt(_("Files"), cut)
    return found


def _hidden(ticket: Ticket, names: Names, words: tuple[str, ...]) -> str:
    """The first word that is not in what a list shows of the record."""
    shown = [ticket.number, ticket.title, names.client[ticket.client_id].label]
    if system := names.system.get(ticket.system_id):
        shown.append(system.label)
    folded = fold("\n".join(shown))
    return next((word for word in words if word not in folded), "")


def _in_record(ticket: Ticket, word: str) -> Excerpt | None:
    for name, place in PLACES.items():
        if cut := excerpt(getattr(ticket, name), word):
            return Excerpt(place, cut)
    return None

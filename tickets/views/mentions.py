"""The list that opens behind an @: who may see the record."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from staff.models import User
from staff.views.access import house_only
from tickets.actions.people import may_read
from tickets.models import Ticket

MOST_OFFERED = 8


@house_only
@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Those whose name or sign-in name has what was typed behind the @, the record's own people first.

    Each with the handle to insert: his name, or his sign-in name where another one bears the same.
    """
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), pk=pk)
    words = request.GET.get("q", "").replace("\0", "").strip().casefold()[:40]
    house = User.objects.filter(may_read(ticket), is_active=True)
    everybody = list(house.select_related("group").order_by("name", "pk"))
    called = Counter(person.name for person in everybody)
    first = {ticket.owner_id: 0, ticket.taken_by_id: 1}
    found = [
        person
        for person in sorted(everybody, key=lambda person: first.get(person.pk, 2))
        if person.pk != request.user.pk
        and any(words in name.casefold() for name in (person.name, person.name_en, person.username))
    ]
    offers = [
        (person, person.name if called[person.name] == 1 and person.name else person.username)
        for person in found[:MOST_OFFERED]
    ]
    return HttpResponse(render_to_string("tickets/_mention_choices.html", {"offers": offers}))

"""Choosing whose figures to read."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from clients.models import Client
from reports.board.whose import people_of
from reports.chosen import may_read_person
from staff.models import Role, User
from staff.views.access import house_only
from tickets.callform import find_client

NAMES = ("period", "group", "client", "person")


@vary_on_headers("HX-Request")
@house_only
@require_safe
def whose(request: HttpRequest) -> HttpResponse:
    """The form with a client and a person; with one of them filled in, on to these figures.

    The figures of a person are not told by client: who fills in both is asked which he means.
    """
    reader = cast(User, request.user)
    if not reader.sees_everything and reader.role != Role.SUPERVISOR:
        raise PermissionDenied
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in NAMES}
    words, wanted = asked["client"], request.GET.get("go") == "1"
    client = _client(reader, words)
    person = people_of(reader).filter(username=asked["person"]).first() if asked["person"] else None
    is_unknown = wanted and bool(words) and client is None
    is_both = wanted and client is not None and person is not None
    if wanted and (client or person) and not (is_unknown or is_both):
        chosen = request.GET.copy()
        for name in ("go", "client", "person"):
            chosen.pop(name, None)
        if person is not None:
            chosen.pop("group", None)
            chosen["person"] = person.username
        elif client is not None:
            chosen["client"] = client.code
        return redirect(f"{reverse('reports:dashboard')}?{chosen.urlencode()}")
    context = {
        "asked": asked | {"client": words if wanted else ""},  # one that is looked at already is not typed
        "is_unknown": is_unknown,
        "is_both": is_both,
        "people": [each for each in people_of(reader) if may_read_person(reader, each)],
        "group": asked["group"],
    }
    alone = "reports/_whose.html" if request.headers.get("HX-Request") else "reports/whose.html"
    return render(request, alone, context, status=422 if is_unknown or is_both else 200)


def _client(reader: User, words: str) -> Client | None:
    """The client that a text names, among those that the reader sees."""
    found = find_client(words, reader)
    return found if found and Client.objects.visible_to(reader).filter(pk=found.pk).exists() else None

"""Solved records that resemble what the caller says, while it is typed."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from clients.models import System
from tickets.callform import find_client
from tickets.grams import words_of
from tickets.search import MOST_ASKED_FOR, as_id
from tickets.similar import similar


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """The fragment beside the call form; empty while nothing is like it."""
    user = request.user
    if not user.may_work:
        raise PermissionDenied
    title = request.GET.get("title", "")[:MOST_ASKED_FOR]
    client_text = request.GET.get("client", "").replace("\0", "")
    system = System.objects.filter(pk=as_id(request.GET.get("system", ""))).first()
    client = find_client(client_text, user) if client_text and system is None else None
    tickets = similar(title, user=user, system=system, client=client)
    # Without the request: what the frame around a page asks for is not asked here.
    context = {"tickets": tickets, "words": words_of(title)}
    return HttpResponse(render_to_string("tickets/_similar.html", context))

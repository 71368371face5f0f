"""Pieces of HTML for forms that ask which client and which of his systems."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clients.models import Client, System
from clients.search import search

MOST = 10


@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    """Up to ten clients by name, code or phone number; nothing while nothing is typed."""
    words = request.GET.get("q", "").strip()
    clients = Client.objects.none()
    if words:
        found = search(Client.objects.visible_to(request.user).active(), words)
        clients = found.select_related("type", "group").order_by("code")[:MOST]
    return render(request, "clients/_options.html", {"clients": clients, "words": words})


@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """The <option>s of a client's systems in use; only the empty one while no client is chosen."""
    pk = request.GET.get("client", "")
    found = System.objects.none()
    if pk:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=_whole_number(pk))
        found = System.objects.visible_to(request.user).filter(client=client, is_active=True)
    return render(request, "clients/_system_options.html", {"systems": found})


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0

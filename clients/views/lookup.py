"""Clients to choose from while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.models import Client
from clients.search import search
from staff.views.access import house_only

MOST = 10


@house_only
@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    """Up to ten clients by name, code or phone number, as <option>s; nothing while nothing is typed."""
    words = request.GET.get("client", "").strip()
    clients = Client.objects.none()
    if words:
        found = search(Client.objects.visible_to(request.user).active(), words)
        clients = found.select_related("type", "group").order_by("code")[:MOST]
    return render(request, "clients/_options.html", {"clients": clients})

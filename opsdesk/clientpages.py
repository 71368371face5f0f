"""Pages of a client that are put together from what several apps know."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.happenings import About
from clients.views.archive import seen
from opsdesk.timeline import timeline
from staff.views.access import house_only


@house_only
@require_safe
def client_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened with a client, newest first; of some kinds, where they are asked for."""
    client = seen(pk, request.user)
    about = [each for each in request.GET.getlist("about") if each in About.values]
    cursor = request.GET.get("cursor", "")
    whose = {"viewer": request.user, "now": timezone.now(), "doubles": client.double_ids}
    found = timeline(client, **whose, about=about, cursor=cursor)
    asked = [("about", each) for each in about]
    context = {
        "client": client,
        "tab": "timeline",
        "timeline": found,
        "kinds": About.choices,
        "about": about,
        "older_url": f"?{urlencode([*asked, ('cursor', found.older)])}" if found.older else None,
        "first_url": f"?{urlencode(asked)}" if cursor else None,
    }
    return render(request, "clients/timeline.html", context)

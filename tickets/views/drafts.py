"""The draft of a call: kept every few seconds while somebody types."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from staff.views.access import house_only
from tickets import actions
from tickets.callform import CallForm
from tickets.views.intake import begun_at

CHOICES = {"kind", "channel", "to"}  # nothing was typed where only these hold something
LONGEST = 10_000  # characters of a field; the form takes no more either


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is typed; the answer is the words for the mark beside the title."""
    if not request.user.may_work:
        raise PermissionDenied
    return keep(request)


@house_only
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Forget the draft and begin with an empty form."""
    actions.discard_draft(by=request.user)
    return redirect("tickets:create")


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the fields of a call as they were sent, or forget the draft where nothing was typed."""
    now, user = timezone.now(), request.user
    typed = {name: request.POST[name] for name in CallForm.base_fields if request.POST.get(name)}
    fields = {name: text.replace("\0", "")[:LONGEST] for name, text in typed.items()}
    if not fields.keys() - CHOICES:
        actions.discard_draft(by=user)
        return HttpResponse()
    draft = actions.save_draft(fields, started_at=begun_at(request, now), by=user, now=now)
    return HttpResponse(
        render_to_string("tickets/_draft_saved.html", {"draft": draft, "now": now, "user": user})
    )

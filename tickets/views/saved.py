"""Views of the list that somebody keeps under a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets.actions.saved import delete_view, save_view
from tickets.lifecycle import Refused
from tickets.models import SavedView
from tickets.views.listing import view_of


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the view that the page showed under the name that was typed."""
    query, name = view_of(QueryDict(request.POST.get("query", ""))), request.POST.get("name", "")
    try:
        view = save_view(
            name.replace("\0", "")[:60], query, shared=bool(request.POST.get("shared")), by=request.user
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return redirect(f"{reverse('tickets:list')}?{query}")


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a view of one's own away; nobody else's is found."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user).filter(owner=request.user), pk=pk)
    delete_view(view, by=request.user)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return redirect(f"{reverse('tickets:list')}?{view.query}")

"""Doubles in the archive: which there may be, what a merge would do, doing it, and undoing it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import ArchiveMerge, Client, Contact
from opsdesk.merging import UNDO_WITHIN, Moving, merge, preview, unmerge
from opsdesk.suggesting import suggestions
from staff.refused import Refused
from staff.views.access import house_only

MODELS: dict[str, Any] = {"client": Client, "contact": Contact}


class PairForm(forms.Form):
    """Two clients by their codes."""

    loser = forms.SlugField(label=gettext_lazy("Code of the double"), max_length=50)
    winner = forms.SlugField(label=gettext_lazy("Code of the client that stays"), max_length=50)


@house_only
@require_safe
def doubles(request: HttpRequest) -> HttpResponse:
    """Likely doubles, two codes to merge by hand, and the merges that can still be undone."""
    if not request.user.may_supervise:
        raise PermissionDenied
    now = timezone.now()
    form = PairForm(request.GET if "loser" in request.GET else None)
    if form.is_bound and form.is_valid():
        rows = {row.code: row for row in Client.objects.visible_to(request.user)
                .filter(code__in=form.cleaned_data.values())}  # fmt: skip
        chosen = {name: rows.get(code) for name, code in form.cleaned_data.items()}
        for name, row in chosen.items():
            if row is None:
                form.add_error(name, _("There is no such client."))
        if not form.errors:
            return redirect("merge", "client", chosen["loser"].pk, chosen["winner"].pk)  # type: ignore[union-attr]
    context = {
        "suggestions": suggestions(request.user),
        "form": form,
        "merges": _undoable(request, now),
    }
    return render(request, "clients/doubles.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def merging(request: HttpRequest, thing: str, loser: int, winner: int) -> HttpResponse:
    """What a merge would move; and, when it is confirmed, the merge."""
    double, other = _both(request, thing, loser, winner)
    refused: Refused | None = None
    moving: list[Moving] = []
    try:
        moving = preview(double, other, by=request.user)
        if request.method == "POST":
            merge(double, other, by=request.user, now=timezone.now())
            messages.success(request, _("Merged. It can be undone within thirty days."))
            return redirect("clients:detail", other.pk if thing == "client" else other.client_id)
    except Refused as no:
        if no.code == "forbidden":
            raise PermissionDenied from no
        refused = no
    context = {"thing": thing, "loser": double, "winner": other, "moving": moving, "refused": refused}
    return render(request, "clients/merge.html", context, status=422 if refused else 200)


@house_only
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ArchiveMerge, pk=pk)
    if not MODELS[row.thing].objects.visible_to(request.user).filter(pk=row.winner_id).exists():
        raise Http404
    try:
        double = unmerge(row, by=request.user, now=timezone.now())
    except Refused as refused:
        if refused.code == "forbidden":
            raise PermissionDenied from refused
        messages.error(request, str(refused))
        return redirect("doubles")
    messages.success(request, _("The merge is undone."))
    return redirect("clients:detail", double.pk if row.thing == "client" else double.client_id)


def _both(request: HttpRequest, thing: str, loser: int, winner: int) -> tuple[Any, Any]:
    related = "group" if thing == "client" else "client__group"
    rows = MODELS[thing].objects.visible_to(request.user).select_related(related)
    return get_object_or_404(rows, pk=loser), get_object_or_404(rows, pk=winner)


def _undoable(request: HttpRequest, now: Any) -> list[tuple[ArchiveMerge, Any, Any]]:
    rows = ArchiveMerge.objects.filter(undone_at=None, at__gte=now - UNDO_WITHIN).select_related("by")[:50]
    found = []
    for thing, model in MODELS.items():
        own = [row for row in rows if row.thing == thing]
        ids = [pk for row in own for pk in (row.loser_id, row.winner_id)]
        names = {one.pk: one for one in model.objects.visible_to(request.user).filter(pk__in=ids)}
        found += [
            (row, names[row.loser_id], names[row.winner_id])
            for row in own
            if row.loser_id in names and row.winner_id in names
        ]
    return found

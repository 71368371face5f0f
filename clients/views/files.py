"""Documents of clients, systems and contracts: added, given out, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.actions import add_files, may_file, remove_file
from clients.forms import DocumentsForm
from clients.models import ArchiveFile, Client, Contract, System
from staff.filefield import messages_of
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.files import given_out

OF = {"client": Client, "system": System, "contract": Contract}


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, of: str, pk: int) -> HttpResponse:
    """Add documents to a client, a system or a contract."""
    rows = OF[of].objects.visible_to(request.user)
    related = "group" if of == "client" else "client__group"
    thing = get_object_or_404(rows.select_related(related), pk=pk)
    client = thing if isinstance(thing, Client) else thing.client
    if not may_file(request.user, client.group, thing if isinstance(thing, Contract) else None):
        raise PermissionDenied
    form = DocumentsForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            add_files(thing, form.cleaned_data["files"], by=request.user, now=timezone.now())
        except Refused as refused:
            for message in messages_of(refused):
                form.add_error("files", message)
        else:
            messages.success(request, _("Saved."))
            return redirect("clients:contracts", client.pk)
    context = {
        "form": form,
        "title": _("Add documents"),
        "client": client,
        "cancel_url": reverse("clients:contracts", args=[client.pk]),
    }
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return given_out(request, get_object_or_404(ArchiveFile.objects.visible_to(request.user), pk=pk))


@house_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = ArchiveFile.objects.visible_to(request.user).select_related("client__group", "contract", "system")
    file = get_object_or_404(rows, pk=pk)
    client = file.client_id
    try:
        remove_file(file, by=request.user, now=timezone.now())
    except Refused as refused:
        raise PermissionDenied from refused
    messages.success(request, _("The document is no longer there."))
    return redirect("clients:contracts", client)

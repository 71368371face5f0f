"""The archive from Excel and to Excel: a template, a dry run, and only then the import."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, TimestampSigner
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from clients.actions.importing import import_archive
from clients.exporting import rows_of
from clients.importing import UNCHANGED, Plan, plan
from clients.sheetfile import read_archive, write_archive
from staff import shelf
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_FOR = 3600  # seconds between dry run and import; the sweep of the shelf takes what was left
SHOWN = 200
_signer = TimestampSigner(salt="clients.transfer")


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Excel file (.xlsx)"))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest) -> HttpResponse:
    """Choose a file, see what it would do, and do it."""
    if not request.user.may_supervise:
        raise PermissionDenied
    if "kept" in request.POST:
        return _apply(request)
    form = FileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    found, kept = None, ""
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].file
        try:
            found = plan(read_archive(content), by=request.user)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            if not found.faults:
                kept = _signer.sign_object([request.user.pk, shelf.put(content).name])
    return _page(request, form, found, kept)


def _apply(request: HttpRequest) -> HttpResponse:
    form = FileForm()
    try:
        owner, name = _signer.unsign_object(request.POST["kept"], max_age=KEPT_FOR)
        if owner != request.user.pk:
            raise PermissionDenied
        with shelf.take(name) as content:
            rows = read_archive(content)
        done = import_archive(rows, by=request.user, now=timezone.now())
    except (BadSignature, FileNotFoundError):
        messages.error(request, _("The file is no longer there: choose it again."))
        return redirect("clients:transfer")
    except Refused as refused:
        form.full_clean()
        messages.error(request, str(refused.message))
        return redirect("clients:transfer")
    shelf.remove(name)
    changed = sum(one.outcome != UNCHANGED for one in done.planned)
    messages.success(request, _("Imported: %(count)s rows were new or changed.") % {"count": changed})
    return redirect("clients:list")


def _page(request: HttpRequest, form: forms.Form, found: Plan | None, kept: str) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "plan": found, "kept": kept}
    if found is not None:
        context["faults"] = found.faults[:SHOWN]
        context["more_faults"] = max(0, len(found.faults) - SHOWN)
        context["counts"] = found.counts()
        context["changes"] = [one for one in found.planned if one.outcome != UNCHANGED][:SHOWN]
    is_wrong = bool(form.errors or (found and found.faults))
    return render(request, "clients/transfer.html", context, status=422 if is_wrong else 200)


@house_only
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """An empty file with every column, to fill in."""
    return _file({}, "opsdesk-clients-template.xlsx")


@house_only
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """All that the person may see, in the shape in which it can be read back in."""
    return _file(rows_of(request.user), f"opsdesk-clients-{timezone.localdate():%Y-%m-%d}.xlsx")


def _file(rows: Any, name: str) -> HttpResponse:
    file = io.BytesIO()
    write_archive(file, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)

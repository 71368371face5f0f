"""A callback on site: its attendance sheet typed in or printed, and its files."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.filefield import uploads
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.files import given_out
from visits import actions
from visits.about import script_of
from visits.forms import AttendanceForm, FilesForm
from visits.kinds import FileKind, Side, State
from visits.models import Callback, CallbackFile
from visits.views.seen import callback_seen


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down who was there; a signature drawn on the phone, or the scan of the sheet, comes with it."""
    callback, now = _worked_on(request, pk), timezone.now()
    if callback.is_phone:
        raise Http404
    form = AttendanceForm(request.POST if request.method == "POST" else None, callback=callback)
    if form.is_valid() and _kept(request, callback, form):
        messages.success(request, _("The attendance sheet is kept."))
        return redirect("visits:callback", pk)
    context = {"callback": callback, "form": form, "now": now}
    return render(request, "visits/attendance.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    callback = _worked_on(request, pk)
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.attach(
                callback,
                form.cleaned_data["files"],
                kind=FileKind(form.cleaned_data["kind"]),
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Attached."))
    else:
        messages.error(request, _("Choose a file."))
    return redirect("visits:callback", pk)


@house_only
@require_safe
def file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """A picture in its place, any other file to be saved."""
    visible = CallbackFile.objects.visible_to(request.user)
    return given_out(request, get_object_or_404(visible, callback=pk, pk=file))


@house_only
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet on paper: to be taken along, or of what was held."""
    callback = callback_seen(pk, request.user)
    held = getattr(callback, "attendance", None)
    people = list(held.people.all()) if held else []
    context = {
        "callback": callback,
        "held": held,
        "ours": [one for one in people if one.side == Side.OURS],
        "theirs": [one for one in people if one.side == Side.THEIRS],
        "signatures": callback.files.filter(kind=FileKind.SIGNATURE),
        "script": script_of(callback),
        "needs": callback.needs.all(),
        "opinions": callback.opinions.all(),
        "promises": callback.promises.select_related("person"),
        "problems": callback.problems.visible_to(request.user).select_related("ticket"),
        "is_done": callback.state == State.DONE,
        "blank": range(3),
    }
    return render(request, "visits/sheet.html", context)


def _kept(request: HttpRequest, callback: Callback, form: forms.Form) -> bool:
    assert isinstance(form, AttendanceForm)
    values = {name: form.cleaned_data[name] for name in ("place", "began_at", "ended_at")}
    who = {"by": request.user, "now": timezone.now()}
    try:
        actions.write_attendance(callback, **values, people=form.people(), **who)
        for name, kind in (("signature", FileKind.SIGNATURE), ("scan", FileKind.SHEET)):
            if sent := request.FILES.getlist(name):
                actions.attach(callback, uploads(sent), kind=kind, **who)
    except Refused as refused:
        show_refusal(form, refused)
        return False
    return True


def _worked_on(request: HttpRequest, pk: int) -> Callback:
    callback = callback_seen(pk, request.user)
    is_his = callback.person_id == request.user.pk and request.user.may_work
    if not (actions.may_call(callback.group_id, request.user) or is_his):
        raise PermissionDenied
    return callback

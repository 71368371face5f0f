"""A group's roster as an Excel file: taken out, filled in, looked at, taken over."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from duty import actions
from duty.actions import Placed
from duty.forms import ChartForm, ConfirmForm, ImportForm
from duty.models import DutyRole, Rotation
from duty.rosterfile import Fault, read_roster, write_roster, write_template
from duty.views.groups import group_led, group_seen
from duty.wallchart import chart_of
from staff.forms import show_refusal
from staff.models import Group, User
from staff.refused import Refused
from staff.sheets import XLSX
from staff.views.access import house_only

log = logging.getLogger(__name__)
MORNING = time(8, 30)


@house_only
@require_GET
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The shifts of a span, from `first_day` to `last_day`; the log says who took them."""
    group, form = group_seen(code, request.user), ChartForm(request.GET)
    if not form.is_valid():
        return redirect("duty:wallchart", group.code)
    first, last = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
    chart = chart_of(group, first, last, now=timezone.now())
    log.info("%s exported the roster of %s, %s to %s", request.user.username, group.code, first, last)
    return _file(lambda file: write_roster(file, chart), f"roster-{group.code}-{first}-{last}.xlsx")


@house_only
@require_GET
def template(request: HttpRequest, code: str) -> HttpResponse:
    """A file for next month to fill in: one shift a day, as the base rotation has it."""
    group, now = group_led(code, request.user), timezone.now()
    first = (timezone.localdate(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    spans = list(_spans(group, first, now))
    return _file(
        lambda file: write_template(file, spans, _people(group)), f"roster-{group.code}-{first:%Y-%m}.xlsx"
    )


def _spans(group: Group, first: date, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    rotations = Rotation.objects.unfinished(now).filter(group=group, role=DutyRole.PRIMARY, priority=0)
    base, tz = rotations.order_by("pk").first(), timezone.get_default_timezone()
    starts, ends = (base.starts, base.ends) if base else (MORNING, MORNING)
    day = first
    while day.month == first.month:
        last = day if ends > starts else day + timedelta(days=1)
        yield datetime.combine(day, starts, tz), datetime.combine(last, ends, tz)
        day += timedelta(days=1)


def _file(write: Callable[[IO[bytes]], object], name: str) -> HttpResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    write(file)
    file.seek(0)
    answer: HttpResponse = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)  # type: ignore[assignment]
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Which file; what it says is shown before anything of it holds."""
    group, now = group_led(code, request.user), timezone.now()
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            reading = read_roster(form.cleaned_data["file"], _people(group))
            if not reading.placed and not reading.faults:
                raise Refused(_("There is no duty in this file."), field="file")
        except Refused as refused:
            show_refusal(form, refused)
        else:
            objections = _faults(actions.import_objections(group, reading.placed, now=now))
            faults = sorted([*reading.faults, *objections], key=_place)
            return _preview(
                request, group, form.cleaned_data["name"], reading.placed, faults, reading.skipped
            )
    return render(
        request, "duty/import_form.html", {"form": form, "group": group}, status=422 if form.errors else 200
    )


@house_only
@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Take over what was looked at, all of it or nothing."""
    group, now = group_led(code, request.user), timezone.now()
    form = ConfirmForm(request.POST, group=group)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("duty:import", group.code)
    name, placed = form.cleaned_data["name"], form.cleaned_data["read"]
    try:
        made = actions.import_roster(group, name, placed, by=request.user, now=now)
    except Refused as refused:
        faults = _faults(actions.import_objections(group, placed, now=now)) or _faults([refused])
        return _preview(request, group, name, placed, faults, 0)
    messages.success(request, _("Taken over: these days are planned."))
    return redirect("duty:month", group.code, made.first_day.year, made.first_day.month)


def _preview(
    request: HttpRequest,
    group: Group,
    name: str,
    placed: Sequence[Placed],
    faults: Sequence[Fault],
    skipped: int,
) -> HttpResponse:
    context = {
        "group": group,
        "name": name,
        "placed": sorted(placed, key=lambda one: (one.starts_at, DutyRole.values.index(one.role))),
        "faults": faults,
        "wrong": {fault.cell for fault in faults},
        "skipped": skipped,
        "read": "" if faults else ConfirmForm.carried(placed, group),
    }
    return render(request, "duty/import_preview.html", context, status=422 if faults else 200)


def _faults(refusals: Sequence[Refused]) -> list[Fault]:
    return [Fault(refused.field or "", str(refused.message)) for refused in refusals]


def _place(fault: Fault) -> tuple[int, str]:
    number = re.sub(r"\D", "", fault.cell)
    return int(number or 0), fault.cell


def _people(group: Group) -> list[User]:
    return list(User.objects.working().in_group(group).order_by("name", "pk"))

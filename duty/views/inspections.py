"""Inspections: those of today, one as it is done, and the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from duty import actions
from duty.actions import ItemsRefused
from duty.forms import InspectionForm
from duty.inspecting import Standing
from duty.models import Inspection, InspectionAnswer, InspectionFile, InspectionSheet
from staff.forms import show_refusal
from staff.models import User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.files import given_out

MISSED_SHOWN = timedelta(days=7)
MOST_SHOWN = 200
# What has to be seen to first comes first.
ORDER = (
    Standing.OVERDUE,
    Standing.DUE,
    Standing.MISSED,
    Standing.FINISHED,
    Standing.LATE,
    Standing.AHEAD,
)


@house_only
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What is to be inspected today and tomorrow, what was today, and what was missed within a week."""
    now = timezone.now()
    day = timezone.localdate(now)
    mine = request.GET.get("mine") == "1"
    shown = Inspection.objects.visible_to(request.user).filter(
        Q(finished_at=None, missed_at=None)
        | Q(day=day)
        | Q(finished_at=None, missed_at__gte=now - MISSED_SHOWN)
    )
    if mine:
        shown = shown.filter(person=request.user)
    rows = list(shown.listed().order_by("due_at", "pk")[:MOST_SHOWN])
    by_standing = [(standing, [row for row in rows if row.standing(now) == standing]) for standing in ORDER]
    context = {
        "sections": [(standing, found) for standing, found in by_standing if found],
        "counts": [(standing, len(found)) for standing, found in by_standing],
        "mine": mine,
        "day": day,
        "many_groups": request.user.sees_everything,
    }
    return render(request, "duty/inspections.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One inspection: to be filled in, or as it was found."""
    inspection, now = seen(pk, request.user), timezone.now()
    may_inspect = actions.may_inspect(inspection, request.user)
    if request.method == "POST" and not may_inspect:
        raise PermissionDenied
    if inspection.finished_at is not None and request.method == "POST":
        messages.error(request, _("This inspection is finished."))
    if inspection.finished_at is not None or not may_inspect:
        return _page(request, inspection, None, now)
    form = form_of(inspection, request)
    if request.method == "POST" and form.is_valid() and save(request, inspection, form, now):
        return redirect("duty:inspection", pk)
    return _page(request, inspection, form, now, status=422 if form.errors else 200)


def seen(pk: int, user: User) -> Inspection:
    """An inspection with what it is about; a 404 for whoever does not see it."""
    return get_object_or_404(Inspection.objects.visible_to(user).listed(), pk=pk)


def form_of(inspection: Inspection, request: HttpRequest) -> InspectionForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return InspectionForm(*sent, inspection=inspection, last=_last_answers(inspection))


def save(request: HttpRequest, inspection: Inspection, form: InspectionForm, now: datetime) -> bool:
    """Keep what a valid form says, and finish where that is asked; what is refused stands at its field."""
    if not keep(request, inspection, form, now):
        return False
    if "finish" not in request.POST:
        messages.success(request, _("Saved. You can go on later."))
        return True
    if not _taken(form, lambda: actions.finish_inspection(inspection, by=request.user, now=now)):
        return False
    messages.success(request, _("Finished. Thank you."))
    return True


def keep(request: HttpRequest, inspection: Inspection, form: InspectionForm, now: datetime) -> bool:
    """Keep what a valid form says; say whether all of it could be."""
    return _taken(form, lambda: actions.answer_items(inspection, form.said(), by=request.user, now=now))


def _taken(form: InspectionForm, act: Callable[[], object]) -> bool:
    """Do it; what is refused stands at its field."""
    try:
        act()
    except ItemsRefused as refused:
        form.show(refused)
        return False
    except Refused as refused:
        show_refusal(form, refused)
        return False
    return True


def page_of_form(
    request: HttpRequest, inspection: Inspection, form: InspectionForm, now: datetime
) -> HttpResponse:
    """The page again, with what is wrong with what was typed."""
    return _page(request, inspection, form, now, status=422)


def _page(
    request: HttpRequest,
    inspection: Inspection,
    form: InspectionForm | None,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, object] = {
        "inspection": inspection,
        "sheet": inspection.sheet,
        "standing": inspection.standing(now),
        "form": form,
        "events": inspection.events.select_related("by"),
    }
    if form is not None:
        form.renew()
    else:
        answers = inspection.answers.select_related("item", "answered_by").prefetch_related("files")
        found = {answer.item_id: answer for answer in answers}
        items = inspection.version.items.all()
        context["may_open"] = actions.may_inspect(inspection, request.user)
        context["rows"] = [(item, found.get(item.pk)) for item in items]
    return render(request, "duty/inspection.html", context, status=status)


def _last_answers(inspection: Inspection) -> dict[int, InspectionAnswer]:
    """What was found by the same sheet the last time, by the line of the item."""
    before = Inspection.objects.filter(
        version__sheet=inspection.sheet, due_at__lt=inspection.due_at, finished_at__isnull=False
    ).order_by("-due_at", "-pk")
    answers = InspectionAnswer.objects.filter(inspection__in=before[:1]).select_related("item", "inspection")
    return {answer.item.line: answer for answer in answers}


@require_safe
def file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """A photo in its place, any other file to be saved."""
    visible = InspectionFile.objects.visible_to(request.user)
    return given_out(request, get_object_or_404(visible, answer__inspection=pk, pk=file))


@house_only
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """All inspections, newest first; of one sheet, or those that stand in one way."""
    now = timezone.now()
    rows = Inspection.objects.visible_to(request.user)
    sheets = InspectionSheet.objects.visible_to(request.user).select_related("group", "system__client")
    asked, standing = request.GET.get("sheet", ""), request.GET.get("standing", "")
    if asked.isdecimal() and len(asked) < 19:
        rows = rows.filter(version__sheet=int(asked))
    if standing in Standing.values:
        rows = rows.standing(Standing(standing), now)
    found = page(rows.listed(), request=request, order=("-due_at", "-pk"))
    context = {
        "page": found,
        "rows": [(row, row.standing(now)) for row in found.rows],
        "sheets": sheets,
        "standings": Standing.choices,
        "asked": asked,
        "standing": standing,
        "many_groups": request.user.sees_everything,
    }
    return render(request, "duty/inspection_history.html", context)

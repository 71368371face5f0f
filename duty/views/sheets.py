"""Inspection sheets and their plans: listed, written, published, planned."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.forms import ItemForm, PlanForm, SheetForm
from duty.models import InspectionPlan, InspectionSheet, SheetItem, SheetVersion
from duty.views.groups import group_led, groups_of
from duty.views.steps import pressed, typed_in
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only

MOST_EVENTS = 30


@house_only
@require_safe
def sheets(request: HttpRequest) -> HttpResponse:
    """The sheets in use with their plans, group by group."""
    found = InspectionSheet.objects.visible_to(request.user).in_use()
    rows = list(found.select_related("group", "system__client").prefetch_related("versions", "plans"))
    context = {
        "groups": [
            (
                group,
                actions.may_roster(group, request.user),
                [_line(sheet) for sheet in rows if sheet.group_id == group.pk],
            )
            for group in groups_of(request.user)
        ]
    }
    return render(request, "duty/sheets.html", context)


def _line(sheet: InspectionSheet) -> dict[str, object]:
    versions = list(sheet.versions.all())
    return {
        "sheet": sheet,
        "published": next((one for one in versions if not one.is_draft), None),
        "has_draft": versions[0].is_draft,
        "plans": [plan for plan in sheet.plans.all() if plan.ended_at is None],
    }


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, code: str) -> HttpResponse:
    group = group_led(code, request.user)
    form = SheetForm(request.POST or None, group=group)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_sheet(group, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("duty:sheet_edit", made.pk)
    context = {"form": form, "group": group}
    return render(request, "duty/sheet_form.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet as it is in force, with its plans, its versions and its history."""
    found = _sheet(request.user, pk)
    versions = list(found.versions.select_related("published_by"))
    asked = request.GET.get("version", "")
    published = [one for one in versions if not one.is_draft]
    shown = next((one for one in published if str(one.number) == asked), published[0] if published else None)
    context = {
        "sheet": found,
        "may_write": _may_write(found, request.user),
        "shown": shown,
        "items": shown.items.all() if shown else [],
        "versions": versions,
        "has_draft": versions[0].is_draft,
        "plans": found.plans.running(),
        "events": found.events.filter(inspection=None).select_related("by")[:MOST_EVENTS],
    }
    return render(request, "duty/sheet.html", context)


@house_only
@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The version that is being written, item by item; where none is, the one in force is offered to be."""
    found = _written(request.user, pk)
    draft = _draft(found)
    context = {"sheet": found, "draft": draft, "items": draft.items.all() if draft else []}
    return render(request, "duty/sheet_edit.html", context)


@house_only
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a sheet, as a copy of the last."""
    found = _written(request.user, pk)
    return pressed(
        request,
        lambda: actions.draft_version(found, by=request.user),
        said=_("This is the next version. The one in force stays until you publish it."),
        back=reverse("duty:sheet_edit", args=[pk]),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_item(request: HttpRequest, pk: int) -> HttpResponse:
    return _item_page(request, _written(request.user, pk), None)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    found = _written(request.user, pk)
    items = SheetItem.objects.filter(version__sheet=found, version__published_at=None)
    return _item_page(request, found, get_object_or_404(items, line=line))


def _item_page(request: HttpRequest, found: InspectionSheet, item: SheetItem | None) -> HttpResponse:
    draft = _draft(found)
    back = reverse("duty:sheet_edit", args=[found.pk])
    if draft is None:
        return redirect(back)
    form = ItemForm(request.POST or None, instance=item)
    answer = typed_in(
        request,
        form,
        lambda: actions.save_item(draft, form.facts(), line=item.line if item else None, by=request.user),
        said=_("Saved in the next version."),
        back=back,
    )
    context = {"form": form, "sheet": found, "item": item, "cancel_url": back}
    return answer or render(request, "duty/item_form.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def remove_item(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    draft = get_object_or_404(SheetVersion, sheet=_written(request.user, pk), published_at=None)
    return pressed(
        request,
        lambda: actions.remove_item(draft, line, by=request.user),
        said=_("Taken out of the next version."),
        back=reverse("duty:sheet_edit", args=[pk]),
    )


@house_only
@require_POST
def move_item(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    draft = get_object_or_404(SheetVersion, sheet=_written(request.user, pk), published_at=None)
    up = request.POST.get("to") == "up"
    return pressed(
        request,
        lambda: actions.move_item(draft, line, up=up, by=request.user),
        said=_("Moved."),
        back=reverse("duty:sheet_edit", args=[pk]) + f"#item-{line}",
    )


@house_only
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(SheetVersion, sheet=_written(request.user, pk), published_at=None)
    return pressed(
        request,
        lambda: actions.publish_version(draft, by=request.user, now=timezone.now()),
        said=_("Published: inspections that nobody has begun go by it."),
        back=reverse("duty:sheet", args=[pk]),
    )


@house_only
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = _written(request.user, pk)
    return pressed(
        request,
        lambda: actions.retire_sheet(found, by=request.user, now=timezone.now()),
        said=_("No longer used. What was found by it stays."),
        back=reverse("duty:sheet", args=[pk]),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_plan(request: HttpRequest, code: str) -> HttpResponse:
    group, now = group_led(code, request.user), timezone.now()
    asked = request.GET.get("sheet", "")
    initial = {
        "sheet": asked if asked.isdecimal() else None,
        "due": "09:30",
        "since": timezone.localdate(now),
    }
    form = PlanForm(request.POST or None, group=group, initial=initial)
    answer = typed_in(
        request,
        form,
        lambda: actions.make_plan(form.cleaned_data["sheet"], form.rhythm(), by=request.user, now=now),
        said=_("Planned. The inspections of today and tomorrow are there."),
        back=reverse("duty:sheets"),
    )
    context = {"form": form, "group": group, "plan": None}
    return answer or render(
        request, "duty/inspection_plan_form.html", context, status=422 if form.errors else 200
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_plan(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request.user, pk)
    form = PlanForm(request.POST or None, instance=plan, group=plan.sheet.group)
    answer = typed_in(
        request,
        form,
        lambda: actions.change_plan(plan, form.rhythm(), by=request.user, now=timezone.now()),
        said=_("Changed. What was begun, or is due already, stays as it was."),
        back=reverse("duty:sheet", args=[plan.sheet_id]),
    )
    context = {"form": form, "group": plan.sheet.group, "plan": plan}
    return answer or render(
        request, "duty/inspection_plan_form.html", context, status=422 if form.errors else 200
    )


@house_only
@require_POST
def end_plan(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request.user, pk)
    return pressed(
        request,
        lambda: actions.end_plan(plan, by=request.user, now=timezone.now()),
        said=_("The plan is over; what was inspected stays."),
        back=reverse("duty:sheet", args=[plan.sheet_id]),
    )


def _sheet(user: User, pk: int) -> InspectionSheet:
    seen = InspectionSheet.objects.visible_to(user).select_related("group", "system__client")
    return get_object_or_404(seen, pk=pk)


def _written(user: User, pk: int) -> InspectionSheet:
    """A sheet for somebody who may change it; a 403 for whoever only sees it."""
    found = _sheet(user, pk)
    group_led(found.group.code, user)
    return found


def _may_write(found: InspectionSheet, user: User) -> bool:
    return found.retired_at is None and actions.may_roster(found.group, user)


def _draft(found: InspectionSheet) -> SheetVersion | None:
    return found.versions.filter(published_at=None).first()


def _plan(user: User, pk: int) -> InspectionPlan:
    plans = InspectionPlan.objects.visible_to(user).select_related("sheet__group", "sheet__system__client")
    plan = get_object_or_404(plans, pk=pk)
    group_led(plan.sheet.group.code, user)
    return plan

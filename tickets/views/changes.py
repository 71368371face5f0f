"""Changes: the list, one of them, and the steps taken on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from staff.filefield import messages_of
from staff.models import Group
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from tickets import actions
from tickets.changecalendar import with_conflicts
from tickets.changefilters import asked_for
from tickets.changeforms import ClientForm, DraftForm, form_of
from tickets.changes import ChangeState, Part, Step, WorkStep
from tickets.changestanding import may_edit_types, may_plan, papers_of, standing_of
from tickets.changewords import PartsMissing, faults_of
from tickets.models import Change, EntryKind, WorkType
from tickets.views.asked import history_of

VERBS: Mapping[Step, Callable[..., Change]] = {
    Step.PLAN: actions.plan_change,
    Step.SUBMIT: actions.submit_change,
    Step.APPROVE: actions.approve_change,
    Step.REJECT: actions.reject_change,
    Step.CLIENT: actions.confirm_for_client,
    Step.SCHEDULE: actions.schedule_change,
    Step.START: actions.start_change,
    Step.FINISH: actions.finish_change,
    Step.REVIEW: actions.review_change,
    Step.WITHDRAW: actions.withdraw_change,
    Step.FILE: actions.file_for_change,
    Step.WAIVE: actions.waive_document,
}
LABELS = {
    Step.PLAN: _("Write the plan"),
    Step.SUBMIT: _("Submit it for approval"),
    Step.APPROVE: _("Approve it"),
    Step.REJECT: _("Turn it down"),
    Step.CLIENT: _("Note the client's confirmation"),
    Step.SCHEDULE: _("Set the window"),
    Step.START: _("Begin"),
    Step.FINISH: _("Report the result"),
    Step.REVIEW: _("Review it"),
    Step.WITHDRAW: _("Withdraw it"),
    Step.FILE: _("File a required document"),
    Step.WAIVE: _("A document is not needed"),
}
DONE = {
    Step.PLAN: _("Kept."),
    Step.SUBMIT: _("Submitted. The superior is told."),
    Step.APPROVE: _("Approved. Planner and owner are told."),
    Step.REJECT: _("Turned down. Planner and owner are told."),
    Step.CLIENT: _("Noted."),
    Step.SCHEDULE: _("The window is set. Owner and duty are reminded of it."),
    Step.START: _("Begun."),
    Step.FINISH: _("Reported. Somebody else reviews it now."),
    Step.REVIEW: _("Reviewed. The client is asked next."),
    Step.WITHDRAW: _("Withdrawn. The client is told, and confirms."),
    Step.FILE: _("Filed."),
    Step.WAIVE: _("Noted with the reason."),
}
# Which form stands open: the first of these that may be taken.
NEXT = (Step.FINISH, Step.REVIEW, Step.APPROVE, Step.START, Step.SCHEDULE, Step.SUBMIT)


@house_only
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Those that an address asks for, newest first."""
    user, now = request.user, timezone.now()
    asked = asked_for(request.GET, user, now)
    found = page(asked.rows.with_names(), request=request, order=("-pk",))
    context = {
        "rows": [(row, _is_late(row, now)) for row in found.rows],
        "page": found,
        "asked": asked,
        "groups": Group.objects.all() if user.sees_everything else [],
        "types": WorkType.objects.all(),
        "may_plan": user.may_work,
        "may_edit_types": may_edit_types(user),
    }
    return render(request, "changes/list.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Plan a change: first for whom, then the rest."""
    user = request.user
    if not user.may_work:
        raise PermissionDenied
    chosen = ClientForm(request.GET if "client" in request.GET else None, user=user)
    if not chosen.is_bound or not chosen.is_valid():
        context = {"form": chosen, "client": None}
        return render(request, "changes/create.html", context, status=422 if chosen.errors else 200)
    client: Client = chosen.cleaned_data["client"]
    if not may_plan(user, client.group_id):
        raise PermissionDenied
    kind = WorkType.objects.filter(code=request.GET.get("type", "")).first()
    form = DraftForm(request.POST or None, client=client, initial={"type": kind})
    if form.is_valid():
        try:
            change = actions.draft_change(form.draft(), by=user, now=timezone.now())
        except Refused as refused:
            _blame(form, refused)
        else:
            messages.success(request, _("Planned. Submit it when plan and rollback plan are whole."))
            return redirect("changes:change", pk=change.pk)
    context = {"form": form, "client": client}
    return render(request, "changes/create.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, seen(request, pk))


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    found = seen(request, pk)
    if step not in list(Step):
        raise Http404
    taken = Step(step)
    form = form_of(taken, found, papers_of(found), request.POST, request.FILES, now=timezone.now())
    status, faults = 422, dict[str, str]()
    if form.is_valid():
        if (state := request.POST.get("seen_state")) in ChangeState.values:
            found.state = state  # as the page showed it
        found.read_plan = request.POST.get("seen_plan")
        facts = form.step() if hasattr(form, "step") else form.cleaned_data
        try:
            VERBS[taken](found, **facts, by=request.user, now=timezone.now())
        except PartsMissing as refused:
            faults = dict(refused.faults)
        except Refused as refused:
            _blame(form, refused)
            status = {"moved": 409, "forbidden": 403}.get(refused.code, 422)
        else:
            messages.success(request, DONE[taken])
            return redirect("changes:change", pk=pk)
    return shown(request, seen(request, pk), failed=(taken, form), faults=faults, status=status)


def seen(request: HttpRequest, pk: int) -> Change:
    rows = Change.objects.visible_to(request.user).with_names()
    people = ("planner", "decided_by", "started_by", "finished_by", "reviewed_by", "client_evidence")
    more = ("ticket__contact", "ticket__client__hours")
    return get_object_or_404(rows.select_related(*people, *more), pk=pk)


def shown(
    request: HttpRequest,
    found: Change,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    possible = standing_of(found, user).possible()
    papers = papers_of(found)
    if not papers:
        possible = [step for step in possible if step not in (Step.FILE, Step.WAIVE)]
    found_forms = {step: form_of(step, found, papers, now=now) for step in possible} | dict(
        [failed] if failed else []
    )
    facts = found.facts(papers)
    begun = found.started_at is not None
    missing = facts.missing_to_close() if begun else facts.missing_to(Step.START)
    [window] = with_conflicts([found]) or [None]
    context: dict[str, Any] = {
        "change": found,
        "ticket": found.ticket,
        "is_late": _is_late(found, now),
        "papers": [(step, [one for one in papers if one.step == step]) for step in WorkStep],
        "steps": [(step.value, LABELS[step], found_forms[step]) for step in Step if step in found_forms],
        "failed": failed[0].value if failed else "",
        "faults": faults or {},
        "missing": {} if found.state in ("closed", "withdrawn") else faults_of(missing, papers),
        "begun": begun,
        "next": next((step.value for step in NEXT if step in possible), ""),
        "window": window,
        "entries": [one for one in history_of(user, found.pk) if one.kind == EntryKind.CHANGE],
        "parts": Part,
    }
    return render(request, "changes/change.html", context, status=status)


def _is_late(found: Change, now: Any) -> bool:
    return found.ticket.next_due_at is not None and found.ticket.next_due_at < now


def _blame(form: forms.Form, refused: Refused) -> None:
    field = {"files": "file"}.get(refused.field or "", refused.field)
    form.add_error(field if field in form.fields else None, messages_of(refused))

"""Corrective actions: the list, one of them, and the steps taken on it."""

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
from staff.forms import show_refusal
from staff.models import Group, TermsChange, User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from surveys.actions import corrective as actions
from surveys.actions.correctivewords import part_label
from surveys.actions.opening import open_by_hand
from surveys.actions.resurvey import ask_again, may_be_asked_again
from surveys.correcting import CorrectiveState, Part, Source, Step
from surveys.correctivefilters import asked_for
from surveys.correctives import may_open, may_set_terms, standing_of, terms_for, terms_row
from surveys.forms.corrective import OpenForm, TermsForm, form_of
from surveys.models import AnswerSheet, CorrectiveAction, CorrectiveTerms
from tickets.models import Ticket
from visits.models import Callback

STEPS: Mapping[Step, Callable[..., CorrectiveAction]] = {
    Step.ANALYSE: actions.analyse,
    Step.PLAN: actions.plan_measure,
    Step.CARRY_OUT: actions.carry_out,
    Step.REPLY: actions.reply_to_client,
    Step.VERIFY: actions.verify,
    Step.ASK_AGAIN: ask_again,
    Step.CHECK_EFFECT: actions.check_effect,
    Step.CLOSE: actions.close_corrective,
    Step.DROP: actions.drop_corrective,
}
LABELS = {
    Step.ANALYSE: _("Analyse the cause"),
    Step.PLAN: _("Plan the measure"),
    Step.CARRY_OUT: _("Report it carried out"),
    Step.REPLY: _("Answer the client"),
    Step.VERIFY: _("Verify it"),
    Step.ASK_AGAIN: _("Ask the client again"),
    Step.CHECK_EFFECT: _("Check the effect"),
    Step.CLOSE: _("Close it"),
    Step.DROP: _("Drop it"),
}
DONE = {
    Step.ANALYSE: _("Kept."),
    Step.PLAN: _("Planned. The owner is told."),
    Step.CARRY_OUT: _("Reported. Somebody else verifies it now."),
    Step.REPLY: _("The client is answered."),
    Step.VERIFY: _("Kept. The owner sees it."),
    Step.ASK_AGAIN: _("The client is asked again."),
    Step.CHECK_EFFECT: _("Kept."),
    Step.CLOSE: _("Closed: cause, measure, reply, verification and effect are all there."),
    Step.DROP: _("Dropped."),
}


@house_only
@require_safe
def correctives(request: HttpRequest) -> HttpResponse:
    """Those that an address asks for, newest first; of the late ones those that wait longest come first."""
    user, now = request.user, timezone.now()
    asked = asked_for(request.GET, user, now)
    order = ("due_at", "pk") if asked.queue == "overdue" else ("-pk",)
    found = page(asked.rows.with_names(), request=request, order=order)
    context = {
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "page": found,
        "asked": asked,
        "groups": Group.objects.all() if user.sees_everything else [],
        "people": User.objects.visible_to(user).working().order_by("name", "pk"),
        "sources": Source.choices,
        "may_set_terms": may_set_terms(user),
    }
    return render(request, "surveys/correctives.html", context)


@house_only
@require_safe
def corrective(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, seen(request, pk))


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    action, now = seen(request, pk), timezone.now()
    if step not in list(Step):
        raise Http404
    taken = Step(step)
    form = form_of(taken, action, terms_for(action, now), request.POST)
    status = 422
    faults: Mapping[str, str] = {}
    if form.is_valid():
        seen_state = request.POST.get("seen_state")
        action.state = (
            seen_state if seen_state in CorrectiveState.values else action.state
        )  # as the page showed it
        facts = form.step() if hasattr(form, "step") else form.cleaned_data
        try:
            STEPS[taken](action, **facts, by=request.user, now=now)
        except actions.PartsMissing as refused:
            faults = refused.faults
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if refused.code == "moved" else 403 if refused.code == "forbidden" else 422
        else:
            messages.success(request, DONE[taken])
            return redirect("satisfaction:corrective", pk=pk)
    return shown(request, seen(request, pk), failed=(taken, form), faults=faults, status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def open_from(request: HttpRequest, kind: str, of: int) -> HttpResponse:
    """Open one by hand, from a record or from a client."""
    user, ticket = request.user, None
    if kind == "record":
        rows = Ticket.objects.visible_to(user).select_related("client__group", "contact", "system")
        ticket = get_object_or_404(rows, pk=of)
        client = ticket.client
    else:
        client = get_object_or_404(Client.objects.visible_to(user).select_related("group"), pk=of)
    if not may_open(user, client.group_id):
        raise PermissionDenied
    form = OpenForm(request.POST or None)
    if form.is_valid():
        try:
            action = open_by_hand(
                client=client, ticket=ticket, **form.cleaned_data, by=user, now=timezone.now()
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Opened. The group's supervisor is told."))
            return redirect("satisfaction:corrective", pk=action.pk)
    context = {"form": form, "client": client, "ticket": ticket}
    return render(request, "surveys/corrective_open.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """How long the steps may take, in the whole house."""
    if not may_set_terms(request.user):
        raise PermissionDenied
    form = TermsForm(request.POST or None, instance=terms_row())
    if form.is_valid():
        actions.set_terms(form.save(commit=False), by=request.user, now=timezone.now())
        messages.success(request, _("Saved. It holds for each step that is taken from now on."))
        return redirect("satisfaction:correctives")
    context = {"form": form, "changes": TermsChange.objects.newest(CorrectiveTerms)}
    return render(request, "surveys/corrective_terms.html", context, status=422 if form.errors else 200)


def seen(request: HttpRequest, pk: int) -> CorrectiveAction:
    rows = CorrectiveAction.objects.visible_to(request.user).with_names()
    people = ("contact", "system", "replied_by", "verified_by", "effect_by", "opened_by", "resurvey__sheet")
    return get_object_or_404(rows.select_related(*people, "answer__invitation", "callback"), pk=pk)


def shown(
    request: HttpRequest,
    action: CorrectiveAction,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    possible = standing_of(action, user).possible()
    if Step.ASK_AGAIN in possible and not may_be_asked_again(action):
        possible.remove(Step.ASK_AGAIN)
    in_force = terms_for(action, now)
    found = {step: form_of(step, action, in_force) for step in possible} | dict([failed] if failed else [])
    missing = action.facts.missing() if action.is_open else []
    context: dict[str, Any] = {
        "action": action,
        "is_overdue": action.is_overdue(now),
        "parts": [
            (part, part_label(part), part not in missing)
            for part in Part
            if action.owes_reply or action.replied_at or part != Part.REPLY
        ],
        "steps": [(step.value, LABELS[step], found[step]) for step in Step if step in found],
        "failed": failed[0].value if failed else "",
        "faults": faults or {},
        "next": _next(possible, missing),
        "events": action.events.select_related("by"),
        "sees_record": _sees(Ticket.objects.visible_to(user), action.ticket_id),
        "sees_answer": _sees(AnswerSheet.objects.visible_to(user), action.answer_id),
        "sees_callback": _sees(Callback.objects.visible_to(user), action.callback_id),
    }
    return render(request, "surveys/corrective.html", context, status=status)


def _sees(rows: Any, pk: int | None) -> bool:
    return pk is not None and rows.filter(pk=pk).exists()


def _next(possible: list[Step], missing: list[Part]) -> str:
    """Which form stands open: the step that is missing first, as far as it may be taken."""
    order = {
        Part.WHYS: Step.ANALYSE,
        Part.ROOT_CAUSE: Step.ANALYSE,
        Part.MEASURE: Step.PLAN,
        Part.OWNER: Step.PLAN,
        Part.DUE_ON: Step.PLAN,
        Part.RESULT: Step.CARRY_OUT,
        Part.REPLY: Step.REPLY,
        Part.VERIFICATION: Step.VERIFY,
        Part.EFFECT: Step.CHECK_EFFECT,
    }
    steps = [order[part] for part in missing] if missing else [Step.CLOSE]
    return next((step.value for step in steps if step in possible), "")

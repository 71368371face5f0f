"""Overruns of limits as cases: the list with a month's counts, one case, and the steps taken on it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from staff.forms import show_refusal
from staff.models import Group, User
from staff.paging import page
from tickets import actions
from tickets.accountability import OverrunCause, OverrunState, Step
from tickets.lifecycle import Moved, Refused
from tickets.models import ClockKind, Overrun, Ticket
from tickets.models.overrun import may_read, reads_all, supervises
from tickets.overrunfilters import asked_for, month_table, months_before
from tickets.overrunforms import form_of
from tickets.overruns import case_of, cases, standing_of, terms_for
from tickets.views.access import hidden_from_contacts

MONTHS_OFFERED = 12
STEPS = {
    Step.EXPLAIN: actions.explain,
    Step.RULE: actions.rule,
    Step.APPEAL: actions.appeal,
    Step.DECIDE: actions.decide_appeal,
}
LABELS = {
    Step.EXPLAIN: _("Explain it"),
    Step.RULE: _("Rule on it"),
    Step.APPEAL: _("Appeal against the ruling"),
    Step.DECIDE: _("Decide on the appeal"),
}
DONE = {
    Step.EXPLAIN: _("Explained. Whoever rules on it is told."),
    Step.RULE: _("Ruled. The person is told, and until when he may appeal."),
    Step.APPEAL: _("Appealed. Whoever decides on it is told."),
    Step.DECIDE: _("Decided for good. Both sides are told."),
}


@hidden_from_contacts
@require_safe
def overruns(request: HttpRequest) -> HttpResponse:
    """The cases by state, clock, group, person and month; newest first."""
    user, now = request.user, timezone.now()
    asked = asked_for(request.GET, user, now)
    rows = asked.rows.select_related("clock", "ticket__client", "group", "person")
    found = page(rows, request=request, order=("-pk",))
    judges = reads_all(user) or supervises(user, user.group_id)
    month = asked.month or timezone.localdate(now).replace(day=1)
    context = {
        "cases": cases(found.rows, user, now),
        "page": found,
        "asked": asked,
        "judges": judges,
        "table": month_table(user, month) if judges else None,
        "month_shown": f"{month:%Y-%m}",
        "groups": Group.objects.all() if user.sees_everything else [],
        "people": User.objects.visible_to(user).working().order_by("name", "pk") if judges else [],
        "kinds": ClockKind.choices,
        "causes": OverrunCause.choices,
        "months": months_before(timezone.localdate(now), MONTHS_OFFERED),
        "now": now,
    }
    return render(request, "tickets/overruns.html", context)


@hidden_from_contacts
@require_safe
def overrun(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _visible(request, pk))


@hidden_from_contacts
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    case = _visible(request, pk)
    if step not in STEPS:
        raise Http404
    taken = Step(step)
    form, status = form_of(taken, case, request.POST), 422
    if form.is_valid():
        seen = request.POST.get("seen_state")
        case.state = seen if seen in OverrunState.values else case.state  # as the page showed it
        try:
            STEPS[taken](case, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, DONE[taken])
            return redirect("tickets:overrun", pk=pk)
    return _shown(request, _visible(request, pk), failed=(taken, form), status=status)


def _visible(request: HttpRequest, pk: int) -> Overrun:
    rows = Overrun.objects.visible_to(request.user)
    related = ("clock", "ticket__client", "group", "person", "ruled_by", "decided_by")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _shown(
    request: HttpRequest, case: Overrun, *, failed: tuple[Step, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    user, now = request.user, timezone.now()
    in_force = terms_for([case], now)
    possible = standing_of(case, user, in_force, now).possible()
    found = {step: form_of(step, case) for step in possible} | dict([failed] if failed else [])
    context = {
        "case": case_of(case, user, in_force, now),
        "overrun": case,
        "is_readable": may_read(user, case),
        "sees_record": Ticket.objects.visible_to(user).filter(pk=case.ticket_id).exists(),
        "steps": [(step.value, LABELS[step], found[step]) for step in Step if step in found],
        "failed": failed[0].value if failed else "",
        "now": now,
    }
    return render(request, "tickets/overrun.html", context, status=status)

"""What a draft would have meant for what has happened: asked for, watched, and looked into."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.forms import show_refusal
from staff.models import User
from staff.views.access import house_only
from tickets.actions.rehearsal import ask_what_if
from tickets.histories import terms_of
from tickets.lifecycle import Refused
from tickets.models import ClockKind, PolicyVersion, Ticket, WhatIf
from tickets.policyforms import WhatIfForm
from tickets.terms import as_json
from tickets.views.policy import version_of
from tickets.views.policydraft import rulers_only
from tickets.whatif import Sum, Sums, Thing


@house_only
@require_safe
def what_if(request: HttpRequest, number: int) -> HttpResponse:
    """The newest run over a version, and the form to ask for one."""
    version = version_of(request.user, number)
    return _page(request, version, WhatIfForm())


@rulers_only
@require_POST
def ask(request: HttpRequest, number: int) -> HttpResponse:
    version, form = version_of(request.user, number), WhatIfForm(request.POST)
    if form.is_valid():
        try:
            ask_what_if(version, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("It is being worked out; this page shows how far it is."))
            return redirect("tickets:what_if", number=number)
    return _page(request, version, form)


@house_only
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; its result as soon as there is one."""
    run = get_object_or_404(WhatIf.objects.visible_to(request.user).select_related("version", "base"), pk=pk)
    context = _result(run) | {"user": request.user, "now": timezone.now()}
    return HttpResponse(render_to_string("tickets/_what_if.html", context))


@house_only
@require_safe
def samples(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """Some records that would have gone otherwise: those of them that the person may see."""
    run = get_object_or_404(WhatIf.objects.visible_to(request.user).select_related("version"), pk=pk)
    rows = _rows(run)
    if place >= len(rows):
        return redirect("tickets:what_if", number=run.version.number)
    thing, total = rows[place]
    tickets = Ticket.objects.visible_to(request.user).filter(pk__in=total.samples).with_names()
    context = {
        "run": run,
        "thing": thing,
        "total": total,
        "tickets": tickets.without_texts(),
        "hidden": len(total.samples) - len(tickets),
        "people": _people(rows),
    }
    return render(request, "tickets/what_if_samples.html", context)


def _page(request: HttpRequest, version: PolicyVersion, form: WhatIfForm) -> HttpResponse:
    run = version.what_ifs.visible_to(request.user).select_related("version", "base").first()
    context: dict[str, object] = {"version": version, "form": form, "run": run}
    if run is not None:
        context |= _result(run)
        context["is_old"] = run.terms["new"] != as_json(terms_of(version))
    return render(request, "tickets/what_if.html", context, status=422 if form.errors else 200)


def _result(run: WhatIf) -> dict[str, object]:
    rows, sums = _rows(run), Sums.from_json(run.result)
    lines = [(place, thing, total) for place, (thing, total) in enumerate(rows)]
    return {
        "run": run,
        "differing": [line for line in lines if line[2].samples],
        "same": [line for line in lines if not line[2].samples],
        "changed": sums.changed,
        "people": _people(rows),
    }


def _rows(run: WhatIf) -> list[tuple[Thing, Sum]]:
    """The sums in the order of clock and grade; of each, what exceeds its limit first."""
    order = {kind: place for place, kind in enumerate(ClockKind.values)}
    found = Sums.from_json(run.result).by_thing.items()
    return sorted(
        found, key=lambda pair: (order[pair[0].kind], pair[0].grade or 0, pair[0].what, pair[0].target)
    )


def _people(rows: list[tuple[Thing, Sum]]) -> dict[int, str]:
    named = {int(thing.target.partition(":")[2]) for thing, _total in rows if ":" in thing.target}
    return {person.pk: person.label for person in User.objects.filter(pk__in=named)} if named else {}

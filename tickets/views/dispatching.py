"""Engineers on the road: the engineer's own page for his phone, and what others see of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.dispatchforms import STEP_FORMS
from tickets.lifecycle import Refused
from tickets.models import (
    Clock,
    ClockKind,
    Dispatch,
    OnSiteOutcome,
    OnSiteReport,
    OnSiteStep,
    Ticket,
    WrittenReport,
)

WORKER = "js/dispatchworker.js"
VERBS = {
    OnSiteStep.DEPART: actions.depart,
    OnSiteStep.ARRIVE: actions.arrive,
    OnSiteStep.LEAVE: actions.leave,
}


@dataclass(frozen=True, slots=True)
class OnSite:
    """What a record's page shows of the way to the client: who goes or went there, and the written report."""

    orders: list[Dispatch] = field(default_factory=list)
    written: list[WrittenReport] = field(default_factory=list)


def on_site_of(ticket: Ticket, user: User) -> OnSite:
    """It asks only where the record (of `on_site_facts`) has something; a client's contact sees none."""
    if user.is_contact:
        return OnSite()
    orders, written = [], []
    if ticket.has_dispatch:  # type: ignore[attr-defined]
        rows = Dispatch.objects.filter(ticket=ticket).select_related("engineer", "signature")
        orders = list(rows.order_by("-pk"))
    if ticket.has_written_report:  # type: ignore[attr-defined]
        written = list(WrittenReport.objects.filter(ticket=ticket).select_related("attachment", "filed_by"))
    return OnSite(orders, written)


def phoned_in(
    ticket: Ticket,
    *,
    order: Dispatch,
    said: str,
    happened_at: datetime | None,
    reason: str,
    by: User,
    now: datetime,
) -> OnSiteReport:
    """Write down what an engineer says on the phone; what the record's page calls as a verb."""
    who: dict[str, Any] = {"happened_at": happened_at, "by": by, "now": now}
    if said in OnSiteOutcome.values:
        return actions.leave(order, outcome=OnSiteOutcome(said), reason=reason, **who)
    return VERBS[OnSiteStep(said)](order, **who)


def call_off(ticket: Ticket, *, order: Dispatch, **more: Any) -> Dispatch:
    """The verb as the record's page calls it."""
    return actions.call_off(order, **more)


@house_only
@require_safe
def dispatches(request: HttpRequest) -> HttpResponse:
    """The engineer's own: what is open, and what was over today. His phone keeps the page."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    orders = (
        Dispatch.objects.on_the_card_of(request.user, midnight)
        .select_related("ticket__client", "ticket__system")
        .annotate(due_at=_arrival(OuterRef("ticket"), "due_at"))
        .order_by("pk")
    )
    cards = sorted(orders, key=lambda order: (not order.is_open, order.arrived_at is None, order.pk))
    context = {
        "cards": [(order, _steps(order)) for order in cards],
        "keys": {step.value: uuid.uuid4() for step in OnSiteStep},
    }
    return render(request, "tickets/dispatches.html", context)


@house_only
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in and what time it is here: what the page asks before it sends what it has kept."""
    answer = {"person": request.user.pk, "csrf": get_token(request), "now": timezone.now().isoformat()}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@house_only
@require_POST
def report(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one report of an engineer's phone, once for each key; its script gets JSON, a plain form a page.

    409 where another person is signed in than the one who reported: nothing is taken under a wrong name.
    """
    if step not in OnSiteStep.values:
        raise Http404
    wants_json = "application/json" in request.headers.get("Accept", "")
    if request.POST.get("person", str(request.user.pk)) != str(request.user.pk):
        return _answer([("", _("Somebody else is signed in."))], wants_json, request, status=409)
    own = Dispatch.objects.filter(engineer=request.user)
    order = get_object_or_404(own.select_related("ticket"), pk=pk)
    form = STEP_FORMS[OnSiteStep(step)](request.POST, request.FILES)
    if not form.is_valid():
        faults = [(name, " ".join(map(str, said))) for name, said in form.errors.items()]
        return _answer(faults, wants_json, request)
    try:
        taken = VERBS[OnSiteStep(step)](order, **form.verb_arguments(), by=request.user, now=timezone.now())
    except Refused as refused:
        return _answer([(refused.field or "", str(refused))], wants_json, request)
    if wants_json:
        answer = {"happened_at": taken.happened_at, "received_at": taken.received_at}
        return JsonResponse(answer | {"not_taken": taken.not_taken})
    for why in taken.not_taken:
        messages.warning(request, why)
    return redirect("tickets:dispatches")


@house_only
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the engineer's page, from an address that lets it serve that page alone."""
    path = finders.find(WORKER)
    if not isinstance(path, str):
        raise Http404
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(open(path, "rb"), content_type="text/javascript", headers=headers)


@house_only
@require_safe
def on_the_road(request: HttpRequest) -> HttpResponse:
    """Who is on the road in the groups that the person sees: whoever must arrive first stands first."""
    if not (request.user.may_work or request.user.sees_everything):
        raise PermissionDenied
    orders = (
        Dispatch.objects.visible_to(request.user)
        .open()
        .select_related("engineer", "ticket__client", "ticket__group")
        .annotate(due_at=_arrival(OuterRef("ticket"), "due_at"))
    )
    rows = sorted(
        orders, key=lambda order: (order.due_at is None, order.due_at or order.ordered_at, order.pk)
    )
    return render(request, "tickets/on_the_road.html", {"orders": rows})


def _arrival(ticket: OuterRef, name: str) -> Subquery:
    """A fact of the record's arrival clock that runs."""
    return Subquery(Clock.objects.running().filter(ticket=ticket, kind=ClockKind.ARRIVAL).values(name)[:1])


def _steps(order: Dispatch) -> list[OnSiteStep]:
    """The steps still to be reported: the page has a form for each, for it may be long without a network."""
    steps, following = list(OnSiteStep), order.next_step
    return steps[steps.index(following) :] if following and order.is_open else []


def _answer(
    faults: list[tuple[str, str]], wants_json: bool, request: HttpRequest, *, status: int = 422
) -> HttpResponse:
    if wants_json:
        said = [{"field": name, "says": words} for name, words in faults]
        return JsonResponse({"faults": said}, status=status)
    for _name, words in faults:
        messages.error(request, words)
    return redirect("tickets:dispatches")

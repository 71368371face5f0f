"""One verb on the records that are ticked in the list, and taking back an assignment of many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Channel
from staff.models import Group, User
from staff.views.access import house_only
from tickets import actions
from tickets.actions.bulk import Outcome, each
from tickets.bulkform import BulkForm
from tickets.forms import working_people
from tickets.models import Status, Ticket
from tickets.views.listing import listing

MOST_ROWS = 200
# The page offers it for ten seconds; the rest is for a slow line.
UNDO_SHOWN, UNDO_TAKEN = timedelta(seconds=10), timedelta(seconds=20)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Do a verb on each chosen record, and say on the list what became of each."""
    if request.method != "POST":
        return redirect(_list_url(request))  # somebody reloaded a page that named a mistake
    if not request.user.may_work:
        raise PermissionDenied
    now, form = timezone.now(), BulkForm(request.POST, user=request.user, people=working_people())
    chosen = request.POST.getlist("row")[:MOST_ROWS]
    if not form.is_valid() or not chosen:
        if not chosen:
            messages.warning(request, _("Choose the records first."))
        return listing(request, bulk=form, status=422)
    tickets, missing = _as_seen(chosen, request.user)
    before = {ticket.pk: (ticket.owner_id, ticket.group_id) for ticket in tickets}
    outcomes = each(tickets, _verb(form, request.user, now))
    request.session["bulk_result"] = result_of(outcomes, missing)
    if form.cleaned_data["verb"] == "assign":
        _keep_for_undo(request, outcomes, before, now)
    return redirect(_list_url(request))


@house_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """To whom the chosen records may go, for the form on the list."""
    if not request.user.may_work:
        raise PermissionDenied
    context = {"bulk": BulkForm(user=request.user, people=working_people())}
    # Without the request: the frame around a page has questions to the database that this has not.
    return HttpResponse(render_to_string("tickets/_bulk_people.html", context))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Give the records of the last assignment of many back, where nobody has changed them since."""
    now, kept = timezone.now(), request.session.pop("bulk_undo", None)
    if kept is None or now - (parse_datetime(kept["at"]) or now) > UNDO_TAKEN:
        messages.warning(request, _("It is too late to undo this. Assign the records anew."))
        return redirect(_list_url(request))
    # Not by visible_to: what he has just given to another group he no longer sees, but may still take back.
    tickets = Ticket.objects.in_bulk([row["ticket"] for row in kept["rows"]])
    rows = {row["ticket"]: row for row in kept["rows"]}
    people = User.objects.in_bulk([row["owner"] for row in kept["rows"] if row["owner"]])
    groups = Group.objects.in_bulk([row["group"] for row in kept["rows"]])

    def give_back(ticket: Ticket) -> None:
        row = rows[ticket.pk]
        ticket.version = row["version"]
        owner, group = people.get(row["owner"]), groups[row["group"]]
        actions.undo_assign(ticket, owner=owner, group=group, by=request.user, now=now)

    outcomes = each([tickets[pk] for pk in rows if pk in tickets], give_back)
    request.session["bulk_result"] = result_of(outcomes, []) | {"undone": True}
    return redirect(_list_url(request))


def _verb(form: BulkForm, by: User, now: datetime) -> Callable[[Ticket], object]:
    """The action that the form asks for, as it is to be done on one record."""
    data, who = form.cleaned_data, {"by": by, "now": now}
    verbs: dict[str, Callable[[Ticket], object]] = {
        "acknowledge": lambda ticket: actions.acknowledge(ticket, **who),
        "assign": lambda ticket: actions.assign(
            ticket, owner=data["owner"], group=data["group"], text=data["word"], **who
        ),
        "note": lambda ticket: actions.add_note(ticket, text=data["note"], **who),
        "confirm": lambda ticket: actions.confirm(
            ticket,
            confirmed_by=data["confirmed_by"] or ticket.caller_name,
            channel=Channel(data["channel"]),
            **who,
        ),
        "adopt": lambda ticket: actions.adopt(data["parent"], child=ticket, **who),
    }
    return verbs[data["verb"]]


def _as_seen(chosen: list[str], user: User) -> tuple[list[Ticket], list[str]]:
    """The chosen records that the person may see, each with the status and owner that his page showed.

    A row is sent as `pk:status:owner`; what is not (or no longer) his to see is returned by its number.
    """
    seen = {pk: rest for pk, _colon, rest in (row.partition(":") for row in chosen) if pk.isdigit()}
    seen = {pk: rest for pk, rest in seen.items() if len(pk) < 18}
    found = Ticket.objects.visible_to(user).select_related("client").in_bulk([int(pk) for pk in seen])
    tickets = []
    for pk, rest in seen.items():
        if (ticket := found.get(int(pk))) is None:
            continue
        status, _colon, owner = rest.partition(":")
        ticket.status = status if status in Status.values else ticket.status
        ticket.owner_id = int(owner) if owner.isdigit() and len(owner) < 18 else None
        tickets.append(ticket)
    return tickets, [f"T-{pk}" for pk in seen if int(pk) not in found]


def result_of(outcomes: list[Outcome], missing: list[str]) -> dict[str, Any]:
    """What the list says above its rows, as the session can keep it."""
    refused = [
        {"pk": outcome.ticket.pk, "number": outcome.ticket.number, "reason": outcome.refusal}
        for outcome in outcomes
        if outcome.refusal
    ]
    refused += [{"number": number, "reason": _("This record is not yours to see.")} for number in missing]
    done = [
        {"pk": outcome.ticket.pk, "number": outcome.ticket.number}
        for outcome in outcomes
        if not outcome.refusal
    ]
    return {"done": done, "refused": refused}


def _keep_for_undo(
    request: HttpRequest, outcomes: list[Outcome], before: dict[int, tuple[Any, Any]], now: datetime
) -> None:
    """Remember for some seconds whose the records were, and in which version the assignment left them."""
    done = [outcome.ticket.pk for outcome in outcomes if not outcome.refusal]
    after = Ticket.objects.filter(pk__in=done).values_list("pk", "version", "owner_id", "group_id")
    rows = [
        {"ticket": pk, "version": version, "owner": before[pk][0], "group": before[pk][1]}
        for pk, version, owner, group in after
        if before[pk] != (owner, group)
    ]
    if rows:
        request.session["bulk_undo"] = {"at": now.isoformat(), "rows": rows}
        request.session["bulk_result"]["undo_seconds"] = int(UNDO_SHOWN.total_seconds())


def _list_url(request: HttpRequest) -> str:
    return f"{reverse('tickets:list')}?{request.GET.urlencode()}"

"""Records that are tied together: the card on a record's page, the search for the other one, a mass fault's parts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets import actions
from tickets.actions.bulk import Outcome, each
from tickets.models import Link, LinkKind, Status, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.related import SOLVED, related
from tickets.search import MOST_ASKED_FOR, as_id, find

MOST_HITS = 10
MOST_PARTS = 200


@require_safe
def find_record(request: HttpRequest) -> HttpResponse:
    """The records that what is typed finds, at most ten, for the field that asks for one (`field`).

    `for` is the verb, which not every record fits; `record` the one on whose page the field stands.
    """
    user = request.user
    if not user.may_work:
        raise PermissionDenied
    words = request.GET.get(request.GET.get("field", ""), "").replace("\0", "").strip()[:MOST_ASKED_FOR]
    rows = _fitting(Ticket.objects.visible_to(user), request.GET.get("for", ""))
    if (own := as_id(request.GET.get("record", ""))) is not None:
        rows = rows.exclude(pk=own)
    hits = []
    if words:
        search = find(rows, words, user)
        hits = list(search.rows.with_names().order_by(*search.order(("-pk",)))[:MOST_HITS])
    context = {"hits": hits, "words": words, "field": request.GET.get("field", "")}
    # Without the request: the frame around pages is not shown, so it is not asked for either.
    return HttpResponse(render_to_string("tickets/_picker_hits.html", context))


@require_POST
def resolve_parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Solve the open parts of a mass fault with its own solution; each says what became of it."""
    user, now = request.user, timezone.now()
    if not user.may_work:
        raise PermissionDenied
    ticket = get_object_or_404(Ticket.objects.visible_to(user), pk=pk)
    parts = list(open_parts(ticket).visible_to(user).order_by("pk")[:MOST_PARTS])
    if not parts:
        messages.warning(request, _("No part of this mass fault is still unsolved."))
        return redirect("tickets:detail", pk=pk)
    outcomes = each(parts, lambda part: actions.resolve_part(part, by=user, now=now))
    request.session["parts_result"] = result_of(outcomes) | {"record": pk}
    return redirect("tickets:detail", pk=pk)


def relations(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """The context of `_related.html` and `_merged.html`."""
    user = request.user
    context: dict[str, Any] = {"related": None if user.is_contact else related(ticket, user)}
    if ticket.status == Status.MERGED and (answering := Link.objects.answering_for(ticket)) is not None:
        is_his = Ticket.objects.visible_to(user).filter(pk=answering.pk).exists()
        context |= {"answering": answering, "may_see_answering": is_his}
    result = request.session.get("parts_result")
    if result is not None and result["record"] == ticket.pk:
        context["parts_result"] = request.session.pop("parts_result")
    return context


def open_parts(ticket: Ticket) -> TicketQuerySet:
    """The parts of a mass fault that are not solved yet."""
    parts = Ticket.objects.filter(links__other=ticket, links__kind=LinkKind.CHILD)
    return parts.exclude(status__in=SOLVED).select_related("client")


def result_of(outcomes: list[Outcome]) -> dict[str, Any]:
    """What became of each record, as the session can keep it and `_bulk_result.html` shows it."""
    rows = [
        {"pk": outcome.ticket.pk, "number": outcome.ticket.number, "reason": outcome.refusal}
        for outcome in outcomes
    ]
    return {
        "done": [row for row in rows if not row["reason"]],
        "refused": [row for row in rows if row["reason"]],
    }


def _fitting(rows: TicketQuerySet, verb: str) -> TicketQuerySet:
    """Those that the verb may name: what is merged away is offered to none of them."""
    return rows.open() if verb in ("merge", "adopt") else rows.exclude(status=Status.MERGED)

"""Records that are tied together: the card on a record's page, and the search for the other one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from tickets.linkforms import PartsForm
from tickets.models import Link, LinkKind, Status, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.related import related, untied
from tickets.search import MOST_ASKED_FOR, as_id, find

MOST_HITS = 10


@require_safe
def find_record(request: HttpRequest) -> HttpResponse:
    """The records that what is typed finds, at most ten, for the field that asks for one (`field`).

    `for` is the verb, which not every record fits; `record` the one on whose page the field stands.
    """
    user = request.user
    if not user.may_work:
        raise PermissionDenied
    words = request.GET.get(request.GET.get("field", ""), "").replace("\0", "").strip()[:MOST_ASKED_FOR]
    own = as_id(request.GET.get("record", ""))
    rows = _fitting(Ticket.objects.visible_to(user), request.GET.get("for", ""), own)
    hits = []
    if words:
        search = find(rows, words, user)
        hits = list(search.rows.with_names().order_by(*search.order(("-pk",)))[:MOST_HITS])
    context = {"hits": hits, "words": words, "field": request.GET.get("field", "")}
    # Without the request: the frame around pages is not shown, so it is not asked for either.
    return HttpResponse(render_to_string("tickets/_picker_hits.html", context))


def relations(request: HttpRequest, ticket: Ticket, parts_form: forms.Form | None) -> dict[str, Any]:
    """The context of `_related.html` and `_merged.html`; `parts_form` is the one that was sent and failed.

    `ticket` says `has_ties`: most records are tied to nothing.
    """
    user, of = request.user, related if ticket.has_ties else untied
    context: dict[str, Any] = {"related": None if user.is_contact else of(ticket, user)}
    context["parts_form"] = parts_form or PartsForm()
    if ticket.status == Status.MERGED and (answering := Link.objects.answering_for(ticket)) is not None:
        is_his = Ticket.objects.visible_to(user).filter(pk=answering.pk).exists()
        context |= {"answering": answering, "may_see_answering": is_his}
    result = request.session.get("parts_result")
    if result is not None and result["record"] == ticket.pk:
        context["parts_result"] = request.session.pop("parts_result")
    return context


def _fitting(rows: TicketQuerySet, verb: str, own: int | None) -> TicketQuerySet:
    """Those that the verb may name: neither the record itself nor what is merged away."""
    rows = rows.exclude(pk=own) if own is not None else rows
    if verb == "merge":
        return rows.open().filter(client__in=Ticket.objects.filter(pk=own).values("client"))
    if verb == "adopt":
        return rows.open().exclude(Exists(Link.objects.filter(record=OuterRef("pk"), kind=LinkKind.CHILD)))
    return rows.exclude(status=Status.MERGED)

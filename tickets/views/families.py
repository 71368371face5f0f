"""What is done to all parts of a mass fault at once, each with its own answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from staff.models import User
from tickets import actions
from tickets.actions.bulk import each
from tickets.linkforms import PartsForm
from tickets.models import LinkKind, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.related import SOLVED
from tickets.views.bulk import result_of
from tickets.views.detail import record_page, visible

MOST_PARTS = 500


@require_POST
def resolve_parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Solve the unsolved parts of a mass fault with its own solution (§3.2: each client is still asked)."""
    ticket, user, now = _for_work(request, pk), request.user, timezone.now()
    unsolved = parts_of(ticket, user).exclude(status__in=SOLVED)
    return _done(request, ticket, unsolved, lambda part: actions.resolve_part(part, by=user, now=now))


@require_POST
def write_to_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Write one message to the callers of a mass fault and of its open parts."""
    ticket, user, now = _for_work(request, pk), request.user, timezone.now()
    form = PartsForm(request.POST)
    if not form.is_valid():
        return record_page(request, ticket, parts_form=form)
    text = form.cleaned_data["text"]
    return _done(
        request, ticket, parts_of(ticket, user).open(), _writer(text, user, now), and_itself=ticket.is_open
    )


def parts_of(ticket: Ticket, user: User) -> TicketQuerySet:
    """The parts of a mass fault that the person may see."""
    return Ticket.objects.visible_to(user).filter(links__other=ticket, links__kind=LinkKind.CHILD)


def _writer(text: str, by: User, now: datetime) -> Callable[[Ticket], object]:
    return lambda ticket: actions.write_to_client(ticket, text=text, by=by, now=now)


def _for_work(request: HttpRequest, pk: int) -> Ticket:
    ticket = visible(request, pk)
    if not request.user.may_work:
        raise PermissionDenied
    return ticket


def _done(
    request: HttpRequest,
    ticket: Ticket,
    parts: TicketQuerySet,
    verb: Callable[[Ticket], object],
    *,
    and_itself: bool = False,
) -> HttpResponse:
    """Do it to each, and say on the page of the mass fault what became of each."""
    chosen = [*([ticket] if and_itself else []), *parts.select_related("client").order_by("pk")[:MOST_PARTS]]
    if not chosen:
        messages.warning(request, _("No part of this mass fault is open."))
    else:
        request.session["parts_result"] = result_of(each(chosen, verb), []) | {"record": ticket.pk}
    return redirect("tickets:detail", pk=ticket.pk)

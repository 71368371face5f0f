"""A record's checklists: attached, ticked and unticked without leaving the page or what is typed on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.lifecycle import MOVES, Move, Refused
from tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Entry, Ticket


@dataclass(frozen=True, slots=True)
class Slip:
    """What was refused at one item, or at the choice of a checklist (no item), and what was typed."""

    words: str
    typed: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Checklists:
    """Each list of a record with its items; `may_tick` is whether this person may do so now."""

    lists: list[tuple[Checklist, list[ChecklistItem]]]
    may_tick: bool
    may_untick: bool
    slip: Slip | None = None
    offered: list[ChecklistTemplate] = field(default_factory=list)

    @property
    def open_mandatory(self) -> int:
        items = [item for _list, found in self.lists for item in found]
        return sum(item.is_mandatory and not item.is_ticked for item in items)


def checklists_of(
    ticket: Ticket, user: User, slip: Slip | None = None, *, are_there: bool = True
) -> Checklists:
    """The lists of a record as this person sees them, in one query; a client's contact sees none.

    It is not asked where it is known that there are none.
    """
    items = [] if user.is_contact or not are_there else list(ChecklistItem.objects.of(ticket))
    lists = [(checklist, list(found)) for checklist, found in groupby(items, lambda item: item.checklist)]
    works = user.may_work
    may = {move: works and ticket.status in MOVES[move] for move in (Move.TICK, Move.UNTICK)}
    return Checklists(lists, may_tick=may[Move.TICK], may_untick=may[Move.UNTICK], slip=slip)


@house_only
@require_safe
def offered(request: HttpRequest, pk: int) -> HttpResponse:
    """The templates that may be attached by hand: those that fit first."""
    ticket = _visible(request, pk)
    there = Checklist.objects.filter(ticket=ticket).values("template")
    usable = ChecklistTemplate.objects.visible_to(request.user).in_use().exclude(pk__in=there)
    fitting = set(usable.fitting(ticket).values_list("pk", flat=True))
    found = sorted(usable, key=lambda template: (template.pk not in fitting, template.label))
    context = {"offered": found, "fitting": fitting}
    return HttpResponse(render_to_string("tickets/_checklist_choices.html", context))


@house_only
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the chosen template on the record."""
    ticket, chosen = _visible(request, pk), request.POST.get("template", "")
    usable = ChecklistTemplate.objects.visible_to(request.user).in_use()
    chosen_pk = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    template = usable.filter(pk=chosen_pk).first()
    if template is None:
        return _part(request, ticket, slip=Slip(_("Choose a checklist.")))
    return _answer(
        request,
        ticket,
        lambda: actions.attach_checklist(ticket, template, by=request.user, now=timezone.now()),
    )


@house_only
@require_POST
def tick(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    ticket, found = _with_item(request, pk, item)
    result = request.POST.get("result", "").replace("\0", "")

    def do() -> Entry | None:
        return actions.tick(ticket, found, result=result, by=request.user, now=timezone.now())

    return _answer(request, ticket, do, item=item, typed=result)


@house_only
@require_POST
def untick(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    ticket, found = _with_item(request, pk, item)
    now = timezone.now()
    return _answer(
        request, ticket, lambda: actions.untick(ticket, found, by=request.user, now=now), item=item
    )


def _answer(
    request: HttpRequest,
    ticket: Ticket,
    do: Callable[[], object],
    *,
    item: int | None = None,
    typed: str = "",
) -> HttpResponse:
    """Do it and show the lists anew; what was refused stands at its item with what was typed."""
    try:
        done = do()
    except Refused as refused:
        return _part(request, ticket, slip=Slip(str(refused), typed, item))
    return _part(request, ticket, entry=done if isinstance(done, Entry) else None)


def _part(
    request: HttpRequest, ticket: Ticket, *, slip: Slip | None = None, entry: Entry | None = None
) -> HttpResponse:
    """The lists alone for a page that asks by itself, else the whole page."""
    if not request.htmx:
        if slip:
            words = [slip.words, _("You typed: “%(text)s”") % {"text": slip.typed} if slip.typed else ""]
            messages.error(request, " ".join(filter(None, words)))
        return redirect("tickets:detail", pk=ticket.pk)
    ticket.refresh_from_db(fields=["status"])
    context = {
        "ticket": ticket,
        "checklists": checklists_of(ticket, request.user, slip),
        "entry": entry,
        "user": request.user,
        "now": timezone.now(),
        "csrf_token": get_token(request),
    }
    # Without the request: this part has no need of the frame's questions to the database.
    return HttpResponse(
        render_to_string("tickets/_checklists_answer.html", context), status=422 if slip else 200
    )


def _visible(request: HttpRequest, pk: int) -> Ticket:
    return get_object_or_404(Ticket.objects.visible_to(request.user).select_related("system"), pk=pk)


def _with_item(request: HttpRequest, pk: int, item: int) -> tuple[Ticket, ChecklistItem]:
    ticket = _visible(request, pk)
    return ticket, get_object_or_404(ChecklistItem.objects.filter(checklist__ticket=ticket), pk=item)

"""The desk and the list of records, and the parts of both that look after themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clients.models import Channel, Client
from staff.lean import lean
from staff.models import Group, User
from staff.paging import page
from staff.prepared import prepared
from staff.views.access import house_only
from tickets.ages import AGES, reported_within
from tickets.faces import ClockFace, next_clocks
from tickets.forms import groups_of, working_people
from tickets.models import Grade, Overrun, SavedView, Status, Ticket
from tickets.names import is_english, names_of
from tickets.queues import ALL, OPEN, counted_queues, queue_filters
from tickets.search import Found, find
from tickets.views.access import staff_page
from tickets.views.searching import shown_of, words_in

DESK_ROWS = 12
# What of an address makes a view; the rest (which page, what was just done) does not belong to it.
VIEW = ("queue", "q", "grade", "status", "group", "client", "channel", "owner", "overdue", "age")


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list, with its names in the reader's language; empty where there is none."""

    ticket: Ticket
    clock: ClockFace | None
    status_label: str
    client: str
    system: str
    group: str
    owner: str

    @property
    def seen(self) -> str:
        """The record as the page shows it, so that a verb on it notices a faster hand."""
        return f"{self.ticket.pk}:{self.ticket.status}:{self.ticket.owner_id or ''}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that an address asks for: those that the person may see, in their order."""

    rows: QuerySet[Ticket]
    order: tuple[str, ...]
    queue: str
    active: list[tuple[str, str]]
    search: Found | None


@staff_page("portal:reports")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Where a working day begins: what is mine, and what breaks next."""
    shown = _desk(request.user, timezone.now())
    context = _in_full(shown) | {"etag": _etag(shown), "overruns": Overrun.objects.waiting_for(request.user)}
    return render(request, "tickets/desk.html", context)


@house_only
@require_safe
def live_desk(request: HttpRequest) -> HttpResponse:
    """The desk's lists alone, or 304 while they are as the page shows them."""
    return _live(request, _desk(request.user, timezone.now()), "tickets/_live_desk.html")


@staff_page("portal:reports")
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """Records by queue and filter; open ones by what breaks next, all of them newest first."""
    return listing(request)


@house_only
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The list's queues and rows alone, or 304 while they are as the page shows them."""
    return _live(request, _list(request, timezone.now()), "tickets/_live_list.html")


def listing(request: HttpRequest, *, bulk: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """Show the list that the address asks for, with the form for many records as it was sent."""
    user = request.user
    groups: list[Group] = []
    if user.sees_everything:
        groups = groups_of(working_people()) or list(Group.objects.all())
    shown = _list(request, timezone.now())
    view, picked = view_of(request.GET), request.POST.getlist("row")
    context = _in_full(shown) | {
        "etag": _etag(shown),
        "view": view,
        "saved_views": list(SavedView.objects.visible_to(user).select_related("owner")),
        "bulk": bulk,
        "picked": {int(row.partition(":")[0]) for row in picked if row.partition(":")[0].isdigit()},
        "result": request.session.pop("bulk_result", None),
        "groups": groups,
        "chosen": request.GET,
    }
    return render(request, "tickets/list.html", context, status=status)


def selection(request: HttpRequest, now: datetime) -> Selection:
    """Return the records that the request's address asks for, all pages of them."""
    user, queue = request.user, request.GET.get("queue", OPEN)
    filters = queue_filters(user, now)
    rows = Ticket.objects.visible_to(user)
    if queue == "overdue":
        rows = rows.overdue(now)
    elif queue != ALL:
        rows = rows.open().filter(filters.get(queue, filters[OPEN])[1])
    rows, active = _filtered(rows, request, now)
    newest_first = queue == ALL or request.GET.get("status") == Status.CLOSED
    order = ("-pk",) if newest_first else ("next_due_at", "pk")
    search = find(rows, words, user) if (words := words_in(request)) else None
    if search is not None:
        rows, order = search.rows, search.order(order)
    return Selection(rows, order, queue, active, search)


def view_of(query: QueryDict) -> str:
    """Return the part of an address that makes a view, in one spelling."""
    kept = QueryDict(mutable=True)
    for name in VIEW:
        if text := query.get(name, "").replace("\0", "").strip():
            kept[name] = text
    return kept.urlencode()


def _desk(user: User, now: datetime) -> dict[str, Any]:
    return {
        "queues": counted_queues(user, now),
        "tables": {"mine": _mine(user), "next": _next(user)},
        "now": now,
        "user": user,
        "live_url": reverse("tickets:live_desk"),
    }


@prepared
def _next(user: User) -> QuerySet[Ticket]:
    rows = Ticket.objects.visible_to(user).open().without_texts()
    return lean(rows.order_by("next_due_at", "pk")[:DESK_ROWS])


@prepared
def _mine(user: User) -> QuerySet[Ticket]:
    rows = Ticket.objects.visible_to(user).open().without_texts().filter(owner=user)
    return lean(rows.order_by("next_due_at", "pk")[:DESK_ROWS])


def _list(request: HttpRequest, now: datetime) -> dict[str, Any]:
    asked = selection(request, now)
    rows = asked.rows if asked.search else asked.rows.without_texts()
    found = page(lean(rows), request=request, order=asked.order)
    return {
        "queues": counted_queues(request.user, now),
        "queue": asked.queue,
        "tables": {"rows": found.rows},
        "page": found,
        "search": asked.search,
        "active": asked.active,
        "now": now,
        "user": request.user,
        "live_url": f"{reverse('tickets:live')}?{request.GET.urlencode()}",
        "pickable": request.user.may_work,
    }


def _live(request: HttpRequest, shown: dict[str, Any], template: str) -> HttpResponse:
    etag = _etag(shown)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        # Without the request: what the frame around a page asks for is not asked here.
        response = HttpResponse(render_to_string(template, _in_full(shown)))
    response.headers["ETag"], response.headers["Cache-Control"] = etag, "private, no-cache"
    return response


def _etag(shown: dict[str, Any]) -> str:
    """A digest of what is shown. A record's version rises with every change, so its clocks need no look."""
    facts = [
        get_language(),
        [(queue.key, queue.count) for queue in shown["queues"]],
        [
            (name, ticket.pk, ticket.version)
            for name, tickets in shown["tables"].items()
            for ticket in tickets
        ],
        "page" in shown and (shown["page"].newer_url, shown["page"].older_url),
    ]
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:24]}"'


def _in_full(shown: dict[str, Any]) -> dict[str, Any]:
    """The same with each record's names and the clock that breaks next: two queries for all tables.

    And with what a list shows of a search.
    """
    tables: dict[str, list[Ticket]] = shown["tables"]
    tickets = {ticket.pk: ticket for tickets in tables.values() for ticket in tickets}.values()
    names, clocks = names_of(tickets), next_clocks(tickets, shown["now"])
    english, statuses = is_english(), {status: str(label) for status, label in Status.choices}

    def row(ticket: Ticket) -> Row:
        system, owner = names.system.get(ticket.system_id), names.person.get(ticket.owner_id)
        return Row(
            ticket,
            clocks.get(ticket.pk),
            statuses[ticket.status],
            client=names.client[ticket.client_id].said(english),
            system=system.said(english) if system else "",
            group=names.group[ticket.group_id].said(english),
            owner=owner.said(english) if owner else "",
        )

    rows = {name: [row(ticket) for ticket in tickets] for name, tickets in tables.items()}
    search = shown_of(shown["search"], shown["page"], names, shown["user"]) if shown.get("search") else {}
    return shown | rows | search


def _filtered(
    rows: QuerySet[Ticket], request: HttpRequest, now: datetime
) -> tuple[QuerySet[Ticket], list[tuple[str, str]]]:
    """Apply the filters of the address; return too those that hold, as (label, address without it)."""
    get, active = request.GET.copy(), []
    for name, text in get.items():
        get[name] = text.replace("\0", "")  # Postgres knows no NUL, and nobody means it

    def hold(name: str, label: object, condition: Q) -> None:
        nonlocal rows
        rows = rows.filter(condition)
        rest = get.copy()
        rest.pop(name)
        rest.pop("cursor", None)
        active.append((str(label), f"?{rest.urlencode()}"))

    if (status := get.get("status")) in Status.values:
        hold("status", Status(status).label, Q(status=status))
    if (grade := get.get("grade")) in ("1", "2", "3"):
        hold("grade", Grade(int(grade)).label, Q(grade=int(grade)))
    elif grade == "none":
        hold("grade", _("Not graded"), Q(grade__isnull=True))
    if (code := get.get("group")) and (group := Group.objects.filter(code=code).first()) is not None:
        hold("group", group.label, Q(group=group))
    clients = Client.objects.visible_to(request.user)
    if (code := get.get("client")) and (client := clients.filter(code=code).first()) is not None:
        hold("client", client.label, Q(client=client))
    if (channel := get.get("channel")) in Channel.values:
        hold("channel", Channel(channel).label, Q(channel=channel))
    if (name := get.get("owner")) in ("me", request.user.username):
        hold("owner", _("Mine"), Q(owner=request.user))
    elif name and (owner := User.objects.visible_to(request.user).filter(username=name).first()) is not None:
        hold("owner", owner.label, Q(owner=owner))
    if get.get("overdue") == "1":
        hold("overdue", _("Overdue"), Q(next_due_at__lt=now))
    if (age := get.get("age", "")) in AGES:
        hold("age", _("%(age)s days old") % {"age": age}, Q(**reported_within(age, now)))
    if words := words_in(request):
        hold("q", f"“{words}”", Q())
    return rows, active

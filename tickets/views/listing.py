"""The desk and the list of records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clients.models import Client
from staff.models import Group, User
from staff.paging import page
from tickets.ages import AGES, reported_within
from tickets.faces import ClockFace, next_face
from tickets.models import Clock, Grade, Status, Ticket
from tickets.search import find
from tickets.views.searching import shown_of, words_in

NEAR = timedelta(minutes=30)
DESK_ROWS = 12


@dataclass(frozen=True, slots=True)
class Queue:
    key: str
    label: str | Promise
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    ticket: Ticket
    clock: ClockFace | None


def queue_filters(user: User, now: datetime) -> Mapping[str, tuple[str | Promise, Q]]:
    """The process's lists over open records."""
    return {
        "open": (_("Open"), Q()),
        "mine": (_("Mine"), Q(owner=user)),
        "unacknowledged": (_("Unacknowledged"), Q(status=Status.LOGGED)),
        "near": (_("Due within 30 min"), Q(next_due_at__gte=now, next_due_at__lt=now + NEAR)),
        "overdue": (_("Overdue"), Q(next_due_at__lt=now)),
        "waiting": (_("Waiting"), Q(status=Status.WAITING)),
        "to_confirm": (_("To be confirmed"), Q(status=Status.RESOLVED)),
    }


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Where a working day begins: what is mine, and what breaks next."""
    if request.user.is_contact:
        return redirect("tickets:list")
    now = timezone.now()
    visible = Ticket.objects.visible_to(request.user).open()
    context = {
        "queues": _queues(request.user, now),
        "mine": _rows(visible.filter(owner=request.user).order_by("next_due_at", "pk")[:DESK_ROWS], now),
        "next": _rows(visible.order_by("next_due_at", "pk")[:DESK_ROWS], now),
    }
    return render(request, "tickets/desk.html", context)


@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """Records by queue and filter; open ones by what breaks next, all of them newest first."""
    now, user = timezone.now(), request.user
    queue = request.GET.get("queue", "open")
    filters = queue_filters(user, now)
    rows = Ticket.objects.visible_to(user)
    rows = rows if queue == "all" else rows.open().filter(filters.get(queue, filters["open"])[1])
    rows, active = _filtered(rows, request, now)
    order = (
        ("-pk",) if queue == "all" or request.GET.get("status") == Status.CLOSED else ("next_due_at", "pk")
    )
    search = find(rows, words, user) if (words := words_in(request)) else None
    if search is not None:
        rows, order = search.rows, search.order(order)
    found = page(rows.with_names(), request=request, order=order)
    context = {
        **shown_of(search, found, user),
        "queues": _queues(user, now),
        "queue": queue,
        "rows": _rows(found.rows, now),
        "page": found,
        "active": active,
        "statuses": Status.choices,
        "grades": [*Grade.choices, ("none", _("Not graded"))],
        "groups": Group.objects.all() if user.sees_everything else [],
        "chosen": request.GET,
    }
    return render(request, "tickets/list.html", context)


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
    if get.get("owner") == "me":
        hold("owner", _("Mine"), Q(owner=request.user))
    if get.get("overdue") == "1":
        hold("overdue", _("Overdue"), Q(next_due_at__lt=now))
    if (age := get.get("age", "")) in AGES:
        hold("age", _("%(age)s days old") % {"age": age}, Q(**reported_within(age, now)))
    if words := words_in(request):
        hold("q", f"“{words}”", Q())
    return rows, active


def _queues(user: User, now: datetime) -> list[Queue]:
    """The queues with their counts, in one query over the open records that the person may see."""
    filters = queue_filters(user, now)
    counted = {key: Count("pk", filter=condition) for key, (_label, condition) in filters.items()}
    counts = Ticket.objects.visible_to(user).open().order_by().aggregate(**counted)
    base = reverse("tickets:list")
    return [
        Queue(key, label, counts[key], f"{base}?queue={key}") for key, (label, _condition) in filters.items()
    ]


def _rows(found: QuerySet[Ticket] | list[Ticket], now: datetime) -> list[Row]:
    if isinstance(found, QuerySet):
        found = list(found.with_names())
    running: dict[int, list[Clock]] = {}
    for clock in Clock.objects.running().filter(ticket__in=[ticket.pk for ticket in found]):
        running.setdefault(clock.ticket_id, []).append(clock)
    return [Row(ticket, next_face(ticket, running.get(ticket.pk, []), now)) for ticket in found]

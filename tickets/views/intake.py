"""Log a call: one screen, the fragments that fill it while the caller speaks, and what is read out to him."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.actions import may_edit_contacts
from clients.models import Channel, Client, Contact
from duty.models import Shift
from staff.filefield import messages_of, uploads
from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.callers import find_contacts, know
from tickets.callform import CallForm, client_text, find_client
from tickets.forms import GradingFields
from tickets.lifecycle import Refused
from tickets.models import GRADED_CLOCKS, CallDraft, Kind, PolicyState, Ticket, TimeLimit
from tickets.terms import limit_that_holds
from tickets.views.access import staff_page

CALLER = ("callback_number", "client", "contact", "caller_name", "system", "save_contact")


@dataclass(frozen=True, slots=True)
class Promise:
    """A deadline to read out: which, when, and whether that is today (0), tomorrow (1) or later."""

    kind: str
    due_at: datetime
    days_ahead: int


@staff_page("portal:new")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    if not user.may_work:
        raise PermissionDenied
    if request.method == "POST":
        form = CallForm(request.POST, request.FILES, user=user)
        if (ticket := _take(form, user, now)) is not None:
            return _taken(request, ticket)
        return call_page(request, form, started_at=begun_at(request, now), status=422)
    draft = CallDraft.objects.filter(user=user).first()
    form = CallForm(initial=draft.fields if draft else None, user=user)
    return call_page(request, form, started_at=draft.started_at if draft else now, draft=draft)


@require_safe
def caller(request: HttpRequest) -> HttpResponse:
    """Who calls, as far as the number or the client tells: his chip, his systems, his records."""
    user = request.user
    if not user.may_work:
        raise PermissionDenied
    initial: dict[str, object] = {name: request.GET[name] for name in CALLER if request.GET.get(name)}
    client, contact, found = _whoever(initial, request.GET.get("choose", ""), user)
    if contact is not None:
        initial |= {"client": client_text(contact.client), "contact": contact.pk}
        client = contact.client
    form = CallForm(initial=initial, user=user, client=client)
    context = _caller_context(form, client, contact, user) | {"found": found, "now": timezone.now()}
    # Without the request: the frame around pages is not shown, so it is not asked for either.
    return HttpResponse(render_to_string("tickets/_caller_answer.html", context))


@house_only
@require_safe
def proposal(request: HttpRequest) -> HttpResponse:
    """The grade that the ticked answers propose, with its clause (§5.4.1.1)."""
    form = GradingFields(request.GET, prefix=request.GET.get("prefix"))
    form.is_valid()
    return HttpResponse(render_to_string("tickets/_proposal.html", {"form": form}))


@require_POST
def add_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the call down on an open record, with whatever is typed, instead of opening a second one."""
    user, now = request.user, timezone.now()
    if not user.may_work:
        raise PermissionDenied
    ticket = get_object_or_404(Ticket.objects.visible_to(user), pk=pk)
    said = {name: request.POST.get(name, "").replace("\0", "").strip() for name in ("title", "details")}
    channel = request.POST.get("channel", "")
    try:
        with transaction.atomic():
            actions.repeat_contact(
                ticket,
                text="\n".join(filter(None, said.values())),
                caller_name=request.POST.get("caller_name", "").strip()[:120] or ticket.caller_name,
                callback_number=request.POST.get("callback_number", "")[:40],
                channel=Channel(channel) if channel in Channel.values else Channel.PHONE,
                uploads=uploads(request.FILES.getlist("files")),
                by=user,
                now=now,
            )
            actions.discard_draft(by=user)
    except Refused as refused:
        form = CallForm(request.POST, request.FILES, user=user)
        form.is_valid()
        form.add_error(refused.field if refused.field == "files" else None, messages_of(refused))
        return call_page(request, form, started_at=begun_at(request, now), status=422)
    return redirect(reverse("tickets:logged", args=[pk]) + "?again=1")


@staff_page("portal:report")
@require_safe
def logged(request: HttpRequest, pk: int) -> HttpResponse:
    """What to read out before he hangs up: the number and by when what is done."""
    if not request.user.may_work:
        raise PermissionDenied
    context = _to_read_out(request.user, pk) | {"again": request.GET.get("again") == "1"}
    return render(request, "tickets/logged.html", context)


def begun_at(request: HttpRequest, now: datetime) -> datetime:
    """When the call began, as the form says; now, where it says nothing sensible."""
    try:
        begun = parse_datetime(request.POST.get("started_at", ""))
    except ValueError:
        begun = None
    return begun if begun is not None and timezone.is_aware(begun) and begun <= now else now


def _take(form: CallForm, user: User, now: datetime) -> Ticket | None:
    """Save the call; what the rules refuse stands at its field."""
    if not form.is_valid():
        return None
    try:
        files = form.cleaned_data["files"]
        return actions.take_call(form.call(), **form.settled(), uploads=files, by=user, now=now)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, messages_of(refused))
    return None


def _taken(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    if "next" in request.POST:
        return redirect(f"{reverse('tickets:create')}?logged={ticket.pk}")
    return redirect("tickets:logged", pk=ticket.pk)


def call_page(
    request: HttpRequest,
    form: CallForm,
    *,
    started_at: datetime,
    draft: CallDraft | None = None,
    more: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The call form with what the house knows of the caller; `more` says what else to show with it."""
    user, client = request.user, form.known_client
    contact = None
    form.limits = default_limits()
    typed = form.typed("contact")
    if client is not None and typed.isdigit():
        contact = client.contacts.filter(pk=typed, is_active=True).first()
    context = _caller_context(form, client, contact, user)
    context |= {"draft": draft, "started_at": started_at, "found": [], **(more or {})}
    on_duty = Shift.objects.visible_to(user).at(timezone.now()).filter(user__is_active=True)
    context["shifts_now"] = on_duty.select_related("user", "group").in_line()
    if (pk := request.GET.get("logged", "")).isdigit() and not form.is_bound:
        context |= _to_read_out(user, int(pk))
    return render(request, "tickets/create.html", context, status=status)


def _caller_context(
    form: CallForm, client: Client | None, contact: Contact | None, user: User
) -> dict[str, object]:
    return {
        "form": form,
        "user": user,
        "contact": contact,
        "caller": know(client, contact, user, timezone.now()) if client else None,
        "may_save_contact": client is not None and may_edit_contacts(user, client.group),
    }


def _whoever(
    asked: Mapping[str, object], choose: str, user: User
) -> tuple[Client | None, Contact | None, list[Contact]]:
    """The client, the one contact, and those who share the number where it is not clear who it is."""
    found = find_contacts(str(asked.get("callback_number", "")), user)
    if chosen := [contact for contact in found if str(contact.pk) == choose]:
        return None, chosen[0], []
    client, pk = find_client(str(asked.get("client", "")), user), str(asked.get("contact", ""))
    if client is not None:
        if pk.isdigit():
            return client, client.contacts.filter(pk=pk, is_active=True).first(), []
        found = [contact for contact in found if contact.client_id == client.pk]
    if len(found) == 1 and choose != "nobody":
        return client, found[0], []
    return client, None, found if choose != "nobody" else []


def default_limits() -> dict[int, list[TimeLimit]]:
    """The limits in force for a fault of each grade, contracts apart, in the order of the process."""
    limits = TimeLimit.objects.filter(
        version__state=PolicyState.ADOPTED,
        contract__isnull=True,
        kind__in=GRADED_CLOCKS,
        grade__isnull=False,
    )
    by_clock: dict[tuple[int, str], list[TimeLimit]] = defaultdict(list)
    for limit in sorted(limits, key=lambda limit: GRADED_CLOCKS.index(limit.kind)):
        by_clock[limit.grade, limit.kind].append(limit)
    found: dict[int, list[TimeLimit]] = defaultdict(list)
    for (grade, _kind), its in by_clock.items():
        if (holds := limit_that_holds(its, Kind.FAULT, [])) is not None:
            found[grade].append(holds)
    return found


def _to_read_out(user: User, pk: int) -> dict[str, object]:
    related = ("client", "owner", "group", "system")
    ticket = get_object_or_404(Ticket.objects.visible_to(user).select_related(*related), pk=pk)
    today = timezone.localdate()
    clocks = ticket.clocks.running().filter(due_at__isnull=False).order_by("due_at")
    promises = [
        Promise(clock.kind, clock.due_at, (timezone.localdate(clock.due_at) - today) // timedelta(days=1))
        for clock in clocks
    ]
    return {"logged": ticket, "promises": promises}

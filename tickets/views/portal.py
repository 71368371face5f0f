"""The portal of a client's contact: his reports in plain words, and what he has to say about them (§3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Channel, Contact
from staff.filefield import messages_of
from staff.models import User
from staff.paging import page
from tickets import actions
from tickets.lifecycle import OVER, Moved, Refused
from tickets.models import (
    Attachment,
    CallDraft,
    Clock,
    Entry,
    EntryKind,
    IssuedDocument,
    Link,
    Pause,
    RemoteAuthorisation,
    Status,
    Ticket,
    with_ladder,
)
from tickets.plain import Promise, State, next_promise, promises_of, state_of
from tickets.portalforms import SAYINGS, ReportForm
from tickets.search import find
from tickets.views.access import contacts_only, portal_page
from tickets.views.documents import issued_for
from tickets.views.drafts import keep
from tickets.views.intake import begun_at
from tickets.views.portalremote import allowed_by_him
from tickets.views.searching import words_in
from tickets.views.seen import as_seen

ROWS = 30
DONE = {
    "add": gettext_lazy("Thank you. Whoever takes care of it has been told."),
    "satisfied": gettext_lazy("Thank you for telling us. The report is closed."),
    "not-solved": gettext_lazy("We go on working on it. Whoever takes care of it has been told."),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A record as its client sees it."""

    ticket: Ticket
    state: State
    promises: list[Promise]

    @property
    def promise(self) -> Promise | None:
        """What is promised next; nothing where it is the client's turn."""
        return None if self.state.is_his_turn else next_promise(self.promises)


@portal_page("tickets:list")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """His own reports: those that are open first, then what is done, each newest first."""
    now, user = timezone.now(), request.user
    rows = _reported(user)
    if words := words_in(request):
        rows = find(rows, words, user).rows
    is_done = Case(When(status__in=OVER, then=Value(True)), default=Value(False), output_field=BooleanField())
    found = page(rows.annotate(is_done=is_done), request=request, order=("is_done", "-pk"), size=ROWS)
    context = {"page": found, "reports": _as_reports(found.rows, now), "words": words}
    return render(request, "portal/reports.html", context)


@portal_page("tickets:create")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Report a problem. What is typed is kept as a draft until it is sent."""
    user, now = request.user, timezone.now()
    if _contact(user) is None:
        return render(request, "portal/nobody.html", status=403)
    if request.method == "POST":
        form = ReportForm(request.POST, request.FILES, user=user)
        if form.is_valid():
            try:
                ticket = actions.take_call(form.call(), uploads=form.cleaned_data["files"], by=user, now=now)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, messages_of(refused))
            else:
                said = _("Thank you. Your report has the number %(number)s.") % {"number": ticket.number}
                messages.success(request, said)
                return redirect("portal:report", pk=ticket.pk)
        return _form_page(request, form, started_at=begun_at(request, now), status=422)
    draft = CallDraft.objects.filter(user=user).first()
    form = ReportForm(initial=draft.fields if draft else None, user=user)
    return _form_page(request, form, started_at=draft.started_at if draft else now, draft=draft)


@contacts_only
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    return keep(request)


@contacts_only
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    actions.discard_draft(by=request.user)
    return redirect("portal:new")


@portal_page("tickets:detail")
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    return _report_page(request, _one(request.user, pk))


@contacts_only
@require_POST
def say(request: HttpRequest, pk: int, saying: str) -> HttpResponse:
    """Add something, say that all is well, or that it is not; what cannot be taken comes back as typed."""
    ticket, user, now = _one(request.user, pk), request.user, timezone.now()
    if saying not in SAYINGS:
        raise Http404
    form = SAYINGS[saying](request.POST, request.FILES, prefix=saying)
    news = False
    if form.is_valid():
        try:
            seen = as_seen(ticket, request.POST)
            if saying == "add":
                _add(seen, form.cleaned_data, user, now)
            elif news := _has_news(ticket, request):
                return _report_page(request, ticket, failed=(saying, form), news=True)
            elif saying == "satisfied":
                name, text = user.contact.name, form.cleaned_data["text"]
                actions.confirm(seen, confirmed_by=name, channel=Channel.WEB, text=text, by=user, now=now)
            else:
                actions.reopen(seen, reason=form.cleaned_data["reason"], by=user, now=now)
        except Moved:
            news = True
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, messages_of(refused))
        else:
            messages.success(request, DONE[saying])
            return redirect("portal:report", pk=pk)
    return _report_page(request, _one(user, pk), failed=(saying, form), news=news)


def _add(ticket: Ticket, data: dict[str, Any], user: User, now: datetime) -> None:
    if data["files"]:
        actions.attach(ticket, data["files"], text=data["text"], by=user, now=now)
    else:
        actions.add_note(ticket, text=data["text"], by=user, now=now)


def _contact(user: User) -> Contact | None:
    """Him as his client's archive knows him; nothing where no client names him any more."""
    found = Contact.objects.visible_to(user).filter(is_active=True).select_related("client__group")
    return found.first()


def _reported(user: User) -> QuerySet[Ticket]:
    """His records with what stands in a row, and for what they wait."""
    pauses = Pause.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=True)
    rows = Ticket.objects.visible_to(user).select_related("system", "owner", "group")
    return with_ladder(rows).annotate(waits_for=Subquery(pauses.values("reason")[:1]))


def _one(user: User, pk: int) -> Ticket:
    has = {
        "has_remote": Exists(RemoteAuthorisation.objects.filter(ticket=OuterRef("pk"))),
        "has_documents": Exists(IssuedDocument.objects.filter(ticket=OuterRef("pk"))),
    }
    rows = _reported(user).select_related("client").annotate(**has)
    return get_object_or_404(rows, pk=pk)


def _as_reports(tickets: list[Ticket], now: datetime) -> list[Report]:
    clocks: dict[int, dict[str, Clock]] = {}
    for clock in Clock.objects.current().filter(ticket__in=[ticket.pk for ticket in tickets]).order_by("pk"):
        clocks.setdefault(clock.ticket_id, {})[clock.kind] = clock  # of each kind the newest cycle
    return [
        Report(
            ticket,
            state_of(ticket.status, ticket.waits_for, in_meeting=ticket.in_meeting, way=ticket.way),  # type: ignore[attr-defined]
            promises_of(clocks.get(ticket.pk, {}).values(), now),
        )
        for ticket in tickets
    ]


def _has_news(ticket: Ticket, request: HttpRequest) -> bool:
    """Whether it was solved or taken up anew since he opened the page: he answers to what he never read."""
    last = request.POST.get("seen_entry", "")
    if not (last.isdecimal() and len(last) < 19):
        return False
    kinds = (EntryKind.RESOLVED, EntryKind.REOPENED, EntryKind.CONFIRMED)
    return Entry.objects.filter(ticket=ticket, kind__in=kinds, pk__gt=int(last)).exists()


def _form_page(
    request: HttpRequest,
    form: ReportForm,
    *,
    started_at: datetime,
    draft: CallDraft | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "started_at": started_at, "draft": draft}
    return render(request, "portal/new.html", context, status=status)


def _report_page(
    request: HttpRequest, ticket: Ticket, *, failed: tuple[str, forms.Form] | None = None, news: bool = False
) -> HttpResponse:
    user, now = request.user, timezone.now()
    entries = list(Entry.objects.visible_to(user).filter(ticket=ticket).select_related("by"))
    [shown] = _as_reports([ticket], now)
    asked = None
    if shown.state == State.ASKED:
        asked = Pause.objects.filter(ticket=ticket, ended_at__isnull=True).first()
    sayings: dict[str, Any] = {saying: form(prefix=saying) for saying, form in SAYINGS.items()}
    context = {
        "report": shown,
        "ticket": ticket,
        "entries": entries,
        "seen_entry": max((entry.pk for entry in entries), default=0),
        "asked": asked,
        "answering": Link.objects.answering_for(ticket) if ticket.status == Status.MERGED else None,
        "remote": allowed_by_him(ticket, user, now) if ticket.has_remote else [],  # type: ignore[attr-defined]
        "documents": issued_for(ticket, user),
        "files": Attachment.objects.visible_to(user).filter(ticket=ticket).select_related("by"),
        "forms": sayings | (dict([failed]) if failed else {}),
        "failed": failed[0] if failed else "",
        "typed": _typed(failed),
        "news": news,
        "back": reverse("portal:reports"),
    }
    return render(request, "portal/report.html", context, status=409 if news else 422 if failed else 200)


def _typed(failed: tuple[str, forms.Form] | None) -> str:
    """What he typed into a form that no longer has a place on the page."""
    if failed is None:
        return ""
    return "\n".join(str(field.value() or "") for field in failed[1]).strip()

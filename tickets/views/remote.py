"""Remote access: the authorisations of a record, the sessions under them, and all that run now (§4.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.filefield import messages_of
from staff.views.access import house_only
from tickets import actions
from tickets.actions.custody import may_approve, needs_second_person
from tickets.lifecycle import MOVES, OVER, Move, Refused
from tickets.models import Custody, RemoteAuthorisation, RemoteSession, Ticket
from tickets.remotecards import accesses_of, stores_passwords
from tickets.remoteforms import AuthoriseForm, CloseForm, EvidenceFields, RevokeForm

SOON = timedelta(hours=24)
MOST = 100  # rows of each table
DONE = {
    "open": _("The session has begun. Write down what was done when you end it."),
    "close": _("The session has ended."),
    "revoke": _("Withdrawn. Whoever is logged in is told."),
    "evidence": _("The evidence is there."),
}


@house_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who is logged in at clients now, what may be used soon, and what is still to be done about it."""
    now, user = timezone.now(), request.user
    visible = RemoteAuthorisation.objects.visible_to(user)
    usable = visible.filter(revoked_at__isnull=True, window_to__gt=now, window_from__lte=now + SOON)
    soon = usable.exclude(ticket__status__in=OVER).order_by("window_to", "pk").values("pk")[:MOST]
    paper = visible.awaiting_paper().order_by("written_due_at", "pk").values("pk")[:MOST]
    sessions = RemoteSession.objects.visible_to(user).open()
    change = Custody.objects.visible_to(user).client_to_be_told().without_secrets()
    by_end = accesses_of(_with_names(RemoteAuthorisation.objects.filter(pk__in=soon)), user, now)
    context = {
        "sessions": sessions.select_related(
            "operator", "authorisation__ticket__client", "authorisation__ticket__group"
        ).order_by("authorisation__window_to", "pk")[:MOST],
        "accesses": sorted(by_end, key=lambda access: access.authorisation.window_to),
        "paper": accesses_of(_with_names(RemoteAuthorisation.objects.filter(pk__in=paper)), user, now),
        "to_change": change.select_related("authorisation__ticket__client").order_by("purged_at")[:MOST],
        "stores_passwords": stores_passwords(),
    }
    return render(request, "tickets/remote_overview.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the client allows remote access."""
    rows = Ticket.objects.visible_to(request.user).select_related("client", "system", "contact")
    ticket = get_object_or_404(rows, pk=pk)
    if not request.user.may_work:
        raise PermissionDenied
    initial = {"window_from": timezone.localtime()}
    form = AuthoriseForm(request.POST or None, request.FILES or None, initial=initial, ticket=ticket)
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.authorise_remote(ticket, form.grant(), by=request.user, now=timezone.now())
        except Refused as refused:
            _blame(form, refused)
        else:
            messages.success(request, _("Recorded. It stands in the history."))
            return redirect("tickets:remote_access", pk=pk, authorisation=found.pk)
    context = {"ticket": ticket, "form": form}
    return render(request, "tickets/remote_authorise.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def show(request: HttpRequest, pk: int, authorisation: int) -> HttpResponse:
    return access_page(request, found(request, pk, authorisation))


@house_only
@require_POST
def act(request: HttpRequest, pk: int, authorisation: int, verb: str) -> HttpResponse:
    """Do one verb to an authorisation; what is refused comes back with all that was typed."""
    if verb not in DONE:
        raise Http404
    access = found(request, pk, authorisation)
    form = _form(verb, access, request)
    if form.is_valid():
        try:
            _DEEDS[verb](request, access, form)
        except Refused as refused:
            _blame(form, refused)
        else:
            messages.success(request, DONE[verb])
            return redirect("tickets:remote_access", pk=pk, authorisation=authorisation)
    return access_page(request, found(request, pk, authorisation), failed=(verb, form))


def found(request: HttpRequest, pk: int, authorisation: int) -> RemoteAuthorisation:
    """The authorisation of an address; 404 where its record is not the person's to see."""
    rows = RemoteAuthorisation.objects.visible_to(request.user).select_related("ticket__client")
    return get_object_or_404(rows, pk=authorisation, ticket=pk)


def access_page(
    request: HttpRequest, authorisation: RemoteAuthorisation, *, failed: tuple[str, forms.Form] | None = None
) -> HttpResponse:
    """Show an authorisation, with the form of a verb that failed as it was sent."""
    user, ticket = request.user, authorisation.ticket
    [access] = accesses_of(RemoteAuthorisation.objects.filter(pk=authorisation.pk), user, timezone.now())
    possible = {
        "evidence": (Move.ADD_EVIDENCE, access.lacks_paper),
        "close": (Move.CLOSE_REMOTE, bool(_closable(access, request))),
        "revoke": (Move.REVOKE_REMOTE, access.is_live),
    }
    shown = {
        verb: _form(verb, authorisation, request, bound=False)
        for verb, (move, is_due) in possible.items()
        if is_due and user.may_work and ticket.status in MOVES[move]
    }
    if failed and failed[0] in possible:
        shown |= dict([failed])
    elif failed:
        for mistakes in failed[1].errors.values():
            messages.warning(request, " ".join(mistakes))
    context = {
        "ticket": ticket,
        "access": access,
        "authorisation": access.authorisation,
        "forms": shown,
        "failed": failed[0] if failed else "",
        "closable": _closable(access, request),
        "may_open": user.may_work and access.own is None and ticket.status in MOVES[Move.OPEN_REMOTE],
        "may_deposit": user.may_work and access.is_live and ticket.status in MOVES[Move.DEPOSIT_PASSWORD],
        "may_look": user.may_work and access.own is not None and ticket.status in MOVES[Move.REVEAL_PASSWORD],
        "may_approve": may_approve(user) and ticket.status in MOVES[Move.REVEAL_PASSWORD],
        "needs_second_person": needs_second_person(ticket),
        "stores_passwords": stores_passwords(),
    }
    return render(request, "tickets/remote_access.html", context, status=422 if failed else 200)


def _open(request: HttpRequest, access: RemoteAuthorisation, _form: forms.Form) -> None:
    actions.open_remote(access, by=request.user, now=timezone.now())


def _close(request: HttpRequest, access: RemoteAuthorisation, form: forms.Form) -> None:
    chosen = request.POST.get("session", "")
    pk = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    session = get_object_or_404(RemoteSession.objects.filter(authorisation=access), pk=pk)
    actions.close_remote(session, **form.cleaned_data, by=request.user, now=timezone.now())


def _revoke(request: HttpRequest, access: RemoteAuthorisation, form: forms.Form) -> None:
    actions.revoke_remote(access, **form.cleaned_data, by=request.user, now=timezone.now())


def _add(request: HttpRequest, access: RemoteAuthorisation, form: EvidenceFields) -> None:
    actions.add_evidence(access, form.evidence(), by=request.user, now=timezone.now())


Deed = Callable[[HttpRequest, RemoteAuthorisation, forms.Form], None]
_DEEDS: dict[str, Deed] = {"open": _open, "close": _close, "revoke": _revoke, "evidence": _add}  # type: ignore[dict-item]
_FORMS = {"open": forms.Form, "close": CloseForm, "revoke": RevokeForm}


def _form(verb: str, access: RemoteAuthorisation, request: HttpRequest, *, bound: bool = True) -> forms.Form:
    data, files = (request.POST, request.FILES) if bound else (None, None)
    if verb == "evidence":
        return EvidenceFields(data, files, ticket=access.ticket, prefix=verb)
    return _FORMS[verb](data, prefix=verb)


def _closable(access, request: HttpRequest) -> list[RemoteSession]:
    """The sessions that this person may end: his own, and a supervisor everybody's."""
    user = request.user
    return [each for each in access.open_sessions if each.operator_id == user.pk or user.may_supervise]


def _with_names(rows):
    return rows.select_related("ticket__client", "ticket__group")


def _blame(form: forms.Form, refused: Refused) -> None:
    field = {"files": "file", "evidence": "attached"}.get(refused.field or "", refused.field)
    form.add_error(field if field in form.fields else None, messages_of(refused))

"""E-mails that wait for somebody to decide where they belong, and any e-mail in full."""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Channel, Contact
from staff.paging import page
from staff.views.access import house_only
from tickets import actions
from tickets.actions.mail import contacts_at
from tickets.callform import CallForm, client_text
from tickets.lifecycle import Moved, Refused
from tickets.mailbox import HEARTBEAT, SILENT_AFTER
from tickets.mailing import Letter, Outcome, read, ticket_in
from tickets.models import Heartbeat, IntakeMail, IntakeState, ReceivedMail, Ticket
from tickets.postform import AddMailForm, DiscardMailForm
from tickets.views.intake import call_page

LATELY, MOST_OFFERED = 10, 20


@house_only
@require_safe
def intake(request: HttpRequest) -> HttpResponse:
    """What waits, the longest waiting first; what was decided and what was ignored of late."""
    now = timezone.now()
    waiting = IntakeMail.objects.visible_to(request.user).waiting().defer("raw").select_related("mail")
    decided = IntakeMail.objects.visible_to(request.user).exclude(state=IntakeState.WAITING).defer("raw")
    ignored = ReceivedMail.objects.visible_to(request.user).filter(outcome=Outcome.IGNORED).defer("text")
    beat = Heartbeat.objects.filter(name=HEARTBEAT).first()
    context = {
        "page": page(waiting, request=request, order=("pk",)),
        "decided": decided.select_related("mail__ticket", "decided_by").order_by("-decided_at")[:LATELY],
        "ignored": ignored.order_by("-pk")[:LATELY],
        "is_read": bool(settings.MAIL_IN_URL),
        "beat": beat,
        "is_silent": bool(settings.MAIL_IN_URL) and (beat is None or now - beat.at > SILENT_AFTER),
    }
    return render(request, "tickets/intake.html", context)


@house_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One e-mail that waits, or what was decided on it."""
    return _page(request, _found(request, pk))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a record of it: the call form, filled in as far as the e-mail tells."""
    found, user, now = _found(request, pk), request.user, timezone.now()
    if not user.may_work:
        raise PermissionDenied
    letter = letter_of(found)
    more = {"mail": found, "letter": letter}
    if request.method != "POST":
        if found.state != IntakeState.WAITING:
            return redirect("tickets:intake_mail", pk=pk)
        contacts = contacts_at(found.mail.sender)
        client = contacts[0].client if len(contacts) == 1 else None
        form = CallForm(initial=_initial(letter, contacts), user=user, client=client)
        return call_page(request, form, started_at=now, more=more)
    form = CallForm(request.POST, user=user)
    if form.is_valid():
        try:
            ticket = actions.record_mail(found, letter, form.call(), **form.settled(), by=user, now=now)
        except Moved as faster:
            return _too_late(request, pk, faster)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Recorded as %(number)s.") % {"number": ticket.number})
            return redirect("tickets:detail", pk=ticket.pk)
    return call_page(request, form, started_at=now, more=more, status=422)


@house_only
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add it to a record that is there."""
    found, user = _found(request, pk), request.user
    form = AddMailForm(request.POST, user=user)
    if form.is_valid():
        ticket = form.cleaned_data["number"]
        try:
            actions.add_mail(found, letter_of(found), ticket, by=user, now=timezone.now())
        except Moved as faster:
            return _too_late(request, pk, faster)
        except Refused as refused:
            form.add_error("number", str(refused))
        else:
            messages.success(request, _("Added to %(number)s.") % {"number": ticket.number})
            return redirect("tickets:detail", pk=ticket.pk)
    return _page(request, found, add=form)


@house_only
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Discard it, with the reason."""
    found, user = _found(request, pk), request.user
    form = DiscardMailForm(request.POST)
    if form.is_valid():
        try:
            actions.discard_mail(found, reason=form.cleaned_data["reason"], by=user, now=timezone.now())
        except Moved as faster:
            return _too_late(request, pk, faster)
        except Refused as refused:
            form.add_error("reason" if refused.field == "reason" else None, str(refused))
        else:
            messages.success(request, _("Discarded. It stays in the log."))
            return redirect("tickets:intake")
    return _page(request, found, discard=form)


@house_only
@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The e-mail as it came, for a mail program; never shown by the browser."""
    found = _found(request, pk)
    response = HttpResponse(bytes(found.raw), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{found.pk}.eml"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@house_only
@require_safe
def whole(request: HttpRequest, pk: int) -> HttpResponse:
    """All that an e-mail says, with what it quotes, for whoever of the house may read what it became."""
    found = ReceivedMail.objects.visible_to(request.user).select_related("ticket")
    return render(request, "tickets/mail.html", {"mail": get_object_or_404(found, pk=pk)})


def letter_of(intake: IntakeMail) -> Letter:
    """The e-mail that waits, read again; without its files where not all of it is here."""
    raw, mail = bytes(intake.raw), intake.mail
    try:
        letter = read(raw)
    except Exception:  # it waits because it cannot be read; what was understood of it is in the log
        letter = replace(read(b""), title=mail.subject[:200], text=mail.text, said=mail.text)
    return replace(letter, files=()) if intake.size > len(raw) else letter


def _found(request: HttpRequest, pk: int) -> IntakeMail:
    related = ("mail__ticket", "decided_by")
    return get_object_or_404(IntakeMail.objects.visible_to(request.user).select_related(*related), pk=pk)


def _page(
    request: HttpRequest,
    found: IntakeMail,
    *,
    add: forms.Form | None = None,
    discard: forms.Form | None = None,
) -> HttpResponse:
    user, mail = request.user, found.mail
    contacts = contacts_at(mail.sender)
    seen = Ticket.objects.visible_to(user)
    offered = seen.open().filter(client__in=[contact.client_id for contact in contacts]).order_by("-pk")
    named = seen.filter(pk=ticket_in(mail.subject) or 0).first()
    context = {
        "intake": found,
        "mail": mail,
        "letter": letter_of(found) if found.state == IntakeState.WAITING else None,
        "is_partial": found.state == IntakeState.WAITING and found.size > len(found.raw),
        "contacts": contacts,
        "offered": offered[:MOST_OFFERED] if contacts else [],
        "may_decide": user.may_work and found.state == IntakeState.WAITING,
        "add_form": add or AddMailForm(user=user, initial={"number": named.number if named else ""}),
        "discard_form": discard or DiscardMailForm(),
    }
    return render(request, "tickets/intake_mail.html", context, status=422 if add or discard else 200)


def _initial(letter: Letter, contacts: list[Contact]) -> dict[str, object]:
    filled = {"title": letter.title, "details": letter.said[:10_000], "channel": Channel.EMAIL}
    if len(contacts) != 1:
        return filled | {"caller_name": letter.sender_name}
    (contact,) = contacts
    known = {"client": client_text(contact.client), "contact": contact.pk, "caller_name": contact.name}
    return filled | known


def _too_late(request: HttpRequest, pk: int, faster: Moved) -> HttpResponse:
    messages.warning(request, str(faster))
    return redirect("tickets:intake_mail", pk=pk)

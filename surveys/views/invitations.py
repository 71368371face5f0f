"""Invitations and their answers: listed, looked at, asked by phone, keyed, keyed again, settled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Channel
from duty.views.steps import pressed
from staff.forms import show_refusal
from staff.models import User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.files import HARMLESS, given_out
from surveys import actions
from surveys.actions import AnswersRefused, Given, Source
from surveys.forms.answers import Card, Filled, filled, typed
from surveys.forms.campaigns import SourceForm
from surveys.models import (
    CAME_BY,
    PAPER,
    AnswerSheet,
    Campaign,
    Invitation,
    InvitationState,
    Outreach,
    SheetFile,
)
from surveys.numbers import id_of
from surveys.paper.setting import MOST_SHEETS, printed
from tickets.documents.making import NotMade

MOST_TASKS = 50


@house_only
@require_safe
def invitations(request: HttpRequest) -> HttpResponse:
    """All invitations that the person may see, newest first; of a campaign, a state, bad ones."""
    rows = Invitation.objects.visible_to(request.user)
    asked, state = request.GET.get("campaign", ""), request.GET.get("state", "")
    way, is_bad = request.GET.get("way", ""), request.GET.get("bad") == "1"
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        rows = rows.filter(campaign=int(asked))
    if state in InvitationState.values:
        rows = rows.filter(state=state)
    if way in CAME_BY:
        rows = rows.filter(sheet__channel=way)
    if is_bad:
        rows = rows.filter(sheet__is_bad=True, sheet__finished_at__isnull=False)
    found = page(rows.listed().select_related("sheet"), request=request, order=("-pk",))
    context = {
        "page": found,
        "campaigns": Campaign.objects.visible_to(request.user)[:100],
        "states": InvitationState.choices,
        "ways": [(one.value, one.label) for one in CAME_BY],
        "asked": asked,
        "state": state,
        "way": way,
        "is_bad": is_bad,
        "may_key": request.user.role in actions.KEYED_BY,
    }
    return render(request, "surveys/invitations.html", context)


@house_only
@require_safe
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """One invitation: who was asked about what, what was tried, what was answered."""
    found = _invitation(request.user, pk)
    sheet = AnswerSheet.objects.visible_to(request.user).filter(invitation=found)
    sheet = sheet.select_related("keyed_by", "collected_by").first()
    second = getattr(sheet, "second", None) if sheet else None
    may_key = actions.may_key(found, request.user)
    context = {
        "invitation": found,
        "sheet": sheet,
        "second": second,
        "answers": sheet.answers.select_related("question") if sheet else [],
        "files": sheet.files.all() if sheet else [],
        "outreaches": found.outreaches.select_related("done_by"),
        "events": found.events.select_related("by"),
        "may_key": may_key,
        "is_concerned": actions.is_concerned(found, request.user),
        "may_run": actions.may_run(found.campaign.group_id or found.group_id, request.user),
        "is_waiting": sheet is not None and sheet.keyed_at is not None and sheet.finished_at is None,
        "may_be_keyed": may_key and found.may_still_answer and (sheet is None or sheet.keyed_at is None),
    }
    return render(request, "surveys/invitation.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """One screen to ask somebody on the phone, or to key paper: script, wishes, questions, how it came in."""
    found = _keyed(request.user, pk)
    task = found.outreaches.filter(state="waiting").exclude(channel=Channel.EMAIL).last()
    channel = request.GET.get("way", "") or found.channel
    channel = channel if channel in CAME_BY and channel != Channel.WEB else Channel.PHONE
    questions = list(found.version.questions.all())
    sheet = AnswerSheet.objects.filter(invitation=found).first()
    if request.method != "POST":
        form = SourceForm(by=request.user, channel=channel)
        if channel not in PAPER:
            form.initial["collected_by"] = request.user.pk
        shown = filled(questions, actions.kept(sheet if sheet and sheet.keyed_at is None else None))
        return _key_page(request, found, form, shown, channel, task)
    form = SourceForm(request.POST, request.FILES, by=request.user)
    given = typed(request.POST, questions, ticks=True)
    shown = filled(questions, given)
    if form.is_valid():
        try:
            source = Source(**form.cleaned_data)
            actions.key_answers(found, given, source, by=request.user, now=timezone.now())
        except AnswersRefused as refused:
            shown = filled(questions, given, refused.faults)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            is_twice = found.campaign.is_double_keyed and source.channel in PAPER
            messages.success(
                request,
                _("Keyed once. Somebody else keys it a second time.") if is_twice else _("Keyed. Thank you."),
            )
            return redirect("surveys:invitation", pk)
    return _key_page(request, found, form, shown, form["channel"].value(), task, status=422)


def _key_page(
    request: HttpRequest,
    found: Invitation,
    form: SourceForm,
    shown: Filled,
    channel: str,
    task: Outreach | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "invitation": found,
        "contact": found.contact,
        "client": found.client,
        "source": form,
        "form": shown,
        "version": found.version,
        "channel": channel,
        "is_phone": channel == Channel.PHONE,
        "task": task,
        "again_url": reverse("surveys:key", args=[found.pk]),
    }
    return render(request, "surveys/key.html", context, status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def key_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The second keying shows nothing of the first."""
    found = _keyed(request.user, pk)
    sheet = get_object_or_404(AnswerSheet, invitation=found, keyed_at__isnull=False, finished_at=None)
    questions = list(found.version.questions.all())
    given = typed(request.POST, questions, ticks=True) if request.method == "POST" else Given()
    shown, refused_for = filled(questions, given), ""
    if request.method == "POST":
        try:
            second = actions.key_again(sheet, given, by=request.user, now=timezone.now())
        except AnswersRefused as refused:
            shown = filled(questions, given, refused.faults)
        except Refused as refused:
            refused_for = str(refused.message)
        else:
            if second.differences:
                messages.warning(request, _("The two differ: look at the paper and settle it."))
                return redirect("surveys:settle", pk)
            messages.success(request, _("Both are the same: it counts now."))
            return redirect("surveys:invitation", pk)
    context = {
        "invitation": found,
        "sheet": sheet,
        "form": shown,
        "version": found.version,
        "files": sheet.files.all(),
        "refused": refused_for,
        "is_second": True,
    }
    return render(request, "surveys/key_again.html", context, status=422 if request.method == "POST" else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """What two people keyed differently, each beside the other; what is sent here counts."""
    found = _keyed(request.user, pk)
    sheet = get_object_or_404(AnswerSheet.objects.select_related("second__by", "keyed_by"), invitation=found)
    second = getattr(sheet, "second", None)
    if second is None or second.settled_at is not None:
        return redirect("surveys:invitation", pk)
    questions = list(found.version.questions.all())
    given = typed(request.POST, questions, ticks=True) if request.method == "POST" else actions.kept(sheet)
    shown, refused_for = filled(questions, given), ""
    if request.method == "POST":
        try:
            actions.settle(sheet, given, by=request.user, now=timezone.now())
        except AnswersRefused as refused:
            shown = filled(questions, given, refused.faults)
        except Refused as refused:
            refused_for = str(refused.message)
        else:
            messages.success(request, _("Settled: it counts now."))
            return redirect("surveys:invitation", pk)
    context = {
        "invitation": found,
        "sheet": sheet,
        "second": second,
        "form": _beside(shown, second.facts, second.differences),
        "version": found.version,
        "files": sheet.files.all(),
        "refused": refused_for,
        "ticks_differ": [name for name in second.differences if not name.isdecimal()],
        "is_second": False,
    }
    return render(request, "surveys/key_again.html", context, status=422 if request.method == "POST" else 200)


def _beside(shown: Filled, facts: dict[str, Any], differences: list[str]) -> Filled:
    """The questions that differ, marked, each with what the second person keyed."""

    def marked(card: Card) -> Card:
        line = str(card.question.line)
        if line not in differences:
            return card
        value, why = facts[line]
        other = _("nothing") if value is None else card.question.shown(value)
        return Card(
            **{name: getattr(card, name) for name in Card.__slots__ if name not in ("differs", "other")},
            differs=True,
            other=f"{other} · {why}" if why else other,
        )

    cards = [marked(card) for card in shown.cards]
    return Filled(cards, shown.is_complaint, shown.wants_reply, shown.faults)


@house_only
@require_http_methods(["GET", "HEAD"])
def by_number(request: HttpRequest) -> HttpResponse:
    """From the number on paper to where it is keyed."""
    typed_number = request.GET.get("number", "")
    pk = id_of(typed_number) if typed_number else None
    found = Invitation.objects.visible_to(request.user).filter(pk=pk).select_related("campaign").first()
    if found is not None:
        if not actions.may_key(found, request.user):
            return redirect("surveys:invitation", found.pk)
        sheet = AnswerSheet.objects.filter(invitation=found).first()
        if sheet is not None and sheet.keyed_at is not None and sheet.finished_at is None:
            return redirect("surveys:key_again", found.pk)
        if found.may_still_answer:
            return redirect(f"{reverse('surveys:key', args=[found.pk])}?way={_paper_way(found)}")
        return redirect("surveys:invitation", found.pk)
    context = {"number": typed_number, "is_unknown": bool(typed_number)}
    return render(request, "surveys/by_number.html", context, status=404 if typed_number else 200)


def _paper_way(found: Invitation) -> str:
    return found.channel if found.channel in PAPER else Channel.LETTER


@house_only
@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The printable questionnaire of one invitation: by a button, as each print has a link of its own."""
    found = _keyed(request.user, pk)
    if not found.is_open:
        messages.error(request, _("This invitation is over already."))
        return redirect("surveys:invitation", pk)
    return _print(request, [found], f"{found.number}.pdf", reverse("surveys:invitation", args=[pk]))


@house_only
@require_POST
def papers(request: HttpRequest) -> HttpResponse:
    """The printable questionnaires of all letters, faxes and visits that wait, at most fifty at once."""
    waiting = _tasks(request.user).filter(channel__in=PAPER)
    pks = waiting.values_list("invitation", flat=True)[:MOST_SHEETS]
    rows = _rows(request.user).filter(pk__in=list(pks), state=InvitationState.OPEN)
    found = [one for one in rows if actions.may_key(one, request.user)]
    back = reverse("surveys:tasks")
    if not found:
        messages.error(request, _("There is nothing to be printed."))
        return redirect(back)
    return _print(request, found, "surveys.pdf", back)


def _print(request: HttpRequest, found: list[Invitation], name: str, back: str) -> HttpResponse:
    try:
        content = printed(found, now=timezone.now())
    except NotMade:
        messages.error(request, _("The file could not be made now. Please try again."))
        return redirect(back)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in HARMLESS.items():
        response.headers[header] = value
    return response


@house_only
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """What is done to one invitation by a button: taken back, came back, wants no more, thrown away."""
    found, by, now = _invitation(request.user, pk), request.user, timezone.now()
    reason = request.POST.get("reason", "")
    acts = {
        "withdraw": lambda: actions.withdraw(found, reason=reason, by=by, now=now),
        "returned": lambda: actions.returned(found, note=reason, by=by, now=now),
        "no-more": lambda: actions.opt_out_told(found, reason=reason, by=by, now=now),
        "discard": lambda: actions.discard_keying(_sheet_of(found), reason=reason, by=by, now=now),
    }
    return pressed(request, acts[what], said=_("Done."), back=reverse("surveys:invitation", args=[pk]))


def _sheet_of(found: Invitation) -> AnswerSheet:
    return get_object_or_404(AnswerSheet, invitation=found)


@house_only
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Whom to ring, what to print and post, which paper is keyed once: what operators do for surveys."""
    now = timezone.now()
    rows = _tasks(request.user).select_related(
        "invitation__contact", "invitation__client", "invitation__campaign", "invitation__ticket"
    )
    phone = rows.filter(channel=Channel.PHONE, due_at__lte=now)
    later = rows.filter(channel=Channel.PHONE, due_at__gt=now)
    sheets = AnswerSheet.objects.visible_to(request.user).filter(keyed_at__isnull=False, finished_at=None)
    context = {
        "calls": page(phone, request=request, order=("due_at", "pk"), size=MOST_TASKS),
        "later": later.order_by("due_at")[:20],
        "papers": rows.filter(channel__in=PAPER).order_by("due_at", "pk")[:MOST_TASKS],
        "once": sheets.select_related("invitation__client", "keyed_by", "second")[:MOST_TASKS],
        "may_key": request.user.role in actions.KEYED_BY,
    }
    return render(request, "surveys/tasks.html", context)


@house_only
@require_POST
def task_step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """What came of a task: nobody there, does not want to, posted."""
    rows = Outreach.objects.visible_to(request.user).select_related("invitation")
    found, by, now = get_object_or_404(rows, pk=pk), request.user, timezone.now()
    note = request.POST.get("note", "")
    acts = {
        "not-reached": lambda: actions.not_reached(found, note=note, by=by, now=now),
        "refused": lambda: actions.refuse(found, note=note, by=by, now=now),
        "posted": lambda: actions.posted(found, by=by, now=now),
    }
    return pressed(request, acts[what], said=_("Noted."), back=reverse("surveys:tasks"))


@house_only
@require_safe
def file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    visible = SheetFile.objects.visible_to(request.user)
    return given_out(request, get_object_or_404(visible, sheet__invitation=pk, pk=file))


def _tasks(user: User) -> QuerySet[Outreach]:
    return Outreach.objects.visible_to(user).to_do()


def _rows(user: User) -> QuerySet[Invitation]:
    related = (
        "campaign",
        "version__questionnaire",
        "client",
        "contact__client",
        "contact__user",
        "ticket",
        "engineer",
        "group",
        "system",
        "client_type",
    )
    return Invitation.objects.visible_to(user).select_related(*related)


def _invitation(user: User, pk: int) -> Invitation:
    return get_object_or_404(_rows(user), pk=pk)


def _keyed(user: User, pk: int) -> Invitation:
    """An invitation for somebody who may key its answers; a 403 for whoever is judged by them."""
    found = _invitation(user, pk)
    if not actions.may_key(found, user):
        raise PermissionDenied
    return found

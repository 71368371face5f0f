"""Answers keyed on one screen: asked by phone, from paper, a second time, settled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.models import Channel
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from surveys import actions
from surveys.actions import AnswersRefused, Given, Source
from surveys.forms.answers import Card, Filled, filled, typed
from surveys.forms.campaigns import SourceForm
from surveys.models import CAME_BY, PAPER, AnswerSheet, Invitation, Outreach
from surveys.numbers import id_of
from surveys.views.finding import keyed_by


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """One screen to ask somebody on the phone, or to key paper: script, wishes, questions, how it came in."""
    found = keyed_by(request.user, pk)
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
    found = keyed_by(request.user, pk)
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
    found = keyed_by(request.user, pk)
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

"""Canned replies: chosen while one writes, and their editor."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.forms import show_refusal
from staff.models import User
from staff.views.access import house_only
from tickets.actions.canned import may_edit_reply, retire_reply, save_reply, use_reply
from tickets.lifecycle import Refused
from tickets.models import CannedReply, Scope, Ticket
from tickets.models.canned import CannedReplyQuerySet
from tickets.replies import filled
from tickets.toolforms import ReplyForm
from tickets.variables import NAMES

MOST_OFFERED = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the list: a reply in one of its languages, filled in."""

    reply: CannedReply
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    reply: CannedReply
    may_edit: bool


@house_only
@require_safe
def offered(request: HttpRequest, pk: int) -> HttpResponse:
    """The replies for a kind of text that have every word typed, as they would be inserted."""
    ticket, now = _record(request, pk), timezone.now()
    own = "en" if (get_language() or "").startswith("en") else "zh"
    found = _matching(request.user, request.GET.get("q", "")).fit_for(request.GET.get("kind", ""))
    offers = []
    for reply in found[:MOST_OFFERED]:
        languages = sorted({"zh", "en"} if reply.body_en else {"zh"}, key=lambda language: language != own)
        for language in languages:
            text = filled(reply, ticket, me=request.user, language=language, now=now)
            offers.append(Offer(reply, language, text))
    # Without the request: the list has no need of the frame's questions to the database.
    return HttpResponse(render_to_string("tickets/_reply_choices.html", {"offers": offers, "ticket": ticket}))


@house_only
@require_POST
def insert(request: HttpRequest, pk: int, reply: int) -> HttpResponse:
    """The text of a reply for a record, and one more use counted."""
    ticket = _record(request, pk)
    found = get_object_or_404(CannedReply.objects.visible_to(request.user).in_use(), pk=reply)
    language = request.POST.get("language") or get_language() or ""
    text = filled(found, ticket, me=request.user, language=language, now=timezone.now())
    use_reply(found)
    return JsonResponse({"text": text})


@house_only
@require_safe
def replies(request: HttpRequest) -> HttpResponse:
    """Every reply that one may use, one's own first."""
    user, order = request.user, {Scope.OWN: 0, Scope.GROUP: 1, Scope.EVERYONE: 2}
    found = CannedReply.objects.visible_to(user).in_use().select_related("group", "owner")
    lines = [Line(reply, may_edit_reply(user, reply)) for reply in found]
    lines.sort(key=lambda line: (order[Scope(line.reply.scope)], line.reply.title))
    return render(request, "tickets/replies.html", {"lines": lines, "may_write": user.may_work})


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not request.user.may_work:
        raise PermissionDenied
    return _form_page(request, CannedReply(), _("New canned reply"))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form_page(request, _editable(request, pk), _("Edit canned reply"))


@house_only
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    reply = _editable(request, pk)
    retire_reply(reply, by=request.user, now=timezone.now())
    messages.success(request, _("“%(title)s” is no longer offered.") % {"title": reply.title})
    return redirect("tickets:replies")


def _form_page(request: HttpRequest, reply: CannedReply, title: str) -> HttpResponse:
    form = ReplyForm(request.POST or None, instance=reply, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            save_reply(form.instance, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("tickets:replies")
    known = [f"{{{name}}}" for name in NAMES]
    context = {"form": form, "title": title, "reply": reply if reply.pk else None, "known": known}
    return render(request, "tickets/reply_form.html", context, status=422 if form.errors else 200)


def _matching(user: User, words: str) -> CannedReplyQuerySet:
    found = CannedReply.objects.visible_to(user).in_use()
    if user.may_administer:  # he looks after every group's, and writes with everyone's
        found = found.exclude(Q(scope=Scope.GROUP) & ~Q(group=user.group_id))
    for word in words.replace("\0", "").split()[:5]:
        found = found.filter(Q(title__icontains=word) | Q(body__icontains=word) | Q(body_en__icontains=word))
    return found


def _editable(request: HttpRequest, pk: int) -> CannedReply:
    reply = get_object_or_404(CannedReply.objects.visible_to(request.user).in_use(), pk=pk)
    if not may_edit_reply(request.user, reply):
        raise PermissionDenied
    return reply


def _record(request: HttpRequest, pk: int) -> Ticket:
    visible = Ticket.objects.visible_to(request.user).select_related("client", "system", "owner")
    return get_object_or_404(visible, pk=pk)

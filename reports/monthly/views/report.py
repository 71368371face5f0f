"""One monthly report: written, published, read, answered, and given out as files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.models import MonthlyReport, MonthlySubscription
from reports.monthly import actions
from reports.monthly.adjusting import adjusted
from reports.monthly.composing import LANGUAGES
from reports.monthly.forms import CommentForm, WordsForm
from reports.monthly.papers.making import NotMade, Paper
from reports.monthly.reading import document_for, may_acknowledge, may_agree, may_edit, terms
from reports.monthly.views.files import file_of
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.lifecycle import Moved


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report. A POST by an editor saves or publishes it; what is refused comes back as it was typed."""
    found = seen(request, pk)
    if request.method != "POST":
        return _shown(request, found)
    if not may_edit(request.user, found, terms()):
        raise PermissionDenied
    is_final = "publish" in request.POST
    form, status = WordsForm(request.POST, report=found, user=request.user), 422
    if form.is_valid():
        found.words_version = stated(request, "seen_version")
        who: dict[str, Any] = {"by": request.user, "now": timezone.now()}
        try:
            if is_final:
                actions.publish_report(found, form.words(), counted_at=_seen_count(request), **who)
            else:
                actions.write_report(found, form.words(), **who)
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, _("Published.") if is_final else _("Saved."))
            return redirect("reports:monthly:report", pk)
    return _shown(request, seen(request, pk), form=form, status=status)


@house_only
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed; the answer is the mark beside the title, with the version that it now has."""
    found, now = seen(request, pk), timezone.now()
    sent = stated(request, "seen_version")
    found.words_version = sent
    names = WordsForm(report=found, user=request.user).fields
    words = {name: request.POST[name].replace("\0", "") for name in names if name in request.POST}
    refused = None
    try:
        found = actions.write_report(found, words, by=request.user, now=now)
    except Refused as problem:
        if problem.code == "forbidden" and not problem.field:
            raise PermissionDenied from problem
        refused = problem
    # A refusal is shown beside the title too; the page keeps what it has, and its version.
    context = {"report": found, "version": sent, "refused": refused, "now": now}
    return render(request, "reports/monthly/_kept.html", context)


@house_only
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the counting has come."""
    return render(request, "reports/monthly/_progress.html", {"report": seen(request, pk)})


@house_only
@require_POST
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Have it counted anew, acknowledge it, comment on it, or ask to be told of the next."""
    found = seen(request, pk)
    who: dict[str, Any] = {"by": request.user, "now": timezone.now()}
    form: forms.Form | None = None
    try:
        if step == "count":
            # To count anew loses no word: whoever writes beside it keeps the page that he has.
            actions.ask_to_count(found, **who)
        elif step == "acknowledge":
            actions.acknowledge_report(found, **who)
        elif step == "subscribe":
            actions.subscribe(found, wanted=request.POST.get("wanted") == "yes", **who)
        elif step == "comment":
            form = CommentForm(request.POST)
            if form.is_valid():
                actions.comment_report(found, text=form.cleaned_data["text"], **who)
        else:
            raise Http404
    except Refused as refused:
        if refused.code == "forbidden":
            raise PermissionDenied from refused
        if form is None:
            messages.error(request, refused.message)
            return redirect("reports:monthly:report", pk)
        show_refusal(form, refused)
    if form is not None and form.errors:
        return _shown(request, found, comment=form, status=422)
    messages.success(request, _("Saved."))
    return redirect("reports:monthly:report", pk)


@house_only
@require_safe
def give_out(request: HttpRequest, pk: int, language: str, form: str) -> HttpResponse:
    """A report as a file, as its reader may read it; of the same report always the same bytes."""
    return answer(request, seen(request, pk), language, form, back="reports:monthly:report")


def answer(
    request: HttpRequest, found: MonthlyReport, language: str, form: str, *, back: str
) -> HttpResponse:
    if form not in Paper.values or language not in LANGUAGES:
        raise Http404
    document = document_for(found, request.user, language)
    if document is None:
        raise Http404
    try:
        return file_of(request, document, Paper(form))
    except NotMade:
        messages.warning(
            request,
            _("The file could not be made in time. Nothing is lost; please try again in a minute."),
        )
        return redirect(back, found.pk)


def seen(request: HttpRequest, pk: int) -> MonthlyReport:
    """A report with the names on it; a 404 for whoever does not see it."""
    rows = MonthlyReport.objects.visible_to(request.user).with_names().select_related("snapshot")
    return get_object_or_404(rows, pk=pk)


def language_asked(request: HttpRequest) -> str:
    """In which language a report is read: the one of the address, else the reader's."""
    asked = request.GET.get("language", "") or get_language() or ""
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _shown(
    request: HttpRequest,
    found: MonthlyReport,
    *,
    form: WordsForm | None = None,
    comment: CommentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    edits = may_edit(user, found, terms())
    writes = edits and not found.is_published
    if writes and form is None:
        form = WordsForm(report=found, user=user)
    language = language_asked(request)
    acknowledged = list(found.acknowledgements.select_related("reader"))
    of = {"user": user, "edition": found.edition, "group": found.group, "client": found.client}
    context = {
        "report": found,
        "document": document_for(found, user, language),
        "language": language,
        "papers": Paper,
        # What was typed is shown even where it was published elsewhere meanwhile.
        "form": form,
        "writes": writes,
        "stored": _stored(found, user) if status == 409 else [],
        "adjusted": adjusted(found) if found.is_published else [],
        "acknowledged": acknowledged,
        "may_acknowledge": may_acknowledge(user, found)
        and user.pk not in {one.reader_id for one in acknowledged},
        "may_agree": found.client is not None and may_agree(user, found.client),
        "is_subscribed": MonthlySubscription.objects.filter(**of).exists(),
        "comment": comment or CommentForm(auto_id="id_comment_%s"),
        "events": found.events.select_related("by"),
        "is_overdue": found.is_overdue(timezone.localdate(now)),
        "now": now,
    }
    return render(request, "reports/monthly/report.html", context, status=status)


def _stored(found: MonthlyReport, user: User) -> list[tuple[Any, str]]:
    """What is kept now, by the labels of its fields."""
    fields = WordsForm(report=found, user=user).fields
    return [(field.label, found.words[name]) for name, field in fields.items() if name in found.words]


def _seen_count(request: HttpRequest) -> datetime:
    """When the numbers that the person had before him were counted; what cannot be read is none of ours."""
    try:
        seen_at = parse_datetime(request.POST.get("seen_count", ""))
    except ValueError:
        seen_at = None
    return seen_at or datetime.min.replace(tzinfo=timezone.get_default_timezone())

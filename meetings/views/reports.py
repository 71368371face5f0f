"""One weekly report: written, read, commented, printed; and one's own, week by week (tail §6.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty.calendar import working_days
from meetings.actions import reports as actions
from meetings.actions.reportsweep import leaders
from meetings.models import WeeklyReport
from meetings.reportfigures import Figures, figures_of, rows_of, shown
from meetings.reportforms import CommentForm, ReopenForm, ReportForm
from meetings.reporting import OLDEST, WEEK, WORDS, Figure, Span, before, span_of
from meetings.reportwords import drafted
from staff.forms import show_refusal
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.lifecycle import Moved

# Of so many spans back one is offered that is not written yet.
OFFERED = 3


@house_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own reports, newest first; and the weeks of the last ones that nobody has drafted."""
    user, now = request.user, timezone.now()
    rows = WeeklyReport.objects.filter(person=user)
    found = page(rows, request=request, order=("-first_on", "-pk"), size=26)
    offered = _offered(user, now) if actions.may_write(user) else []
    context = {
        "page": found,
        "offered": offered,
        "may_write": actions.may_write(user),
        "last_week": (timezone.localdate(now) - WEEK).isoformat(),
        "lines": [(one, one.standing(now)) for one in found.rows],
    }
    return render(request, "meetings/reports_mine.html", context)


def _offered(user: Any, now: Any) -> list[Span]:
    today = timezone.localdate(now)
    is_working = working_days(since=today - OLDEST)
    spans = [span_of(today, is_working)]
    while len(spans) < OFFERED:
        spans.append(before(spans[-1], is_working))
    there = WeeklyReport.objects.filter(person=user, first_on__in=[span.first for span in spans])
    written = set(there.values_list("first_on", flat=True))
    joined = timezone.localdate(user.date_joined)
    return [span for span in spans if span.first not in written and span.last >= joined]


@house_only
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft one's own report of the week of a day, where it is not there yet."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    try:
        made = actions.draft_report(day, by=request.user, now=timezone.now())
    except Refused as refused:
        if refused.code == "forbidden":
            raise PermissionDenied from refused
        messages.error(request, refused.message)
        return redirect("weekly_reports:mine")
    return redirect("weekly_reports:report", made.pk)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report. A POST by its writer saves or submits it; what is refused comes back as it was typed."""
    found = seen(request, pk)
    if request.method != "POST":
        return _shown(request, found)
    if found.person_id != request.user.pk:
        raise PermissionDenied
    is_final = "submit" in request.POST
    form, status = ReportForm(request.POST), 422
    if form.is_valid():
        found.version = stated(request, "seen_version", unsaid=found.version)
        write = actions.submit_report if is_final else actions.write_report
        try:
            write(found, form.words(), by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, _("Submitted. Thank you.") if is_final else _("Saved."))
            return redirect("weekly_reports:report", pk)
    return _shown(request, seen(request, pk), form=form, status=status)


@house_only
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed; the answer is the mark beside the title, with the version that it now has."""
    found, now = seen(request, pk), timezone.now()
    sent = stated(request, "seen_version", unsaid=found.version)
    found.version = sent
    words = {name: request.POST[name].replace("\0", "") for name in WORDS if name in request.POST}
    refused = None
    try:
        found = actions.write_report(found, words, by=request.user, now=now)
    except Refused as problem:
        if problem.code == "forbidden":
            raise PermissionDenied from problem
        refused = problem
    # A refusal is shown beside the title too; the page keeps what it has, and its version.
    context = {"report": found, "version": found.version, "refused": refused, "now": now}
    return render(request, "meetings/_report_kept.html", context)


@house_only
@require_POST
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Read it, comment on it, or give it back to its writer."""
    found = seen(request, pk)
    who: dict[str, Any] = {"by": request.user, "now": timezone.now()}
    form: forms.Form | None = None
    try:
        if step == "read":
            actions.read_report(found, **who)
        elif step == "comment":
            form = CommentForm(request.POST)
            if form.is_valid():
                actions.comment_report(found, text=form.cleaned_data["text"], **who)
        elif step == "reopen":
            form = ReopenForm(request.POST)
            if form.is_valid():
                found.version = stated(request, "seen_version", unsaid=found.version)
                actions.reopen_report(found, reason=form.cleaned_data["reason"], **who)
        else:
            raise Http404
    except Refused as refused:
        if refused.code == "forbidden":
            raise PermissionDenied from refused
        if form is None:
            messages.error(request, refused.message)
            return redirect("weekly_reports:report", pk)
        show_refusal(form, refused)
        status = 409 if isinstance(refused, Moved) else 422
        return _shown(request, seen(request, pk), step=(step, form), status=status)
    if form is not None and form.errors:
        return _shown(request, found, step=(step, form), status=422)
    messages.success(request, _("Saved."))
    return redirect("weekly_reports:report", pk)


@house_only
@require_safe
def rows(request: HttpRequest, pk: int, figure: str) -> HttpResponse:
    """The rows behind a figure of a report, as far as the reader may see them."""
    found = seen(request, pk)
    if figure not in Figure.values:
        raise Http404
    kind = Figure(figure)
    facts = _figures(found).get(figure, {"n": 0, "rows": []})
    lines = rows_of(kind, facts["rows"], request.user)
    context = {
        "report": found,
        "figure": kind,
        "n": facts["n"],
        "lines": lines,
        "hidden": len(facts["rows"]) - len(lines),
        "is_time": kind == Figure.TIME,
    }
    return render(request, "meetings/report_rows.html", context)


@house_only
@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A report for paper: its figures and words, who has read it."""
    found = seen(request, pk)
    context = {
        "report": found,
        "figures": shown(_figures(found)),
        "words": _words(found),
        "reads": found.reads.filter(edition=found.edition).select_related("reader"),
        "standing": found.standing(timezone.now()),
    }
    return render(request, "meetings/report_paper.html", context)


def seen(request: HttpRequest, pk: int) -> WeeklyReport:
    """A report with the names on it; a 404 for whoever does not see it."""
    return get_object_or_404(WeeklyReport.objects.visible_to(request.user).with_names(), pk=pk)


def _figures(found: WeeklyReport) -> Figures:
    return figures_of(found, tz=timezone.get_default_timezone(), now=timezone.now())


def _words(found: WeeklyReport) -> list[tuple[str, str]]:
    fields = ReportForm.base_fields
    return [(fields[name].label, getattr(found, name)) for name in WORDS]  # type: ignore[misc]


def _shown(
    request: HttpRequest,
    found: WeeklyReport,
    *,
    form: ReportForm | None = None,
    step: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    figures = _figures(found)
    is_mine = found.person_id == user.pk
    writes = is_mine and not found.is_submitted
    said: dict[str, str] = drafted(found.person, figures, now=now) if writes else {}
    if writes and form is None:
        stored = {name: getattr(found, name) for name in WORDS}
        # As long as nobody has touched it, it says what the records say now.
        form = ReportForm(initial=stored | said if found.edited_at is None else stored)
    reads = list(found.reads.filter(edition=found.edition).select_related("reader"))
    readers = {read.reader_id for read in reads}
    may_lead = actions.may_lead(found.group_id, user)
    failed, failed_form = step or ("", None)
    context = {
        "report": found,
        "standing": found.standing(now),
        "figures": shown(figures),
        "words": _words(found),
        # What was typed is shown even where it was submitted elsewhere meanwhile.
        "form": form if writes or status != 200 else None,
        "stored": _words(found) if status == 409 else [],
        "said": [(ReportForm.base_fields[name].label, text) for name, text in said.items() if text],
        "is_mine": is_mine,
        "reads": reads,
        "unread": [one for one in leaders(found.group) if one.pk not in readers]
        if found.is_submitted
        else [],
        "may_read": found.is_submitted and not is_mine and user.pk not in readers,
        "reopen": _step_form("reopen", ReopenForm, step) if may_lead and found.is_submitted else None,
        "comment": _step_form("comment", CommentForm, step),
        "failed": failed if failed_form else "",
        "events": found.events.select_related("by"),
        "now": now,
    }
    return render(request, "meetings/report.html", context, status=status)


def _step_form(name: str, kind: type[forms.Form], failed: tuple[str, forms.Form] | None) -> forms.Form:
    return failed[1] if failed is not None and failed[0] == name else kind(auto_id=f"id_{name}_%s")

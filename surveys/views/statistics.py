"""Statistics of satisfaction: the page, what clients wrote, and the same figures as files."""

from __future__ import annotations

import logging
import tempfile
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from staff.charts import course, lying_bars
from staff.paging import page
from staff.sheets import XLSX, as_csv, as_text, write_table
from staff.views.access import house_only
from surveys.figures import gather
from surveys.figureshapes import Causes, Distribution, Figures
from surveys.figuretables import WIDTHS, change_words, document, heading, how_words, lines
from surveys.models import Answer
from surveys.questions import QuestionKind
from surveys.scope import Scope, scope_of
from tickets.documents.making import Form, NotMade, made

log = logging.getLogger(__name__)
CAUSES_SHOWN = 10
PARTS_SHOWN = 30  # of each breakdown; the files have them all


@house_only
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The figures of a questionnaire, a campaign or a period, as far as the person may see them."""
    now = timezone.now()
    scope = scope_of(request.GET, request.user, now)
    figures = gather(scope, now, most=PARTS_SHOWN)
    context = {
        "scope": scope,
        "figures": figures,
        "address": urlencode(scope.asked),
        "tiles": [line for line in lines(figures) if line.section == _("Overview")],
        "questions": [(one, _bars(one)) for one in figures.distributions],
        "trend": _trend(figures),
        "waves": [(wave, change_words(wave.change) if wave.change else "") for wave in figures.waves],
        "causes": [(one, _pareto(one)) for one in figures.causes if one.rows],
        "how": how_words(),
    }
    return render(request, "surveys/statistics.html", context)


@house_only
@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """What clients wrote, newest first, with search."""
    now = timezone.now()
    scope = scope_of(request.GET, request.user, now)
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = Answer.objects.filter(sheet__in=scope.sheets())
    rows = rows.filter(Q(question__kind=QuestionKind.TEXT) | ~Q(why=""))
    for word in words.split():
        rows = rows.filter(Q(why__icontains=word) | Q(value__icontains=word))
    related = (
        "question",
        "sheet__invitation__client",
        "sheet__invitation__ticket",
        "sheet__invitation__group",
    )
    found = page(rows.select_related(*related), request=request, order=("-pk",))
    context = {
        "scope": scope,
        "page": found,
        "words": words,
        "address": urlencode(scope.asked),
    }
    return render(request, "surveys/comments.html", context)


@house_only
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The figures of the page as CSV, Excel or PDF: the same lines."""
    now = timezone.now()
    scope = scope_of(request.GET, request.user, now)
    figures = gather(scope, now)
    name = f"opsdesk-satisfaction-{scope.since.isoformat()}-{scope.until.isoformat()}"
    log.info("%s exported statistics as %s", request.user.username, form)
    if form == "pdf":
        return _pdf(request, scope, figures, name, now)
    rows = [line.cells for line in lines(figures)]
    if form == "csv":
        texts = [heading(), *([as_text(cell) for cell in row] for row in rows)]
        return _attached(
            StreamingHttpResponse(as_csv(texts), content_type="text/csv; charset=utf-8"), f"{name}.csv"
        )
    if form != "xlsx":
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_table(file, name=_("Statistics"), head=heading(), widths=WIDTHS, rows=rows)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _pdf(request: HttpRequest, scope: Scope, figures: Figures, name: str, now: datetime) -> HttpResponse:
    title = _("Client satisfaction")
    content = document(scope, figures, language=get_language() or "", title=title, now=now)
    try:
        file = made(content, Form.PDF)
    except NotMade:
        messages.error(request, _("The PDF could not be made. Nothing is lost: try again, or take Excel."))
        return redirect(f"{reverse('satisfaction:statistics')}?{urlencode(scope.asked)}")
    return _attached(HttpResponse(file, content_type=Form.PDF.media_type), f"{name}.pdf")


def _attached(answer, name: str):  # type: ignore[no-untyped-def]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _bars(one: Distribution):  # type: ignore[no-untyped-def]
    rows = [(label, float(share.count), str(share)) for label, share in one.rows]
    return lying_bars(rows, max((share.count for _label, share in one.rows), default=0)) if rows else None


def _pareto(causes: Causes):  # type: ignore[no-untyped-def]
    rows = [(str(row.key), float(row.share.count), str(row.share)) for row in causes.rows[:CAUSES_SHOWN]]
    return lying_bars(rows, causes.rows[0].share.count)


def _trend(figures: Figures):  # type: ignore[no-untyped-def]
    values = [
        (
            wave.label,
            wave.mean.value,
            wave.mean.interval.low if wave.mean.interval else None,
            wave.mean.interval.high if wave.mean.interval else None,
            f"{wave.mean.value:.1f}",
        )
        for wave in figures.waves
        if wave.mean.value is not None
    ]
    return course(values, 0, 100) if values else None

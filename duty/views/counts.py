"""Duty counts of a month per kind of day, for allowances: on the page, as CSV, as an Excel file."""

from __future__ import annotations

import logging
import tempfile
from datetime import date, timedelta

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from duty.actions import may_roster
from duty.allowances import cells, heading, lines_of
from duty.counting import PaidKind
from duty.models import DayKind
from duty.views.groups import group_seen
from staff.sheets import XLSX, as_csv, as_text, write_table
from staff.views.access import house_only

log = logging.getLogger(__name__)
FIRST_YEAR = 2000
WIDTHS = [9, 18, 16, 14, 16, *([14] * 10)]


@house_only
@require_safe
def this_month(request: HttpRequest, code: str) -> HttpResponse:
    group, today = group_seen(code, request.user), timezone.localdate()
    return redirect("duty:counts", group.code, today.year, today.month)


@house_only
@require_safe
def counts(request: HttpRequest, code: str, year: int, month: int) -> HttpResponse:
    group, today = group_seen(code, request.user), timezone.localdate()
    first = _month(year, month)
    earlier, later = first - timedelta(days=1), (first + timedelta(days=32)).replace(day=1)
    context = {
        "group": group,
        "first": first,
        "lines": lines_of([group], first, by=request.user),
        "kinds": [DayKind(kind).label for kind in PaidKind],
        "sees_all": request.user.sees_everything or may_roster(group, request.user),
        "is_over": later <= today,
        "earlier": earlier if first.year > FIRST_YEAR else None,
        "later": later if later <= today else None,
    }
    return render(request, "duty/counts.html", context)


@house_only
@require_GET
def export(request: HttpRequest, code: str, year: str, month: str, form: str) -> HttpResponse:
    """The same as a file; the log says who took which month."""
    group, first = group_seen(code, request.user), _month(int(year), int(month))
    rows = cells(lines_of([group], first, by=request.user), first)
    log.info("%s exported the duty counts of %s in %s", request.user.username, group.code, first)
    name = f"duty-counts-{group.code}-{first:%Y-%m}.{form}"
    answer: HttpResponse
    if form == "csv":
        lines = ([as_text(cell) for cell in row] for row in [heading(), *rows])
        answer = StreamingHttpResponse(as_csv(lines), content_type="text/csv; charset=utf-8")  # type: ignore[assignment]
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        write_table(file, name=_("Duty counts"), head=heading(), widths=WIDTHS, rows=rows)
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)  # type: ignore[assignment]
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _month(year: int, month: int) -> date:
    """A month by its first day. A 404 for one that has not begun: what lies ahead may change."""
    if not (year >= FIRST_YEAR and 1 <= month <= 12) or date(year, month, 1) > timezone.localdate():
        raise Http404
    return date(year, month, 1)

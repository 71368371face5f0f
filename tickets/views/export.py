"""The records of a view as a file, all pages of it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from staff.sheets import XLSX, as_csv
from staff.views.access import house_only
from tickets.export import cells, heading, lines
from tickets.views.listing import selection, view_of
from tickets.workbook import MOST, write_workbook

log = logging.getLogger(__name__)


@house_only
@require_GET
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the view as CSV, for the staff; each gets the records that he may see, and the log says who."""
    now = timezone.now()
    asked = selection(request, now)
    rows = lines(asked.rows.order_by(*asked.order))
    return StreamingHttpResponse(
        as_csv(_counted(rows, request.user.username)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{_name(now)}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


@house_only
@require_GET
def export_xlsx(request: HttpRequest) -> HttpResponse | FileResponse:
    """The same as an Excel file, written to disk first. A view that is too long is refused, never cut."""
    now = timezone.now()
    asked = selection(request, now)
    if asked.rows.order_by()[: MOST + 1].count() > MOST:
        most = number_format(MOST, force_grouping=True)
        said = _("More than %(most)s records: narrow the view down, or take CSV, which has no limit.")
        messages.error(request, said % {"most": most})
        return redirect(f"{reverse('tickets:list')}?{view_of(request.GET)}")
    # The answer closes it when it has been sent, and then it is gone.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    rows = cells(asked.rows.order_by(*asked.order))
    count = write_workbook(file, name=_("Records"), head=heading(), rows=rows)
    log.info("%s exported %d records", request.user.username, count)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{_name(now)}.xlsx", content_type=XLSX)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _name(now: object) -> str:
    return f"opsdesk-records-{timezone.localdate(now)}"


def _counted(rows: Iterator[list[str]], who: str) -> Iterator[list[str]]:
    """The same lines; when they end, or the reader goes away, the log says how many records went to whom."""
    sent = 0
    try:
        for row in rows:
            yield row
            sent += 1
    finally:
        log.info("%s exported %d records", who, max(sent - 1, 0))  # the heading is no record

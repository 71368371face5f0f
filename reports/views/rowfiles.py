"""The rows of a list as a file, all pages of them: CSV or Excel."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports.kpis.definition import Rows
from reports.sources.listing import Cell, Source
from staff.models import User
from staff.sheets import XLSX, as_csv, as_text, write_table

log = logging.getLogger(__name__)

MOST = {"xlsx": 20_000, "csv": 200_000}  # rows of a file
AT_ONCE = 500


@dataclass(frozen=True)
class RowsFile:
    """What goes into a file: the rows that its reader may see, in order; `what` they are, the log says."""

    name: str
    what: str
    source: Source
    rows: Rows
    now: datetime
    reader: User

    @property
    def heads(self) -> list[str]:
        return [str(head) for head in self.source.heads]

    def cells(self) -> Iterator[list[Any]]:
        tz = timezone.get_current_timezone()
        for row in self.rows.iterator(chunk_size=AT_ONCE):
            yield [_cell(cell, tz) for cell in self.source.cells(row, self.now)]


def answer_with(
    file: RowsFile, request: HttpRequest, form: str, *, back: str
) -> HttpResponse | StreamingHttpResponse:
    """Answer with the file; where it would be too long, say so on the page it was asked for on."""
    if file.rows.order_by()[: MOST[form] + 1].count() > MOST[form]:
        messages.error(request, _too_many(form))
        return redirect(back)
    if form == "csv":
        return StreamingHttpResponse(
            as_csv(_counted(file)),
            content_type="text/csv; charset=utf-8",
            headers=_headers(f"{file.name}.csv"),
        )
    opened = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
    widths = [20] * len(file.heads)
    count = write_table(opened, name=file.what[:31], head=file.heads, widths=widths, rows=file.cells())
    log.info("%s exported %d rows of %s", file.reader.username, count, file.what)
    opened.seek(0)
    answer = FileResponse(opened, as_attachment=True, filename=f"{file.name}.xlsx", content_type=XLSX)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _too_many(form: str) -> str:
    numbers = {name: number_format(most, force_grouping=True) for name, most in MOST.items()}
    if form == "csv":
        return _("More than %(csv)s rows: choose a shorter period, or a group.") % numbers
    return _("More than %(xlsx)s rows: choose a shorter period, or take CSV with up to %(csv)s.") % numbers


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}


def _cell(cell: Cell, tz: Any) -> Any:
    """A cell as a spreadsheet holds it: local times, days as text."""
    if isinstance(cell, datetime):
        return timezone.localtime(cell, tz)
    return cell.isoformat() if isinstance(cell, date) else cell


def _counted(file: RowsFile) -> Iterator[list[str]]:
    """The lines of a CSV file; when it has been sent, or broken off, the log says how many they were."""
    sent = 0
    try:
        yield file.heads
        for line in file.cells():
            yield [as_text(cell) for cell in line]
            sent += 1
    finally:
        log.info("%s exported %d rows of %s", file.reader.username, sent, file.what)

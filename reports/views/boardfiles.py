"""The figures of a page as a file."""

from __future__ import annotations

import logging
import tempfile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from reports.board.asked import Board
from reports.board.files import WIDTHS, heading, lines
from reports.views.board import with_board
from staff.sheets import XLSX, as_csv, as_text, write_table

log = logging.getLogger(__name__)


@with_board
def export(
    request: HttpRequest, board: Board, form: str
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """All figures of the period as CSV or Excel."""
    if form not in ("csv", "xlsx"):
        raise Http404
    log.info("%s exported figures of %s as %s", board.chosen.reader.username, board.query(), form)
    rows = list(lines(board))
    answer: StreamingHttpResponse | FileResponse
    if form == "csv":
        texts = [heading(), *([as_text(cell) for cell in row] for row in rows)]
        answer = StreamingHttpResponse(as_csv(texts), content_type="text/csv; charset=utf-8")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115
        write_table(file, name=_("Figures"), head=heading(), widths=WIDTHS, rows=rows)
        file.seek(0)
        answer = FileResponse(file, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="opsdesk-figures-{board.period}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

"""Has a report's file made, in bounds of time and size."""

from __future__ import annotations

import json

from django.db.models import TextChoices

from staff.sheets import XLSX
from tickets.documents.maker import MOST_SECONDS
from tickets.documents.making import Form, NotMade, made, run_maker
from tickets.documents.structure import Document

__all__ = ["NotMade", "Paper", "paper"]


class Paper(TextChoices):
    """The files that a report is given out as; the value is the name's extension."""

    PDF = "pdf", "PDF"
    WORD = "docx", "Word"
    EXCEL = "xlsx", "Excel"

    @property
    def media_type(self) -> str:
        return XLSX if self == Paper.EXCEL else Form(self.value).media_type


def paper(document: Document, form: Paper, *, within: float = MOST_SECONDS) -> bytes:
    """Return the file of a report. Raises `NotMade` after `within` seconds, or where the maker fails."""
    if form != Paper.EXCEL:
        return made(document, Form(form.value), within=within)
    content = json.dumps(document.as_json(), ensure_ascii=False).encode("utf-8", "replace")
    name = f"Excel file of {document.number}"
    return run_maker("reports.monthly.papers.maker", form.value, content, name=name, within=within)

"""A report's file as the answer to a request, for pages and the REST interface alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from reports.monthly.papers.making import Paper, paper
from staff.views.files import HARMLESS
from tickets.documents.structure import Document


def file_of(request: HttpRequest, document: Document, form: Paper) -> HttpResponse:
    """The answer that carries a file. Raises `NotMade`. Asked for again, it is sent only if it is another."""
    etag = f'"{document.sha256}-{form}"'
    if not (response := get_conditional_response(request, etag=etag)):
        response = HttpResponse(paper(document, form), content_type=form.media_type)
        name = f"{document.number}-{document.language}.{form}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    for name, value in {**HARMLESS, "ETag": etag}.items():
        response.headers[name] = value
    return response

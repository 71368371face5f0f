"""Files given out so that they can do no harm."""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from staff import shelf
from staff.models import StoredFile

log = logging.getLogger(__name__)
# Whatever a browser makes of a file, it runs nothing, loads nothing, and belongs to no site.
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def given_out(request: HttpRequest, file: StoredFile) -> HttpResponse:
    """The answer that carries a file. Asked for again, it is sent again only if it is another."""
    etag = f'"{file.sha256}"'
    if not (response := get_conditional_response(request, etag=etag)):
        try:
            content = shelf.take(file.stored)
        except FileNotFoundError:
            log.error("The content of %s %s is gone", file._meta.label, file.pk)
            raise Http404 from None
        response = FileResponse(
            content,
            as_attachment=not file.is_image,
            filename=file.name,
            content_type=file.media_type,
        )
    for name, value in {**HARMLESS, "ETag": etag}.items():
        response.headers[name] = value
    return response

"""A change on paper: read on the screen, printed, given out as PDF and Word."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from staff.views.access import house_only
from staff.views.files import HARMLESS
from tickets.changecalendar import with_conflicts
from tickets.changepaper import PaperKind, paper_of
from tickets.changestanding import papers_of
from tickets.documents.making import Form, NotMade, made
from tickets.documents.structure import Document
from tickets.models import Change, Entry, EntryKind
from tickets.views.changes import seen


@house_only
@require_safe
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    change = seen(request, pk)
    context = {"change": change, "kind": kind, "document": _document(change, kind), "forms": Form}
    return render(request, "changes/paper.html", context)


@house_only
@require_safe
def paper_file(request: HttpRequest, pk: int, kind: str, form: str) -> HttpResponse:
    """The paper as a file, as it stands now."""
    document = _document(seen(request, pk), kind)
    if form not in Form.values:
        raise Http404
    try:
        content = made(document, Form(form))
    except NotMade:
        words = _("The file could not be made in time. Nothing is lost; please try again in a minute.")
        messages.warning(request, words)
        return redirect("changes:paper", pk, kind)
    response = HttpResponse(content, content_type=Form(form).media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{document.number}.{form}"'
    for name, value in HARMLESS.items():
        response.headers[name] = value
    return response


def _document(change: Change, kind: str) -> Document:
    if kind not in list(PaperKind) or (kind == PaperKind.RESULT and change.started_at is None):
        raise Http404
    [window] = with_conflicts([change]) or [None]
    entries = Entry.objects.filter(ticket=change.ticket, kind=EntryKind.CHANGE).select_related("by")
    return paper_of(
        change,
        PaperKind(kind),
        papers=papers_of(change),
        conflicts=window.conflicts if window else [],
        entries=list(entries),
        now=timezone.now(),
    )

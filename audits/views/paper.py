"""The report of an audit: on the page, as PDF, as Word file."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.paper import document
from audits.views.holding import seen
from staff.views.access import house_only
from staff.views.files import HARMLESS
from tickets.documents.making import Form, NotMade, made


@house_only
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    audit = seen(request.user, pk)
    context = {"audit": audit, "document": document(audit, now=timezone.now())}
    return render(request, "audits/paper.html", context)


@house_only
@require_safe
def give_out(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The report as a file, made anew each time: it says how the findings stand now."""
    if form not in Form.values:
        raise Http404
    audit = seen(request.user, pk)
    try:
        content = made(document(audit, now=timezone.now()), Form(form))
    except NotMade:
        messages.warning(
            request, _("The file could not be made in time. Nothing is lost; please try again in a minute.")
        )
        return redirect("audits:paper", pk=pk)
    answer = HttpResponse(content, content_type=Form(form).media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{audit.number}.{form}"'
    for name, value in HARMLESS.items():
        answer.headers[name] = value
    return answer

"""Minutes: drafted in view, published, shown, given out as PDF and Word."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from meetings.actions import draft, refusal_for
from meetings.forms.steps import AddToForm, PublishForm
from meetings.kinds import MeetingState, Step
from meetings.models import Meeting, Minutes
from meetings.views.seen import meeting_seen
from staff.views.access import house_only
from staff.views.files import HARMLESS
from tickets.documents.making import Form, NotMade, made
from tickets.documents.structure import Document


@house_only
@require_safe
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, meeting_seen(request, pk))


def shown(
    request: HttpRequest, meeting: Meeting, *, failed: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """The minutes as they were published; before that, for who runs the meeting, as they would be."""
    published = Minutes.objects.filter(meeting=meeting).prefetch_related("additions").first()
    user = request.user
    context = {"meeting": meeting, "published": published, "form": failed}
    if published is not None:
        if failed is None and not refusal_for(meeting, Step.ADD_TO, user):
            context["form"] = AddToForm(meeting=meeting, user=user)
        context["document"] = published.document
        return render(request, "meetings/minutes.html", context, status=status)
    if meeting.state != MeetingState.ENDED or refusal_for(meeting, Step.PUBLISH, user):
        raise Http404
    language = request.GET.get("language", get_language() or "")
    form = PublishForm(meeting=meeting, user=user, initial={"language": language})
    if language not in dict(form.fields["language"].choices):  # type: ignore[attr-defined]
        raise Http404
    context |= {"form": form, "document": draft(meeting, language=language, by=user, now=timezone.now())}
    return render(request, "meetings/minutes.html", context, status=status)


@house_only
@require_safe
def give_out(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The minutes as a file, for whoever may see the meeting; made anew each time, and each time the same."""
    if form not in Form.values:
        raise Http404
    meeting = meeting_seen(request, pk)
    published = Minutes.objects.filter(meeting=meeting).prefetch_related("additions").first()
    if published is None:
        raise Http404
    try:
        return file_of(request, published.document, Form(form))
    except NotMade:
        messages.warning(
            request,
            _("The file could not be made in time. Nothing is lost; please try again in a minute."),
        )
        return redirect("meetings:minutes", pk)


def file_of(request: HttpRequest, document: Document, form: Form) -> HttpResponse:
    """The answer that carries a file; asked for again, it is sent again only if it is another."""
    etag = f'"{document.sha256}-{form}"'
    if not (answer := get_conditional_response(request, etag=etag)):
        answer = HttpResponse(made(document, form), content_type=form.media_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="{document.number}.{form}"'
    for name, value in {**HARMLESS, "ETag": etag}.items():
        answer.headers[name] = value
    return answer

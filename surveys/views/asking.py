"""Tasks: whom to ring, what to print and post, what came of it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients.models import Channel
from duty.views.steps import pressed
from staff.models import User
from staff.paging import page
from staff.views.access import house_only
from staff.views.files import HARMLESS
from surveys import actions
from surveys.models import PAPER, AnswerSheet, Invitation, InvitationState, Outreach
from surveys.paper.setting import MOST_SHEETS, printed
from surveys.views.finding import keyed_by, rows_for
from tickets.documents.making import NotMade

MOST_TASKS = 50


@house_only
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Whom to ring, what to print and post, which paper is keyed once: what operators do for surveys."""
    now = timezone.now()
    rows = _tasks(request.user).select_related(
        "invitation__contact", "invitation__client", "invitation__campaign", "invitation__ticket"
    )
    phone = rows.filter(channel=Channel.PHONE, due_at__lte=now)
    later = rows.filter(channel=Channel.PHONE, due_at__gt=now)
    sheets = AnswerSheet.objects.visible_to(request.user).filter(keyed_at__isnull=False, finished_at=None)
    context = {
        "calls": page(phone, request=request, order=("due_at", "pk"), size=MOST_TASKS),
        "later": later.order_by("due_at")[:20],
        "papers": rows.filter(channel__in=PAPER).order_by("due_at", "pk")[:MOST_TASKS],
        "once": sheets.select_related("invitation__client", "keyed_by", "second")[:MOST_TASKS],
        "may_key": request.user.role in actions.KEYED_BY,
    }
    return render(request, "surveys/tasks.html", context)


@house_only
@require_POST
def task_step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """What came of a task: nobody there, does not want to, posted."""
    rows = Outreach.objects.visible_to(request.user).select_related("invitation")
    found, by, now = get_object_or_404(rows, pk=pk), request.user, timezone.now()
    note = request.POST.get("note", "")
    acts = {
        "not-reached": lambda: actions.not_reached(found, note=note, by=by, now=now),
        "refused": lambda: actions.refuse(found, note=note, by=by, now=now),
        "posted": lambda: actions.posted(found, by=by, now=now),
    }
    return pressed(request, acts[what], said=_("Noted."), back=reverse("surveys:tasks"))


@house_only
@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The printable questionnaire of one invitation: by a button, as each print has a link of its own."""
    found = keyed_by(request.user, pk)
    if not found.is_open:
        messages.error(request, _("This invitation is over already."))
        return redirect("surveys:invitation", pk)
    return _print(request, [found], f"{found.number}.pdf", reverse("surveys:invitation", args=[pk]))


@house_only
@require_POST
def papers(request: HttpRequest) -> HttpResponse:
    """The printable questionnaires of all letters, faxes and visits that wait, at most fifty at once."""
    waiting = _tasks(request.user).filter(channel__in=PAPER)
    pks = waiting.values_list("invitation", flat=True)[:MOST_SHEETS]
    rows = rows_for(request.user).filter(pk__in=list(pks), state=InvitationState.OPEN)
    found = [one for one in rows if actions.may_key(one, request.user)]
    back = reverse("surveys:tasks")
    if not found:
        messages.error(request, _("There is nothing to be printed."))
        return redirect(back)
    return _print(request, found, "surveys.pdf", back)


def _print(request: HttpRequest, found: list[Invitation], name: str, back: str) -> HttpResponse:
    try:
        content = printed(found, now=timezone.now())
    except NotMade:
        messages.error(request, _("The file could not be made now. Please try again."))
        return redirect(back)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in HARMLESS.items():
        response.headers[header] = value
    return response


def _tasks(user: User) -> QuerySet[Outreach]:
    return Outreach.objects.visible_to(user).to_do()

"""Invitations and their answers: listed, looked at, taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from duty.views.steps import pressed
from staff.paging import page
from staff.views.access import house_only
from staff.views.files import given_out
from surveys import actions
from surveys.models import (
    CAME_BY,
    AnswerSheet,
    Campaign,
    Invitation,
    InvitationState,
    SheetFile,
)
from surveys.views.finding import invitation_for


@house_only
@require_safe
def invitations(request: HttpRequest) -> HttpResponse:
    """All invitations that the person may see, newest first; of a campaign, a state, bad ones."""
    rows = Invitation.objects.visible_to(request.user)
    asked, state = request.GET.get("campaign", ""), request.GET.get("state", "")
    way, is_bad = request.GET.get("way", ""), request.GET.get("bad") == "1"
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        rows = rows.filter(campaign=int(asked))
    if state in InvitationState.values:
        rows = rows.filter(state=state)
    if way in CAME_BY:
        rows = rows.filter(sheet__channel=way)
    if is_bad:
        rows = rows.filter(sheet__is_bad=True, sheet__finished_at__isnull=False)
    found = page(rows.listed().select_related("sheet"), request=request, order=("-pk",))
    context = {
        "page": found,
        "campaigns": Campaign.objects.visible_to(request.user)[:100],
        "states": InvitationState.choices,
        "ways": [(one.value, one.label) for one in CAME_BY],
        "asked": asked,
        "state": state,
        "way": way,
        "is_bad": is_bad,
        "may_key": request.user.role in actions.KEYED_BY,
    }
    return render(request, "surveys/invitations.html", context)


@house_only
@require_safe
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """One invitation: who was asked about what, what was tried, what was answered."""
    found = invitation_for(request.user, pk)
    sheet = AnswerSheet.objects.visible_to(request.user).filter(invitation=found)
    sheet = sheet.select_related("keyed_by", "collected_by").first()
    second = getattr(sheet, "second", None) if sheet else None
    may_key = actions.may_key(found, request.user)
    context = {
        "invitation": found,
        "sheet": sheet,
        "second": second,
        "answers": sheet.answers.select_related("question") if sheet else [],
        "files": sheet.files.all() if sheet else [],
        "outreaches": found.outreaches.select_related("done_by"),
        "events": found.events.select_related("by"),
        "may_key": may_key,
        "is_concerned": actions.is_concerned(found, request.user),
        "may_run": actions.may_run(found.campaign.group_id or found.group_id, request.user),
        "is_waiting": sheet is not None and sheet.keyed_at is not None and sheet.finished_at is None,
        "may_be_keyed": may_key and found.may_still_answer and (sheet is None or sheet.keyed_at is None),
    }
    return render(request, "surveys/invitation.html", context)


@house_only
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """What is done to one invitation by a button: taken back, came back, wants no more, thrown away."""
    found, by, now = invitation_for(request.user, pk), request.user, timezone.now()
    reason = request.POST.get("reason", "")
    acts = {
        "withdraw": lambda: actions.withdraw(found, reason=reason, by=by, now=now),
        "returned": lambda: actions.returned(found, note=reason, by=by, now=now),
        "no-more": lambda: actions.opt_out_told(found, reason=reason, by=by, now=now),
        "discard": lambda: actions.discard_keying(_sheet_of(found), reason=reason, by=by, now=now),
    }
    return pressed(request, acts[what], said=_("Done."), back=reverse("surveys:invitation", args=[pk]))


def _sheet_of(found: Invitation) -> AnswerSheet:
    return get_object_or_404(AnswerSheet, invitation=found)


@house_only
@require_safe
def file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    visible = SheetFile.objects.visible_to(request.user)
    return given_out(request, get_object_or_404(visible, sheet__invitation=pk, pk=file))

"""Invitations that are taken back before they were answered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.actions import note_surveys_refused
from clients.models import Contact
from staff.models import DeliveryState, User
from staff.refused import Refused
from surveys.actions.common import check_may_key, check_may_run, log
from surveys.models import (
    Invitation,
    InvitationState,
    Outreach,
    OutreachState,
    SurveyEventKind,
    SurveyMail,
    Withdrawal,
)

UNANSWERED = (InvitationState.PLANNED, InvitationState.OPEN)


@transaction.atomic
def withdraw(invitation: Invitation, *, reason: str, by: User, now: datetime) -> Invitation:
    """Take an invitation back by hand, with a reason: it is counted. Raises `Refused` where it is over."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    check_may_run(invitation.campaign.group_id or invitation.group_id, by)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    if invitation.state not in UNANSWERED:
        raise Refused(_("This invitation is over already."), code="wrong_status")
    end(
        invitation,
        InvitationState.WITHDRAWN,
        SurveyEventKind.WITHDRAWN,
        by=by,
        now=now,
        note=reason.strip(),
        why=Withdrawal.BY_HAND,
    )
    return invitation


@transaction.atomic
def withdraw_all(rows: QuerySet[Invitation], why: Withdrawal, *, by: User | None, now: datetime) -> int:
    """Take back those of the rows that are not answered yet; return how many."""
    found = list(
        rows.filter(state__in=UNANSWERED, next_at__isnull=False)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for invitation in found:
        end(
            invitation,
            InvitationState.WITHDRAWN,
            SurveyEventKind.WITHDRAWN,
            by=by,
            now=now,
            note=why.value,
            why=why,
        )
    return len(found)


@transaction.atomic
def opt_out(invitation: Invitation, *, by: User | None = None, reason: str = "", now: datetime) -> None:
    """Note that somebody wants no surveys any more, and take back what he has. A second call changes nothing.

    By the link the client himself does it, and `by` is empty.
    """
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=invitation.contact_id)
    if not contact.wants_no_surveys:
        why = reason[:200] or invitation.number
        note_surveys_refused(contact, wanted=True, reason=why, by=by, now=now)
        log(invitation, SurveyEventKind.OPTED_OUT, by=by, now=now, note=reason)
    withdraw_all(Invitation.objects.filter(contact=contact), Withdrawal.OPTED_OUT, by=by, now=now)


def opt_out_told(invitation: Invitation, *, reason: str, by: User, now: datetime) -> None:
    """Note that somebody said, on the phone or in writing, that he wants no surveys any more."""
    check_may_key(invitation, by)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    opt_out(invitation, by=by, reason=reason.strip(), now=now)


def end(
    invitation: Invitation,
    state: InvitationState,
    kind: SurveyEventKind,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    why: str = "",
) -> None:
    """Close a locked invitation, with all that was still to be done for it. Not a verb."""
    invitation.state, invitation.next_at, invitation.over_at = state, None, now
    invitation.withdrawn_why = why
    invitation.save(update_fields=["state", "next_at", "over_at", "withdrawn_why"])
    left = Outreach.objects.filter(invitation=invitation, state=OutreachState.WAITING)
    mails = SurveyMail.objects.filter(outreach__in=left, state=DeliveryState.WAITING)
    mails.update(state=DeliveryState.FAILED, error="no longer needed")
    left.update(state=OutreachState.DROPPED)
    log(invitation, kind, by=by, now=now, note=note)

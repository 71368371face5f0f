"""Tasks of people who ask: ring, go there, print and post; with what came of it (§4.1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel
from staff.models import User
from staff.refused import Refused
from surveys.actions.common import check_may_key, log
from surveys.actions.sending import bounced, take_next_way
from surveys.actions.withdrawing import end
from surveys.models import (
    Invitation,
    InvitationState,
    Outreach,
    OutreachState,
    SurveyEventKind,
)

POSTED = (Channel.LETTER, Channel.FAX, Channel.ON_SITE)
MOST_ATTEMPTS = 3  # of calls that nobody takes; then another way, or the end of waiting
AGAIN_AFTER = timedelta(hours=4)


@transaction.atomic
def not_reached(
    outreach: Outreach, *, note: str = "", again_at: datetime | None = None, by: User, now: datetime
) -> Outreach:
    """Note that nobody was there: again in four hours, or when agreed; after three times another way."""
    outreach = _to_do(outreach, by)
    if again_at is not None and again_at <= now:
        raise Refused(_("Choose a time that is still to come."), field="again_at", code="invalid")
    outreach.attempts += 1
    outreach.note, outreach.due_at = note.strip()[:300], again_at or now + AGAIN_AFTER
    is_last = outreach.attempts >= MOST_ATTEMPTS and again_at is None
    if is_last:
        outreach.state, outreach.done_at, outreach.done_by = OutreachState.FAILED, now, by
    outreach.save()
    log(outreach.invitation, SurveyEventKind.NOT_REACHED, by=by, now=now, note=note)
    if is_last:
        take_next_way(outreach.invitation, now=now)
    return outreach


@transaction.atomic
def refuse(outreach: Outreach, *, note: str = "", by: User, now: datetime) -> None:
    """Note that the client does not want to answer this time; that is no opting out."""
    outreach = _to_do(outreach, by)
    outreach.state, outreach.done_at, outreach.done_by = OutreachState.DONE, now, by
    outreach.attempts += 1
    outreach.save()
    end(outreach.invitation, InvitationState.REFUSED, SurveyEventKind.REFUSED, by=by, now=now, note=note)


@transaction.atomic
def posted(outreach: Outreach, *, by: User, now: datetime) -> Outreach:
    """Note that the paper was printed and posted, faxed, or taken along; now its answer is waited for."""
    outreach = _to_do(outreach, by)
    if outreach.channel not in POSTED:
        raise Refused(_("This is not done on paper."), code="wrong_status")
    outreach.state, outreach.done_at, outreach.done_by = OutreachState.DONE, now, by
    outreach.save()
    log(outreach.invitation, SurveyEventKind.POSTED, by=by, now=now, note=outreach.channel)
    return outreach


@transaction.atomic
def returned(invitation: Invitation, *, note: str, by: User, now: datetime) -> None:
    """Note that an e-mail or a letter came back: it goes another way at once."""
    rows = Invitation.objects.select_for_update(of=("self",))
    invitation = rows.select_related("campaign", "contact__client", "contact__user", "ticket").get(
        pk=invitation.pk
    )
    check_may_key(invitation, by)
    if invitation.state != InvitationState.OPEN:
        raise Refused(_("This invitation is over already."), code="wrong_status")
    if not note.strip():
        raise Refused(_("Say why."), field="note", code="required")
    current = invitation.outreaches.filter(channel=invitation.channel).last()
    if current is not None:
        current.state, current.done_at, current.note = OutreachState.FAILED, now, note.strip()[:300]
        current.save()
    bounced(invitation, now=now, note=note.strip())


def _to_do(outreach: Outreach, by: User) -> Outreach:
    """A task that waits, its invitation locked, by somebody who may ask."""
    rows = Invitation.objects.select_for_update(of=("self",))
    invitation = rows.select_related("campaign", "contact__client", "contact__user", "ticket").get(
        pk=outreach.invitation_id
    )
    check_may_key(invitation, by)
    outreach = Outreach.objects.get(pk=outreach.pk)
    outreach.invitation = invitation
    if outreach.state != OutreachState.WAITING or outreach.channel == Channel.EMAIL:
        raise Refused(_("This was done already, or is no longer needed."), code="wrong_status")
    return outreach

"""Invitations go out, are reminded of, go another way, and end without an answer (§4.1.2)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from clients.models import Channel, Contact
from clients.quiet import next_allowed
from clients.reaching import wish_of
from staff.models import DeliveryState
from surveys.actions.common import log
from surveys.actions.drawing import reopened, solvers_of
from surveys.actions.withdrawing import UNANSWERED, end
from surveys.models import (
    Exclusion,
    ExclusionReason,
    Invitation,
    InvitationState,
    Occasion,
    Outreach,
    OutreachState,
    SurveyEventKind,
    SurveyMail,
    Withdrawal,
)
from surveys.pursuing import Standing, Step, Terms, next_step
from surveys.reaching import candidate, language_of, last_sent, ways_to
from surveys.sampling import excluded

BATCH = 50
BY_HAND_EVENT = {Step.REMIND: SurveyEventKind.REMINDED, Step.NEXT_WAY: SurveyEventKind.NEXT_WAY}


def send_due(*, now: datetime) -> int:
    """Do for each invitation what is due, one after another; return for how many.

    Each is its own transaction: one that fails holds up none of the others.
    """
    done = 0
    due = Invitation.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        done += _move_on(pk, now)
    return done


@transaction.atomic
def _move_on(pk: int, now: datetime) -> int:
    rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True)
    related = ("campaign", "contact__client", "contact__user", "client", "ticket__client")
    invitation = rows.select_related(*related).filter(pk=pk, next_at__lte=now).first()
    if invitation is None:
        return 0
    if invitation.ticket_id is not None and reopened().filter(pk=pk).exists():
        _withdraw(invitation, Withdrawal.REOPENED, now)
    elif invitation.state == InvitationState.PLANNED:
        _send(invitation, now)
    else:
        _pursue(invitation, now)
    return 1


def _send(invitation: Invitation, now: datetime) -> None:
    """Send it, unless there is a reason by now not to; what it is attributed to is frozen here."""
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=invitation.contact_id)
    if reason := _reason_not_to(invitation, now):
        _leave_out(invitation, reason, now)
        return
    _freeze(invitation)
    invitation.channel = ways_to(contact, invitation.campaign.channels)[0]
    invitation.state, invitation.sent_at = InvitationState.OPEN, now
    invitation.next_at = _next(invitation, 1)[1]
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:  # another worker has opened one for the same contact
        _leave_out(invitation, ExclusionReason.OPEN_SURVEY, now)
        return
    _reach(invitation, Occasion.FIRST, now)
    log(invitation, SurveyEventKind.SENT, by=None, now=now, note=invitation.channel)


def _reason_not_to(invitation: Invitation, now: datetime) -> ExclusionReason | None:
    others = Invitation.objects.filter(contact=invitation.contact_id, is_exception=False).exclude(
        pk=invitation.pk
    )
    busy = {invitation.contact_id} if others.filter(state=InvitationState.OPEN).exists() else set()
    rest = last_sent([invitation.contact_id])
    if invitation.is_exception:
        busy, rest = set(), {}
    campaign = invitation.campaign
    one = candidate(invitation.contact, campaign.channels, rest, busy)
    return excluded(one, cooldown=timedelta(days=campaign.cooldown_days), now=now)


def _leave_out(invitation: Invitation, reason: ExclusionReason, now: datetime) -> None:
    """Withdraw a planned one and count why; what is withdrawn was never sent."""
    of: dict[str, Any] = {
        "campaign": invitation.campaign,
        "ticket": invitation.ticket,
        "round": invitation.round,
    }
    if invitation.ticket_id is None:
        of["contact"] = invitation.contact
    facts = {"client": invitation.client, "contact": invitation.contact, "reason": reason, "at": now}
    Exclusion.objects.get_or_create(**of, defaults=facts)
    end(
        invitation,
        InvitationState.WITHDRAWN,
        SurveyEventKind.WITHDRAWN,
        by=None,
        now=now,
        note=reason.value,
        why=Withdrawal.EXCLUDED,
    )


def _freeze(invitation: Invitation) -> None:
    """Write down whose work the answers are about, as it is at sending; what changes later changes it not."""
    invitation.client_type_id = invitation.client.type_id
    ticket = invitation.ticket
    if ticket is None:
        invitation.group_id = invitation.client.group_id
        return
    invitation.engineer_id = solvers_of([ticket]).get(ticket.pk)
    invitation.group_id, invitation.grade = ticket.group_id, ticket.grade
    invitation.system_id = ticket.system_id


def _pursue(invitation: Invitation, now: datetime) -> None:
    step, at = _next(invitation, 0)
    if at > now:  # the terms of the campaign were changed meanwhile
        invitation.next_at = at
        invitation.save(update_fields=["next_at"])
        return
    match step:
        case Step.REMIND:
            invitation.reminders += 1
            _go_on(invitation, Occasion.REMINDER, SurveyEventKind.REMINDED, now)
        case Step.NEXT_WAY:
            take_next_way(invitation, now=now)
        case Step.GIVE_UP:
            is_bounced = invitation.bounced_at is not None and not _other_ways(invitation)
            state = InvitationState.BOUNCED if is_bounced else InvitationState.NO_RESPONSE
            end(invitation, state, SurveyEventKind.NO_RESPONSE, by=None, now=now)


def take_next_way(invitation: Invitation, *, now: datetime) -> None:
    """Go on by the next way that was not tried, or end where there is none. The row is locked. Not a verb."""
    left = _other_ways(invitation)
    if not left:
        state = InvitationState.BOUNCED if invitation.bounced_at else InvitationState.NO_RESPONSE
        end(invitation, state, SurveyEventKind.NO_RESPONSE, by=None, now=now)
        return
    Outreach.objects.filter(invitation=invitation, state=OutreachState.WAITING).update(
        state=OutreachState.DROPPED
    )
    invitation.channel = left[0]
    _go_on(invitation, Occasion.NEXT_WAY, SurveyEventKind.NEXT_WAY, now)


def _go_on(invitation: Invitation, occasion: Occasion, kind: SurveyEventKind, now: datetime) -> None:
    _reach(invitation, occasion, now)
    invitation.next_at = _next(invitation, 0)[1]
    invitation.save(update_fields=["channel", "reminders", "next_at"])
    log(invitation, kind, by=None, now=now, note=invitation.channel)


def _other_ways(invitation: Invitation) -> list[str]:
    """The ways that were not tried yet, in their order."""
    tried = set(invitation.outreaches.values_list("channel", flat=True))
    return [way for way in ways_to(invitation.contact, invitation.campaign.channels) if way not in tried]


def _next(invitation: Invitation, unwritten: int) -> tuple[Step, datetime]:
    """What follows next, and when; `unwritten` is 1 where the first attempt has no row yet."""
    campaign = invitation.campaign
    others = _other_ways(invitation)
    if unwritten:
        others = [way for way in others if way != invitation.channel]
    by_mail = invitation.channel == Channel.EMAIL and invitation.bounced_at is None
    assert invitation.sent_at is not None
    return next_step(
        Terms(campaign.reminder_days, campaign.next_way_days, campaign.close_days),
        Standing(invitation.sent_at, invitation.reminders, by_mail, bool(others)),
    )


def _reach(invitation: Invitation, occasion: Occasion, now: datetime) -> Outreach:
    """Write an e-mail into the outbox, or a task for a person, by the invitation's way."""
    outreach = Outreach.objects.create(
        invitation=invitation,
        occasion=occasion,
        channel=invitation.channel,
        created_at=now,
        due_at=_not_before(invitation, now),
    )
    if invitation.channel == Channel.EMAIL:
        SurveyMail.objects.create(
            outreach=outreach,
            to=invitation.contact.email,
            language=language_of(invitation.contact),
            message_id=f"<s.{secrets.token_hex(16)}@{settings.MAIL_DOMAIN}>",
            next_try_at=now,
        )
    return outreach


def _not_before(invitation: Invitation, now: datetime) -> datetime:
    """When the task may be done: nobody is rung or visited in his quiet times (§4.3)."""
    if invitation.channel not in (Channel.PHONE, Channel.ON_SITE):
        return now
    wish = wish_of(invitation.contact.client, invitation.contact)
    return next_allowed(wish, now, timezone.get_default_timezone()) or now


def note_mails(*, now: datetime) -> int:
    """Take over from the outbox what has left and what was given up; the latter goes another way at once."""
    waiting = Outreach.objects.filter(state=OutreachState.WAITING, channel=Channel.EMAIL)
    noted = 0
    for outreach in waiting.filter(mail__state=DeliveryState.SENT).select_related("mail")[:BATCH]:
        mine = waiting.filter(pk=outreach.pk)
        noted += mine.update(state=OutreachState.DONE, done_at=outreach.mail.sent_at)
    failed = waiting.filter(mail__state=DeliveryState.FAILED).values_list("pk", "mail__error")
    for pk, error in failed[:BATCH]:
        noted += _bounce(pk, error, now)
    return noted


@transaction.atomic
def _bounce(pk: int, error: str, now: datetime) -> int:
    """An e-mail that did not arrive: noted with its attempt, and the next way taken."""
    outreach = Outreach.objects.select_related("invitation").filter(pk=pk).first()
    if outreach is None:
        return 0
    rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True)
    related = ("campaign", "contact__client", "contact__user")
    invitation = rows.select_related(*related).filter(pk=outreach.invitation_id).first()
    if invitation is None or not Outreach.objects.filter(pk=pk, state=OutreachState.WAITING).update(
        state=OutreachState.FAILED, done_at=now, note=error[:300]
    ):
        return 0
    if invitation.state in UNANSWERED:
        bounced(invitation, now=now, note=error)
    return 1


def bounced(invitation: Invitation, *, now: datetime, note: str) -> None:
    """Note on a locked invitation that its e-mail did not arrive, and go another way. Not a verb."""
    invitation.bounced_at = now
    invitation.save(update_fields=["bounced_at"])
    log(invitation, SurveyEventKind.BOUNCED, by=None, now=now, note=note)
    take_next_way(invitation, now=now)


def _withdraw(invitation: Invitation, why: Withdrawal, now: datetime) -> None:
    end(
        invitation,
        InvitationState.WITHDRAWN,
        SurveyEventKind.WITHDRAWN,
        by=None,
        now=now,
        note=why.value,
        why=why,
    )

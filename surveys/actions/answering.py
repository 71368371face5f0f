"""A client answers by his link: page by page, as often as he likes, finished once (§4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel
from staff.refused import Refused
from surveys.actions.sheets import Given, finish, kept, read_all, write
from surveys.actions.withdrawing import end
from surveys.models import (
    AnswerSheet,
    Invitation,
    InvitationState,
    Question,
    SurveyEventKind,
    Token,
)
from surveys.questions import Fault
from tickets.models import Status


class Door(StrEnum):
    """How a link stands: open, or why not."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def door(token: Token, now: datetime) -> Door:
    """Say whether answers are taken by a link now. Looking changes nothing, however often."""
    invitation = token.invitation
    if invitation.state == InvitationState.ANSWERED or is_keyed(invitation):
        return Door.ANSWERED
    if is_reopened(invitation) or not invitation.may_still_answer:
        return Door.WITHDRAWN
    return Door.OPEN if now < token.expires_at else Door.EXPIRED


def is_reopened(invitation: Invitation) -> bool:
    """Say whether the record was taken up again since: how it was solved is not asked any more."""
    ticket = invitation.ticket
    return ticket is not None and (
        ticket.status != Status.CLOSED or ticket.reopened_count != invitation.round
    )


def is_keyed(invitation: Invitation) -> bool:
    """Say whether the answers came in on paper or by phone, were it that they wait for a second keying."""
    return AnswerSheet.objects.filter(invitation=invitation, keyed_at__isnull=False).exists()


@transaction.atomic
def save_page(
    token: Token, questions: Sequence[Question], given: Given, *, language: str, now: datetime
) -> Mapping[int, Fault]:
    """Keep the answers of one page; the link stays good. Return what could not be read, by lines."""
    sheet = _sheet(token, language, now)
    readings, faults = read_all(questions, given)
    write(sheet, readings, given)
    sheet.save()
    return faults


@transaction.atomic
def submit(token: Token, given: Given, *, language: str, now: datetime) -> Mapping[int, Fault]:
    """Finish: all answers so far with those of the last page. Of many at once one is taken.

    Returns what is missing or cannot be read, by lines: then nothing is spent, and the rest is kept.
    """
    sheet = _sheet(token, language, now)
    questions = list(sheet.invitation.version.questions.all())
    before = kept(sheet)
    whole = Given(
        {**before.values, **given.values},
        {**before.whys, **given.whys},
        bool(given.is_complaint),
        bool(given.wants_reply),
    )
    readings, faults = read_all(questions, whole)
    write(sheet, readings, whole)
    if faults:
        sheet.save()
        return faults
    finish(sheet, readings, given_at=now, now=now)
    how = Channel.WEB.value
    end(sheet.invitation, InvitationState.ANSWERED, SurveyEventKind.ANSWERED, by=None, now=now, note=how)
    return {}


class DoorShut(Refused):
    """Answers are not taken by this link any more: `door` says why."""

    def __init__(self, found: Door) -> None:
        super().__init__(_("Answers are not taken by this link any more."), code=found.value)
        self.door = found


def _sheet(token: Token, language: str, now: datetime) -> AnswerSheet:
    """The sheet of an open link, with its invitation locked. Raises `DoorShut`."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("ticket", "version")
    token.invitation = rows.get(pk=token.invitation_id)
    if (found := door(token, now)) != Door.OPEN:
        raise DoorShut(found)
    sheet, _made = AnswerSheet.objects.get_or_create(
        invitation=token.invitation,
        defaults={"channel": Channel.WEB, "language": language, "begun_at": now},
    )
    sheet.language = language
    sheet.invitation = token.invitation
    return sheet

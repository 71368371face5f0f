"""Answers that did not come by a link are keyed: asked by phone or on site, or sent on paper (§4.1.2).

Each says how it came in and what proves it. Nobody keys what is said about his own work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel
from staff.files import FilesRefused, Upload
from staff.models import User
from staff.refused import Refused
from staff.shelving import Shelved, shelve_all, unshelve
from surveys.actions.answering import is_reopened
from surveys.actions.common import check_may_key, check_may_run, log
from surveys.actions.sheets import (
    COMPLAINT,
    REPLY,
    AnswersRefused,
    Given,
    Reading,
    finish,
    kept,
    read_all,
    write,
)
from surveys.actions.withdrawing import end
from surveys.models import (
    KEYED,
    PAPER,
    AnswerSheet,
    Invitation,
    InvitationState,
    SecondKeying,
    SheetFile,
    SurveyEventKind,
)


@dataclass(frozen=True, slots=True)
class Source:
    """How answers came in: by which way, when they were given, who asked, what proves it."""

    channel: str
    given_at: datetime
    evidence: str = ""
    collected_by: User | None = None
    files: Sequence[Upload] = field(default=())


def key_answers(
    invitation: Invitation, given: Given, source: Source, *, by: User, now: datetime
) -> AnswerSheet:
    """Key the answers of one invitation; where paper is keyed twice they count only after the second time.

    Raises `AnswersRefused` naming the questions at fault, `Refused` naming another field, `FilesRefused`.
    """
    check_may_key(invitation, by)
    shelved = _shelved(source.files)
    try:
        with transaction.atomic():
            return _key(invitation, given, source, shelved, by, now)
    except Refused:
        unshelve(shelved)
        raise


@transaction.atomic
def key_again(sheet: AnswerSheet, given: Given, *, by: User, now: datetime) -> SecondKeying:
    """Key the same paper a second time, by somebody else. Where nothing differs, the sheet is finished.

    Otherwise it waits: `differences` names what has to be settled.
    """
    sheet = _waiting(sheet)
    check_may_key(sheet.invitation, by)
    if sheet.keyed_by_id == by.pk:
        raise Refused(_("You keyed it the first time: somebody else keys it the second."), code="forbidden")
    if SecondKeying.objects.filter(sheet=sheet).exists():
        raise Refused(_("It was keyed a second time already."), code="wrong_status")
    readings = _read(sheet.invitation, given)
    second = SecondKeying(sheet=sheet, by=by, at=now, facts=_facts(readings, given))
    first = _facts(_read(sheet.invitation, kept(sheet)), kept(sheet))
    second.differences = sorted(name for name in second.facts if second.facts[name] != first[name])
    if not second.differences:
        second.settled_at, second.settled_by = now, by
        _finish(sheet, readings, by, now)
    second.save()
    note = str(len(second.differences)) if second.differences else ""
    log(sheet.invitation, SurveyEventKind.KEYED_AGAIN, by=by, now=now, note=note)
    return second


@transaction.atomic
def settle(sheet: AnswerSheet, given: Given, *, by: User, now: datetime) -> AnswerSheet:
    """Settle what differs with the paper in hand: what is given here counts. Raises `AnswersRefused`."""
    sheet = _waiting(sheet)
    check_may_key(sheet.invitation, by)
    second = SecondKeying.objects.select_for_update(of=("self",)).filter(sheet=sheet, settled_at=None).first()
    if second is None:
        raise Refused(_("There is nothing to be settled."), code="wrong_status")
    readings = _read(sheet.invitation, given)
    write(sheet, readings, given)
    second.settled_at, second.settled_by = now, by
    second.save(update_fields=["settled_at", "settled_by"])
    log(sheet.invitation, SurveyEventKind.SETTLED, by=by, now=now)
    _finish(sheet, readings, by, now)
    return sheet


@transaction.atomic
def discard_keying(sheet: AnswerSheet, *, reason: str, by: User, now: datetime) -> None:
    """Throw away what was keyed for the wrong number and does not count yet; the invitation waits again."""
    sheet = _waiting(sheet)
    check_may_run(sheet.invitation.campaign.group_id or sheet.invitation.group_id, by)
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    log(sheet.invitation, SurveyEventKind.WITHDRAWN, by=by, now=now, note=reason.strip())
    sheet.delete()


def _key(
    invitation: Invitation, given: Given, source: Source, shelved: Sequence[Shelved], by: User, now: datetime
) -> AnswerSheet:
    rows = Invitation.objects.select_for_update(of=("self",))
    invitation = rows.select_related("campaign", "ticket", "version").get(pk=invitation.pk)
    _check_open(invitation)
    _check(source, shelved, now)
    readings = _read(invitation, given)
    sheet = AnswerSheet.objects.filter(invitation=invitation).first()
    if sheet is not None and sheet.keyed_at is not None:
        raise Refused(_("This was keyed already."), code="wrong_status")
    if sheet is None:
        sheet = AnswerSheet(invitation=invitation, begun_at=now)
    else:  # begun by the link and not finished: what the client says now counts
        sheet.answers.all().delete()
    sheet.invitation, sheet.channel, sheet.evidence = invitation, source.channel, source.evidence.strip()
    sheet.collected_by = source.collected_by or (by if source.channel not in PAPER else None)
    sheet.keyed_by, sheet.keyed_at, sheet.given_at = by, now, source.given_at
    sheet.save()
    write(sheet, readings, given)
    sheet.save()
    SheetFile.objects.bulk_create(SheetFile(sheet=sheet, **file.facts, by=by, at=now) for file in shelved)
    log(invitation, SurveyEventKind.KEYED, by=by, now=now, note=source.channel)
    if not (invitation.campaign.is_double_keyed and source.channel in PAPER):
        _finish(sheet, readings, by, now)
    return sheet


def _finish(sheet: AnswerSheet, readings: Sequence[Reading], by: User, now: datetime) -> None:
    assert sheet.given_at is not None
    finish(sheet, readings, given_at=sheet.given_at, now=now)
    end(
        sheet.invitation,
        InvitationState.ANSWERED,
        SurveyEventKind.ANSWERED,
        by=by,
        now=now,
        note=sheet.channel,
    )


def _read(invitation: Invitation, given: Given) -> list[Reading]:
    readings, faults = read_all(list(invitation.version.questions.all()), given)
    if faults:
        raise AnswersRefused(faults)
    return readings


def _facts(readings: Sequence[Reading], given: Given) -> dict[str, Any]:
    """All that a sheet says, as it is compared: by lines, and the two ticks."""
    found: dict[str, Any] = {
        str(one.question.line): [one.said.value if one.said else None, one.why] for one in readings
    }
    return found | {COMPLAINT: bool(given.is_complaint), REPLY: bool(given.wants_reply)}


def _check_open(invitation: Invitation) -> None:
    if invitation.state == InvitationState.ANSWERED:
        raise Refused(_("This was answered already."), code="wrong_status")
    if is_reopened(invitation) or not invitation.may_still_answer:
        raise Refused(_("This invitation was withdrawn, or was not sent yet."), code="wrong_status")


def _check(source: Source, shelved: Sequence[Shelved], now: datetime) -> None:
    if source.channel not in KEYED:
        raise Refused(_("Say by which way the answers came in."), field="channel", code="invalid")
    if source.given_at > now:
        raise Refused(_("This lies in the future."), field="given_at", code="invalid")
    if not source.evidence.strip() and not shelved:
        message = _("Say what proves it: who answered, on which number; or attach the scan.")
        raise Refused(message, field="evidence", code="required")
    if source.channel in (Channel.LETTER, Channel.FAX) and not shelved:
        raise Refused(_("Attach the scan of the paper."), field="files", code="required")
    if len(source.evidence.strip()) > 300:
        raise Refused(_("At most 300 characters."), field="evidence", code="too_long")


def _waiting(sheet: AnswerSheet) -> AnswerSheet:
    """A sheet that was keyed once and does not count yet, with its invitation locked."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("campaign", "ticket", "version")
        .get(pk=sheet.invitation_id)
    )
    sheet = AnswerSheet.objects.get(pk=sheet.pk)
    sheet.invitation = invitation
    if sheet.keyed_at is None or sheet.finished_at is not None:
        raise Refused(_("This does not wait for a second keying."), code="wrong_status")
    return sheet


def _shelved(files: Sequence[Upload]) -> list[Shelved]:
    try:
        return shelve_all(files)
    except FilesRefused as refused:
        raise Refused(
            " ".join(str(fault) for _place, fault in refused.faults), field="files", code=refused.code
        ) from refused

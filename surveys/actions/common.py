"""What all that happens to surveys has in common: who may, and what is kept of it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import Group, Role, User
from staff.refused import Refused
from surveys.models import Campaign, Invitation, Questionnaire, SurveyEvent, SurveyEventKind
from tickets.models import Entry, EntryKind

RUN_BY = (Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)
KEYED_BY = (Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)


def may_write(by: User) -> bool:
    """Say whether a person may write questionnaires: supervisors, QA (§4.1.2), administrators."""
    return by.is_active and by.role in RUN_BY


def may_run(group: Group | int | None, by: User) -> bool:
    """Say whether a person may run the campaigns of a group; those of the company are QA's."""
    if not may_write(by):
        return False
    if by.role != Role.SUPERVISOR:
        return True
    return by.group_id is not None and by.group_id == (group.pk if isinstance(group, Group) else group)


def may_key(invitation: Invitation, by: User) -> bool:
    """Say whether a person may ask a client and key his answers: whoever is not judged by them (§4.1.2)."""
    if not (by.is_active and by.role in KEYED_BY):
        return False
    if by.group_id is not None and by.group_id != invitation.group_id:
        return False
    return not is_concerned(invitation, by)


def is_concerned(invitation: Invitation, by: User) -> bool:
    """Say whether the answers judge a person's own work: he owns the record, or solved it at some time."""
    if invitation.engineer_id == by.pk:
        return True
    ticket = invitation.ticket
    if ticket is None:
        return False
    solved = Entry.objects.filter(ticket=ticket, kind=EntryKind.RESOLVED, by=by)
    return ticket.owner_id == by.pk or solved.exists()


def check_may_key(invitation: Invitation, by: User) -> None:
    if is_concerned(invitation, by):
        message = _("The answers are about your own work: somebody else asks and keys them.")
        raise Refused(message, code="forbidden")
    if not may_key(invitation, by):
        raise Refused(_("Operators, supervisors and QA key answers, of their own group."), code="forbidden")


def check_may_write(by: User) -> None:
    if not may_write(by):
        message = _("Only supervisors, QA auditors and administrators may do this.")
        raise Refused(message, code="forbidden")


def check_may_run(group: Group | int | None, by: User) -> None:
    check_may_write(by)
    if not may_run(group, by):
        message = _("A supervisor runs the surveys of his own group; QA runs those of the company.")
        raise Refused(message, field="group", code="forbidden")


def log(
    thing: Questionnaire | Campaign | Invitation,
    kind: SurveyEventKind,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
) -> None:
    """Write down what was done. Not a verb."""
    of = {Questionnaire: "questionnaire", Campaign: "campaign", Invitation: "invitation"}[type(thing)]
    SurveyEvent.objects.create(kind=kind, at=now, by=by, note=note[:300], **{of: thing})


def check_between(value: int, least: int, most: int, field: str) -> None:
    if not least <= value <= most:
        message = _("Between %(least)s and %(most)s.") % {"least": least, "most": most}
        raise Refused(message, field=field, code="out_of_range")

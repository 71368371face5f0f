"""What readers do: leaders acknowledge, everybody of the house comments, and asks to be told of the next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from reports.models import MonthlyAcknowledgement, MonthlyReport, MonthlySubscription
from reports.monthly.actions.common import editors_of, locked, log, tell
from reports.monthly.kinds import LONGEST_COMMENT, ReportEventKind
from reports.monthly.reading import may_acknowledge
from staff.models import User
from staff.refused import Refused, require


@transaction.atomic
def acknowledge_report(report: MonthlyReport, *, by: User, now: datetime) -> MonthlyReport:
    """Note that a leader has read a published report. A second time changes nothing."""
    fresh = locked(report, by)
    if not may_acknowledge(by, fresh):
        raise Refused(_("Leaders acknowledge what is published for them."), code="forbidden")
    _row, is_new = MonthlyAcknowledgement.objects.get_or_create(report=fresh, reader=by, defaults={"at": now})
    if is_new:
        log(fresh, ReportEventKind.ACKNOWLEDGED, by=by, now=now)
    return fresh


@transaction.atomic
def comment_report(report: MonthlyReport, *, text: str, by: User, now: datetime) -> MonthlyReport:
    """Say something about a report. Its editors are told, and those who have spoken before."""
    fresh = locked(report, by)
    if by.is_contact:
        raise Refused(_("Comments are the house's own."), code="forbidden")
    said = require(text, "text", longest=LONGEST_COMMENT)
    spoke = fresh.events.filter(kind=ReportEventKind.COMMENTED).values("by")
    people = {person.pk: person for person in editors_of(fresh)}
    for person in User.objects.filter(pk__in=spoke, is_active=True):
        if MonthlyReport.objects.visible_to(person).filter(pk=fresh.pk).exists():  # he may have moved since
            people[person.pk] = person
    entry = log(fresh, ReportEventKind.COMMENTED, by=by, now=now, text=said)
    tell(people.values(), fresh, "commented", now=now, by=by, text=said, key=str(entry.pk))
    return fresh


@transaction.atomic
def subscribe(report: MonthlyReport, *, wanted: bool, by: User, now: datetime) -> MonthlyReport:
    """Ask to be told, by the ways that one has chosen, whenever such a report is published; or no longer."""
    fresh = locked(report, by)
    if by.is_contact:
        raise Refused(_("Whom of a client we tell is agreed with his supervisor."), code="forbidden")
    of = {"user": by, "edition": fresh.edition, "group": fresh.group, "client": fresh.client}
    if wanted:
        MonthlySubscription.objects.get_or_create(**of, defaults={"since": now})
    else:
        MonthlySubscription.objects.filter(**of).delete()
    return fresh

"""What time does to audits: planned ones missed, findings reminded of, overdue and reported up (§4.1.1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import override

from audits.actions.common import log
from audits.actions.notices import from_level, responsible, tell_due, tell_missed, tell_unstated
from audits.following import Told
from audits.kinds import EventKind
from audits.models import Audit, Finding, PlannedAudit
from audits.standing import terms_since
from staff.models import ManagementLevel

BATCH = 100
HOUSE = "zh-hans"  # what the clock writes is in the language of the house
LEVELS = {
    Told.SUPERVISOR: ManagementLevel.SUPERVISOR,
    Told.TECHNICAL_LEAD: ManagementLevel.TECHNICAL_LEAD,
    Told.DEPARTMENT_MANAGER: ManagementLevel.DEPARTMENT_MANAGER,
}


def tend_audits(*, now: datetime) -> None:
    """Tell of what was missed and of what is late; a second run changes nothing."""
    with override(HOUSE):
        while _missed(now):
            pass
        while _unstated(now):
            pass
        while _late(now):
            pass


@transaction.atomic
def _missed(now: datetime) -> int:
    """Tell once of each planned day that is over; a new day is told of anew."""
    rows = PlannedAudit.objects.missed(timezone.localdate(now))
    rows = rows.filter(Q(told_for=None) | ~Q(told_for=F("planned_on")))
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    batch = list(rows.select_related("group", "system__client", "auditor").order_by("pk")[:BATCH])
    for planned in batch:
        tell_missed(planned, now=now)
        log(planned, EventKind.MISSED, by=None, now=now, text=planned.planned_on.isoformat())
        planned.told_for = planned.planned_on
    PlannedAudit.objects.bulk_update(batch, ["told_for"])
    return len(batch)


@transaction.atomic
def _unstated(now: datetime) -> int:
    """Tell once that the audited group has not made its statement in time."""
    rows = Audit.objects.to_tell(now).select_for_update(of=("self",), skip_locked=True)
    batch = list(rows.select_related("group", "system__client", "auditor").order_by("pk")[:BATCH])
    for audit in batch:
        tell_unstated(audit, now=now)
        audit.statement_told = True
    Audit.objects.bulk_update(batch, ["statement_told"])
    return len(batch)


@transaction.atomic
def _late(now: datetime) -> int:
    """Take each of a batch one step further; who was not looked at for long is told step by step."""
    rows = Finding.objects.to_tell(now).select_for_update(of=("self",), skip_locked=True)
    related = ("audit__auditor", "group", "owner")
    batch = list(rows.select_related(*related).order_by("tell_at", "pk")[:BATCH])
    if not batch:
        return 0
    terms = terms_since(min(finding.raised_at for finding in batch))
    for finding in batch:
        told = Told(finding.told + 1)
        _tell_step(finding, told, now)
        finding.told = told
        finding.tell_at = terms.tell_at(finding.due_at, told) if finding.due_at else None
    Finding.objects.bulk_update(batch, ["told", "tell_at"])
    return len(batch)


def _tell_step(finding: Finding, told: Told, now: datetime) -> None:
    if told == Told.REMINDED:
        tell_due(finding, responsible(finding), "reminder", now)
    elif told == Told.OVERDUE:
        tell_due(finding, responsible(finding), "overdue", now)
    else:
        out = {person.pk for person in responsible(finding)}
        people = from_level(LEVELS[told], finding.group, out=out)
        tell_due(finding, people, "reported_up", now)
        changes = {
            "target": [None, LEVELS[told].name.lower()],
            "told": [None, [person.name for person in people]],
        }
        log(finding, EventKind.REPORTED_UP, by=None, now=now, changes=changes)

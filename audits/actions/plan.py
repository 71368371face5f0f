"""The year's plan: proposed over the working days, changed by hand, adopted as a whole (§4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.actions.common import check_may_audit, locked, log
from audits.kinds import OF_SYSTEMS, AuditKind, EventKind, PlanState
from audits.models import PlannedAudit
from audits.planning import Subject, spread
from audits.standing import may_audit
from clients.models import System
from duty.calendar import FIRST_YEAR, LAST_YEAR, working_days
from staff.models import Group, User
from staff.refused import Refused, require

DAY = timedelta(days=1)
# How often a year: default, not from the process document.
USUAL_TIMES: Mapping[AuditKind, int] = {
    AuditKind.PROCESS: 2,
    AuditKind.DOCUMENTS: 2,
    AuditKind.SOFTWARE: 1,
    AuditKind.HARDWARE: 1,
}
MOST_TIMES = 12
LONGEST_REASON = 300


@transaction.atomic
def propose_plan(year: int, times: Mapping[AuditKind, int], *, by: User, now: datetime) -> int:
    """Propose the year's audits; return how many are new. What is planned already stays as it is.

    In the running year only days still to come are used. Raises `Refused` naming the kind at fault.
    """
    check_may_audit(by)
    for kind, often in times.items():
        if not 0 <= often <= MOST_TIMES:
            raise Refused(_("Between 0 and 12 times a year."), field=kind.value, code="out_of_range")
    days = [day for day in workdays_of(year) if day > timezone.localdate(now)]
    if not days:
        raise Refused(_("No working day of this year is left."), field="year", code="past")
    groups = [Subject(pk) for pk in Group.objects.order_by("pk").values_list("pk", flat=True)]
    in_use = System.objects.filter(is_active=True, client__is_active=True).order_by("pk")
    systems = [Subject(group, pk) for pk, group in in_use.values_list("pk", "client__group")]
    subjects = {kind: systems if kind in OF_SYSTEMS else groups for kind in AuditKind}
    rows = [
        PlannedAudit(
            year=year,
            kind=one.kind,
            group_id=one.subject.group,
            system_id=one.subject.system,
            turn=one.turn,
            planned_on=one.day,
        )
        for one in spread(subjects, times, days)
    ]
    before = PlannedAudit.objects.filter(year=year).count()
    PlannedAudit.objects.bulk_create(rows, ignore_conflicts=True)
    added = PlannedAudit.objects.filter(year=year).count() - before
    log(None, EventKind.PROPOSED, by=by, now=now, text=str(year), changes={"added": [None, added]})
    return added


@transaction.atomic
def adopt_plan(year: int, *, by: User, now: datetime) -> int:
    """Settle what is proposed of a year: from now on a missed day is told of. Return how many."""
    check_may_audit(by)
    adopted = PlannedAudit.objects.filter(year=year, state=PlanState.PROPOSED).update(state=PlanState.PLANNED)
    if not adopted:
        raise Refused(_("Nothing is proposed for this year."), code="wrong_status")
    log(None, EventKind.ADOPTED, by=by, now=now, text=str(year), changes={"adopted": [None, adopted]})
    return adopted


@transaction.atomic
def plan_audit(
    *,
    kind: str,
    group: Group,
    system: System | None,
    planned_on: date,
    auditor: User | None = None,
    note: str = "",
    by: User,
    now: datetime,
) -> PlannedAudit:
    """Plan one by hand."""
    check_may_audit(by)
    group = check_subject(kind, group, system)
    _check_day(planned_on, now)
    _check_auditor(auditor)
    same = PlannedAudit.objects.filter(year=planned_on.year, kind=kind, group=group, system=system)
    turn = max(same.values_list("turn", flat=True), default=0) + 1
    row = PlannedAudit(
        year=planned_on.year,
        kind=AuditKind(kind),
        group=group,
        system=system,
        turn=turn,
        planned_on=planned_on,
        auditor=auditor,
        note=note.strip(),
        state=PlanState.PLANNED,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("Somebody planned the same just now: look again."), code="moved") from None
    log(row, EventKind.PLANNED, by=by, now=now, text=planned_on.isoformat())
    return row


@transaction.atomic
def change_planned(
    planned: PlannedAudit,
    *,
    planned_on: date,
    auditor: User | None = None,
    note: str = "",
    by: User,
    now: datetime,
) -> PlannedAudit:
    """Move it, or give it to an auditor. It stays in its year."""
    check_may_audit(by)
    fresh = locked(PlannedAudit, planned, "auditor")
    _check_waits(fresh)
    if planned_on != fresh.planned_on:
        _check_day(planned_on, now)
        if planned_on.year != fresh.year:
            raise Refused(_("It belongs to the plan of %(year)s.") % {"year": fresh.year}, field="planned_on")
    _check_auditor(auditor)
    changes: dict[str, object] = {}
    if planned_on != fresh.planned_on:
        changes["planned_on"] = [fresh.planned_on.isoformat(), planned_on.isoformat()]
    if auditor != fresh.auditor:
        changes["auditor"] = [fresh.auditor and fresh.auditor.name, auditor and auditor.name]
    fresh.planned_on, fresh.auditor, fresh.note = planned_on, auditor, note.strip()
    fresh.save()
    log(fresh, EventKind.CHANGED, by=by, now=now, text=fresh.note, changes=changes)
    return fresh


@transaction.atomic
def drop_planned(planned: PlannedAudit, *, reason: str, by: User, now: datetime) -> PlannedAudit:
    """Take it out of the plan for a reason; it stays to be read."""
    check_may_audit(by)
    fresh = locked(PlannedAudit, planned)
    _check_waits(fresh)
    fresh.dropped_because = require(reason, "reason", longest=LONGEST_REASON)
    fresh.state = PlanState.DROPPED
    fresh.save()
    log(fresh, EventKind.DROPPED, by=by, now=now, text=fresh.dropped_because)
    return fresh


def workdays_of(year: int) -> list[date]:
    """Return the company's working days of a year, in order. Raises `Refused` for years beyond reckoning."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(_("Choose a year from 2000 to 2100."), field="year", code="invalid")
    first = date(year, 1, 1)
    is_working = working_days(since=first)
    days = (first + number * DAY for number in range((date(year + 1, 1, 1) - first).days))
    return [day for day in days if is_working(day)]


def check_subject(kind: str, group: Group | None, system: System | None) -> Group:
    """Return whose work it is. Raises `Refused` naming what is missing or does not belong."""
    if kind not in AuditKind.values:
        raise Refused(_("Choose the kind of audit."), field="kind", code="required")
    if kind in OF_SYSTEMS:
        if system is None:
            raise Refused(
                _("Software and hardware are audited of a system: choose it."),
                field="system",
                code="required",
            )
        return system.client.group
    if system is not None:
        raise Refused(
            _("Process and documents are audited of a group, not of a system."),
            field="system",
            code="invalid",
        )
    if group is None:
        raise Refused(_("Choose the group."), field="group", code="required")
    return group


def _check_day(day: date, now: datetime) -> None:
    if day < timezone.localdate(now):
        raise Refused(_("This day is over."), field="planned_on", code="past")
    if not working_days(since=day)(day):
        raise Refused(_("This is no working day."), field="planned_on", code="invalid")


def _check_auditor(auditor: User | None) -> None:
    if auditor is not None and not may_audit(auditor):
        raise Refused(_("This person is no auditor."), field="auditor", code="invalid")


def _check_waits(planned: PlannedAudit) -> None:
    if planned.state not in (PlanState.PROPOSED, PlanState.PLANNED):
        raise Refused(
            _("Not possible while it is “%(state)s”.") % {"state": planned.get_state_display()},
            code="wrong_status",
        )

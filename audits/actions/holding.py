"""An audit is held: begun, its sample drawn, each item looked at, reported, answered by the group, closed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.actions.checklists import in_force
from audits.actions.common import check_may_audit, locked, log
from audits.actions.notices import tell_reported, tell_stated
from audits.actions.plan import check_subject
from audits.drawing import Drawn, draw
from audits.kinds import AuditKind, AuditState, EventKind, PlanState, Result
from audits.models import Audit, Check, ChecklistItem, PlannedAudit, SampledRecord
from audits.standing import may_state, terms_since
from clients.models import System
from staff.models import Group, User
from staff.refused import Refused, refuse_too_long, require
from tickets.models import Status, Ticket

MOST_SAMPLED = 100
LONGEST_SEED, LONGEST_NOTE = 32, 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What was seen of one item; `was` is the result and the note on his page, where he had one."""

    result: str
    note: str = ""
    was: tuple[str, str] | None = None


@transaction.atomic
def begin_audit(
    *,
    planned: PlannedAudit | None = None,
    kind: str = "",
    group: Group | None = None,
    system: System | None = None,
    by: User,
    now: datetime,
) -> Audit:
    """Begin a planned audit, or one that was not planned, by the checklist in force now."""
    check_may_audit(by)
    if planned is not None:
        planned = locked(PlannedAudit, planned, "group", "system__client__group")
        if planned.state != PlanState.PLANNED:
            message = _("Not possible while it is “%(state)s”.")
            raise Refused(message % {"state": planned.get_state_display()}, code="wrong_status")
        kind, group, system = planned.kind, planned.group, planned.system
        planned.state = PlanState.HELD
        planned.save()
    group = check_subject(kind, group, system)
    checklist = in_force(kind)
    if checklist is None:
        raise Refused(_("There is no published checklist of this kind."), field="kind", code="required")
    audit = Audit.objects.create(
        planned=planned,
        kind=AuditKind(kind),
        group=group,
        system=system,
        checklist=checklist,
        auditor=by,
        begun_at=now,
    )
    items = checklist.items.filter(per_record=False)
    Check.objects.bulk_create(Check(audit=audit, item=item) for item in items)
    log(audit, EventKind.BEGUN, by=by, now=now, text=str(checklist))
    return audit


@transaction.atomic
def draw_sample(
    audit: Audit, *, since: date, until: date, size: int, seed: str = "", by: User, now: datetime
) -> Audit:
    """Draw the records to look at, once: of the group, or the system, closed from `since` to `until`.

    An empty seed is drawn too. The same seed and population give the same sample, which is kept with them.
    """
    check_may_audit(by)
    fresh = _running(audit, by)
    if fresh.drawn_at is not None:
        raise Refused(_("The sample is drawn already, and stays."), code="wrong_status")
    if until < since:
        raise Refused(_("The end lies before the beginning."), field="until", code="invalid")
    if until > timezone.localdate(now):
        raise Refused(_("This day is still to come."), field="until", code="invalid")
    if not 1 <= size <= MOST_SAMPLED:
        raise Refused(_("Between 1 and 100 records."), field="size", code="out_of_range")
    items = list(fresh.checklist.items.filter(per_record=True))
    if not items:
        raise Refused(_("This checklist has no item that is asked of records."), code="invalid")
    seed = seed.strip() or secrets.token_hex(8)
    if len(seed) > LONGEST_SEED:
        raise Refused(_("At most 32 characters."), field="seed", code="too_long")
    drawn = draw(population_of(fresh, since, until), size, seed)
    if not drawn.ids:
        raise Refused(_("No record was closed in this period."), field="since", code="empty")
    _keep(fresh, drawn, items)
    fresh.seed, fresh.sample_from, fresh.sample_until = seed, since, until
    fresh.sample_size, fresh.drawn_at = len(drawn.ids), now
    fresh.population_size = sum(there for there, _taken in drawn.strata.values())
    fresh.population_digest = drawn.digest
    fresh.strata = {str(grade): list(counts) for grade, counts in drawn.strata.items()}
    fresh.save()
    changes = {
        "seed": [None, seed],
        "size": [None, len(drawn.ids)],
        "population": [None, fresh.population_size],
    }
    log(fresh, EventKind.DRAWN, by=by, now=now, changes=changes)
    return fresh


def population_of(audit: Audit, since: date, until: date) -> Iterable[tuple[int, int | None]]:
    """Return (id, grade) of the closed records that an audit may draw: of its group, or of its system."""
    tz = timezone.get_default_timezone()
    start = datetime.combine(since, time.min, tz)
    end = datetime.combine(until + timedelta(days=1), time.min, tz)
    rows = Ticket.objects.filter(status=Status.CLOSED, closed_at__gte=start, closed_at__lt=end)
    rows = rows.filter(system=audit.system_id) if audit.system_id else rows.filter(group=audit.group_id)
    return rows.order_by("pk").values_list("pk", "grade")


@transaction.atomic
def look_at(audit: Audit, said: Mapping[int, Said], *, by: User, now: datetime) -> Audit:
    """Write down what was seen, by the ids of checks; all or none. An empty result takes it back.

    Raises `Refused` at `note-ID` where something does not conform and nobody says what, and where it is no
    longer as it was on his page.
    """
    check_may_audit(by)
    fresh = _running(audit, by)
    changed = []
    for check in fresh.checks.filter(pk__in=said).select_related("item", "by"):
        one = said[check.pk]
        result, note = one.result, one.note.strip()
        refuse_too_long(note, f"note-{check.pk}", longest=LONGEST_NOTE)
        stands = (check.result, check.note)
        if one.was not in (None, stands) and stands != (result, note):
            kept = " · ".join(
                filter(
                    None,
                    [
                        check.by.name if check.by else "",
                        check.get_result_display() if check.result else "",
                        check.note,
                    ],
                )
            )
            message = _("Meanwhile this was kept: %(what)s. Keep yours again if it is to stand.")
            raise Refused(message % {"what": kept or "–"}, field=f"note-{check.pk}", code="moved")
        if result and result not in Result.values:
            raise Refused(_("Choose one of these."), field=f"result-{check.pk}", code="invalid")
        if result == Result.DEVIATES and not note:
            raise Refused(_("Say what does not conform."), field=f"note-{check.pk}", code="required")
        if (check.result, check.note) != (result, note):
            check.result, check.note = result, note
            check.by, check.at = (by, now) if result else (None, None)
            changed.append(check)
    if changed:
        Check.objects.bulk_update(changed, ["result", "note", "by", "at"])
        fresh.save(update_fields=["version"])
        deviating = [check.item.text for check in changed if check.result == Result.DEVIATES]
        changes = {"items": [None, len(changed)]}
        log(fresh, EventKind.CHECKED, by=by, now=now, text="\n".join(deviating), changes=changes)
    return fresh if changed else audit


@transaction.atomic
def report_audit(audit: Audit, *, conclusion: str, by: User, now: datetime) -> Audit:
    """Report it to the group, with what it comes to. Every item must have been looked at by then."""
    check_may_audit(by)
    fresh = _running(audit, by)
    open_items = fresh.checks.filter(result="").count()
    if open_items:
        message = _("%(n)s items have not been looked at yet.") % {"n": open_items}
        raise Refused(message, field="conclusion", code="missing")
    has_records = fresh.checklist.items.filter(per_record=True).exists()
    if has_records and fresh.drawn_at is None and population_exists(fresh):
        raise Refused(_("The sample of records is not drawn yet."), field="conclusion", code="missing")
    without = fresh.checks.filter(result=Result.DEVIATES, findings=None).count()
    if without:
        message = _("%(n)s items do not conform and have no finding yet.") % {"n": without}
        raise Refused(message, field="conclusion", code="missing")
    fresh.conclusion = require(conclusion, "conclusion")
    fresh.state, fresh.reported_at = AuditState.REPORTED, now
    terms = terms_since(now)
    fresh.statement_due_at = terms.after(now, terms.days.statement)
    fresh.save()
    log(fresh, EventKind.REPORTED, by=by, now=now, text=fresh.conclusion)
    tell_reported(fresh, now=now)
    return fresh


def population_exists(audit: Audit) -> bool:
    """Whether its group, or its system, has any closed record at all to be drawn."""
    rows = Ticket.objects.filter(status=Status.CLOSED)
    own = rows.filter(system=audit.system_id) if audit.system_id else rows.filter(group=audit.group_id)
    return own.exists()


@transaction.atomic
def state_statement(audit: Audit, *, statement: str, by: User, now: datetime) -> Audit:
    """The audited group says what it has to say, by its superior; once."""
    if not may_state(by, audit.group_id):
        raise Refused(_("The statement is made by the group's supervisor."), code="forbidden")
    fresh = locked(Audit, audit, "group", "auditor", "system__client")
    if fresh.state != AuditState.REPORTED or fresh.stated_at is not None:
        raise Refused(_("There is no report that waits for a statement."), code="wrong_status")
    fresh.statement = require(statement, "statement")
    fresh.stated_at, fresh.stated_by = now, by
    fresh.save()
    log(fresh, EventKind.STATED, by=by, now=now, text=fresh.statement)
    tell_stated(fresh, now=now)
    return fresh


@transaction.atomic
def close_audit(audit: Audit, *, by: User, now: datetime) -> Audit:
    """Close it: reported, stated, and every finding verified or withdrawn. What is missing is said."""
    check_may_audit(by)
    fresh = locked(Audit, audit)
    if fresh.state != AuditState.REPORTED:
        message = _("Not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        raise Refused(message, code="wrong_status")
    missing = []
    if fresh.stated_at is None:
        missing.append(_("The group's statement is still missing."))
    if findings := [one.number for one in fresh.findings.open().order_by("pk")]:
        missing.append(_("Not verified yet: %(numbers)s.") % {"numbers": ", ".join(findings)})
    if missing:
        raise Refused(" ".join(missing), code="missing")
    fresh.state, fresh.closed_at = AuditState.CLOSED, now
    fresh.save()
    log(fresh, EventKind.CLOSED, by=by, now=now)
    return fresh


def _keep(audit: Audit, drawn: Drawn, items: list[ChecklistItem]) -> None:
    found = Ticket.objects.in_bulk(drawn.ids)
    sampled = SampledRecord.objects.bulk_create(
        SampledRecord(
            audit=audit, ticket=found[pk], place=place, grade=found[pk].grade, person_id=found[pk].owner_id
        )
        for place, pk in enumerate(drawn.ids, start=1)
    )
    Check.objects.bulk_create(
        Check(audit=audit, item=item, sampled=record) for record in sampled for item in items
    )


def _running(audit: Audit, by: User) -> Audit:
    fresh: Audit = locked(Audit, audit, "group", "system__client", "checklist", "auditor")
    if fresh.state != AuditState.RUNNING:
        message = _("Not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        raise Refused(message, code="wrong_status")
    return fresh

"""Who is told of audits and findings, and how."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.urls import reverse

from audits.kinds import FindingState
from audits.models import Audit, Finding, PlannedAudit
from staff.actions import notify
from staff.bilingual import in_both_languages
from staff.models import Group, ManagementLevel, Role, User


def tell_reported(audit: Audit, *, now: datetime) -> None:
    """The audited group's superiors: they owe a statement."""
    _of_audit(audit, from_level(ManagementLevel.SUPERVISOR, audit.group), "reported", now)


def tell_stated(audit: Audit, *, now: datetime) -> None:
    _of_audit(audit, [audit.auditor] if audit.auditor.is_active else [], "stated", now)


def tell_unstated(audit: Audit, *, now: datetime) -> None:
    """The statement is late: the group's superiors, the auditor, and the department's management."""
    levels = (ManagementLevel.SUPERVISOR, ManagementLevel.DEPARTMENT_MANAGER)
    people = [audit.auditor, *(one for level in levels for one in from_level(level, audit.group))]
    _of_audit(audit, {one.pk: one for one in people if one.is_active}.values(), "unstated", now)


def tell_raised(finding: Finding, *, by: User, now: datetime) -> None:
    people = {
        one.pk: one for one in [*_owner(finding), *from_level(ManagementLevel.SUPERVISOR, finding.group)]
    }
    _of_finding(finding, [one for one in people.values() if one.pk != by.pk], "raised", now)


def tell_answered(finding: Finding, *, by: User, now: datetime) -> None:
    _of_finding(finding, [one for one in verifiers(finding) if one.pk != by.pk], "answered", now)


def tell_returned(finding: Finding, note: str, *, now: datetime) -> None:
    _of_finding(finding, responsible(finding), "returned", now, note=note)


def tell_closed(finding: Finding, *, now: datetime) -> None:
    _of_finding(finding, _owner(finding), "closed", now)


def tell_due(finding: Finding, people: Iterable[User], what: str, now: datetime) -> None:
    _of_finding(finding, people, what, now)


def tell_missed(planned: PlannedAudit, *, now: datetime) -> None:
    """An audit's day is over: its auditor, else all auditors, and the department's management."""
    auditors = [planned.auditor] if planned.auditor and planned.auditor.is_active else _auditors()
    people = {
        one.pk: one for one in [*auditors, *from_level(ManagementLevel.DEPARTMENT_MANAGER, planned.group)]
    }
    subject, subject_en = in_both_languages(lambda: planned.subject)
    notify(
        people.values(),
        "audit_missed",
        {
            "kind": planned.kind,
            "subject": subject,
            "subject_en": subject_en,
            "planned_on": planned.planned_on.isoformat(),
        },
        url=f"{reverse('audits:plan')}?year={planned.year}&state=missed",
        key=f"audit-missed:{planned.pk}:{planned.planned_on.isoformat()}",
        now=now,
    )


def responsible(finding: Finding) -> list[User]:
    """Whose the next step is: the remedy its owner's, else his superiors'; the verification the auditor's."""
    if finding.state == FindingState.ANSWERED:
        return verifiers(finding)
    return _owner(finding) or from_level(ManagementLevel.SUPERVISOR, finding.group)


def verifiers(finding: Finding) -> list[User]:
    """Whoever held the audit, else all auditors."""
    auditor = finding.audit.auditor
    return [auditor] if auditor.is_active and auditor.pk != finding.owner_id else _auditors()


def from_level(level: int, group: Group, *, out: Collection[int] = ()) -> list[User]:
    """The people of a level, else of the next one that has any; at the end the administrators."""
    for step in range(level, ManagementLevel.GENERAL_MANAGER + 1):
        if found := list(User.objects.at_level(step, group).exclude(pk__in=out).order_by("pk")):
            return found
    administrators = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)
    return list(administrators.exclude(pk__in=out).order_by("pk"))


def _auditors() -> list[User]:
    return list(User.objects.filter(is_active=True, role=Role.AUDITOR).order_by("pk"))


def _owner(finding: Finding) -> list[User]:
    return [finding.owner] if finding.owner is not None and finding.owner.is_active else []


def _of_audit(audit: Audit, people: Iterable[User], what: str, now: datetime) -> None:
    due: datetime | date | None = audit.statement_due_at if what != "stated" else None
    title, title_en = in_both_languages(lambda: audit.subject)
    notify(
        people,
        "audit_report",
        {
            "what": what,
            "number": audit.number,
            "title": title,
            "title_en": title_en,
            "until_at": due.isoformat() if due else None,
        },
        url=reverse("audits:audit", args=[audit.pk]),
        key=f"audit:{audit.pk}:{what}",
        now=now,
    )


def _of_finding(
    finding: Finding, people: Iterable[User], what: str, now: datetime, *, note: str = ""
) -> None:
    """`what` is one of the notice's own words; of one finding, due time and round each is said once."""
    is_late = what in ("overdue", "reported_up")
    due = finding.due_at.isoformat() if finding.due_at else ""
    mark = due if is_late or what == "reminder" else f"{finding.round}:{now.isoformat()}"
    notify(
        people,
        "finding_overdue" if is_late else "finding",
        {
            "what": what,
            "number": finding.number,
            "title": finding.title,
            "kind": finding.kind,
            "owner": finding.owner.name if finding.owner else "",
            "owner_en": finding.owner.name_en if finding.owner else "",
            "until_at": due or None,
            "note": note,
        },
        url=reverse("audits:finding", args=[finding.pk]),
        key=f"finding:{finding.pk}:{what}:{mark}",
        now=now,
    )

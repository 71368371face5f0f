"""What a person may do in audits, and the days in force."""

from __future__ import annotations

from datetime import datetime

from audits.following import Standing, Terms
from audits.models import AuditTerms, Finding
from duty.calendar import whole_workdays
from staff.models import Role, User
from surveys.correctives import supervises


def may_audit(user: User) -> bool:
    """Audits are QA's alone; an administrator helps out. Neither leaders nor supervisors hold them."""
    return user.is_active and user.role in (Role.AUDITOR, Role.ADMINISTRATOR)


def may_state(user: User, group: int) -> bool:
    """The statement of a group is its superior's."""
    return supervises(user, group)


def may_answer(finding: Finding, user: User) -> bool:
    """Its owner, or a superior of the group. Whoever answers does not verify."""
    return user.may_work and (finding.owner_id == user.pk or supervises(user, finding.group_id))


def terms_row() -> AuditTerms:
    return AuditTerms.objects.first() or AuditTerms(pk=1)


def terms_since(since: datetime) -> Terms:
    """Return the days in force, laid over the working days from `since` on: two queries."""
    return Terms(terms_row().days, whole_workdays(since=since.date()))


def standing_of(finding: Finding, user: User, *, has_order: bool) -> Standing:
    return Standing(
        state=finding.state,
        audits=may_audit(user),
        answers=may_answer(finding, user),
        is_owner=finding.owner_id == user.pk,
        has_order=has_order,
        is_answerer=finding.answered_by_id == user.pk,
    )

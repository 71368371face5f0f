"""A corrective action as one person meets it: the terms in force, and what he may do."""

from __future__ import annotations

from datetime import date, datetime

from duty.calendar import whole_workdays
from staff.models import ManagementLevel, Role, User
from surveys.correcting import Days, Standing, Terms
from surveys.models import CorrectiveAction, CorrectiveTerms


def days_in_force() -> Days:
    """Return how long the steps may take: the house's row, else our defaults. One query."""
    return terms_row().days


def terms_row() -> CorrectiveTerms:
    return CorrectiveTerms.objects.first() or CorrectiveTerms(pk=1)


def terms_in_force(*, since: date) -> Terms:
    """Return the same laid over the working days from `since` on: two queries."""
    return Terms(days_in_force(), whole_workdays(since=since))


def terms_for(action: CorrectiveAction, now: datetime) -> Terms:
    return terms_in_force(since=min(action.since, now).date())


def may_open(user: User, group: int) -> bool:
    """Whether he may open one for a group, by its id: whoever works in it, or for all groups."""
    return user.may_work and (user.group_id == group or user.sees_everything)


def may_set_terms(user: User) -> bool:
    """The terms are the house's: administrators, and who works and stands above the groups."""
    above = user.may_work and user.management_level >= ManagementLevel.TECHNICAL_LEAD
    return user.may_administer or above


def supervises(user: User, group: int) -> bool:
    """Whether he is the superior of a group: its supervisor, the technical lead, an administrator."""
    if not user.may_work:
        return False
    is_supervisor = user.role == Role.SUPERVISOR or user.management_level == ManagementLevel.SUPERVISOR
    return may_set_terms(user) or (is_supervisor and user.group_id == group)


def standing_of(action: CorrectiveAction, user: User) -> Standing:
    return Standing(
        state=action.state,
        works=may_open(user, action.group_id) or (user.may_work and action.owner_id == user.pk),
        is_owner=action.owner_id == user.pk,
        is_supervisor=supervises(user, action.group_id),
    )

"""A change as one person meets it: what he may do to it, and what is missing."""

from __future__ import annotations

from staff.models import ManagementLevel, Role, User
from tickets.changes import Standing
from tickets.models import Change, ChangeDocument


def may_plan(user: User, group: int) -> bool:
    """Whether he may plan changes for a group, by its id: whoever works in it, or for all groups."""
    return user.may_work and (user.group_id == group or user.sees_everything)


def is_superior(user: User, group: int) -> bool:
    """Whether he approves the changes of a group: its supervisor, the technical lead, an administrator."""
    if not user.may_work:
        return False
    above = user.may_administer or user.management_level >= ManagementLevel.TECHNICAL_LEAD
    is_supervisor = user.role == Role.SUPERVISOR or user.management_level == ManagementLevel.SUPERVISOR
    return above or (is_supervisor and user.group_id == group)


def may_edit_types(user: User) -> bool:
    """Work types are the house's: supervisors and administrators write them."""
    return user.is_active and (user.may_administer or (user.may_work and user.may_supervise))


def standing_of(change: Change, user: User) -> Standing:
    """`change` with its record."""
    ticket = change.ticket
    return Standing(
        state=change.state,
        works=may_plan(user, ticket.group_id) or (user.may_work and ticket.owner_id == user.pk),
        is_planner=change.planner_id == user.pk,
        is_superior=is_superior(user, ticket.group_id),
        carried_out=user.pk in (change.started_by_id, change.finished_by_id, ticket.owner_id),
        needs_review=change.needs_review,
    )


def papers_of(change: Change) -> list[ChangeDocument]:
    """The documents that a change has to have, with their files: one query."""
    return list(ChangeDocument.objects.filter(change=change).select_related("file", "by"))

"""Who belongs to a group's meeting, and who runs it."""

from __future__ import annotations

from meetings.models import Meeting
from staff.models import Group, ManagementLevel, Role, User


def participants(meeting: Meeting) -> list[User]:
    """Everybody of the group who works here, and the chair: one query."""
    people = User.objects.filter(is_active=True).exclude(role=Role.CONTACT)
    found = people.filter(group=meeting.group_id)
    if meeting.chair_id:
        found = found | people.filter(pk=meeting.chair_id)
    return list(found.order_by("-management_level", "name", "pk"))


def leads(user: User, group: int) -> bool:
    """Whether somebody decides about a group's meetings: its supervisor, an administrator."""
    if not user.is_active or user.is_contact:
        return False
    is_supervisor = user.role == Role.SUPERVISOR or user.management_level == ManagementLevel.SUPERVISOR
    return user.may_administer or (is_supervisor and user.group_id == group)


def runs(user: User, meeting: Meeting) -> bool:
    """Whether somebody runs this meeting: its chair, and who decides about the group's."""
    return (user.is_active and user.pk == meeting.chair_id) or leads(user, meeting.group_id)


def is_member(user: User, group: int) -> bool:
    return user.may_work and user.group_id == group


def in_charge(meeting: Meeting) -> list[User]:
    """Who is told what the meeting owes: the chair, else the group's supervisors, else the manager."""
    if meeting.chair is not None and meeting.chair.is_active:
        return [meeting.chair]
    return leaders(meeting.group)


def leaders(group: Group) -> list[User]:
    for level in (ManagementLevel.SUPERVISOR, ManagementLevel.DEPARTMENT_MANAGER):
        if found := list(User.objects.at_level(level, group).order_by("pk")):
            return found
    return []

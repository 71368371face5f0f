"""Who answers for a record: its owner when it is logged, and whom a report-up reaches when it fires."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from clients.models import System
from duty.models import DutyRole, Shift
from staff.models import ALL_SEEING_ROLES, Group, ManagementLevel, Role, User
from tickets import escalation
from tickets.models import Target, Ticket

LEVELS = {
    Target.SUPERVISOR: ManagementLevel.SUPERVISOR,
    Target.TECHNICAL_LEAD: ManagementLevel.TECHNICAL_LEAD,
    Target.DEPARTMENT_MANAGER: ManagementLevel.DEPARTMENT_MANAGER,
    Target.GENERAL_MANAGER: ManagementLevel.GENERAL_MANAGER,
}


def first_owner(system: System | None, group: Group, now: datetime) -> User | None:
    """Return who takes a new record: the dedicated maintainer, his backup, else who is on duty (§5.1)."""
    dedicated = [system.maintainer, system.backup] if system else []
    for person in dedicated:
        if person is not None and person.may_work:
            return person
    shift = _shifts(group, DutyRole.PRIMARY, now).first()
    return shift.user if shift else None


def resolve(target: Target, ticket: Ticket, now: datetime) -> tuple[list[User], str]:
    """Return the people whom a report-up reaches now, and the target that they were found at.

    Where nobody answers to the target the next level up is told at once; at the very end the administrators.
    """
    for step in escalation.ladder_from(target):
        if people := _people(Target(step), ticket, now):
            return people, step
    return list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)), "administrator"


def specialists_on_duty(now: datetime) -> list[User]:
    """Return the company's specialists who are on duty, of whatever group; all where none is (§5.4.1.2)."""
    everybody = User.objects.filter(is_active=True, role=Role.SPECIALIST).order_by("pk")
    on_duty = everybody.filter(Exists(Shift.objects.at(now).filter(user=OuterRef("pk"))))
    return list(on_duty) or list(everybody)


def may_read(ticket: Ticket) -> Q:
    """Which people of the house may see the record: the other side of `Ticket.objects.visible_to`."""
    its_own = [pk for pk in (ticket.taken_by_id, ticket.owner_id) if pk is not None]
    return Q(role__in=ALL_SEEING_ROLES) | Q(group=ticket.group_id) | Q(pk__in=its_own)


def _people(target: Target, ticket: Ticket, now: datetime) -> list[User]:
    if target == Target.OWNER:
        return [ticket.owner] if ticket.owner and ticket.owner.is_active else []
    if target == Target.ON_DUTY:
        return [shift.user for shift in _shifts(ticket.group, DutyRole.PRIMARY, now)]
    return list(User.objects.at_level(LEVELS[target], ticket.group).order_by("pk"))


def _shifts(group: Group, role: DutyRole, now: datetime):  # type: ignore[no-untyped-def]
    return Shift.objects.on_duty(group, now).filter(role=role).select_related("user")

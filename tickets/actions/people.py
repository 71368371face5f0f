"""Who answers for a record: its owner when it is logged, and whom a report-up reaches when it fires."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from clients.models import System
from duty.models import DutyRole, Shift
from staff.models import ALL_SEEING_ROLES, Group, ManagementLevel, Role, User
from tickets import escalation
from tickets.models import Escalation, Target, Ticket

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


def resolve(
    target: Target, ticket: Ticket, now: datetime, *, person: User | None = None
) -> tuple[list[User], str]:
    """Return the people whom a report-up reaches now, and the target that they were found at.

    Where nobody answers to the target the next level up is told at once; at the very end the administrators.
    `person` is the one named, where the target is a person; he must be there and may read the record.
    """
    for step in escalation.ladder_from(target, person.management_level if person else 0):
        if people := _people(Target(step), ticket, now, person):
            return people, step
    return list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)), "administrator"


def specialists_on_duty(now: datetime) -> list[User]:
    """Return the company's specialists who are on duty, of whatever group; all where none is (§5.4.1.2)."""
    everybody = User.objects.filter(is_active=True, role=Role.SPECIALIST).order_by("pk")
    on_duty = everybody.filter(Exists(Shift.objects.at(now).filter(user=OuterRef("pk"))))
    return list(on_duty) or list(everybody)


class Reach:
    """Whom report-ups reach at one instant; the people of a group and level are looked up once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._found: dict[tuple[object, ...], tuple[list[User], str]] = {}

    def of(self, planned: Escalation, ticket: Ticket) -> tuple[list[User], str]:
        """Return whom a report-up (with its rule and the rule's person) reaches, as `resolve` does."""
        return self.at(Target(planned.target), ticket, person=planned.rule.person)

    def at(self, target: Target, ticket: Ticket, *, person: User | None = None) -> tuple[list[User], str]:
        """Return whom a target reaches, as `resolve` does."""
        key: tuple[object, ...] = (target, ticket.group_id)
        if target == Target.OWNER:
            key = (*key, ticket.owner_id)
        if target == Target.PERSON:
            key = (*key, person, ticket.owner_id, ticket.taken_by_id)
        if key not in self._found:
            self._found[key] = resolve(target, ticket, self.now, person=person)
        return self._found[key]


def may_read(ticket: Ticket) -> Q:
    """Which people of the house may see the record: the other side of `Ticket.objects.visible_to`."""
    its_own = [pk for pk in (ticket.taken_by_id, ticket.owner_id) if pk is not None]
    in_sight = Q(role__in=ALL_SEEING_ROLES) | Q(group=ticket.group_id) | Q(pk__in=its_own)
    return in_sight & ~Q(role=Role.CONTACT)


def reads(person: User, ticket: Ticket) -> bool:
    """Say of one person what `may_read` says of all, without a query: report-ups fire many at once."""
    if person.is_contact:
        return False
    its_own = person.pk in (ticket.taken_by_id, ticket.owner_id)
    return person.sees_everything or its_own or person.group_id == ticket.group_id


def _people(target: Target, ticket: Ticket, now: datetime, person: User | None) -> list[User]:
    if target == Target.PERSON:
        return [person] if person and person.is_active and reads(person, ticket) else []
    if target == Target.OWNER:
        return [ticket.owner] if ticket.owner and ticket.owner.is_active else []
    if target == Target.ON_DUTY:
        return [shift.user for shift in _shifts(ticket.group, DutyRole.PRIMARY, now)]
    return list(User.objects.at_level(LEVELS[target], ticket.group).order_by("pk"))


def _shifts(group: Group, role: DutyRole, now: datetime):  # type: ignore[no-untyped-def]
    return Shift.objects.on_duty(group, now).filter(role=role).select_related("user")

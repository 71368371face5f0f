"""What the actions ask the database for each record, asked once for all of history."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cache

from django.utils import timezone

from clients.models import Client, Contract, ServiceHours, System
from duty.calendar import working_time
from duty.hours import ROUND_THE_CLOCK, Hours
from staff.models import Group, ManagementLevel, Role, User
from tickets import escalation
from tickets.actions.people import LEVELS
from tickets.models import (
    LIMITED_BY_GRADE,
    ClockKind,
    EscalationRule,
    Grade,
    PolicyVersion,
    Target,
    Ticket,
    TimeLimit,
    Window,
    WindowKind,
)
from tickets.repeats import Fault, can_repeat, repeated


class Lookup:
    """Limits, rules, hours, contracts and people as they stand; nobody changes them in the meantime."""

    def __init__(self, *, since: datetime) -> None:
        adopted = PolicyVersion.objects.adopted().get()
        limits = adopted.limits.filter(contract=None)
        self._limits = {(limit.kind, limit.grade, limit.work): limit for limit in limits}
        self._rules: dict[tuple[str, int | None], list[EscalationRule]] = defaultdict(list)
        for rule in adopted.rules.filter(is_active=True).order_by("id"):
            self._rules[rule.kind, rule.grade].append(rule)
        self._contracts: dict[int, list[tuple[Contract, set[int]]]] = defaultdict(list)
        for contract in Contract.objects.prefetch_related("systems"):
            covered = {system.pk for system in contract.systems.all()}
            self._contracts[contract.client_id].append((contract, covered))
        self._people: dict[tuple[int, int | None], list[User]] = defaultdict(list)
        for user in User.objects.filter(is_active=True, management_level__gt=0).order_by("pk"):
            # A group's own supervisors; company-wide above that, as `UserQuerySet.at_level` finds them.
            is_supervisor = user.management_level == ManagementLevel.SUPERVISOR
            self._people[user.management_level, user.group_id if is_supervisor else None].append(user)
        everybody = User.objects.filter(is_active=True, role=Role.SPECIALIST).order_by("pk")
        self.specialists = list(everybody)  # nobody puts them on a roster
        self._repeat_within = Window.objects.get(kind=WindowKind.REPEAT_FAULT).span
        self._solved: dict[tuple[int | None, str], list[Ticket]] = defaultdict(list)
        self._working_time = cache(lambda service: working_time(service, since=since.date()))

    def limit(self, kind: ClockKind, grade: int | None, work: str) -> TimeLimit:
        """One for a kind of work comes before one for any."""
        of_grade = grade if kind in LIMITED_BY_GRADE else None
        own = self._limits.get((kind, of_grade, work))
        return own or self._limits[kind, of_grade, ""]

    def rules(self, kind: ClockKind, grade: int | None) -> list[EscalationRule]:
        return self._rules[kind, grade if kind in LIMITED_BY_GRADE else None]

    def contracts(self, client: Client, system: System | None, at: datetime) -> list[Contract]:
        """Contracts in force on the day of that instant, as `ContractQuerySet.covering` finds them."""
        on, mine = timezone.localdate(at), self._contracts[client.pk]
        return [
            contract
            for contract, covered in mine
            if contract.starts_on <= on <= contract.ends_on
            and (system is None or not covered or system.pk in covered)
        ]

    def is_round_the_clock(
        self,
        kind: ClockKind,
        grade: int | None,
        work: str,
        client: Client,
        system: System | None,
        at: datetime,
    ) -> bool:
        limit = self.limit(kind, grade, work)
        if grade == Grade.TWO and limit.round_the_clock:
            return all(each.grade_two_round_the_clock for each in self.contracts(client, system, at))
        return limit.round_the_clock

    def hours(self, service: ServiceHours, round_the_clock: bool) -> Hours:
        hours: Hours = ROUND_THE_CLOCK if round_the_clock else self._working_time(service)
        return hours

    def reached(self, target: Target, owner: User | None, group: Group) -> tuple[list[User], str]:
        """Whom a report-up reaches, and the step of the ladder on which they were found."""
        for step in escalation.ladder_from(target):
            if step == Target.OWNER:
                people = [owner] if owner else []
            elif step == Target.ON_DUTY:
                people = []  # every record of history has an owner
            else:
                at_home = group.pk if step == Target.SUPERVISOR else None
                people = self._people[LEVELS[Target(step)], at_home]
            if people:
                return people, step
        raise LookupError(f"Nobody answers to {target}.")

    def remember(self, ticket: Ticket) -> None:
        """Keep a fault that is solved, so that a later one may repeat it."""
        if ticket.is_fault:
            self._solved[ticket.system_id, ticket.cause].append(ticket)

    def repeated_by(self, ticket: Ticket) -> Ticket | None:
        """Return the fault that this one repeats, as `tickets.actions.repeats` finds it."""
        fault = _facts(ticket, number=-1)
        if not ticket.is_fault or not can_repeat(fault):
            return None
        earlier = self._solved[ticket.system_id, ticket.cause]
        facts = [_facts(each, number) for number, each in enumerate(earlier)]
        found = repeated(fault, facts, self._repeat_within)
        return earlier[found.number] if found else None


def _facts(ticket: Ticket, number: int) -> Fault:
    return Fault(number, ticket.system_id, ticket.cause, ticket.reported_at, ticket.resolved_at)

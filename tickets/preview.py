"""What fires next on a record, and whom it would reach if it did so now: the same looking-up as in firing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from staff.actions import ways_to
from staff.models import WAYS, User
from tickets.actions.firing import leaves_at
from tickets.actions.people import Reach
from tickets.models import Escalation, Target, Ticket


@dataclass(frozen=True, slots=True)
class Reached:
    """A person whom a report-up reaches, and by what beside his inbox."""

    person: User
    ways: list[str]

    @property
    def label(self) -> str:
        return f"{self.person.label} ({_(', ').join(self.ways)})" if self.ways else self.person.label


@dataclass(frozen=True, slots=True)
class Announced:
    """A report-up to come: `reached` is where people were found, which may be a level above its target.

    `held_until` is until when its copies are held back, where its instant lies in quiet hours.
    """

    step: Escalation
    people: list[Reached]
    reached: str
    held_until: datetime | None

    @property
    def clock_label(self) -> str:
        return self.step.clock.kind_label

    @property
    def target_label(self) -> str:
        return target_label(self.step.target)

    @property
    def reached_label(self) -> str:
        """Where people were found, if that is not where the rule looks for them."""
        return "" if self.reached == self.step.target else target_label(self.reached)

    @property
    def names(self) -> str:
        return _(", ").join(each.label for each in self.people)


def target_label(target: str) -> str:
    return str(Target(target).label) if target in Target.values else _("administrators")


def announced(ticket: Ticket, *, now: datetime, most: int = 3) -> list[Announced]:
    """The next report-ups of a record with whom each would reach at `now`, soonest first."""
    steps = Escalation.objects.planned().filter(ticket=ticket, clock__superseded_at__isnull=True)
    reach, names = Reach(now), dict(WAYS)
    found = []
    for step in steps.select_related("clock", "rule__person")[:most]:
        people, reached = reach.of(step, ticket)
        ways = ways_to(people, "report_up", step.rule.channels)
        found.append(
            Announced(
                step=step,
                people=[Reached(person, [str(names[way]) for way in ways[person.pk]]) for person in people],
                reached=reached,
                held_until=leaves_at(step.rule, ticket.grade, step.due_at) if step.due_at else None,
            )
        )
    return found

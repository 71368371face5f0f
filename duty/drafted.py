"""A draft of a roster as it stands: what nobody can take and why, how fair it is, who could take a duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from duty.drafting import Candidate, explain
from duty.eligibility import Obstacle, obstacle
from duty.fairness import (
    DAY_KINDS,
    Holders,
    Kind,
    Period,
    Standing,
    duties_of,
    fairness_table,
    published,
    unmet_wishes,
)
from duty.models import DraftSlot, RosterDraft
from duty.periods import holders_of, members_of, period_of
from duty.reasons import reason_of
from staff.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line of the fairness table, before the draft and with it."""

    person: User
    kinds: Sequence[tuple[int, int]]  # of each kind that there is: how many duties before, and how many now
    before: Standing
    after: Standing


class Against(NamedTuple):
    """What stands against somebody's taking a duty, in words."""

    person: User
    why: str


class Unfilled(NamedTuple):
    """A duty that nobody has, with what stands against everybody who takes such duties."""

    slot: DraftSlot
    reasons: list[Against]


class Taker(NamedTuple):
    """Somebody as the holder of a duty; `why` is what stands against it, in words."""

    person: User
    candidate: Candidate
    why: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, read once: its duties in order, those who share them by name, and what is around it."""

    slots: Sequence[DraftSlot]
    people: Sequence[User]
    period: Period
    holders: Holders

    @property
    def kinds(self) -> Sequence[Kind]:
        """What is shared, each by itself; nights where there are duties by day and by night."""
        return tuple(Kind) if self.period.weights.night else DAY_KINDS

    @property
    def unmet(self) -> int:
        """How many wishes are not met."""
        return unmet_wishes(self.period, self.holders)

    @property
    def wishes(self) -> int:
        return sum(len(person.desired) + len(person.undesired) for person in self.period.people)

    def unfilled(self) -> list[Unfilled]:
        """The duties that nobody has, in order."""
        duties = duties_of(self.period, self.holders)
        members = {int(member.key): member for member in self.period.people}
        wanted = {slot.key: slot for slot in self.period.slots}
        found = []
        for slot in self.slots:
            if slot.user_id is not None:
                continue
            reasons = []
            for person in self.people:
                member = members[person.pk]
                stands = obstacle(member, wanted[str(slot.pk)], duties[member.key])
                if stands is not None and slot.role in member.roles:
                    reasons.append(Against(person, self.in_words(stands)))
            found.append(Unfilled(slot, reasons))
        return found

    def lines(self) -> list[Line]:
        """The fairness table, by name."""
        before = {one.person: one for one in fairness_table(self.period, published(self.period))}
        after = {one.person: one for one in fairness_table(self.period, self.holders)}
        return [self._line(one, before[str(one.pk)], after[str(one.pk)]) for one in self.people]

    def _line(self, person: User, before: Standing, after: Standing) -> Line:
        counts = [(before.kinds[kind].count, after.kinds[kind].count) for kind in self.kinds]
        return Line(person, counts, before, after)

    def candidates(self, slot: DraftSlot) -> list[Taker]:
        """Everybody who takes such duties as the holder of one, best first."""
        people = {str(person.pk): person for person in self.people}
        takers = {member.key for member in self.period.people if slot.role in member.roles}
        wanted = next(one for one in self.period.slots if one.key == str(slot.pk))
        return [
            Taker(people[one.person], one, self.in_words(one.obstacle) if one.obstacle else "")
            for one in explain(self.period, self.holders, wanted)
            if one.person in takers
        ]

    def against(self, person: User, slot: DraftSlot) -> Obstacle | None:
        """What stands against a person's taking a duty."""
        member = next(one for one in self.period.people if one.key == str(person.pk))
        wanted = next(one for one in self.period.slots if one.key == str(slot.pk))
        return obstacle(member, wanted, duties_of(self.period, self.holders)[member.key])

    def in_words(self, found: Obstacle) -> str:
        return reason_of(found, self.period)


def drafted(draft: RosterDraft, *, now: datetime) -> Drafted:
    """Read a draft as it stands, with what is planned around it from `now` on."""
    slots = list(draft.slots.select_related("user", "proposed"))
    members = members_of(draft)
    period = period_of(draft, slots, members, now=now)
    return Drafted(slots, [member.user for member in members], period, holders_of(period, slots))

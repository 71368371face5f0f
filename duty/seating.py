"""Who holds which duty while a roster is being made, and what each change would cost. Pure.

The same sums as `duty/fairness.py`, kept up to date change by change. People and duties are numbers here, in
an order that does not depend on the period's; duties held are the bits of a whole number. All costs are whole
too: multiplied by the number of people, as the fair share is a fraction of it.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from datetime import date, timedelta

from duty.eligibility import standing_obstacle, too_close, week_of
from duty.fairness import Kind, Period, Slot, Weights, fair_shares

NOBODY = -1
KINDS = list(Kind)
TOGETHER = len(KINDS)  # where the points of all kinds stand


class Seating:
    """The duties of a period and their holders; those that were published are held from the start."""

    def __init__(self, period: Period) -> None:
        self.people = sorted(period.people, key=lambda person: person.key)
        self.slots = sorted(period.slots, key=lambda slot: (slot.span.starts_at, slot.role, slot.key))
        self.scale = max(len(self.people), 1)
        self.open = [number for number, slot in enumerate(self.slots) if slot.holder is None]
        self.movable = sum(1 << number for number in self.open)
        self.weight = [period.weights.of_duty(slot) for slot in self.slots]
        self.adds = [self._points_of(slot, period.weights) for slot in self.slots]
        self.wish = period.weights.wish * self.scale
        self._read_rules()
        self._read_wishes()
        self._read_loads(period)
        number_of = {person.key: number for number, person in enumerate(self.people)}
        for number, slot in enumerate(self.slots):
            if slot.holder in number_of:
                self.put(number_of[slot.holder], number)

    @staticmethod
    def _points_of(slot: Slot, weights: Weights) -> list[tuple[int, int]]:
        """Return what a duty adds to whose sum: the kind of its day, night, all together."""
        by_kind = [(KINDS.index(kind), weights.of(kind)) for kind in slot.kinds]
        return [*by_kind, (TOGETHER, weights.of_duty(slot))]

    def _read_rules(self) -> None:
        """Note the hard rules, for each person, as masks of the duties that exclude each other."""
        self.candidates = [
            [who for who, person in enumerate(self.people) if not standing_obstacle(person, slot)]
            if slot.holder is None
            else []
            for slot in self.slots
        ]
        self.can = [
            sum(1 << number for number in self.open if who in self.candidates[number])
            for who in range(len(self.people))
        ]
        clashes = {rest: self._clashes(rest) for rest in {person.rest for person in self.people}}
        self.clash = [clashes[person.rest] for person in self.people]
        self.most = [sys.maxsize if p.most is None else p.most for p in self.people]
        self.most_a_week = [sys.maxsize if p.most_a_week is None else p.most_a_week for p in self.people]
        self.week = self._alike([week_of(slot) for slot in self.slots])
        self.alike = self._alike([slot.kinds for slot in self.slots])
        self.hours = [slot.span for slot in self.slots]

    def _clashes(self, rest: timedelta) -> list[int]:
        masks = [0] * len(self.slots)
        longest = max((slot.span.ends_at - slot.span.starts_at for slot in self.slots), default=rest)
        for number, slot in enumerate(self.slots):
            for later in range(number + 1, len(self.slots)):
                if self.slots[later].span.starts_at >= slot.span.starts_at + longest + rest:
                    break
                if too_close(slot.span, self.slots[later].span, rest):
                    masks[number] |= 1 << later
                    masks[later] |= 1 << number
        return masks

    def _alike(self, values: Sequence[Hashable]) -> list[int]:
        masks: dict[Hashable, int] = {}
        for number, value in enumerate(values):
            masks[value] = masks.get(value, 0) | 1 << number
        return [masks[value] for value in values]

    def _read_wishes(self) -> None:
        self.day = self._alike([slot.day for slot in self.slots])
        self.desired = [self._on(person.desired) for person in self.people]
        self.undesired = [self._on(person.undesired) for person in self.people]

    def _on(self, days: frozenset[date]) -> int:
        return sum(1 << number for number, slot in enumerate(self.slots) if slot.day in days)

    def _read_loads(self, period: Period) -> None:
        self.holder = [NOBODY] * len(self.slots)
        self.held = [0] * len(self.people)
        self.points = [
            [period.weights.of(kind) * person.load.get(kind, 0) for kind in KINDS] for person in self.people
        ]
        for own in self.points:
            own.append(sum(own))
        self.shares = [int(share * self.scale) for share in fair_shares(period).values()]
        self.shares.append(sum(self.shares))
        # What a duty costs whoever takes it, beside what he carries.
        self.flat = [
            sum(weight * (weight * self.scale - 2 * self.shares[kind]) for kind, weight in adds)
            for adds in self.adds
        ]
        self.cost = 0
        self.need = [slot.need for slot in self.slots]
        self.unfilled = sum(self.need)
        self.empty = self.movable

    def may(self, who: int, slot: int) -> bool:
        """Say whether one of the candidates of a duty can take it beside what he holds now."""
        held = self.held[who]
        return (
            not held & self.clash[who][slot]
            and (held & self.week[slot]).bit_count() < self.most_a_week[who]
            and held.bit_count() < self.most[who]
        )

    def left(self, who: int) -> int:
        """Return how many duties more a person may hold."""
        return self.most[who] - self.held[who].bit_count()

    def left_in_week(self, who: int, slot: int) -> int:
        """Return how many duties more a person may hold in the week of one."""
        return self.most_a_week[who] - (self.held[who] & self.week[slot]).bit_count()

    def in_the_way(self, who: int, slot: int) -> int | None:
        """Return the duties one of which a candidate has to give up to take another: none (0) where he may.

        None where giving up one is not enough, or where it was published.
        """
        held = self.held[who]
        excluding = held & self.clash[who][slot]
        staying = held & ~excluding
        if (beyond := staying & self.week[slot]).bit_count() < self.most_a_week[who]:
            beyond = staying if staying.bit_count() >= self.most[who] else 0
        if not excluding and not beyond:
            return 0
        if excluding and (beyond or excluding & (excluding - 1)):
            return None
        return (excluding or beyond) & self.movable or None

    def price(self, who: int, slot: int) -> int:
        """Return what is added to the cost when a person takes a duty that nobody holds."""
        points, bit, load = self.points[who], 1 << slot, 0
        for kind, weight in self.adds[slot]:
            load += weight * points[kind]
        price = self.flat[slot] + 2 * self.scale * load
        if self.undesired[who] & bit:
            price += self.wish
        if self.desired[who] & bit and not self.held[who] & self.day[slot]:
            price -= self.wish
        return price

    def put(self, who: int, slot: int) -> None:
        """Give a duty that nobody holds to a person."""
        self.cost += self.price(who, slot)
        self.holder[slot] = who
        self.held[who] |= 1 << slot
        self.empty &= ~(1 << slot)
        self.unfilled -= self.need[slot]
        for kind, weight in self.adds[slot]:
            self.points[who][kind] += weight

    def take(self, slot: int) -> int:
        """Take a duty from its holder, and return him."""
        who = self.holder[slot]
        self.holder[slot] = NOBODY
        self.held[who] &= ~(1 << slot)
        self.empty |= 1 << slot
        self.unfilled += self.need[slot]
        for kind, weight in self.adds[slot]:
            self.points[who][kind] -= weight
        self.cost -= self.price(who, slot)
        return who

    def holders(self) -> dict[int, int]:
        """Return who holds each of the duties that may change hands."""
        return {slot: self.holder[slot] for slot in self.open}

    def seat(self, holders: dict[int, int]) -> None:
        """Go back to the holders of another moment."""
        changed = [(slot, who) for slot, who in holders.items() if self.holder[slot] != who]
        for slot, _who in changed:
            if self.holder[slot] != NOBODY:
                self.take(slot)
        for slot, who in changed:
            if who != NOBODY:
                self.put(who, slot)


def bits(mask: int) -> list[int]:
    """Return the numbers of the duties in a mask, in order."""
    numbers = []
    while mask:
        lowest = mask & -mask
        numbers.append(lowest.bit_length() - 1)
        mask ^= lowest
    return numbers

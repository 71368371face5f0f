"""The fairest roster there is, from a solver that proves it: a program made from the period alone.

It shares the facts, roles and leave with the product, and no code of its search. Every duty has a 0-1
variable for each person who may do it. At any instant a person is in one duty at most, its span lengthened by
his rest. The square of a load is a sum of steps, each dearer than the one before. All costs are whole: times
the square of the number of people, as the fair share is a fraction of it.

Runs where the solver is (requirements-solver.txt), and nothing of the product but its rules:
python -m duty.tests.exact SECONDS < a pickled period > what it found, as JSON.
"""

# ruff: noqa: T201  (the answer)

from __future__ import annotations

import json
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ortools.sat.python import cp_model

from duty.eligibility import standing_obstacle, week_of
from duty.fairness import DAY_KINDS, Kind, Period, Person, Slot, fair_shares


@dataclass(frozen=True)
class Optimum:
    """The least need unfilled and then the least objective; without proof, what lies below them for certain.

    `objective` is None where it is not even proven what has to stay unfilled.
    """

    unfilled: int
    objective: float | None
    bound: float
    is_proven: bool


class Program:
    """The program of a period."""

    def __init__(self, period: Period, seconds: float) -> None:
        self.period, self.scale = period, max(len(period.people), 1)
        self.model, self.solver = cp_model.CpModel(), cp_model.CpSolver()
        self.solver.parameters.max_time_in_seconds = seconds
        self.solver.parameters.num_workers = os.cpu_count() or 1
        self.takes: dict[tuple[str, str], Any] = {}
        self.costs: list[Any] = []
        self.constant = 0
        self.unfilled = self._each_duty_has_one_holder_at_most()
        for person in period.people:
            own = [slot for slot in period.slots if (person.key, slot.key) in self.takes]
            self._rules(person, own)
            self._loads(person, own)
            self._wishes(person, own)

    def solve(self) -> Optimum:
        """Return the best, as far as the solver gets: each of its two questions has the seconds given."""
        if not self._minimize(self.unfilled):
            return Optimum(round(self.solver.objective_value), None, self.solver.best_objective_bound, False)
        unfilled = round(self.solver.objective_value)
        self.model.add(self.unfilled <= unfilled)
        for variable in self.takes.values():
            self.model.add_hint(variable, self.solver.value(variable))
        is_proven = self._minimize(sum(self.costs))
        objective, bound = (
            (value + self.constant) / self.scale**2
            for value in (self.solver.objective_value, self.solver.best_objective_bound)
        )
        return Optimum(unfilled, objective, bound, is_proven)

    def _minimize(self, what: Any) -> bool:
        self.model.minimize(what)
        return self.solver.solve(self.model) == cp_model.OPTIMAL

    def _each_duty_has_one_holder_at_most(self) -> Any:
        needs = []
        for slot in self.period.slots:
            if slot.holder is not None:
                self.takes[slot.holder, slot.key] = self._yes_or_no(1)
                continue
            able = [person.key for person in self.period.people if not standing_obstacle(person, slot)]
            for key in able:
                self.takes[key, slot.key] = self._yes_or_no()
            nobody = self._yes_or_no()
            self.model.add_exactly_one([*(self.takes[key, slot.key] for key in able), nobody])
            needs.append(slot.need * nobody)
        return sum(needs)

    def _yes_or_no(self, least: int = 0) -> Any:
        return self.model.new_int_var(least, 1, "")

    def _rules(self, person: Person, own: list[Slot]) -> None:
        for slot in own:
            start = slot.span.starts_at
            self._at_most(
                1, person, [s for s in own if s.span.starts_at <= start < s.span.ends_at + person.rest]
            )
        weeks = defaultdict(list)
        for slot in own:
            weeks[week_of(slot)].append(slot)
        for week in weeks.values():
            self._at_most(person.most_a_week, person, week)
        self._at_most(person.most, person, own)

    def _at_most(self, most: int | None, person: Person, slots: list[Slot]) -> None:
        if most is not None and len(slots) > most:
            self.model.add(self._count(person, slots) <= most)

    def _loads(self, person: Person, own: list[Slot]) -> None:
        weights, shares = self.period.weights, fair_shares(self.period)
        kinds = DAY_KINDS if not weights.night else Kind
        for kind in kinds:
            slots = [slot for slot in own if kind in slot.kinds]
            first = weights.of(kind) * person.load.get(kind, 0)
            self._squared(self._count(person, slots), first, len(slots), weights.of(kind), shares[kind])
        together = sum(weights.of_duty(slot) * self.takes[person.key, slot.key] for slot in own)
        first = sum(weights.of(kind) * count for kind, count in person.load.items())
        most = sum(weights.of_duty(slot) for slot in own)
        self._squared(together, first, most, 1, sum(shares.values()))

    def _squared(self, load: Any, first: int, most: int, weight: int, share: Any) -> None:
        """Add to the cost the square of how far the points lie from the share: for a load of 0, 1, 2 …"""
        squares = [int(((first + weight * n - share) * self.scale) ** 2) for n in range(most + 1)]
        self.constant += squares[0]
        steps = [self._yes_or_no() for _step in squares[1:]]
        if steps:
            self.model.add(load == sum(steps))
        rises = (after - before for before, after in zip(squares, squares[1:], strict=False))
        self.costs += [rise * step for rise, step in zip(rises, steps, strict=True)]

    def _wishes(self, person: Person, own: list[Slot]) -> None:
        wish = self.period.weights.wish * self.scale**2
        self.costs += [
            wish * self.takes[person.key, slot.key] for slot in own if slot.day in person.undesired
        ]
        possible = {slot.day for slot in self.period.slots if slot.role in person.roles}
        for day in sorted(person.desired & possible):
            unmet = self._yes_or_no()
            self.model.add(unmet + self._count(person, [s for s in own if s.day == day]) >= 1)
            self.costs.append(wish * unmet)

    def _count(self, person: Person, slots: Iterable[Slot]) -> Any:
        return sum(self.takes[person.key, slot.key] for slot in slots)


if __name__ == "__main__":
    print(json.dumps(asdict(Program(pickle.load(sys.stdin.buffer), float(sys.argv[1])).solve())))

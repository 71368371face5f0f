"""Duties divided anew among some people, as fairly as can be: an integer program. Pure.

Each of these people makes a variable, 0 or 1, with each duty that he may take besides what stays. At the
start of a duty a person is in one at most, its span lengthened by his rest. The square of a load is a sum of
steps, each dearer than the one before, so that they need not be whole themselves. Costs are those of the
seating.

HiGHS solves it, from the roster as it is: what comes out is never worse. Nodes limit its work, not time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import highspy
import numpy as np

from duty.seating import NOBODY, Seating, bits

# What an unfilled duty is worth, in squared points: more than any duty costs.
EMPTY = 200
# A program is solved when no more than this is to be gained, in squared points: rosters that fill the same
# duties differ by two at least. It ends at so many nodes of its search, too, and seldom needs a second.
LEAST_GAIN, NODES = 1.9, 50


def divide_anew(seating: Seating, people: Sequence[int], slots: int) -> None:
    """Give out anew among these people what they and nobody hold of some duties."""
    before = {slot: seating.holder[slot] for slot in bits(_at_hand(seating, people, slots))}
    for slot, holder in before.items():
        if holder != NOBODY:
            seating.take(slot)
    seating.seat(_Program(seating, people, before).solve())


def choices(seating: Seating, people: Sequence[int], slots: int) -> int:
    """Return in how many ways one of these people may take one of these duties: the size of their program."""
    at_hand = _at_hand(seating, people, slots)
    return sum((seating.can[who] & at_hand).bit_count() for who in people)


def _at_hand(seating: Seating, people: Iterable[int], slots: int) -> int:
    held = seating.empty
    for who in people:
        held |= seating.held[who]
    return held & seating.movable & slots


class _Program:
    """The program of some people and of duties that nobody holds for the moment."""

    def __init__(self, seating: Seating, people: Sequence[int], before: dict[int, int]) -> None:
        self.seating, self.before = seating, before
        self.takes: dict[tuple[int, int], int] = {}  # the column of a person with a duty
        self.costs: list[int] = []
        self.limits: list[tuple[float, float]] = []  # of each row
        self.starts, self.columns, self.factors = [0], list[int](), list[int]()
        for who in people:
            own = [slot for slot in before if seating.can[who] >> slot & 1 and seating.may(who, slot)]
            for slot in own:
                unwished = seating.wish * (seating.undesired[who] >> slot & 1)
                self.takes[who, slot] = self._column(unwished - EMPTY * seating.scale * seating.need[slot])
        for who in people:
            own = [slot for slot in before if (who, slot) in self.takes]
            self._rules(who, own)
            self._loads(who, own)
            self._wishes(who, own)
        self._holders(people)

    def solve(self) -> dict[int, int]:
        """Return who holds which duty in the best roster found."""
        if not self.takes:
            return self.before
        solver = highspy.Highs()
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": LEAST_GAIN * self.seating.scale,
            "mip_max_nodes": NODES,
        }.items():
            solver.setOptionValue(option, value)
        solver.passModel(self._model())
        taken = [float(self.before[slot] == who) for who, slot in self.takes]
        solver.setSolution(len(taken), np.arange(len(taken), dtype=np.int32), np.array(taken))
        solver.run()
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise RuntimeError(f"No roster found: {solver.modelStatusToString(solver.getModelStatus())}.")
        found = dict.fromkeys(self.before, NOBODY)
        values = solver.getSolution().col_value
        return found | {slot: who for (who, slot), column in self.takes.items() if values[column] > 0.5}

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.costs), len(self.limits)
        model.col_cost_ = np.array(self.costs, dtype=float)
        model.col_lower_, model.col_upper_ = np.zeros(len(self.costs)), np.ones(len(self.costs))
        model.row_lower_, model.row_upper_ = (np.array(side) for side in zip(*self.limits, strict=True))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(self.starts, dtype=np.int32)
        model.a_matrix_.index_ = np.array(self.columns, dtype=np.int32)
        model.a_matrix_.value_ = np.array(self.factors, dtype=float)
        kinds = highspy.HighsVarType
        steps = len(self.costs) - len(self.takes)
        model.integrality_ = [kinds.kInteger] * len(self.takes) + [kinds.kContinuous] * steps
        return model

    def _column(self, cost: int) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def _row(self, least: float, terms: dict[int, int], most: float) -> None:
        self.limits.append((least, most))
        self.columns += terms.keys()
        self.factors += terms.values()
        self.starts.append(len(self.columns))

    def _at_most(self, most: int, who: int, slots: Sequence[int]) -> None:
        if len(slots) > max(most, 0):
            self._row(-math.inf, {self.takes[who, slot]: 1 for slot in slots}, most)

    def _rules(self, who: int, own: list[int]) -> None:
        seating = self.seating
        for slot in own:
            excluding = seating.clash[who][slot]
            self._at_most(
                1, who, [other for other in own if other == slot or (other < slot and excluding >> other & 1)]
            )
        for week in self._weeks(own):
            self._at_most(seating.left_in_week(who, week[0]), who, week)
        self._at_most(seating.left(who), who, own)

    def _weeks(self, slots: Iterable[int]) -> Iterable[list[int]]:
        weeks: dict[int, list[int]] = {}
        for slot in slots:
            weeks.setdefault(self.seating.week[slot], []).append(slot)
        return weeks.values()

    def _loads(self, who: int, own: list[int]) -> None:
        """Add the squared distances of a person's points from the fair shares."""
        kinds: dict[int, dict[int, int]] = {}
        for slot in own:
            for kind, weight in self.seating.adds[slot]:
                if weight:
                    kinds.setdefault(kind, {})[slot] = weight
        scale = self.seating.scale
        for kind, weights in kinds.items():
            unit = math.gcd(*weights.values())
            first, share = self.seating.points[who][kind], self.seating.shares[kind]
            heaviest = sorted(weights.values(), reverse=True)[: self._most(who, list(weights))]
            terms = {self.takes[who, slot]: weight // unit for slot, weight in weights.items()}
            for points in range(first, first + sum(heaviest), unit):
                terms[self._column(unit * (scale * (2 * points + unit) - 2 * share))] = -1
            self._row(0, terms, 0)

    def _most(self, who: int, slots: list[int]) -> int:
        """Return how many of some duties a person can never exceed: week by week, one after the other."""
        seating, most = self.seating, 0
        for week in self._weeks(slots):
            taken = 0
            for slot in sorted(week, key=lambda slot: seating.slots[slot].span.ends_at):
                if not taken & seating.clash[who][slot]:
                    taken |= 1 << slot
            most += min(taken.bit_count(), seating.left_in_week(who, week[0]))
        return min(most, seating.left(who))

    def _wishes(self, who: int, own: list[int]) -> None:
        seating = self.seating
        for day in dict.fromkeys(seating.day[slot] for slot in own if seating.desired[who] >> slot & 1):
            if not day & seating.held[who]:
                on_duty = {self.takes[who, slot]: 1 for slot in own if day >> slot & 1}
                self._row(1, on_duty | {self._column(seating.wish): 1}, math.inf)

    def _holders(self, people: Sequence[int]) -> None:
        """One holder a duty at most; and no less is filled than before."""
        for slot in self.before:
            takes = {self.takes[who, slot]: 1 for who in people if (who, slot) in self.takes}
            self._row(-math.inf, takes, 1)
        need = self.seating.need
        filled = sum(need[slot] for slot, holder in self.before.items() if holder != NOBODY)
        self._row(filled, {column: need[slot] for (_who, slot), column in self.takes.items()}, math.inf)

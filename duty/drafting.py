"""Propose a roster, and say why: who takes what, what nobody can take, what it means for all. Pure.

A draft is nothing yet: the supervisor changes it and publishes it. `explain` and `fairness_table` answer for
the holders he has made of it just as for those proposed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from duty.balancing import balance
from duty.eligibility import Obstacle, obstacle
from duty.fairness import (
    Holders,
    Period,
    Person,
    Slot,
    Standing,
    Weights,
    duties_of,
    fairness_table,
    objective,
    published,
    unfairness,
    unmet_wishes,
)
from duty.seating import NOBODY, Seating


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A duty that nobody can take, and what stands against each of the people."""

    slot: Slot
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the people as a holder of one duty.

    `points` are those of the kind of its day and `together` those of all kinds that he carries without it.
    `worse` is what the objective would gain if he took it instead of its holder, or where nobody holds it, of
    the first.
    """

    person: str
    points: int
    together: int
    worse: int
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed roster. Its holders include those of published duties."""

    holders: Holders
    unfilled: tuple[Unfilled, ...]
    before: tuple[Standing, ...]
    after: tuple[Standing, ...]
    unfairness: Fraction
    unmet_wishes: int
    objective: Fraction


def draft(period: Period) -> Draft:
    """Return the fairest roster found: no hard rule broken, and as few duties unfilled as can be.

    Raises ValueError for two slots or two people of one key.
    """
    _check_keys([slot.key for slot in period.slots])
    _check_keys([person.key for person in period.people])
    seating = Seating(period)
    balance(seating, period.seed)
    holders = published(period) | {
        seating.slots[slot].key: seating.people[who].key
        for slot, who in seating.holders().items()
        if who != NOBODY
    }
    duties = duties_of(period, holders)
    return Draft(
        holders,
        tuple(
            Unfilled(slot, _obstacles(period, slot, duties))
            for slot in period.slots
            if slot.key not in holders
        ),
        before=tuple(fairness_table(period, published(period))),
        after=tuple(fairness_table(period, holders)),
        unfairness=unfairness(period, holders),
        unmet_wishes=unmet_wishes(period, holders),
        objective=objective(period, holders),
    )


def explain(period: Period, holders: Holders, slot: Slot) -> list[Candidate]:
    """Return everybody as a holder of a duty, in the order in which the choice falls on them.

    First those who could take it, from the least loaded on; then those who cannot, with what stands against.
    In a draft as it was proposed nobody could take a duty and make the roster fairer.
    """
    without = {key: who for key, who in holders.items() if key != slot.key}
    duties = duties_of(period, without)
    loads = {standing.person: standing for standing in fairness_table(period, without)}
    obstacles = {person.key: obstacle(person, slot, duties[person.key]) for person in period.people}
    costs = {
        person.key: _price(period.weights, slot, loads[person.key])
        + period.weights.wish * _wishes_hurt(person, slot, duties[person.key])
        for person in period.people
    }
    cheapest = min((cost for who, cost in costs.items() if not obstacles[who]), default=0)
    now = costs.get(holders.get(slot.key, ""), cheapest)
    candidates = [
        Candidate(
            person.key,
            loads[person.key].kinds[slot.kind].points,
            loads[person.key].together.points,
            costs[person.key] - now,
            obstacles[person.key],
        )
        for person in period.people
    ]
    return sorted(candidates, key=lambda one: (one.obstacle is not None, one.worse, one.person))


def _price(weights: Weights, slot: Slot, load: Standing) -> int:
    """Return what a duty adds to the unfairness if this person takes it, but for what is the same for all."""
    by_kind = sum(weights.of(kind) * load.kinds[kind].points for kind in slot.kinds)
    return 2 * (by_kind + weights.of_duty(slot) * load.together.points)


def _wishes_hurt(person: Person, slot: Slot, duties: list[Slot]) -> int:
    """Return how many wishes more are unmet when a person takes a duty; one that this meets counts as -1."""
    met = slot.day in person.desired and all(other.day != slot.day for other in duties)
    return (slot.day in person.undesired) - met


def _check_keys(keys: list[str]) -> None:
    if twice := {key for key, times in Counter(keys).items() if times > 1}:
        raise ValueError(f"There is more than one {', '.join(sorted(twice))}.")


def _obstacles(period: Period, slot: Slot, duties: dict[str, list[Slot]]) -> tuple[Obstacle, ...]:
    found = (obstacle(person, slot, duties[person.key]) for person in period.people)
    return tuple(one for one in found if one is not None)

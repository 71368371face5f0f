"""Make a roster fair: give out the hardest days first, then let duties change hands while that helps. Pure.

The same period gives the same roster on every machine: what chance decides comes from the period's seed, and
steps limit the search, not time. After the greedy pass it tries one random change a step and keeps it if it
is better or, at first, if it is not much worse (simulated annealing), so that it leaves a roster in which no
single change helps and yet several would. A change is one of two: two people exchange duties, or a duty is
passed on and so is what each gives up for it. What only many changes at once make better an integer program
finds then (`duty/dividing.py`): for all duties together, or where they are too many for some by turns. How
near it comes: docs/decisions/0017.
"""

from __future__ import annotations

import math
import random
from datetime import timedelta
from typing import NamedTuple

from duty.dividing import EMPTY, choices, divide_anew
from duty.seating import NOBODY, Seating, bits

Before = dict[int, int]  # the duties that changed hands, with those who held them

# The steps of a search: so many in all, but for each duty not more or less than these.
STEPS, MOST_A_SLOT, LEAST_A_SLOT = 50_000, 2000, 250
# A roster worse by this much, in squared points, is gone on with once in e times: at first and at last.
HOT, COLD = 8.0, 0.3
# What an unfilled duty is worth while searching, in squared points: at first little, so that what stays empty
# wanders to where it costs least, at last more than any duty costs. Of all rosters met, the one that leaves
# least unfilled is kept, whatever else it costs.
EMPTY_AT_FIRST = 20.0
# How often a step starts from a duty that nobody holds; how often two people exchange; how often what chance
# would do without effect is left out: two people exchanging duties of the same hours.
TO_FILL, TO_EXCHANGE, TO_SKIP = 0.2, 0.7, 0.9
# How many people a duty is passed on through; how often whoever can take it just so is looked for first.
LINKS, TO_LOOK = 2, 0.5
# How often a step starts from a wish that is not met; how often an exchange has something come in return, and
# how often that is of the same kinds.
TO_PLEASE, TO_RETURN, OF_A_KIND = 0.3, 0.8, 0.62


class Effort(NamedTuple):
    """How duties are divided exactly. `whole` and `part` are choices of who takes what: with no more than
    `whole` one program divides all duties; otherwise parts with no more than `part` are divided, one for each
    so many `duties`, of at most so many `days` before one duty and after it.
    """

    whole: int
    part: int
    duties: int
    days: int


# Where duties stay empty that somebody could take, more time is worth it.
QUICK, LONG = Effort(2500, 500, 25, 30), Effort(3000, 800, 6, 15)
# The fewest days of a part before its duty and after it; how often that is one which nobody holds.
FEW_DAYS, TO_FILL_PART = 4, 0.5


def balance(seating: Seating, seed: int) -> None:
    """Fill all that can be filled, as fairly as the search finds; published duties stay."""
    chance = random.Random(seed)
    _give_out(seating, chance)
    _anneal(seating, chance)
    _divide(seating, chance)
    _settle(seating, chance)


def _give_out(seating: Seating, chance: random.Random) -> None:
    """Give each duty to whom it burdens least: holidays first, then weekends, then workdays."""
    hardest = sorted(
        seating.open, key=lambda slot: (-seating.weight[slot], len(seating.candidates[slot]), slot)
    )
    for slot in hardest:
        if (who := _cheapest(seating, slot, chance)) != NOBODY:
            seating.put(who, slot)


def _anneal(seating: Seating, chance: random.Random) -> None:
    """Search from where the greedy pass ended, and leave the best roster met."""
    takers = [slot for slot in seating.open if seating.candidates[slot]]
    takable = _takable(seating)
    steps = min(max(STEPS, LEAST_A_SLOT * len(takers)), MOST_A_SLOT * len(takers))
    best, best_holders = (seating.unfilled, seating.cost), seating.holders()
    for step in range(steps):
        unfilled, cost = seating.unfilled, seating.cost
        before = _change(seating, *_start(seating, takers, seating.empty & takable, chance), chance)
        if not before:
            continue
        heat = _between(HOT, COLD, step / steps)
        dear = _between(EMPTY_AT_FIRST, EMPTY, step / steps)
        loss = (seating.cost - cost) / seating.scale + (seating.unfilled - unfilled) * dear
        if loss > 0 and chance.random() >= math.exp(-loss / heat):
            seating.seat(before)
        elif (seating.unfilled, seating.cost) < best:
            best, best_holders = (seating.unfilled, seating.cost), seating.holders()
    seating.seat(best_holders)


def _divide(seating: Seating, chance: random.Random) -> None:
    """Divide all duties anew, exactly; if that is too much, by turns those of some days among some."""
    everybody, every = list(range(len(seating.people))), seating.movable
    effort = LONG if seating.empty & _takable(seating) else QUICK
    if choices(seating, everybody, every) <= effort.whole:
        divide_anew(seating, everybody, every)
        return
    for _turn in range(len(seating.open) // effort.duties):
        slots = _stretch(seating, effort.days, chance)
        some = chance.sample(everybody, len(everybody))
        while len(some) > 2 and choices(seating, some, slots) > effort.part:
            some.pop()
        divide_anew(seating, sorted(some), slots)


def _stretch(seating: Seating, most_days: int, chance: random.Random) -> int:
    """Return the duties of some days before and after one drawn by chance, often one that nobody holds."""
    empty = bits(seating.empty & _takable(seating))
    middle = _one_of(empty if empty and chance.random() < TO_FILL_PART else seating.open, chance)
    days = timedelta(days=chance.randint(FEW_DAYS, most_days))
    first, last = seating.slots[middle].day - days, seating.slots[middle].day + days
    return sum(1 << slot for slot in seating.open if first <= seating.slots[slot].day <= last)


def _takable(seating: Seating) -> int:
    return sum(1 << slot for slot in seating.open if seating.candidates[slot])


def _start(seating: Seating, takers: list[int], empty: int, chance: random.Random) -> tuple[int, int]:
    """Return the duty that a step begins with and who shall take it; NOBODY leaves that to chance."""
    if empty and chance.random() < TO_FILL:
        return _one_of(bits(empty), chance), NOBODY
    if chance.random() < TO_PLEASE and (wish := _unmet(seating, chance)):
        return wish
    return _one_of(takers, chance), NOBODY


def _between(first: float, last: float, part: float) -> float:
    return first * (last / first) ** part


def _change(seating: Seating, slot: int, taker: int, chance: random.Random) -> Before:
    """Give a duty to somebody else; return what changed hands, nothing where it cannot be done."""
    giver = seating.holder[slot]
    if giver == NOBODY or (taker == NOBODY and chance.random() >= TO_EXCHANGE):
        return _pass_on(seating, slot, chance)
    if taker == NOBODY:
        taker = _one_of(seating.candidates[slot], chance)
    return {} if taker == giver else _exchange(seating, taker, giver, slot, chance)


def _unmet(seating: Seating, chance: random.Random) -> tuple[int, int] | None:
    """Return a duty that is not wished for by its holder, or one that somebody wishes for, and him."""
    who = int(chance.random() * len(seating.people))
    held = seating.held[who] & seating.movable
    if bad := held & seating.undesired[who]:
        return _one_of(bits(bad), chance), NOBODY
    for slot in bits(seating.desired[who] & seating.can[who]):
        if not seating.held[who] & seating.day[slot]:
            return slot, who
    return None


def _exchange(seating: Seating, taker: int, giver: int, slot: int, chance: random.Random) -> Before:
    """Let two people exchange duties: those that exclude each other go the other way, link by link.

    Mostly the taker gives one of his in return, whether he must or not, more often than not one of the same
    kinds. Nothing changes where somebody may not take what he would get.
    """
    going, coming, followed = 1 << slot, 0, 0
    if chance.random() < TO_RETURN:
        spare = seating.held[taker] & seating.can[giver]
        if chance.random() < OF_A_KIND:
            spare &= seating.alike[slot]
        if spare:
            coming = 1 << _one_of(bits(spare), chance)
    while left := (going | coming) & ~followed:
        bit = left & -left
        moved = bit.bit_length() - 1
        if going & bit:
            coming |= seating.held[taker] & seating.clash[taker][moved]
        else:
            going |= seating.held[giver] & seating.clash[giver][moved]
        if coming & ~seating.can[giver] or going & ~seating.can[taker]:
            return {}
        followed |= bit
    to_taker, to_giver = bits(going), bits(coming)
    alike = len(to_taker) == len(to_giver) == 1 and seating.hours[to_taker[0]] == seating.hours[to_giver[0]]
    if alike and chance.random() < TO_SKIP:
        return {}
    if not _within_limits(seating, taker, seating.held[taker] & ~coming | going, to_taker):
        return {}
    if not _within_limits(seating, giver, seating.held[giver] & ~going | coming, to_giver):
        return {}
    before = dict.fromkeys(to_taker, giver) | dict.fromkeys(to_giver, taker)
    for moved in before:
        seating.take(moved)
    for moved, holder in before.items():
        seating.put(taker if holder == giver else giver, moved)
    return before


def _within_limits(seating: Seating, who: int, held: int, gained: list[int]) -> bool:
    """Say whether a person may hold so many duties, in all and in the weeks of those he gains."""
    most_a_week = seating.most_a_week[who]
    return held.bit_count() <= seating.most[who] and all(
        (held & seating.week[slot]).bit_count() <= most_a_week for slot in gained
    )


def _pass_on(seating: Seating, slot: int, chance: random.Random) -> Before:
    """Give a duty to somebody else, and what he gives up for it to the next, until nobody gives up anything.

    The first holder may take what comes last. A duty that nobody held may leave another empty instead.
    """
    first = seating.holder[slot]
    before, passed, giver = {slot: first}, slot, first
    if first != NOBODY:
        seating.take(slot)
    for _link in range(LINKS):
        taker, given_up = _taker(seating, passed, giver, chance)
        if taker == NOBODY:
            break
        if given_up is not None:
            before.setdefault(given_up, taker)
            seating.take(given_up)
        seating.put(taker, passed)
        if given_up is None:
            return before
        passed, giver = given_up, taker
        if first != NOBODY and seating.can[first] >> passed & 1 and seating.may(first, passed):
            seating.put(first, passed)
            return before
    if first == NOBODY and seating.need[passed] <= seating.need[slot]:
        return before
    seating.seat(before)
    return {}


def _taker(seating: Seating, slot: int, giver: int, chance: random.Random) -> tuple[int, int | None]:
    """Return one who can take a free duty, and which of his he gives up for it; NOBODY where none can.

    Chance says with whom the search begins, and whether it ends with the first found or goes on to somebody
    who need give up nothing.
    """
    found: tuple[int, int | None] = NOBODY, None
    candidates = seating.candidates[slot]
    start, looks_on = int(chance.random() * len(candidates)), chance.random() < TO_LOOK
    for number in range(len(candidates)):
        who = candidates[number - start]
        in_the_way = seating.in_the_way(who, slot)
        if who == giver or in_the_way is None:
            continue
        if not in_the_way:
            return who, None
        if found[0] == NOBODY:
            found = who, _one_of(bits(in_the_way), chance)
            if not looks_on:
                break
    return found


def _settle(seating: Seating, chance: random.Random) -> None:
    """Let single duties change hands until nobody could take one and make the roster fairer."""
    settled = False
    while not settled:
        settled = True
        for slot in seating.open:
            before, holder = seating.cost, seating.holder[slot]
            if holder != NOBODY:
                seating.take(slot)
            heir = _cheapest(seating, slot, chance)
            if heir != NOBODY and (holder == NOBODY or seating.cost + seating.price(heir, slot) < before):
                seating.put(heir, slot)
                settled = False
            elif holder != NOBODY:
                seating.put(holder, slot)


def _cheapest(seating: Seating, slot: int, chance: random.Random) -> int:
    """Return who takes a free duty at the least cost, or NOBODY; chance decides between equals."""
    best, cheapest = None, [NOBODY]
    for who in seating.candidates[slot]:
        if seating.may(who, slot):
            price = seating.price(who, slot)
            if best is None or price < best:
                best, cheapest = price, [who]
            elif price == best:
                cheapest.append(who)
    return _one_of(cheapest, chance)


def _one_of(numbers: list[int], chance: random.Random) -> int:
    return numbers[int(chance.random() * len(numbers))]

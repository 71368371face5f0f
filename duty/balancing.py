"""Make a roster fair: give out the hardest days first, then let duties change hands while that helps. Pure.

The same period gives the same roster on every machine: what chance decides comes from the period's seed, and
steps limit the search, not time. After the greedy pass it tries one random change a step and keeps it if it
is better or, at first, if it is not much worse (simulated annealing), so that it leaves a roster in which no
single change helps and yet several would. How near it comes: docs/decisions/0017.
"""

from __future__ import annotations

import math
import random

from duty.seating import NOBODY, Seating

# The steps of a search: so many in all, but for each duty not more or less than these.
STEPS, MOST_A_SLOT, LEAST_A_SLOT = 100_000, 1000, 300
# A roster worse by this much, in squared points, is gone on with once in e times: at first and at last.
HOT, COLD = 8.0, 0.3
# What an unfilled duty is worth while searching, in squared points. Dear, but not so dear that none is ever
# emptied to fill two; of all rosters met, the one that leaves least unfilled is kept, whatever else it costs.
EMPTY = 40
# How often a step starts from a duty that nobody holds, and how often it is a chain of two people's
# exchanges.
TO_FILL, TO_EXCHANGE = 0.2, 0.5


def balance(seating: Seating, seed: int) -> None:
    """Fill all that can be filled, as fairly as the search finds; published duties stay."""
    chance = random.Random(seed)
    _give_out(seating, chance)
    _anneal(seating, chance)
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
    takers = [slot for slot in seating.open if seating.candidates[slot]]
    takable = sum(1 << slot for slot in takers)
    steps = min(max(STEPS, LEAST_A_SLOT * len(takers)), MOST_A_SLOT * len(takers))
    best, best_holders = (seating.unfilled, seating.cost), seating.holders()
    for step in range(steps):
        unfilled, cost = seating.unfilled, seating.cost
        empty = seating.empty & takable
        slot = _one_of(_bits(empty) if empty and chance.random() < TO_FILL else takers, chance)
        changed = _change(seating, slot, chance)
        heat = HOT * (COLD / HOT) ** (step / steps)
        lost, worse = seating.unfilled - unfilled, seating.cost - cost
        loss = worse / seating.scale + lost * EMPTY
        if loss > 0 and chance.random() >= math.exp(-loss / heat):
            seating.seat(changed)
        elif (seating.unfilled, seating.cost) < best:
            best, best_holders = (seating.unfilled, seating.cost), seating.holders()
    seating.seat(best_holders)


def _change(seating: Seating, slot: int, chance: random.Random) -> dict[int, int]:
    """Give a duty to somebody else, and what he cannot or shall not hold beside it to others.

    Return the duties that changed hands with those who held them before.
    """
    taker, giver = _one_of(seating.candidates[slot], chance), seating.holder[slot]
    if taker == giver:
        return {}
    if giver != NOBODY and chance.random() < TO_EXCHANGE:
        return _exchange(seating, taker, giver, slot, chance)
    handed_on = _to_hand_on(seating, taker, slot, chance)
    before = {moved: seating.holder[moved] for moved in [slot, *handed_on]}
    for moved, holder in before.items():
        if holder != NOBODY:
            seating.take(moved)
    if not seating.may(taker, slot):  # published duties stand against it
        seating.seat(before)
        return {}
    seating.put(taker, slot)
    for moved in handed_on:
        if giver in seating.candidates[moved] and seating.may(giver, moved):
            seating.put(giver, moved)
        elif (heir := _cheapest(seating, moved, chance)) != NOBODY:
            seating.put(heir, moved)
    return before


def _exchange(seating: Seating, taker: int, giver: int, slot: int, chance: random.Random) -> dict[int, int]:
    """Let two people exchange duties: those that exclude each other go the other way, link by link.

    Every second time the taker gives one of his in return, whether he must or not. Nothing changes where
    somebody may not take what he would get.
    """
    going, coming = 1 << slot, 0
    if chance.random() < 0.5 and (spare := _bits(seating.held[taker] & seating.movable)):
        coming = 1 << _one_of(spare, chance)
    followed = 0
    while left := (going | coming) & ~followed:
        for moved in _bits(left):
            going_there = going >> moved & 1
            heir = taker if going_there else giver
            if heir not in seating.candidates[moved]:  # nobody is a candidate for a published duty
                return {}
            if going_there:
                coming |= seating.held[taker] & seating.clash[taker][moved]
            else:
                going |= seating.held[giver] & seating.clash[giver][moved]
        followed |= left
    heirs = {moved: taker if going >> moved & 1 else giver for moved in _bits(going | coming)}
    before = {moved: seating.holder[moved] for moved in heirs}
    for moved in heirs:
        seating.take(moved)
    for moved, heir in heirs.items():
        if not seating.may(heir, moved):  # a limit
            seating.seat(before)
            return {}
        seating.put(heir, moved)
    return before


def _to_hand_on(seating: Seating, taker: int, slot: int, chance: random.Random) -> list[int]:
    """Return the duties that a person hands on to take another: those too close to it, one beyond a limit.

    Where nothing has to go, something does every second time: an exchange.
    """
    held = seating.held[taker]
    clashing = held & seating.clash[taker][slot]
    staying = held & ~clashing
    if (staying & seating.week[slot]).bit_count() >= seating.most_a_week[taker]:
        spare = staying & seating.week[slot]
    elif staying.bit_count() >= seating.most[taker] or (not clashing and chance.random() < 0.5):
        spare = staying
    else:
        spare = 0
    handed_on = _bits(clashing & seating.movable)
    if choices := _bits(spare & seating.movable):
        handed_on.append(_one_of(choices, chance))
    return handed_on


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


def _bits(mask: int) -> list[int]:
    numbers = []
    while mask:
        lowest = mask & -mask
        numbers.append(lowest.bit_length() - 1)
        mask ^= lowest
    return numbers

"""The sample of an audit: drawn from a seed, stratified by grade, the same for whoever draws it again. Pure.

Nobody chooses, and anybody can check: seed, population and size are kept with the audit.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NO_GRADE = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """The ids drawn, by grade and then in the order in which chance put them; and what they were drawn from.

    `strata` maps each grade (0: none) to how many there were and how many were taken; `digest` is the SHA-256
    of the population, so that it can be told later whether it is still the same.
    """

    ids: tuple[int, ...]
    strata: Mapping[int, tuple[int, int]]
    digest: str


def draw(population: Iterable[tuple[int, int | None]], size: int, seed: str) -> Drawn:
    """Draw `size` of (id, grade), each stratum in its share; all where there are fewer."""
    strata: dict[int, list[int]] = defaultdict(list)
    for pk, grade in population:
        strata[grade or NO_GRADE].append(pk)
    counts = {grade: len(strata[grade]) for grade in sorted(strata)}
    taken = shares(counts, size)
    ids = [
        pk
        for grade in counts
        for pk in sorted(strata[grade], key=lambda pk: (_ticket_of_chance(seed, pk), pk))[: taken[grade]]
    ]
    return Drawn(tuple(ids), {grade: (counts[grade], taken[grade]) for grade in counts}, digest_of(strata))


def shares(counts: Mapping[int, int], size: int) -> dict[int, int]:
    """Share a sample among strata in proportion to them by largest remainders; each has one where it can."""
    total = sum(counts.values())
    size = min(max(size, 0), total)
    if not size:
        return dict.fromkeys(counts, 0)
    least = 1 if size >= len(counts) else 0
    exact = {grade: size * count / total for grade, count in counts.items()}
    taken = {grade: min(counts[grade], max(least, int(exact[grade]))) for grade in counts}
    order = sorted(counts, key=lambda grade: (-(exact[grade] - int(exact[grade])), grade))
    while (missing := size - sum(taken.values())) > 0:
        for grade in [one for one in order if taken[one] < counts[one]][:missing]:
            taken[grade] += 1
    while sum(taken.values()) > size:  # the least of one each took more than there was
        spare = [grade for grade in counts if taken[grade] > least]
        richest = max(spare, key=lambda grade: (taken[grade] - exact[grade], taken[grade], grade))
        taken[richest] -= 1
    return taken


def digest_of(strata: Mapping[int, Iterable[int]]) -> str:
    lines = (f"{pk}:{grade}" for grade, ids in strata.items() for pk in ids)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _ticket_of_chance(seed: str, pk: int) -> bytes:
    return hashlib.sha256(f"{seed}:{pk}".encode()).digest()

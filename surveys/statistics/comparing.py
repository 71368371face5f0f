"""Two waves against each other, many causes by their weight, and groups too small to be told of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Generic, TypeVar

from surveys.statistics.figures import Share

LEAST_EXPECTED = 5  # in each of the four cells, or the normal distribution says nothing
SIGNIFICANT = 0.05
LEAST_TOLD = 5  # answers about a person, below which nothing is said of him

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Change:
    """How a share changed from one wave to the next. `p` is None where the sample is too small."""

    before: Share
    after: Share
    z: float | None
    p: float | None

    @property
    def points(self) -> float | None:
        """In points of percent; None where one of them is missing."""
        if self.before.percent is None or self.after.percent is None:
            return None
        return self.after.percent - self.before.percent

    @property
    def is_too_small(self) -> bool:
        return self.p is None

    @property
    def is_significant(self) -> bool:
        return self.p is not None and self.p < SIGNIFICANT


def change(before: Share, after: Share) -> Change:
    """Compare two shares by the pooled z-test; p = erfc(|z|/√2), two-sided."""
    n = before.n + after.n
    pooled = (before.count + after.count) / n if n else 0.0
    expected = [size * part for size in (before.n, after.n) for part in (pooled, 1 - pooled)]
    if min(expected) < LEAST_EXPECTED:
        return Change(before, after, None, None)
    error = sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n))
    z = (after.count / after.n - before.count / before.n) / error
    return Change(before, after, z, erfc(abs(z) / sqrt(2)))


@dataclass(frozen=True, slots=True)
class ParetoRow(Generic[Key]):
    """One cause: how many of all, and how many up to and with it."""

    key: Key
    share: Share
    cumulative: Share


def pareto(counts: Mapping[Key, int]) -> list[ParetoRow[Key]]:
    """Order causes by how often they occur, the most frequent first; those of nothing are left out."""
    n = sum(counts.values())
    found = sorted(((key, count) for key, count in counts.items() if count), key=lambda row: -row[1])
    rows, so_far = [], 0
    for key, count in found:
        so_far += count
        rows.append(ParetoRow(key, Share(count, n), Share(so_far, n)))
    return rows


def by_key(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    """Put rows together by a key, in the order in which the keys first occur."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def may_be_told(n: int) -> bool:
    """Say whether there are enough answers to say something of one person."""
    return n >= LEAST_TOLD


def distribution(values: Iterable[Key], options: Sequence[Key]) -> list[tuple[Key, Share]]:
    """How often each option was chosen, of all that chose one; several choices of one person count each."""
    found = list(values)
    return [(option, Share(sum(value == option for value in found), len(found))) for option in options]

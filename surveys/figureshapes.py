"""The figures of satisfaction as they are shown, each with how many stand behind it (§4.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.statistics import Change, Mean, ParetoRow, Promoters, Share


@dataclass(frozen=True, slots=True)
class Distribution:
    """One question: how often each value was chosen, and what follows from it."""

    label: str
    kind: str
    rows: Sequence[tuple[str, Share]]
    mean: Mean | None
    satisfied: Share | None


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a breakdown. `is_hidden`: fewer than five answers about a person: nothing is said of it."""

    label: str
    n: int
    mean: Mean
    satisfied: Share
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Those with the most answers first; `more` have fewer and are left out."""

    title: str
    rows: Sequence[Part]
    is_of_persons: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of the trend, or one month; `change` is that of the satisfied since the one before."""

    label: str
    mean: Mean
    satisfied: Share
    change: Change | None


@dataclass(frozen=True, slots=True)
class Causes:
    title: str
    rows: Sequence[ParetoRow[str]]

    @property
    def n(self) -> int:
        return self.rows[0].share.n if self.rows else 0


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is said about a scope."""

    n: int
    mean: Mean
    satisfied: Share
    bad: Share
    recommend: Promoters
    margin: float | None
    effort: Share
    effort_mean: Mean
    response: Share
    by_way: Sequence[tuple[str, Share]]
    distributions: Sequence[Distribution]
    waves: Sequence[Wave]
    breakdowns: Sequence[Breakdown]
    causes: Sequence[Causes]
    verified_in_time: Share

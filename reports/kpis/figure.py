"""What a KPI comes to: its numbers, and how they are to be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from surveys.statistics.quantiles import normal_quantile, t_quantile

NOTHING = "—"


class Unit(StrEnum):
    """What a value is counted in: per cent, seconds, points, hours, or things."""

    PERCENT = "percent"
    SECONDS = "seconds"
    POINTS = "points"
    HOURS = "hours"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as its two numbers: `numerator` of `denominator`.

    Of a share how many were counted among how many; of a mean the sum of the values (seconds, points) and how
    many there are, with the sum of their `squares`; of a total or a stock the number alone, and no
    denominator. `median` and `p90` (the value that nine in ten do not exceed) are of durations, in seconds.
    `is_of_time`: both numbers are seconds, so that they are no sample and have no interval.
    """

    unit: Unit
    numerator: float
    denominator: int | None = None
    squares: float | None = None
    median: float | None = None
    p90: float | None = None
    is_of_time: bool = False

    @property
    def value(self) -> float | None:
        """In its unit; None where nothing fell into the period: that is neither 0 nor 100 %."""
        if self.denominator is None:
            return self.numerator
        if not self.denominator:
            return None
        return (100 if self.unit is Unit.PERCENT else 1) * self.numerator / self.denominator

    def interval(self) -> tuple[float, float] | None:
        """Return the bounds of 95 % certainty: of a share by Wilson's score, of a mean by Student's t."""
        n = self.denominator
        if not n or self.value is None or self.is_of_time:
            return None
        if self.unit is Unit.PERCENT:
            return _wilson(self.numerator / n, n) if self.numerator <= n else None
        if self.squares is None or n < 2:
            return None
        mean = self.numerator / n
        spread = sqrt(max(0.0, (self.squares - n * mean * mean) / (n - 1)))
        half = t_quantile(n - 1) * spread / sqrt(n)
        return mean - half, mean + half

    def is_small(self, minimum: int) -> bool:
        """Say whether there are fewer rows than the value needs to mean something."""
        return self.denominator is not None and not self.is_of_time and self.denominator < minimum


def _wilson(share: float, n: int) -> tuple[float, float]:
    z = normal_quantile()
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return 100 * max(0.0, (middle - half) / scale), 100 * min(1.0, (middle + half) / scale)

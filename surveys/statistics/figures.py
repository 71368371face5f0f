"""What is said of answers: shares, means and scores, each with how many stand behind it. Pure.

A percentage is never one number: `Share` and `Mean` carry their n, and an interval wherever there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, sqrt

from surveys.statistics.quantiles import LEVEL, normal_quantile, t_quantile

# Values one by one, or how often each occurs.
Values = Iterable[float] | Counter[float]
NOTHING = "—"
SATISFIED, EASY = 4, 5  # from which value on: of 1 to 5, and of 1 to 7 where 7 is easy
PROMOTER, DETRACTOR = 9, 6  # from, and up to


@dataclass(frozen=True, slots=True)
class Interval:
    """Two bounds, both inclusive, in the unit of the figure."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """So many of n."""

    count: int
    n: int

    @property
    def percent(self) -> float | None:
        """0 to 100; None of nothing, which is neither."""
        return 100 * self.count / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval in percent, at 95 %: never beyond 0 or 100, and never 100 ± 0."""
        return wilson(self.count, self.n) if self.n else None

    def __str__(self) -> str:
        return NOTHING if self.percent is None else f"{_one_decimal(self.count, self.n)} % (n = {self.n})"


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of n values, in their own unit. No interval of one value, nor of values that are all alike."""

    value: float | None
    n: int
    interval: Interval | None

    def __str__(self) -> str:
        return NOTHING if self.value is None else f"{self.value:.2f} (n = {self.n})"


@dataclass(frozen=True, slots=True)
class Promoters:
    """Answers from 0 to 10 to whether one would recommend us, counted in three classes."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float | None:
        """The net promoter score, −100 to 100. Who did not answer is not among the n."""
        return 100 * (self.promoters - self.detractors) / self.n if self.n else None

    def margin(self, population: int | None = None, level: float = LEVEL) -> float | None:
        """The half width of its interval in points; None where all answers are of one class.

        Where the answers come from a known number of people, the margin shrinks by √((N−n)/(N−1)): who has
        asked everybody knows everything.
        """
        if not self.n or self.score is None:
            return None
        variance = (self.promoters + self.detractors) / self.n - (self.score / 100) ** 2
        if variance <= 1e-12:
            return None
        margin = normal_quantile(level) * 100 * sqrt(variance / self.n)
        return margin * _finite(self.n, population)

    def __str__(self) -> str:
        return NOTHING if self.score is None else f"{self.score:+.1f} (n = {self.n})".replace("-", "−")


def wilson(count: int, n: int, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval of a proportion, in percent. Raises ValueError without answers."""
    if n < 1 or not 0 <= count <= n:
        raise ValueError(f"no proportion: {count} of {n}")
    z, p = normal_quantile(level), count / n
    whole = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / whole
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / whole
    low = 0.0 if count == 0 else 100 * (centre - half)
    high = 100.0 if count == n else 100 * (centre + half)
    return Interval(low, high)


def mean_of(values: Values, level: float = LEVEL) -> Mean:
    """Return the mean of values with Student's interval, the deviation taken with n − 1."""
    counts = _counted(values)
    n = counts.total()
    if not n:
        return Mean(None, 0, None)
    mean = _total(counts) / n
    if n == 1 or len(counts) == 1:
        return Mean(mean, n, None)
    squares: Counter[float] = Counter()
    for value, number in counts.items():
        squares[(value - mean) ** 2] += number
    deviation = sqrt(_total(squares) / (n - 1))
    half = t_quantile(n - 1, level) * deviation / sqrt(n)
    return Mean(mean, n, Interval(mean - half, mean + half))


def mean_of_percents(values: Values, level: float = LEVEL) -> Mean:
    """The same of percentages: few answers may leave room beyond 0 or 100, where nothing can be."""
    mean = mean_of(values, level)
    if mean.interval is None:
        return mean
    return Mean(mean.value, mean.n, Interval(max(mean.interval.low, 0.0), min(mean.interval.high, 100.0)))


def percent_of(scores: Sequence[tuple[float, float, float]]) -> float | None:
    """Return how satisfied one person is, in percent, of `(value, highest, weight)` for what he answered.

    The weights of what he skipped are shared out over the rest. None where nothing with a weight is answered.
    """
    total = fsum(weight for _value, _highest, weight in scores)
    if total <= 0:
        return None
    return 100 * fsum(weight * value / highest for value, highest, weight in scores) / total


def satisfied(values: Values) -> Share:
    """CSAT: how many chose 4 or 5 of 5."""
    return share_from(values, SATISFIED)


def easy(values: Values) -> Share:
    """Of the customer effort, 1 to 7 where 7 is easy: how many chose 5 to 7."""
    return share_from(values, EASY)


def share_from(values: Values, least: float) -> Share:
    counts = _counted(values)
    return Share(sum(number for value, number in counts.items() if value >= least), counts.total())


def promoters(values: Values) -> Promoters:
    counts = _counted(values)
    high = sum(number for value, number in counts.items() if value >= PROMOTER)
    low = sum(number for value, number in counts.items() if value <= DETRACTOR)
    return Promoters(high, counts.total() - high - low, low)


def response_rate(*, sent: int, bounced: int, finished: int) -> Share:
    """Finished questionnaires over those that arrived: what came back undelivered asked nobody."""
    return Share(finished, max(sent - bounced, finished))


def sample_size(population: int | None, *, margin: float = 0.05, level: float = LEVEL) -> int:
    """Return how many answers give a proportion to ± `margin`, at the worst; of so many people, if known."""
    wanted = (normal_quantile(level) / (2 * margin)) ** 2
    if population is not None:
        wanted = wanted / (1 + (wanted - 1) / population) if population > 0 else 0
    return -int(-wanted // 1)


def _counted(values: Values) -> Counter[float]:
    """How often each value occurs: few are different, however many answered."""
    if isinstance(values, Counter):
        return +values
    return Counter(map(float, values))


def _total(counts: Counter[float]) -> float:
    """Exact up to the last rounding, as `fsum` of all of them is."""
    return float(sum((Fraction(value) * number for value, number in counts.items()), Fraction()))


def _finite(n: int, population: int | None) -> float:
    if population is None or population <= 1 or population < n:
        return 1.0
    return sqrt((population - n) / (population - 1))


def _one_decimal(count: int, n: int) -> str:
    """What is not all never reads 100.0, and what is not none never reads 0.0."""
    percent = 100 * count / n
    return f"{min(max(percent, 0.1), 99.9):.1f}" if 0 < count < n else f"{percent:.1f}"

"""Quantiles of the normal and of Student's distribution, without a library for it. Pure.

Both are two-sided: the value that a standard variable stays within, up and down, with that probability.
"""

from __future__ import annotations

from functools import cache
from math import atan, cos, exp, lgamma, log, pi, sin, sqrt, tan
from statistics import NormalDist

LEVEL = 0.95
STANDARD = NormalDist()
# From here on the series in 1/df is exact to the last digits, and shorter than the sum.
MANY = 1000
MOST_STEPS = 200


def normal_quantile(level: float = LEVEL) -> float:
    """Return z, the half width of the interval of `level` in standard errors: 1.959964 for 95 %."""
    return STANDARD.inv_cdf((1 + level) / 2)


@cache
def t_quantile(df: int, level: float = LEVEL) -> float:
    """Return Student's t for a whole number of degrees of freedom, to 1e-12.

    Below a thousand the finite sum of Abramowitz and Stegun 26.7.3 and 26.7.4 is inverted by Newton's rule;
    above, the expansion of Cornish and Fisher (26.7.5). Raises ValueError without degrees of freedom.
    """
    if df < 1:
        raise ValueError("Student's t needs a degree of freedom")
    return _expanded(df, level) if df >= MANY else _inverted(df, level)


def t_within(t: float, df: int) -> float:
    """Return the probability that Student's t stays within ±t."""
    return _within(atan(t / sqrt(df)), df)


def _within(angle: float, df: int) -> float:
    """The same by the angle whose tangent is t/√df."""
    square, term = cos(angle) ** 2, 1.0
    if df % 2 == 0:
        total = 1.0
        for place in range(2, df - 1, 2):
            term *= square * (place - 1) / place
            total += term
        return sin(angle) * total
    total = 0.0
    term = cos(angle)
    for place in range(1, df - 1, 2):
        total += term
        term *= square * (place + 1) / (place + 2)
    return 2 / pi * (angle + sin(angle) * total)


def _inverted(df: int, level: float) -> float:
    """By the angle the probability rises ever more slowly, so that Newton's rule from 0 never overshoots."""
    scale = log(2) + lgamma((df + 1) / 2) - lgamma(df / 2) - log(pi) / 2
    angle = 0.0
    for _step in range(MOST_STEPS):
        slope = exp(scale + (df - 1) * log(cos(angle)))
        step = (level - _within(angle, df)) / slope
        angle += step
        if abs(step) <= 1e-16 * angle:
            break
    return sqrt(df) * tan(angle)


def _expanded(df: int, level: float) -> float:
    z = normal_quantile(level)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / df + second / df**2 + third / df**3 + fourth / df**4

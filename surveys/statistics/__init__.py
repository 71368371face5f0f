"""Statistics of answers as pure rules; formulas and sources stand in `docs/satisfaction.md`."""

from surveys.statistics.comparing import (
    Change,
    ParetoRow,
    by_key,
    change,
    distribution,
    may_be_told,
    pareto,
)
from surveys.statistics.figures import (
    Interval,
    Mean,
    Promoters,
    Share,
    easy,
    mean_of,
    percent_of,
    promoters,
    response_rate,
    sample_size,
    satisfied,
    share_from,
    wilson,
)
from surveys.statistics.quantiles import normal_quantile, t_quantile, t_within

__all__ = [
    "Change",
    "Interval",
    "Mean",
    "ParetoRow",
    "Promoters",
    "Share",
    "by_key",
    "change",
    "distribution",
    "easy",
    "may_be_told",
    "mean_of",
    "normal_quantile",
    "pareto",
    "percent_of",
    "promoters",
    "response_rate",
    "sample_size",
    "satisfied",
    "share_from",
    "t_quantile",
    "t_within",
    "wilson",
]

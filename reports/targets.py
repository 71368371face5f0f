"""What was aimed at in a period: the definition's own target, or what was set for its months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reports.kpis import KPIS
from reports.kpis.definition import Kpi
from reports.kpis.figure import Figure
from reports.models import KpiTarget
from reports.periods import Period, period_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Aim:
    """The target in force, in the unit of the KPI's value (None: nothing is aimed at), and what is a small
    sample.
    """

    target: float | None
    minimum_sample: int
    higher_is_better: bool = True

    def is_reached(self, figure: Figure) -> bool | None:
        """Say whether a figure is good enough; None where nothing is aimed at or there is no value."""
        if self.target is None or figure.value is None:
            return None
        return figure.value >= self.target if self.higher_is_better else figure.value <= self.target

    def is_small(self, figure: Figure) -> bool:
        return figure.is_small(self.minimum_sample)


def targets_for(period: Period) -> Mapping[str, Aim]:
    """Return by KPI what holds in a period: what was in force in its last month. One query."""
    return targets_of([period])[period]


def targets_of(periods: Sequence[Period]) -> Mapping[Period, Mapping[str, Aim]]:
    """The same of several periods at once, in one query."""
    rows = list(KpiTarget.objects.filter(since__lt=max(period.until for period in periods)))
    return {
        period: {key: aim_of(kpi, rows, last_month(period)) for key, kpi in KPIS.items()}
        for period in periods
    }


def aim_of(kpi: Kpi, rows: Iterable[KpiTarget], month: date) -> Aim:
    """Return what holds in a month, given by its first day: of the rows that began by then the last one."""
    own = [row for row in rows if row.kpi == kpi.key and row.since <= month]
    last = max(own, key=lambda row: (row.since, row.pk), default=None)
    if last is None:
        return Aim(kpi.target, kpi.minimum_sample, kpi.higher_is_better)
    minimum = kpi.minimum_sample if last.minimum_sample is None else last.minimum_sample
    return Aim(last.target, minimum, kpi.higher_is_better)


def last_month(period: Period) -> date:
    """Return the first day of the month in which a period ends."""
    return period_of(period.until - DAY, "month").first

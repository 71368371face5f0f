"""What of a published report comes to something else by now: the old beside the new, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from reports.kpis import KPIS
from reports.kpis.figure import Figure, Unit
from reports.models import MonthlyReport
from reports.wording import whole_words


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A figure as it was published and as it was counted last; `found_at` is when that was seen."""

    key: str
    name: str | Promise
    frozen: str
    counted: str
    found_at: datetime


def adjusted(report: MonthlyReport) -> list[Adjusted]:
    """Return the figures that differ now; one that came back to what was published differs no more."""
    last = {one.kpi: one for one in report.adjustments.order_by("pk")}
    return [
        Adjusted(key, KPIS[key].name, shown(one.frozen), shown(one.counted), one.found_at)
        for key, one in last.items()
        if key in KPIS and not same(one.frozen, one.counted)
    ]


def figure_of(kept: dict[str, Any]) -> Figure:
    """Return the figure that was kept as JSON."""
    return Figure(**kept | {"unit": Unit(kept["unit"])})


def shown(kept: dict[str, Any]) -> str:
    """The value with how many rows stand behind it."""
    figure = figure_of(kept)
    n = "" if figure.denominator is None else f" (n = {figure.denominator})"
    return f"{whole_words(figure)}{n}"


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two figures are the same but for how the machine adds up fractions."""
    return _rounded(one) == _rounded(other)


def _rounded(figure: dict[str, Any]) -> tuple[Any, ...]:
    return round(float(figure["numerator"]), 3), figure["denominator"]

"""Figures in words: their unit, their value, what decides the period they fall into."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.kpis.definition import At, Duration, Kpi, Mean, Share, Stock, Text, Total
from reports.kpis.figure import NOTHING, Figure, Unit
from reports.kpis.shapes import Computed, PerHead, Weighted
from staff.templatetags.look import duration

UNITS: dict[Unit, Text] = {
    Unit.PERCENT: gettext_lazy("per cent"),
    Unit.SECONDS: gettext_lazy("duration"),
    Unit.POINTS: gettext_lazy("points of 100"),
    Unit.HOURS: gettext_lazy("hours"),
    Unit.NUMBER: gettext_lazy("number"),
}
WHEN: dict[At, Text] = {
    At.MOMENT: gettext_lazy(
        "by an instant: from midnight of the first day to before midnight after the last"
    ),
    At.END_OF_DAY: gettext_lazy("by the end of a day, the midnight after it belonging to it"),
    At.DAY: gettext_lazy("by a day, the present one among them"),
    At.LAST_DAY: gettext_lazy("by the day by which it is due, once that day is over"),
}


def value_in_words(unit: Unit, value: float | None) -> str:
    """Return a value with its unit; what is not all never reads 100.0 %, what is not none never 0.0 %."""
    if value is None:
        return NOTHING
    match unit:
        case Unit.PERCENT:
            shown = min(max(value, 0.1), 99.9) if 0 < value < 100 else value
            return f"{shown:.1f} %"
        case Unit.SECONDS:
            return str(duration(timedelta(seconds=value)))
        case Unit.HOURS:
            return f"{value:,.1f} h"
        case Unit.POINTS:
            return f"{value:.1f}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def figure_in_words(figure: Figure) -> str:
    return value_in_words(figure.unit, figure.value)


def numbers_in_words(figure: Figure) -> str:
    """Return what a figure was made of: the two numbers of a share, how many rows a mean is of."""
    if figure.denominator is None or figure.is_of_time:
        return ""
    if figure.unit is Unit.PERCENT:
        return f"{figure.numerator:,.0f} / {figure.denominator:,}"
    return f"n = {figure.denominator:,}"


def cohort_in_words(kpi: Kpi) -> str:
    """Say which rows belong to a period, as the rule has it for all KPIs of a shape."""
    if isinstance(kpi, Stock):
        return _("What stands at the end of the period, or now where that is earlier.")
    if isinstance(kpi, Computed):
        return _("Time of the period up to now.")
    period = _("A row belongs to the period %(when)s, in the house's time zone.") % {"when": WHEN[kpi.at_is]}
    if kpi.lag:
        period += " " + _("It counts %(days)s days after that.") % {"days": kpi.lag.days}
    if isinstance(kpi, Share):
        period += " " + _(
            "What is still open after it has come counts as failed; what is still to come does not count."
        )
    return period


def shape_in_words(kpi: Kpi) -> str:
    """Say what kind of number it is."""
    match kpi:
        case Share() | Weighted():
            return _("share")
        case Duration():
            return _("mean, with median and 90th percentile")
        case Mean():
            return _("mean")
        case PerHead():
            return _("number for each person")
        case Stock():
            return _("stock")
        case Total():
            return _("total")
    return _("computed")

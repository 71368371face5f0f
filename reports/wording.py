"""Figures in words, the same on every page and paper: value, unit, bounds; and what decides their period."""

from __future__ import annotations

from math import ceil, floor
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from reports.kpis.definition import At, Duration, Kpi, Mean, Share, Stock, Text, Total
from reports.kpis.figure import NOTHING, Figure, Unit
from reports.kpis.shapes import Computed, PerHead, Weighted
from staff.templatetags.look import in_words

MINUS = "−"
UNITS: dict[Unit, Text] = {
    Unit.PERCENT: gettext_lazy("per cent"),
    Unit.SECONDS: gettext_lazy("duration"),
    Unit.POINTS: gettext_lazy("points of 100"),
    Unit.HOURS: gettext_lazy("hours"),
    Unit.NUMBER: pgettext_lazy("unit", "number"),
}
WHEN: dict[At, Text] = {
    At.MOMENT: gettext_lazy(
        "by an instant: from midnight of the first day to before midnight after the last"
    ),
    At.END_OF_DAY: gettext_lazy("by the end of a day, the midnight after it belonging to it"),
    At.DAY: gettext_lazy("by a day, the present one among them"),
    At.LAST_DAY: gettext_lazy("by the day by which it is due, once that day is over"),
}


class Aimed(Protocol):
    """What is aimed at (`reports.targets.Aim`)."""

    @property
    def target(self) -> float | None: ...

    @property
    def higher_is_better(self) -> bool: ...

    def is_reached(self, figure: Figure) -> bool | None: ...


def value_words(figure: Figure, aim: Aimed | None = None) -> str:
    """Say a figure's value without its unit, where that is per cent.

    What is not all never reads 100.0, and what misses its target never reads as if it reached it.
    """
    value = figure.value
    if value is None:
        return NOTHING
    if figure.unit is Unit.PERCENT and 0 < figure.numerator < (figure.denominator or 0):
        value = min(max(value, 0.1), 99.9)
    if aim is not None and aim.target is not None and aim.is_reached(figure) is False:
        value = _missing(figure.unit, value, aim.target, higher_is_better=aim.higher_is_better)
    return number_words(figure.unit, value)


def _missing(unit: Unit, value: float, target: float, *, higher_is_better: bool) -> float:
    """Return a value that misses its target as one that still does so when it is rounded."""
    if unit is Unit.SECONDS:
        # Said in two units and cut off there: the next larger one that is said otherwise.
        if higher_is_better or number_words(unit, value) != number_words(unit, target):
            return value
        more = (target + step for step in (1, 60, 3600, 86400))
        return next(each for each in more if number_words(unit, each) != number_words(unit, target))
    rounded = round(value, 1)
    if (rounded < target) if higher_is_better else (rounded > target):
        return value
    return floor(value * 10) / 10 if higher_is_better else ceil(value * 10) / 10


def unit_words(unit: Unit) -> str:
    """The unit behind a number: nothing where the number says it or counts things."""
    return {Unit.PERCENT: "%", Unit.HOURS: pgettext("unit", "h")}.get(unit, "")


def number_words(unit: Unit, value: float) -> str:
    """Say a number of a unit: seconds in their two largest units, others to one place, whole things whole."""
    if unit is Unit.SECONDS:
        return (MINUS if value < 0 else "") + in_words(value)
    places = 0 if unit is Unit.NUMBER and value == int(value) else 1
    return f"{value:,.{places}f}".replace("-", MINUS).replace(",", "\u202f")


def with_unit(unit: Unit, value: float) -> str:
    """Say a number with its unit."""
    return f"{number_words(unit, value)} {unit_words(unit)}".rstrip()


def whole_words(figure: Figure, aim: Aimed | None = None) -> str:
    """Say a figure's value with its unit, as `value_words`."""
    unit, value = unit_words(figure.unit), value_words(figure, aim)
    return f"{value} {unit}" if unit and figure.value is not None else value


def target_words(unit: Unit, target: float) -> str:
    """Say what is aimed at with its unit, without decimals that say nothing."""
    if unit is Unit.SECONDS:
        return in_words(target)
    return f"{target:g} {unit_words(unit)}".rstrip()


def aimed_words(unit: Unit, target: float | None, *, higher_is_better: bool) -> str:
    """Say what is aimed at with the side on which it is reached: `≥ 95 %`."""
    return NOTHING if target is None else f"{'≥' if higher_is_better else '≤'} {target_words(unit, target)}"


def interval_words(figure: Figure) -> str:
    """Say the bounds of 95 % certainty; empty where there are none."""
    if (bounds := figure.interval()) is None:
        return ""
    low, high = (number_words(figure.unit, max(0.0, bound)) for bound in bounds)
    return f"{low} – {high}"


def numbers_in_words(figure: Figure) -> str:
    """Return what a figure was made of: the two numbers of a share, how many rows a mean is of."""
    if figure.denominator is None or figure.is_of_time:
        return ""
    if figure.unit is Unit.PERCENT:
        return " / ".join(
            number_words(Unit.NUMBER, number) for number in (figure.numerator, figure.denominator)
        )
    return f"n = {number_words(Unit.NUMBER, figure.denominator)}"


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

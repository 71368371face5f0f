"""How a figure changed, whether that is better, if it is on target; the marks of an axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from reports.kpis.figure import Figure, Unit
from reports.targets import Aim
from reports.wording import MINUS, number_words, unit_words

# Differences smaller than what is shown are none: points of per cent, seconds, points, hours, things.
SAME_WITHIN = {Unit.PERCENT: 0.05, Unit.SECONDS: 1, Unit.POINTS: 0.05, Unit.HOURS: 0.05, Unit.NUMBER: 0.05}
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
STEPS = {MINUTE: 2 * HOUR, HOUR: 3 * DAY}  # steps of an axis, and up to which value
FEW = 10  # below so many rows a week's change is shown by its direction alone


class Light(StrEnum):
    """How a value stands to its target."""

    REACHED = "reached"
    MISSED = "missed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """From one period to the next: `sign` says which way, `text` how far.

    `kind` is better, worse or same; of a volume, which is neither, more or less.
    """

    kind: str
    sign: str
    text: str


def light_of(aim: Aim, figure: Figure) -> Light:
    """Say whether a value reaches what is aimed at; NONE where one of them is missing."""
    reached = aim.is_reached(figure)
    return Light.NONE if reached is None else Light.REACHED if reached else Light.MISSED


def change_of(
    figure: Figure, before: Figure, *, higher_is_better: bool | None, only_which_way: bool = False
) -> Change | None:
    """Compare two values; None where one of them is missing. `only_which_way` keeps the number back.

    Where neither is better (`higher_is_better` None) it is said which way it went, not whether that is good.
    """
    if figure.value is None or before.value is None:
        return None
    difference = figure.value - before.value
    if abs(difference) < SAME_WITHIN[figure.unit]:
        return Change("same", "", "")
    if higher_is_better is None:
        kind = "more" if difference > 0 else "less"
    else:
        kind = "better" if (difference > 0) == higher_is_better else "worse"
    sign = "+" if difference > 0 else MINUS
    if only_which_way:
        return Change(kind, sign, "")
    size = number_words(figure.unit, abs(difference))
    if figure.unit is Unit.PERCENT:
        return Change(kind, sign, _("%(n)s points") % {"n": f"{sign}{size}"})
    return Change(kind, sign, f"{sign}{size}")


def is_week_of_few(unit: str, *figures: Figure) -> bool:
    """Say whether a week's figures stand on too few rows for the size of a change to mean anything."""
    counts = (figure.denominator for figure in figures)
    return unit == "week" and any(count is not None and count < FEW for count in counts)


def round_unit(unit: Unit, highest: float) -> float:
    """Return in what the steps of an axis up to a value are round: for seconds minutes, hours or days."""
    if unit is not Unit.SECONDS:
        return 1
    return next((size for size, until in STEPS.items() if highest <= until), DAY)


def axis_words(unit: Unit, step: float) -> Callable[[float], str]:
    """Return how a mark on an axis is said whose steps are round in `step`."""
    if unit is Unit.SECONDS:
        words = {MINUTE: _("%(n)s min"), HOUR: _("%(n)s h"), DAY: _("%(n)s d")}[step]
        return lambda value: words % {"n": f"{value / step:g}"}
    return lambda value: f"{value:g} {unit_words(unit)}".rstrip()

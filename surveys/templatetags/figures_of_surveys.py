"""How a figure is written: never without how many stand behind it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from surveys.figuretables import Line
from surveys.statistics import Interval, Mean

register = template.Library()


@register.filter
def concat(before: str, after: object) -> str:
    """One text after the other."""
    return f"{before}{after}"


@register.simple_tag
def interval(of: Interval | None) -> str:
    """Both bounds with one place; nothing to say where there is none."""
    return f"[{of.low:.1f}; {of.high:.1f}]".replace("-", "−") if of else "–"


@register.simple_tag
def mean_percent(mean: Mean) -> str:
    return "—" if mean.value is None else f"{mean.value:.1f} % (n = {mean.n})"


@register.simple_tag
def figure_value(line: Line) -> SafeString | str:
    """The value of a tile, its unit small beside it."""
    if line.value is None:
        return "—"
    return format_html(
        '{}<span class="tile-unit">{}</span>', f"{line.value:.1f}".replace("-", "−"), line.unit
    )


@register.simple_tag
def figure_note(line: Line) -> str:
    """How many, and between which bounds."""
    said = f"n = {line.n}"
    if line.low is not None and line.high is not None:
        bounds = f"[{line.low:.1f}; {line.high:.1f}]".replace("-", "−")
        said += " · " + _("95 %% interval %(bounds)s") % {"bounds": bounds}
    return said

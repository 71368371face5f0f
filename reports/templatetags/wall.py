"""Small parts of the wall-board: a grade, a time, a rate."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reports.kpis.figure import NOTHING, Figure
from reports.targets import Aim
from reports.wording import value_words
from staff.templatetags.look import GRADES

register = template.Library()


@register.simple_tag
def wall_grade(grade: int | None) -> SafeString:
    """Draw a grade so that it is told by its digit from afar, not by its colour alone."""
    return format_html('<span class="ops-grade" data-grade="{}" aria-hidden="true">{}</span>', *_of(grade))


@register.simple_tag
def wall_grade_name(grade: int | None) -> str:
    return str(GRADES[grade])


@register.simple_tag
def wall_time(instant: datetime, today: date) -> str:
    """Return the time of an instant, with its day where that is not today."""
    local = timezone.localtime(instant)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


@register.simple_tag
def wall_ms(instant: datetime) -> str:
    """Return an instant as the scripts of a board count it: in milliseconds since 1970."""
    return str(round(instant.timestamp() * 1000))


@register.simple_tag
def wall_rate(figure: Figure, aim: Aim) -> SafeString:
    """Write a share of hundred with one digit behind the point; a dash where nothing fell due."""
    if figure.value is None:
        return format_html("{}", NOTHING)
    return format_html('{}<span class="ops-unit">%</span>', value_words(figure, aim))


def _of(grade: int | None) -> tuple[str, str]:
    return ("none", "–") if grade is None else (str(grade), str(grade))

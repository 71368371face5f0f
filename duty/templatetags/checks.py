"""What an item of an inspection sheet says of its values, for pages and for static/js/inspection.js."""

from __future__ import annotations

import json

from django import template
from django.utils.translation import gettext_lazy as _

from duty.models import SheetItem
from duty.readings import Level
from duty.trendline import plain

register = template.Library()

LIMITS = {
    "critical_low": _("critical low"),
    "warn_low": _("warning low"),
    "warn_high": _("warning high"),
    "critical_high": _("critical high"),
}


@register.filter
def limit_name(name: str) -> str:
    """A limit in the reader's language."""
    return str(LIMITS[name])


@register.filter
def limits_json(item: SheetItem) -> str:
    """The limits of a number that are set, by name."""
    return json.dumps({name: plain(number) for name in LIMITS if (number := getattr(item, name)) is not None})


@register.filter
def levels_json(item: SheetItem) -> str:
    """How grave each value of a choice is."""
    return json.dumps({one["text"]: one["level"] for one in item.options}, ensure_ascii=False)


@register.filter
def limit_words(item: SheetItem) -> list[tuple[str, str, str]]:
    """Each limit that is set: its level, on which side of it that is, and the number."""
    return [
        (
            Level.CRITICAL if name.startswith("critical") else Level.WARN,
            "≤" if name.endswith("low") else "≥",
            plain(number),
        )
        for name in LIMITS
        if (number := getattr(item, name)) is not None
    ]


@register.filter
def option_words(item: SheetItem) -> list[tuple[str, str]]:
    """Each value of a choice in the reader's language, with its level."""
    return [(item.option_label(one["text"]), one["level"]) for one in item.options]

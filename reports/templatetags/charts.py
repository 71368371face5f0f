"""The many small parts of a chart, written in one go."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from reports.charts import Bar

register = template.Library()
BAR = '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"><title>{} · {}: {}</title></rect>'


@register.simple_tag
def bars_drawn(bars: Iterable[tuple[Bar, str, str]]) -> SafeString:
    """Draw bars, each with its class and the name of its series. Numbers stand as SVG wants them."""
    parts = (
        (css, bar.x, bar.y, bar.width, bar.height, bar.label, name, bar.value) for bar, css, name in bars
    )
    return format_html_join("", BAR, parts)

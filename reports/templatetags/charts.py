"""The many small parts of a chart and of its table, written in one go."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from reports.ageing import Row as AgeRow
from staff.charts import Bar
from staff.models import Group

if TYPE_CHECKING:
    from reports.views import MonthRow

register = template.Library()
BAR = '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"><title>{} · {}: {}</title></rect>'


@register.simple_tag
def bars_drawn(bars: Iterable[tuple[Bar, str, str]]) -> SafeString:
    """Draw bars, each with its class and the name of its series. Numbers stand as SVG wants them."""
    parts = (
        (css, bar.x, bar.y, bar.width, bar.height, bar.label, name, bar.value) for bar, css, name in bars
    )
    return format_html_join("", BAR, parts)


@register.simple_tag
def month_rows(months: Iterable[MonthRow]) -> SafeString:
    """Write the chart as the rows of a table, each figure a link to its rows."""
    page, written = reverse("reports:reported"), []
    for row in months:
        cells = "".join(_cell(page, address, count) for _grade, count, address in row.counts)
        total = _cell(page, row.address, row.total, shape="<b>{}</b>")
        written.append(f'<tr><th scope="row" class="tnum">{row.month}</th>{cells}{total}</tr>\n')
    return SafeString("".join(written))


@register.simple_tag
def age_cells(row: AgeRow, group: Group | None) -> SafeString:
    """Write the figures of one grade by age, each a link to its records."""
    page, own = reverse("tickets:list"), {"group": group.code} if group else {}
    asked = {"grade": row.grade or "none"}
    cells = [_cell(page, urlencode(asked | {"age": age} | own), count) for age, count in row.counts]
    return SafeString("".join([*cells, _cell(page, urlencode(asked | own), row.total, shape="<b>{}</b>")]))


def _cell(page: str, address: str, count: int, shape: str = "{}") -> str:
    """A figure that leads to its rows; nothing leads nowhere."""
    if not count:
        return '<td class="num"><span class="muted">0</span></td>'
    return f'<td class="num"><a href="{page}?{escape(address)}">{shape.format(count)}</a></td>'

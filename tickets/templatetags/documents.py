"""What the page of a document draws."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from tickets.documents.drawing import drawn
from tickets.documents.structure import Chart

register = template.Library()


@register.simple_tag
def chart_drawn(chart: Chart) -> SafeString:
    """Draw a chart in the colour of the text around it; the drawing has escaped what people named."""
    shape = {"is_lying": chart.is_lying, "is_map": chart.is_map}
    return SafeString(drawn(chart.title, chart.labels, chart.series, **shape, ink="currentColor"))

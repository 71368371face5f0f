"""Weekly reports on their pages: how one stands, in an icon and a word; minutes as hours."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from meetings.reportforms import ReportForm
from meetings.reporting import WORDS, ReportEventKind, Standing
from staff.templatetags.look import icon

register = template.Library()

ICONS = {
    Standing.SUBMITTED: ("circle-check", "tag-success"),
    Standing.LATE: ("clock", "tag-warning"),
    Standing.DRAFT: ("circle-dashed", ""),
    Standing.MISSING: ("alert", "tag-danger"),
}
EVENT_ICONS = {
    ReportEventKind.DRAFTED: "edit",
    ReportEventKind.SUBMITTED: "check",
    ReportEventKind.REOPENED: "undo",
    ReportEventKind.READ: "checks",
    ReportEventKind.COMMENTED: "chat",
    ReportEventKind.OVERDUE: "alert",
    ReportEventKind.MOVED: "calendar",
}


@register.simple_tag
def report_standing(standing: str) -> SafeString:
    """How a report stands, as a tag."""
    name, css = ICONS[Standing(standing)]
    return format_html('<span class="tag {}">{}{}</span>', css, icon(name), Standing(standing).label)


@register.simple_tag
def report_event_icon(kind: str) -> SafeString:
    return icon(EVENT_ICONS[ReportEventKind(kind)])


@register.filter
def as_hours(minutes: int) -> str:
    """Minutes as hours and minutes: 7:05 h."""
    sign, minutes = ("-", -minutes) if minutes < 0 else ("", minutes)
    return _("%(time)s h") % {"time": f"{sign}{minutes // 60}:{minutes % 60:02d}"}


@register.filter
def report_words(changes: Mapping[str, str]) -> list[tuple[str, str]]:
    """The words of an earlier edition, each under its heading."""
    fields = ReportForm.base_fields
    return [(str(fields[name].label), changes[name]) for name in WORDS if changes.get(name)]

"""Assessments on their pages: icons and words of the history, headings that sort."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.assessment.kinds import EventKind
from reports.assessment.showing import name_of
from reports.models import AssessmentEvent
from staff.templatetags.look import icon

register = template.Library()
ICONS = {
    EventKind.DRAFTED: "note",
    EventKind.RECOUNTED: "refresh",
    EventKind.ADDED: "plus",
    EventKind.TAKEN_OUT: "undo",
    EventKind.EXCUSED: "undo",
    EventKind.SHOWN: "check",
    EventKind.APPEALED: "chat",
    EventKind.RULED: "flag",
    EventKind.FINAL: "checks",
    EventKind.REPORTED_UP: "alert",
    EventKind.SCHEME_BEGUN: "note",
    EventKind.SCHEME_SAVED: "edit",
    EventKind.SCHEME_DROPPED: "undo",
    EventKind.SCHEME_ADOPTED: "check",
}


@register.simple_tag
def assessment_icon(kind: str) -> str:
    """The icon of an entry of the history."""
    return icon(ICONS[EventKind(kind)])


@register.simple_tag
def assessment_changes(event: AssessmentEvent) -> SafeString:
    """What an entry says besides its text."""
    said = [line for name, value in event.changes.items() if (line := _said(name, value, event))]
    return format_html_join("", '<p class="muted small">{}: {}</p>', said)


@register.simple_tag(takes_context=True)
def sorted_head(context: Context, name: str, label: str) -> SafeString:
    """A column's head that sorts by it; a second time the other way round, where there is one."""
    here, other = context["sort"], f"-{name}"
    turned = other if here == name and name == "score" else name
    query = context["query"]
    sign = {name: "descending" if name == "score" else "ascending", other: "ascending"}.get(here, "")
    mark = format_html(' aria-sort="{}"', sign) if sign else ""
    arrow = icon("arrow-down" if sign == "descending" else "arrow-up") if sign else ""
    return format_html(
        '<th scope="col"{}><a href="?{}&amp;sort={}">{} {}</a></th>', mark, query, turned, label, arrow
    )


def _said(name: str, value: list[Any], event: AssessmentEvent) -> tuple[str, str] | None:
    old, new = value
    match name:
        case "result":
            return _("Score"), f"{' '.join(old)} → {' '.join(new)}"
        case "item":
            return _("Bonus or penalty"), _item(new or old, event)
        case "told":
            return _("Told"), ", ".join(new)
        case "scheme":
            return _("Scheme"), f"v{new}"
        case "parts":
            words = {"lines": _("Lines"), "items": _("Bonus, penalty, veto"), "grades": _("Grades")}
            return _("Changed"), ", ".join(dict.fromkeys(words.get(part, _("Rules")) for part in new))
    return None


def _item(code: str, event: AssessmentEvent) -> str:
    """The name of an item in the reader's language."""
    if event.assessment is None:
        return code
    items = event.assessment.scheme.content["items"]
    return next((name_of(item) for item in items if item["code"] == code), code)

"""How meetings and their agendas are put into words on pages."""

from __future__ import annotations

from datetime import date

from django import template
from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from meetings import words
from meetings.agenda import Line, Mark
from meetings.kinds import EventKind, Presence
from meetings.models import Meeting, MeetingEvent, Weekday
from staff.templatetags.look import icon
from tickets.names import is_english

register = template.Library()
ICONS = {
    EventKind.MOVED: "calendar",
    EventKind.PLACED_ANEW: "calendar",
    EventKind.SCHEDULED: "calendar",
    EventKind.PLAN_MADE: "calendar",
    EventKind.PLAN_CHANGED: "edit",
    EventKind.CANCELLED: "close",
    EventKind.ITEM_ADDED: "plus",
    EventKind.ITEM_REMOVED: "minus",
    EventKind.ANNOUNCED: "bell",
    EventKind.FROZEN: "lock",
    EventKind.STARTED: "play",
    EventKind.NOTED: "note",
    EventKind.ATTENDED: "users",
    EventKind.DECIDED: "check",
    EventKind.ENDED: "check",
    EventKind.PUBLISHED: "checks",
    EventKind.ADDED_TO: "plus",
    EventKind.REPORTED: "alert",
    EventKind.DECISION_CHANGED: "edit",
    EventKind.DECISION_DONE: "circle-check",
    EventKind.DECISION_DROPPED: "circle-x",
}
FIELDS = {
    "weekday": _("weekday"),
    "at": _("time"),
    "minutes": _("planned length, minutes"),
    "place": _("place"),
    "link": _("link of the video meeting"),
    "chair": _("chair"),
    "starts_at": _("starts"),
    "owner": _("owner"),
    "due_on": _("due on"),
    "decision": _("decision"),
    "record": _("record"),
    "person": _("person"),
    "deputy": _("deputy"),
    "presence": _("presence"),
}
MARKS = {
    Mark.NEW: _("new since the freeze"),
    Mark.CHANGED: _("changed since the freeze"),
    Mark.GONE: _("settled since the freeze"),
}


@register.filter
def line_title(line: Line) -> str:
    return words.title_of(line)


@register.filter
def line_words(line: Line) -> str:
    return words.told(line)


@register.filter
def mark_label(mark: Mark) -> str:
    return str(MARKS[mark])


@register.filter
def reason_of(meeting: Meeting) -> str:
    """Why the meeting is not on its day, by name."""
    return meeting.reason_en if meeting.reason_en and is_english() else meeting.reason


@register.filter
def label_of(labels: dict[str, object], source: str) -> object:
    return labels[source]


@register.filter
def week_label(monday: date) -> str:
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02d}"


@register.simple_tag
def meeting_icon(kind: str) -> str:
    return icon(ICONS[EventKind(kind)])


@register.simple_tag(takes_context=True)
def meeting_changes(context: Context, event: MeetingEvent) -> SafeString:
    """What an entry of the history says besides its text: each field that people know, old and new."""
    said = []
    for name, (old, new) in event.changes.items():
        if name in FIELDS and new not in (None, ""):
            shown = [_value(name, value) for value in (old, new) if value not in (None, "")]
            said.append((FIELDS[name], " → ".join(shown)))
    return format_html_join("", '<p class="muted small">{}: {}</p>', said)


def _value(name: str, value: str) -> str:
    if name == "presence":
        return str(Presence(value).label)
    if name == "weekday":
        return str(Weekday(int(value)).label)
    return words.moment(value.replace(" ", "T")) if name == "starts_at" else value

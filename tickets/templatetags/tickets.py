"""How records and their history are put into words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from tickets.grams import split
from tickets.models import Cause, ClockKind, Entry, EntryKind, Grade, Kind, PauseReason, Target, Ticket

register = template.Library()

VERBS = {
    "acknowledge": _("Take it"),
    "grade": _("Grade the fault"),
    "assign": _("Hand over"),
    "diagnose": _("Confirm the diagnosis"),
    "note": _("Add a note"),
    "pause": _("Let it wait"),
    "resume": _("Go on"),
    "resolve": _("Solved"),
    "confirm": _("The client is satisfied"),
    "reopen": _("Not solved: reopen"),
}
ICONS = {
    EntryKind.LOGGED: "phone",
    EntryKind.GRADED: "flag",
    EntryKind.ASSIGNED: "user",
    EntryKind.ACKNOWLEDGED: "check",
    EntryKind.DIAGNOSED: "search",
    EntryKind.NOTE: "note",
    EntryKind.PAUSED: "pause",
    EntryKind.RESUMED: "play",
    EntryKind.RESOLVED: "checks",
    EntryKind.CONFIRMED: "circle-check",
    EntryKind.REOPENED: "undo",
    EntryKind.NEAR: "clock",
    EntryKind.BREACHED: "alert",
    EntryKind.REPORTED_UP: "bell",
}


@register.simple_tag(takes_context=True)
def marked(context: template.Context, text: str) -> SafeString:
    """The text with the words that the page's search looked for in <mark>."""
    parts = split(text, context.get("words") or ())
    if len(parts) == 1 and not parts[0][1]:
        return conditional_escape(text)
    marks = ((format_html("<mark>{}</mark>", part) if hit else part,) for part, hit in parts)
    return format_html_join("", "{}", marks)


@register.simple_tag(takes_context=True)
def excerpt_of(context: template.Context, ticket: Ticket) -> SafeString | str:
    """Where else a record has the words that the page's search looked for; fifty a page, so no template."""
    if (excerpt := context.get("excerpts", {}).get(ticket.pk)) is None:
        return ""
    line = '<div class="excerpt"><span class="excerpt-place">{}</span> {}</div>'
    return format_html(line, excerpt.place, marked(context, excerpt.text))


@register.simple_tag
def verb_label(verb: str) -> str:
    """What the button of a verb says."""
    return str(VERBS[verb])


@register.simple_tag
def entry_icon(kind: str) -> str:
    """The icon of a kind of entry."""
    return ICONS[EntryKind(kind)]


@register.simple_tag
def kind_icon(kind: str) -> str:
    """The icon of what is no fault and has no grade."""
    return "chat" if kind == Kind.COMPLAINT else "note"


@register.simple_tag
def entry_words(entry: Entry) -> str:
    """The entry's changes as one sentence in the reader's language."""
    changes = entry.changes
    if entry.kind in (EntryKind.NEAR, EntryKind.BREACHED, EntryKind.REPORTED_UP):
        return _clock_words(entry)
    words = [_changed(name, *change) for name, change in changes.items() if isinstance(change, list)]
    return " · ".join(words)


@register.simple_tag
def clock_name(kind: str) -> str:
    """The clock's name in the reader's language."""
    return str(ClockKind(kind).label)


@register.simple_tag
def bilingual(name: str, name_en: str) -> str:
    """Of two names the one in the reader's language."""
    return name_en if name_en and (get_language() or "").startswith("en") else name


@register.simple_tag
def now_exact(instant: datetime) -> str:
    """An instant in local time, to the minute."""
    return f"{timezone.localtime(instant):%m-%d %H:%M}"


@register.filter
def whole_hours(span: timedelta) -> str:
    """A span of working time in hours: a day of it is not 24 hours long, so days would mislead."""
    return gettext("%(hours)s h") % {"hours": f"{span.total_seconds() / 3600:g}"}


def _clock_words(entry: Entry) -> str:
    facts = entry.changes
    due_at = parse_datetime(facts["due_at"]) if facts.get("due_at") else None
    words = [str(ClockKind(facts["clock"]).label)]
    if due_at is not None:
        words.append(gettext("due %(when)s") % {"when": now_exact(due_at)})
    if entry.kind == EntryKind.REPORTED_UP:
        target = facts["reached"]
        name = Target(target).label if target in Target.values else gettext("administrators")
        told = ", ".join(facts.get("told", [])) or gettext("nobody found")
        words.append(f"{name}: {told}")
        if facts["reached"] != facts["target"]:
            words.append(
                gettext("nobody was found at “%(target)s”") % {"target": Target(facts["target"]).label}
            )
    if facts.get("late"):
        words.append(gettext("late"))
    return " · ".join(words)


LABELS = {
    "grade": lambda value: Grade(value).label,
    "cause": lambda value: Cause(value).label,
    "reason": lambda value: PauseReason(value).label,
    "confirmed_channel": lambda value: Channel(value).label,
    "until": lambda value: now_exact(parse_datetime(value)),
}
FIELDS = {
    "grade": _("Grade"),
    "cause": _("Cause"),
    "reason": _("Reason"),
    "confirmed_channel": _("Confirmed how"),
    "confirmed_by": _("Confirmed by"),
    "until": _("Look again at"),
    "owner": _("Owner"),
    "group": _("Group"),
}


def _changed(name: str, old: object, new: object) -> str:
    label = LABELS.get(name, str)
    shown = [str(label(value)) for value in (old, new) if value is not None]
    return f"{FIELDS.get(name, name)}: {' → '.join(shown)}"

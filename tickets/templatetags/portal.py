"""How a record is put into words for its client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import forms, template
from django.template.context import Context
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clients.models import Channel
from staff.templatetags.look import when
from tickets.models import ClockKind, Entry, EntryKind, Ticket
from tickets.plain import Promise, State

register = template.Library()

ICONS = {
    State.RECEIVED: "inbox",
    State.WORKING: "half",
    State.TEAM: "users",
    State.ENGINEER: "pin",
    State.ASKED: "question",
    State.PARTS: "box",
    State.THIRD_PARTY: "users",
    State.WINDOW: "calendar",
    State.SOLVED: "question",
    State.CLOSED: "circle-check",
    State.MERGED: "copy",
}
# What he or we said to each other; the texts of other entries are the house's own.
SAID = frozenset(
    {
        EntryKind.RESOLVED,
        EntryKind.CONFIRMED,
        EntryKind.REOPENED,
        EntryKind.REVOKED,
        EntryKind.NOTE,
        EntryKind.ATTACHED,
        EntryKind.MESSAGE,
        EntryKind.MAIL,
        EntryKind.REPLY,
    }
)
GRADES = {
    1: gettext_lazy("Very serious: the system is down, or work is impossible."),
    2: gettext_lazy("Serious: it can be used, but badly or not reliably."),
    3: gettext_lazy("Limited: a part does not work, everything else goes on."),
    None: gettext_lazy("Not decided yet."),
}
TO_COME = {
    ClockKind.RESPONSE: gettext_lazy("Somebody answers you by {when}."),
    ClockKind.DIAGNOSIS: gettext_lazy("We know the cause by {when}."),
    ClockKind.ARRIVAL: gettext_lazy("An engineer is with you by {when}."),
    ClockKind.RESOLUTION: gettext_lazy("It is solved by {when}."),
    ClockKind.NEXT_STEP: gettext_lazy("We look at it again by {when}."),
}
KEPT = {
    ClockKind.RESPONSE: gettext_lazy("Somebody answered you: {when}."),
    ClockKind.DIAGNOSIS: gettext_lazy("We found the cause: {when}."),
    ClockKind.ARRIVAL: gettext_lazy("An engineer came to you: {when}."),
    ClockKind.RESOLUTION: gettext_lazy("We solved it: {when}."),
}
LATE = {
    ClockKind.RESPONSE: gettext_lazy(
        "Somebody should have answered you by {when}. We are late; we are sorry."
    ),
    ClockKind.DIAGNOSIS: gettext_lazy("We should have known the cause by {when}. We are late; we are sorry."),
    ClockKind.ARRIVAL: gettext_lazy(
        "An engineer should have been with you by {when}. We are late; we are sorry."
    ),
    ClockKind.RESOLUTION: gettext_lazy("It should have been solved by {when}. We are late; we are sorry."),
    ClockKind.NEXT_STEP: gettext_lazy(
        "We should have looked at it again by {when}. We are late; we are sorry."
    ),
}
KEPT_LATE = gettext_lazy("{said} That was later than we had promised.")


@register.filter
def state_icon(state: State) -> str:
    """The icon of a state."""
    return ICONS[state]


@register.filter
def form_of(found: Mapping[str, forms.Form], saying: str) -> forms.Form:
    """The form of a saying whose name is no identifier."""
    return found[saying]


@register.simple_tag
def plain_grade(grade: int | None) -> str:
    """How serious a fault is, in a sentence."""
    return str(GRADES[grade])


@register.simple_tag(takes_context=True)
def plain_when(context: Context, at: datetime) -> SafeString:
    """An instant as one says it: today 14:35, tomorrow 09:00, else with its day."""
    local, today = timezone.localtime(at), timezone.localdate(context.get("now"))
    days = (local.date() - today) // timedelta(days=1)
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    day = near[days] if days in near else _day(local, today.year)
    return format_html("{} {}", day, when(context, at, "time"))


@register.simple_tag(takes_context=True)
def promised(context: Context, promise: Promise) -> SafeString:
    """What is promised by when, kept, or late."""
    kind = ClockKind(promise.kind)
    if promise.kept_at is None:
        words = LATE[kind] if promise.is_late else TO_COME[kind]
        return format_html(words, when=plain_when(context, promise.due_at))
    said = format_html(KEPT[kind], when=plain_when(context, promise.kept_at))
    return format_html(KEPT_LATE, said=said) if promise.is_late else said


@register.simple_tag(takes_context=True)
def told(context: Context, entry: Entry, ticket: Ticket) -> str:
    """What an entry says, as one sentence to the client."""
    is_his = entry.by_id == context["user"].pk
    who = {"name": entry.by.label if entry.by else "OpsDesk"}
    match entry.kind:
        case EntryKind.LOGGED if is_his:
            return _("You reported it.")
        case EntryKind.LOGGED:
            return _("You reported it (%(channel)s); %(name)s wrote it down.") % {
                **who,
                "channel": ticket.get_channel_display(),
            }
        case EntryKind.GRADED:
            _old, new = entry.changes.get("grade") or [None, None]
            return _("We decided how serious it is. %(grade)s") % {"grade": GRADES.get(new, GRADES[None])}
        case EntryKind.ACKNOWLEDGED:
            return _("%(name)s has started to work on it.") % who
        case EntryKind.RESOLVED:
            return _("%(name)s says that it is solved:") % who
        case EntryKind.CONFIRMED if is_his:
            return _("You said that it is solved.")
        case EntryKind.CONFIRMED:
            return _("%(name)s told us that it is solved.") % {"name": ticket.confirmed_by or _("Somebody")}
        case EntryKind.REOPENED if is_his:
            return _("You said that it is not solved:")
        case EntryKind.REOPENED:
            return _("We took it up again:")
        case EntryKind.RESUMED:
            return _("With your answer we go on.")
        case EntryKind.MESSAGE if "told" in entry.changes:
            how = Channel(entry.changes["how"][1]).label
            return _("%(name)s told %(told)s (%(how)s):") % {
                **who,
                "told": entry.changes["told"][1],
                "how": how,
            }
        case EntryKind.MESSAGE:
            return _("%(name)s wrote to you:") % who
        case EntryKind.MAIL | EntryKind.REPLY:
            return _("An e-mail came from %(name)s:") % {"name": entry.changes.get("sender", [None, ""])[1]}
        case EntryKind.REVOKED:
            return _("You withdrew your authorisation for remote access:")
        case EntryKind.ATTACHED:
            return _("You sent files: %(names)s") % {"names": entry.changes.get("files", [None, ""])[1]}
        case _:
            return _("You wrote:")


@register.filter
def his_to_read(entry: Entry) -> bool:
    """Whether an entry's text is shown: what he or we said to each other, not what we noted for ourselves."""
    return bool(entry.text) and entry.kind in SAID


def _day(local: datetime, this_year: int) -> str:
    if local.year == this_year:
        # Translators: a day in words, in the letters of Django's date filter
        return dateformat.format(local, pgettext("day in words", "l, j F"))
    # Translators: a day of another year in words, in the letters of Django's date filter
    return dateformat.format(local, pgettext("day in words", "j F Y"))

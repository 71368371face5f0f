"""How records and their history are put into words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from duty.hours import Span
from staff.bilingual import as_read
from staff.models import User
from staff.templatetags.look import shortcut
from tickets import changewords, remotewords
from tickets.actions import attaching
from tickets.documents.kinds import Edition
from tickets.grams import split
from tickets.models import (
    Attachment,
    Cause,
    ClockKind,
    Entry,
    EntryKind,
    FollowUpKind,
    FollowUpState,
    Grade,
    Joined,
    Kind,
    OnSiteOutcome,
    Outcome,
    OverrunCause,
    PauseReason,
    Status,
    Target,
    Ticket,
    Way,
)
from tickets.related import NAMES
from tickets.verbs import LETTERS

register = template.Library()

VERBS = {
    "acknowledge": _("Take it"),
    "grade": _("Grade the fault"),
    "assign": _("Hand over"),
    "diagnose": _("Confirm the diagnosis"),
    "note": _("Add a note"),
    "message": _("Write to the client"),
    "tell_client": _("Tell the client by phone"),
    "step_up": _("Next step of service"),
    "convene": _("The group cannot solve it"),
    "decide": _("Verdict of the meeting"),
    "join_meeting": _("Joined the meeting"),
    "call_in": _("Call somebody to the meeting"),
    "follow_up": _("Measure or follow-up"),
    "repeat_contact": _("The client called again"),
    "pause": _("Let it wait"),
    "resume": _("Go on"),
    "resolve": _("Solved"),
    "confirm": _("The client is satisfied"),
    "reopen": _("Not solved: reopen"),
    "link": _("Link with another record"),
    "merge": _("It is a duplicate: merge"),
    "split": _("Split off a second matter"),
    "adopt": _("Put a record under this one"),
    "unmerge": _("Undo the merge"),
    "file_written_report": _("File the written report"),
    "dispatch": _("Send an engineer"),
    "phoned_in": _("The engineer phones in"),
    "call_off": _("Call the engineer off"),
}
ICONS = {
    EntryKind.LOGGED: "phone",
    EntryKind.GRADED: "flag",
    EntryKind.ASSIGNED: "user",
    EntryKind.ACKNOWLEDGED: "check",
    EntryKind.DIAGNOSED: "search",
    EntryKind.NOTE: "note",
    EntryKind.MESSAGE: "send",
    EntryKind.MAIL: "mail",
    EntryKind.REPLY: "mail",
    EntryKind.REPEAT_CONTACT: "phone",
    EntryKind.PAUSED: "pause",
    EntryKind.RESUMED: "play",
    EntryKind.RESOLVED: "checks",
    EntryKind.CONFIRMED: "circle-check",
    EntryKind.REOPENED: "undo",
    EntryKind.ATTACHED: "attach",
    EntryKind.WITHDRAWN: "trash",
    EntryKind.NEAR: "clock",
    EntryKind.BREACHED: "alert",
    EntryKind.REPORTED_UP: "bell",
    EntryKind.ACKED: "check",
    EntryKind.LINKED: "link",
    EntryKind.UNLINKED: "link",
    EntryKind.MERGED: "copy",
    EntryKind.ABSORBED: "copy",
    EntryKind.UNMERGED: "undo",
    EntryKind.SPLIT: "copy",
    EntryKind.CHECKLIST: "list",
    EntryKind.TICKED: "circle-check",
    EntryKind.UNTICKED: "circle",
    EntryKind.TIME_CORRECTED: "clock",
    EntryKind.STEPPED: "arrow-up",
    EntryKind.CONVENED: "meetings",
    EntryKind.DECIDED: "flag",
    EntryKind.CALLED_IN: "phone",
    EntryKind.JOINED: "users",
    EntryKind.FOLLOW_UP: "list",
    EntryKind.FOLLOWED_UP: "check",
    EntryKind.WRITTEN_REPORT: "letter",
    EntryKind.DISPATCHED: "user",
    EntryKind.DEPARTED: "arrow-right",
    EntryKind.ARRIVED: "pin",
    EntryKind.LEFT: "home",
    EntryKind.CALLED_OFF: "undo",
    **remotewords.ICONS,
    EntryKind.RULED: "flag",
    EntryKind.ISSUED: "letter",
    EntryKind.CHANGE: "list",
}

PROMISES = {
    ClockKind.RESPONSE: _("Somebody answers by {when}."),
    ClockKind.DIAGNOSIS: _("The cause is found by {when}."),
    ClockKind.RESOLUTION: _("It is solved by {when}."),
    ClockKind.GRADING: _("How grave it is, is decided by {when}."),
    ClockKind.CONFIRMATION: _("We ask by {when} whether all is well."),
    ClockKind.NEXT_STEP: _("Somebody looks at it again by {when}."),
    ClockKind.VERDICT: _("The technical team decides by {when} how it goes on."),
    ClockKind.ARRIVAL: _("An engineer is there by {when}."),
    ClockKind.PROGRESS: _("You hear from us by {when}."),
}


PROBLEMS = {
    "no_running_clock": _("It is open and no clock with a deadline runs on it."),
    "next_due_is_not_the_clock": _("Its next due time is not the deadline of its clocks."),
    "waits_without_a_next_step": _("It waits, and no dated next step brings it back."),
    "waits_without_a_pause": _("It counts as waiting, and nothing says what for."),
    "pause_without_an_end": _("Its pause was never ended though it does not wait any more."),
    "merged_into_nothing": _("It counts as merged, and no record answers for it."),
    "merged_but_not_so": _("Another record answers for it, and it does not count as merged."),
    "deadline_not_enforced": _("A deadline has passed for a minute and was not enforced."),
    "deadline_keeps_failing": _("Its deadlines cannot be enforced; every attempt has failed."),
    "clock_without_next_instant": _("A clock runs on it that will never ring."),
    "instant_passed_over": _("Something fell due on it that was passed over."),
    "clock_rings_too_late": _("A clock runs on it that will ring later than something falls due."),
    "clock_stands_still": _("A clock stands still on it though it does not wait."),
    "clock_of_a_closed_record": _("It is closed or merged and a clock still runs on it."),
    "overrun_without_a_case": _("A limit was exceeded on it and no case was opened."),
    "window_end_not_marked": _("A remote session outlasts its window, and nobody was told."),
    "password_not_destroyed": _("A password is in custody though its window is over."),
    "meeting_not_convened": _("A report-up has asked for a coordination meeting, and none was convened."),
    "overrun_not_told": _("Nobody was told of an overrun on it."),
    "ruling_not_settled": _("A ruling that nobody appealed against in time was not settled."),
    "what_if_stands_still": _("A what-if run waits, and nobody carries it on."),
    "copy_not_sent": _("A notice should have left the house, and nobody has tried to send it."),
    "copy_given_back_by_nobody": _("A notice was taken to be sent by one who is gone, and nobody goes on."),
    "mail_not_sent": _("An e-mail to the client should have left, and nobody has tried to send it."),
    "mail_given_back_by_nobody": _(
        "An e-mail to the client was taken to be sent by one who is gone, and nobody goes on."
    ),
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
def verb_letter(verb: str) -> str:
    """The single key that presses the button of a verb; nothing where it has none."""
    return LETTERS.get(verb, "")


@register.simple_tag(takes_context=True)
def verb_summary(context: template.Context, verb: str) -> SafeString:
    """The button that opens a verb, with its key; a record's page has a dozen, so no template."""
    label, key = str(VERBS[verb]), LETTERS.get(verb, "")
    has_keys = key and getattr(context.get("user"), "single_keys", False)
    return format_html(
        '<summary data-command="{}" {}>{}{}</summary>',
        verb,
        shortcut(context, key, label),
        label,
        format_html(' <kbd aria-hidden="true">{}</kbd>', key) if has_keys else "",
    )


@register.simple_tag
def entry_icon(kind: str) -> str:
    """The icon of a kind of entry."""
    return ICONS[EntryKind(kind)]


@register.simple_tag
def kind_icon(kind: str) -> str:
    """The icon of what is no fault and has no grade."""
    return {Kind.COMPLAINT: "chat", Kind.CHANGE: "list"}.get(Kind(kind), "note")


@register.simple_tag
def entry_words(entry: Entry) -> str:
    """The entry's changes as one sentence in the reader's language."""
    changes = entry.changes
    if entry.kind in (EntryKind.NEAR, EntryKind.BREACHED, EntryKind.REPORTED_UP, EntryKind.ACKED):
        return _clock_words(entry)
    if entry.kind == EntryKind.ATTACHED and getattr(entry, "files", None):
        return ""  # the files themselves stand below
    hidden = HIDDEN if entry.by else HIDDEN | {"sender"}  # then he stands in the place of who did it
    shown = {name: change for name, change in changes.items() if name not in hidden}
    words = [_changed(name, *change) for name, change in shown.items() if isinstance(change, list)]
    return " · ".join(words)


@register.simple_tag
def may_withdraw(file: Attachment, user: User) -> bool:
    """Whether this person may take the file's content away."""
    return attaching.may_withdraw(file, user)


@register.filter
def extension_of(name: str) -> str:
    """What stands behind the last dot of a file's name."""
    return name.rpartition(".")[2]


@register.simple_tag
def clock_name(kind: str) -> str:
    """The clock's name in the reader's language."""
    return str(ClockKind(kind).label)


@register.simple_tag
def overrun_cause(cause: str) -> str:
    """The cause of an overrun in the reader's language."""
    return str(OverrunCause(cause).label)


@register.simple_tag
def grade_name(grade: int) -> str:
    """The grade's name in the reader's language."""
    return str(Grade(grade).label)


@register.simple_tag
def audit_words(code: str) -> str:
    """What the auditor found, in a sentence."""
    return str(PROBLEMS[code])


@register.simple_tag
def bilingual(name: str, name_en: str) -> str:
    """Of two names the one in the reader's language."""
    return as_read(name, name_en)


@register.simple_tag
def now_exact(instant: datetime) -> str:
    """An instant in local time, to the minute."""
    return f"{timezone.localtime(instant):%m-%d %H:%M}"


@register.simple_tag
def promise_words(kind: str, at: str, day: str = "") -> SafeString:
    """What is done by when, as it is read out to the caller; `at` is a <time> element."""
    return format_html(PROMISES[ClockKind(kind)], when=format_html("{} {}", day, at) if day else at)


@register.simple_tag
def minutes_span(span: Span) -> str:
    """A span of a day in minutes after midnight, on the clock: 08:30–12:00."""
    return f"{span.start // 60:02}:{span.start % 60:02}–{span.end // 60:02}:{span.end % 60:02}"


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
        told = gettext(", ").join(facts.get("told", [])) or gettext("nobody found")
        words.append(_pair(name, told))
        if facts["reached"] != facts["target"]:
            words.append(
                gettext("nobody was found at “%(target)s”") % {"target": Target(facts["target"]).label}
            )
    if dropped := facts.get("repeats_dropped"):
        words.append(
            ngettext("%(n)s repeat is not needed", "%(n)s repeats are not needed", dropped) % {"n": dropped}
        )
    if facts.get("late"):
        words.append(gettext("late"))
    return " · ".join(words)


WHY = {
    "grade_one": _("grade 1 never waits"),
    "client_answered": _("the client has answered"),
    "undone": _("undone"),
    "other_cause": _("the cause is another one"),
    "solved": _("it is solved"),
    "in_time_after_all": _("he was there in time; his report came later"),
    "appeal": _("decided on an appeal"),
    "no_address": _("no e-mail address is known; told by phone or where he signs in"),
    "rung_skipped": _("a rung of the ladder is left out"),
    "report_up_diagnosis": _("the technical lead was told that it is not diagnosed yet"),
    "report_up_resolution": _("the technical lead was told that it is not solved yet"),
}
LABELS = {
    "why": WHY.get,
    "grade": lambda value: Grade(value).label,
    "cause": lambda value: Cause(value).label,
    "clock": lambda value: ClockKind(value).label,
    "overrun_cause": lambda value: OverrunCause(value).label,
    "reason": lambda value: PauseReason(value).label,
    "confirmed_channel": lambda value: Channel(value).label,
    "channel": lambda value: Channel(value).label,
    "status": lambda value: Status(value).label,
    "way": lambda value: Way(value).label,
    "outcome": lambda value: Outcome(value).label,
    "how": lambda value: Channel(value).label,
    "joined_how": lambda value: Joined(value).label,
    "follow_up": lambda value: FollowUpKind(value).label,
    "follow_up_state": lambda value: FollowUpState(value).label,
    "due_at": lambda value: now_exact(parse_datetime(value)),
    "until": lambda value: now_exact(parse_datetime(value)),
    "happened_at": lambda value: now_exact(parse_datetime(value)),
    "also_reported": lambda value: now_exact(parse_datetime(value)),
    "received_at": lambda value: now_exact(parse_datetime(value)),
    "on_site": lambda value: OnSiteOutcome(value).label,
    "edition": lambda value: Edition(value).label,
    **remotewords.LABELS,
    **changewords.LABELS,
}
# Numbers of an e-mail, an inspection and a finding, for the link to it.
HIDDEN = frozenset({"mail", "inspection", "finding"})
FIELDS = {
    **NAMES,
    **remotewords.FIELDS,
    **changewords.FIELDS,
    "part": _("Part of it"),
    "duplicate": _("Duplicate"),
    "clock": _("Clock"),
    "overrun_cause": _("Cause of the overrun"),
    "grade": _("Grade"),
    "cause": _("Cause"),
    "reason": _("Reason"),
    "why": _("Reason"),
    "confirmed_channel": _("Confirmed how"),
    "confirmed_by": _("Confirmed by"),
    "caller_name": _("Caller"),
    "callback_number": _("Call back on"),
    "channel": _("Channel"),
    "status": _("Status"),
    "until": _("Look again at"),
    "files": _("Files"),
    "sent_to": _("By e-mail to"),
    "confirmed_to": _("Confirmation sent to"),
    "sender": _("Sender"),
    "refused": _("Not taken"),
    "owner": _("Owner"),
    "group": _("Group"),
    "item": _("Item"),
    "minutes": _("Minutes"),
    "way": _("Way of service"),
    "outcome": _("Verdict"),
    "invited": _("Invited"),
    "called": _("Who was called"),
    "joined": _("Who joined"),
    "joined_how": _("How"),
    "follow_up": _("Kind"),
    "follow_up_state": _("State"),
    "follow_up_text": _("What"),
    "due_at": _("Due"),
    "place": _("Room or link"),
    "how": _("How"),
    "told": _("Who was told"),
    "engineer": _("Engineer"),
    "address": _("Address"),
    "bring": _("To bring along"),
    "left_behind": _("Not ticked"),
    "happened_at": _("Happened at"),
    "also_reported": _("Reported again, for"),
    "received_at": _("Received at"),
    "written_by": _("From whom"),
    "on_site": _("Outcome"),
    "signed_by": _("Signed by"),
    "document": _("Document"),
    "edition": _("Edition"),
}


def _changed(name: str, old: object, new: object) -> str:
    label = LABELS.get(name, str)
    shown = [str(label(value)) for value in (old, new) if value is not None]
    return _pair(FIELDS.get(name, name), " → ".join(shown))


def _pair(name: object, value: str) -> str:
    return gettext("%(name)s: %(value)s") % {"name": name, "value": value}

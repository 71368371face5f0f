"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.linking import LinkKind
from tickets.models.clock import Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.draft import CallDraft
from tickets.models.link import Link, repeat_faults
from tickets.models.mail import OutgoingMail
from tickets.models.policy import (
    GRADED_CLOCKS,
    ClockKind,
    EscalationRule,
    Target,
    TimeLimit,
    Window,
    WindowKind,
)
from tickets.models.presence import Presence
from tickets.models.saved import SavedView
from tickets.models.search import SearchText
from tickets.models.ticket import Cause, Entry, EntryKind, Grade, Kind, Status, Ticket

__all__ = [
    "GRADED_CLOCKS",
    "CallDraft",
    "Cause",
    "Clock",
    "ClockKind",
    "Entry",
    "EntryKind",
    "Escalation",
    "EscalationRule",
    "Grade",
    "Heartbeat",
    "Kind",
    "Link",
    "LinkKind",
    "OutgoingMail",
    "Pause",
    "PauseReason",
    "Presence",
    "SavedView",
    "SearchText",
    "Status",
    "Target",
    "Ticket",
    "TimeLimit",
    "Window",
    "WindowKind",
    "repeat_faults",
]

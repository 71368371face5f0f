"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.models.clock import Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.draft import CallDraft
from tickets.models.policy import GRADED_CLOCKS, ClockKind, EscalationRule, Target, TimeLimit
from tickets.models.presence import Presence
from tickets.models.saved import SavedView
from tickets.models.search import SearchText
from tickets.models.tally import Tally
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
    "Pause",
    "PauseReason",
    "Presence",
    "SavedView",
    "SearchText",
    "Status",
    "Tally",
    "Target",
    "Ticket",
    "TimeLimit",
]

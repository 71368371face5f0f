"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.models.attachment import Attachment
from tickets.models.clock import Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.draft import CallDraft
from tickets.models.mail import OutgoingMail
from tickets.models.policy import GRADED_CLOCKS, ClockKind, EscalationRule, Target, TimeLimit
from tickets.models.presence import Presence
from tickets.models.received import IntakeMail, IntakeState, MailTry, ReceivedMail
from tickets.models.saved import SavedView
from tickets.models.search import SearchText
from tickets.models.ticket import Cause, Entry, EntryKind, Grade, Kind, Status, Ticket

__all__ = [
    "GRADED_CLOCKS",
    "Attachment",
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
    "IntakeMail",
    "IntakeState",
    "Kind",
    "MailTry",
    "OutgoingMail",
    "Pause",
    "PauseReason",
    "Presence",
    "ReceivedMail",
    "SavedView",
    "SearchText",
    "Status",
    "Target",
    "Ticket",
    "TimeLimit",
]

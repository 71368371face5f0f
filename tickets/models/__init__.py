"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.coordination import Outcome, Way
from tickets.linking import LinkKind
from tickets.models.attachment import Attachment
from tickets.models.canned import CannedReply, Scope, TextKind
from tickets.models.checklist import Checklist, ChecklistItem, ChecklistTemplate
from tickets.models.clock import Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.coordination import CoordinationMeeting, ServiceStep, Verdict, with_ladder
from tickets.models.draft import CallDraft
from tickets.models.hotline import Hotline
from tickets.models.link import Link, repeat_faults
from tickets.models.mail import OutgoingMail
from tickets.models.naming import KnownName, Named, StaleIndex
from tickets.models.policy import (
    GRADED_CLOCKS,
    LIMITED_BY_GRADE,
    PAUSING,
    ClockKind,
    EscalationRule,
    Target,
    TimeLimit,
    Window,
    WindowKind,
)
from tickets.models.presence import Presence
from tickets.models.received import IntakeMail, IntakeState, MailTry, ReceivedMail
from tickets.models.saved import SavedView
from tickets.models.search import SearchText
from tickets.models.tally import Tally
from tickets.models.ticket import Cause, Entry, EntryKind, Grade, Kind, Status, Ticket
from tickets.models.timespent import TimeSpent

__all__ = [
    "GRADED_CLOCKS",
    "LIMITED_BY_GRADE",
    "PAUSING",
    "Attachment",
    "CallDraft",
    "CannedReply",
    "Cause",
    "Checklist",
    "ChecklistItem",
    "ChecklistTemplate",
    "Clock",
    "ClockKind",
    "CoordinationMeeting",
    "Entry",
    "EntryKind",
    "Escalation",
    "EscalationRule",
    "Grade",
    "Heartbeat",
    "Hotline",
    "IntakeMail",
    "IntakeState",
    "Kind",
    "KnownName",
    "Link",
    "LinkKind",
    "MailTry",
    "Named",
    "Outcome",
    "OutgoingMail",
    "Pause",
    "PauseReason",
    "Presence",
    "ReceivedMail",
    "SavedView",
    "Scope",
    "SearchText",
    "ServiceStep",
    "StaleIndex",
    "Status",
    "Tally",
    "Target",
    "TextKind",
    "Ticket",
    "TimeLimit",
    "TimeSpent",
    "Verdict",
    "Way",
    "Window",
    "WindowKind",
    "repeat_faults",
    "with_ladder",
]

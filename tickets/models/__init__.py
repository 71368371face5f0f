"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.linking import LinkKind
from tickets.models.attachment import Attachment
from tickets.models.canned import CannedReply, Scope, TextKind
from tickets.models.checklist import Checklist, ChecklistItem, ChecklistTemplate
from tickets.models.clock import Acknowledgement, Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.draft import CallDraft
from tickets.models.hotline import Hotline
from tickets.models.link import Link, repeat_faults
from tickets.models.mail import OutgoingMail
from tickets.models.naming import KnownName, Named, StaleIndex
from tickets.models.policy import (
    GRADED_CLOCKS,
    ClockKind,
    EscalationRule,
    PolicyState,
    PolicyVersion,
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
from tickets.models.whatif import WhatIf

__all__ = [
    "GRADED_CLOCKS",
    "Acknowledgement",
    "Attachment",
    "CallDraft",
    "CannedReply",
    "Cause",
    "Checklist",
    "ChecklistItem",
    "ChecklistTemplate",
    "Clock",
    "ClockKind",
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
    "OutgoingMail",
    "Pause",
    "PauseReason",
    "PolicyState",
    "PolicyVersion",
    "Presence",
    "ReceivedMail",
    "SavedView",
    "Scope",
    "SearchText",
    "StaleIndex",
    "Status",
    "Tally",
    "Target",
    "TextKind",
    "Ticket",
    "TimeLimit",
    "TimeSpent",
    "WhatIf",
    "Window",
    "WindowKind",
    "repeat_faults",
]

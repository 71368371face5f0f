"""The Maintenance Record Library (§3.2): records and their history, clocks, and the policy they follow."""

from tickets.accountability import OverrunCause, OverrunState, Told
from tickets.coordination import FollowUpKind, FollowUpState, Joined, Outcome, Way
from tickets.dispatching import OnSiteOutcome, OnSiteStep
from tickets.linking import LinkKind
from tickets.models.attachment import Attachment
from tickets.models.canned import CannedReply, Scope, TextKind
from tickets.models.checklist import Checklist, ChecklistItem, ChecklistTemplate
from tickets.models.clock import Acknowledgement, Clock, Escalation, Heartbeat, Pause, PauseReason
from tickets.models.coordination import CoordinationMeeting, ServiceStep, Verdict, with_ladder
from tickets.models.dispatch import Dispatch, OnSiteReport, WrittenReport, on_site_facts
from tickets.models.document import IssuedDocument
from tickets.models.draft import CallDraft
from tickets.models.handover import Handover, HandoverEvent, HandoverEventKind, HandoverTerms
from tickets.models.hotline import Hotline
from tickets.models.inspection import InspectionRecord
from tickets.models.link import Link, repeat_faults
from tickets.models.mail import OutgoingMail
from tickets.models.meetingwork import FollowUp, MeetingGuest
from tickets.models.naming import KnownName, Named, StaleIndex
from tickets.models.overrun import Overrun
from tickets.models.policy import (
    GRADED_CLOCKS,
    LIMITED_BY_GRADE,
    OVERRUN_WINDOWS,
    PAUSING,
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
from tickets.models.remote import Custody, PurgeReason, RemoteAuthorisation, RemoteSession, Reveal
from tickets.models.saved import SavedView
from tickets.models.search import SearchText
from tickets.models.tally import OpenTally, Tally
from tickets.models.ticket import IN_TIMELINE, OF_CALLS, Cause, Entry, EntryKind, Grade, Kind, Status, Ticket
from tickets.models.timespent import TimeSpent
from tickets.models.whatif import WhatIf
from tickets.models.works import Change, ChangeDocument, RequiredDocument, Risk, WorkType
from tickets.remote import HowGiven

__all__ = [
    "GRADED_CLOCKS",
    "IN_TIMELINE",
    "LIMITED_BY_GRADE",
    "OF_CALLS",
    "OVERRUN_WINDOWS",
    "Acknowledgement",
    "PAUSING",
    "Attachment",
    "CallDraft",
    "CannedReply",
    "Change",
    "ChangeDocument",
    "Cause",
    "Checklist",
    "ChecklistItem",
    "ChecklistTemplate",
    "Clock",
    "ClockKind",
    "CoordinationMeeting",
    "Dispatch",
    "Custody",
    "Entry",
    "EntryKind",
    "Escalation",
    "EscalationRule",
    "Grade",
    "Handover",
    "HandoverEvent",
    "HandoverEventKind",
    "HandoverTerms",
    "Heartbeat",
    "Hotline",
    "InspectionRecord",
    "HowGiven",
    "IntakeMail",
    "IntakeState",
    "IssuedDocument",
    "Kind",
    "KnownName",
    "Link",
    "LinkKind",
    "MailTry",
    "Named",
    "FollowUp",
    "FollowUpKind",
    "FollowUpState",
    "Joined",
    "MeetingGuest",
    "Outcome",
    "OnSiteOutcome",
    "OnSiteReport",
    "OnSiteStep",
    "OpenTally",
    "OutgoingMail",
    "Overrun",
    "OverrunCause",
    "OverrunState",
    "Pause",
    "PauseReason",
    "PolicyState",
    "PolicyVersion",
    "Presence",
    "PurgeReason",
    "ReceivedMail",
    "RemoteAuthorisation",
    "RemoteSession",
    "RequiredDocument",
    "Reveal",
    "Risk",
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
    "Told",
    "WhatIf",
    "WorkType",
    "Window",
    "WindowKind",
    "WrittenReport",
    "on_site_facts",
    "repeat_faults",
    "with_ladder",
]

"""The working calendar, the roster's plan, who is on duty by it, and what he inspects."""

from duty.models.alarms import HoleAlarm, ShiftChange
from duty.models.calendar import WORKING_KINDS, CalendarDay, CalendarYear, DayKind
from duty.models.changes import Leave, LeaveState, Override, OverrideKind, SwapRequest, SwapState
from duty.models.drafts import DraftMember, DraftSlot, RosterDraft, Wish, WishKind
from duty.models.events import RosterEvent, RosterEventKind, RosterTerms
from duty.models.feeds import CALENDARS, SUBSCRIBED, BoardTheme, Feed, FeedEvent, FeedKind
from duty.models.inspections import (
    Inspection,
    InspectionAnswer,
    InspectionEvent,
    InspectionEventKind,
    InspectionFile,
)
from duty.models.roles import DutyRole, ShiftSource
from duty.models.rotation import Rotation, RotationPlace, TurnUnit
from duty.models.sheets import InspectionPlan, InspectionSheet, Section, SheetItem, SheetVersion
from duty.models.shift import EmptyShift, Shift
from duty.models.temporary import TemporarySchedule, TemporaryShift

__all__ = [
    "CALENDARS",
    "SUBSCRIBED",
    "BoardTheme",
    "WORKING_KINDS",
    "CalendarDay",
    "CalendarYear",
    "DayKind",
    "DraftMember",
    "DraftSlot",
    "DutyRole",
    "EmptyShift",
    "Inspection",
    "InspectionAnswer",
    "InspectionEvent",
    "InspectionEventKind",
    "InspectionFile",
    "InspectionPlan",
    "InspectionSheet",
    "HoleAlarm",
    "Feed",
    "FeedEvent",
    "FeedKind",
    "Leave",
    "LeaveState",
    "Override",
    "OverrideKind",
    "RosterDraft",
    "RosterEvent",
    "RosterEventKind",
    "RosterTerms",
    "Rotation",
    "RotationPlace",
    "Section",
    "SheetItem",
    "SheetVersion",
    "Shift",
    "ShiftChange",
    "ShiftSource",
    "SwapRequest",
    "SwapState",
    "TemporarySchedule",
    "TemporaryShift",
    "TurnUnit",
    "Wish",
    "WishKind",
]

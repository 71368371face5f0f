"""The working calendar, the roster's plan, and who is on duty by it."""

from duty.models.alarms import HoleAlarm, ShiftChange
from duty.models.calendar import WORKING_KINDS, CalendarDay, CalendarYear, DayKind
from duty.models.changes import Leave, LeaveState, Override, OverrideKind, SwapRequest, SwapState
from duty.models.drafts import DraftMember, DraftSlot, RosterDraft, Wish, WishKind
from duty.models.events import RosterEvent, RosterEventKind, RosterTerms
from duty.models.roles import DutyRole, ShiftSource
from duty.models.rotation import Rotation, RotationPlace, TurnUnit
from duty.models.shift import EmptyShift, Shift
from duty.models.temporary import TemporarySchedule, TemporaryShift

__all__ = [
    "WORKING_KINDS",
    "CalendarDay",
    "CalendarYear",
    "DayKind",
    "DraftMember",
    "DraftSlot",
    "DutyRole",
    "EmptyShift",
    "HoleAlarm",
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

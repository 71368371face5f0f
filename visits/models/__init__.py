"""Callbacks (§5.3): plans, callbacks, what they collect, and their history."""

from visits.models.callback import LONGEST, Attempt, Callback, CallbackDraft, FaultDraw
from visits.models.collected import CallbackProblem, Need, Opinion, Promise
from visits.models.history import CallbackEvent
from visits.models.plan import Cadence, CallbackPlan, CallbackScript
from visits.models.site import Attendance, Attendee, CallbackFile

__all__ = [
    "LONGEST",
    "Attempt",
    "Attendance",
    "Attendee",
    "Cadence",
    "Callback",
    "CallbackDraft",
    "CallbackEvent",
    "CallbackFile",
    "CallbackPlan",
    "CallbackProblem",
    "CallbackScript",
    "FaultDraw",
    "Need",
    "Opinion",
    "Promise",
]

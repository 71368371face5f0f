"""Weekly meetings, what they decided, and their minutes (§6.1)."""

from meetings.models.decision import Decision, DecisionQuerySet
from meetings.models.meeting import LONGEST, AgendaItem, Attendance, Meeting, MeetingQuerySet
from meetings.models.minutes import MeetingEvent, Minutes, MinutesAddition
from meetings.models.plan import MeetingPlan, Weekday

__all__ = [
    "LONGEST",
    "AgendaItem",
    "Attendance",
    "Decision",
    "DecisionQuerySet",
    "Meeting",
    "MeetingEvent",
    "MeetingPlan",
    "MeetingQuerySet",
    "Minutes",
    "MinutesAddition",
    "Weekday",
]

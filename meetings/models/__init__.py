"""Weekly meetings, what they decided, their minutes, and the reports that are read before them (§6)."""

from meetings.models.decision import Decision, DecisionQuerySet
from meetings.models.meeting import LONGEST, AgendaItem, Attendance, Meeting, MeetingQuerySet
from meetings.models.minutes import MeetingEvent, Minutes, MinutesAddition
from meetings.models.plan import MeetingPlan, Weekday
from meetings.models.reports import WeeklyReport, WeeklyReportEvent, WeeklyReportRead

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
    "WeeklyReport",
    "WeeklyReportEvent",
    "WeeklyReportRead",
]

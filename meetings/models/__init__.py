"""What meetings are made of (§6)."""

from meetings.models.reports import WeeklyReport, WeeklyReportEvent, WeeklyReportRead

__all__ = ["WeeklyReport", "WeeklyReportEvent", "WeeklyReportRead"]

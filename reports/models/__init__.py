"""What is kept of figures: aims, the telephone's numbers, counts, monthly reports, assessments."""

from reports.models.assessment import Assessment, AssessmentEvent, AssessmentFile, AssessmentItem
from reports.models.kept import KeptCount, Reckoning, StaleSpan
from reports.models.monthly import (
    ClientEdition,
    MonthlyAcknowledgement,
    MonthlyAdjustment,
    MonthlyEvent,
    MonthlyReport,
    MonthlySnapshot,
    MonthlySubscription,
    MonthlyTerms,
)
from reports.models.phone import PhoneDay, PhoneEntry
from reports.models.scheme import SchemeVersion
from reports.models.target import KpiTarget

__all__ = [
    "Assessment",
    "AssessmentEvent",
    "AssessmentFile",
    "AssessmentItem",
    "ClientEdition",
    "KeptCount",
    "KpiTarget",
    "MonthlyAcknowledgement",
    "MonthlyAdjustment",
    "MonthlyEvent",
    "MonthlyReport",
    "MonthlySnapshot",
    "MonthlySubscription",
    "MonthlyTerms",
    "PhoneDay",
    "PhoneEntry",
    "Reckoning",
    "SchemeVersion",
    "StaleSpan",
]

"""What is kept of figures: what is aimed at, the numbers of the telephone, and monthly reports."""

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
from reports.models.target import KpiTarget

__all__ = [
    "ClientEdition",
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
]

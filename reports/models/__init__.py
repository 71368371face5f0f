"""What is kept of figures: monthly reports as they were published, and who reads them."""

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

__all__ = [
    "ClientEdition",
    "MonthlyAcknowledgement",
    "MonthlyAdjustment",
    "MonthlyEvent",
    "MonthlyReport",
    "MonthlySnapshot",
    "MonthlySubscription",
    "MonthlyTerms",
]

"""What figures are measured by that nobody else knows; and counts kept of them, and how far these reach."""

from reports.models.kept import KeptCount, Reckoning, StaleSpan
from reports.models.phone import PhoneDay, PhoneEntry
from reports.models.target import KpiTarget

__all__ = ["KeptCount", "KpiTarget", "PhoneDay", "PhoneEntry", "Reckoning", "StaleSpan"]

"""What figures are measured by that nobody else knows: targets, and the numbers of the telephone."""

from reports.models.phone import PhoneDay, PhoneEntry
from reports.models.target import KpiTarget

__all__ = ["KpiTarget", "PhoneDay", "PhoneEntry"]

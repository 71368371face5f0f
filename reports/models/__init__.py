"""What figures are measured by that nobody else knows, and what is made of them: targets, the numbers of the
telephone, schemes and assessments.
"""

from reports.models.assessment import Assessment, AssessmentEvent, AssessmentFile, AssessmentItem
from reports.models.phone import PhoneDay, PhoneEntry
from reports.models.scheme import SchemeVersion
from reports.models.target import KpiTarget

__all__ = [
    "Assessment",
    "AssessmentEvent",
    "AssessmentFile",
    "AssessmentItem",
    "KpiTarget",
    "PhoneDay",
    "PhoneEntry",
    "SchemeVersion",
]

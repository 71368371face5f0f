"""What is audited, what was looked at, and what was found (§4.1.1)."""

from audits.models.audit import Audit, AuditFile, Check, SampledRecord
from audits.models.checklist import ChecklistItem, ChecklistVersion
from audits.models.event import AuditEvent
from audits.models.finding import Finding, FindingOrder
from audits.models.plan import PlannedAudit
from audits.models.terms import AuditTerms

__all__ = [
    "Audit",
    "AuditEvent",
    "AuditFile",
    "AuditTerms",
    "Check",
    "ChecklistItem",
    "ChecklistVersion",
    "Finding",
    "FindingOrder",
    "PlannedAudit",
    "SampledRecord",
]

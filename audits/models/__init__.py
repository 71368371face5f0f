"""What is audited, what was looked at and found (§4.1.1); the department's process as a register (§1.1)."""

from audits.models.audit import Audit, AuditFile, Check, SampledRecord
from audits.models.checklist import ChecklistItem, ChecklistVersion
from audits.models.event import AuditEvent
from audits.models.finding import Finding, FindingOrder
from audits.models.plan import PlannedAudit
from audits.models.process import Clause, ProcessState, ProcessVersion, Reading
from audits.models.suggestion import ProcessEvent, ProcessEventKind, ProcessTerms, Suggestion
from audits.models.terms import AuditTerms

__all__ = [
    "Audit",
    "AuditEvent",
    "AuditFile",
    "AuditTerms",
    "Check",
    "ChecklistItem",
    "ChecklistVersion",
    "Clause",
    "Finding",
    "FindingOrder",
    "PlannedAudit",
    "ProcessEvent",
    "ProcessEventKind",
    "ProcessState",
    "ProcessTerms",
    "ProcessVersion",
    "Reading",
    "SampledRecord",
    "Suggestion",
]

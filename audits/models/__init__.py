"""The department's process as a register (§1.1)."""

from audits.models.process import Clause, ProcessState, ProcessVersion, Reading
from audits.models.suggestion import ProcessEvent, ProcessEventKind, ProcessTerms, Suggestion

__all__ = [
    "Clause",
    "ProcessEvent",
    "ProcessEventKind",
    "ProcessState",
    "ProcessTerms",
    "ProcessVersion",
    "Reading",
    "Suggestion",
]

"""What quality audits are made of, and how long each step may take (§4.1.1, tail §6.4). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AuditKind(TextChoices):
    """The four audits of the fuller edition's headings."""

    PROCESS = "process", _("Process")
    SOFTWARE = "software", _("Software")
    HARDWARE = "hardware", _("Hardware")
    DOCUMENTS = "documents", pgettext_lazy("audit", "Documents")


# Of which a client's system is audited; the others look at a group's own work.
OF_SYSTEMS = (AuditKind.SOFTWARE, AuditKind.HARDWARE)


class PlanState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Begun or held")
    DROPPED = "dropped", _("Dropped")


class AuditState(TextChoices):
    RUNNING = "running", _("Being held")
    REPORTED = "reported", _("Reported to the group")
    CLOSED = "closed", _("Closed")


class Result(TextChoices):
    CONFORMS = "conforms", _("Conforms")
    DEVIATES = "deviates", _("Does not conform")
    NOT_APPLICABLE = "n_a", _("Not applicable")


class FindingKind(TextChoices):
    PROBLEM = "problem", _("Problem")
    DANGER = "danger", _("Hidden danger")
    SUGGESTION = "suggestion", _("Suggestion")


class FindingState(TextChoices):
    OPEN = "open", _("To be remedied")
    ANSWERED = "answered", _("To be verified")
    CLOSED = "closed", _("Closed effectively")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OVER = (FindingState.CLOSED, FindingState.WITHDRAWN)


class EventKind(TextChoices):
    PLANNED = "planned", _("Planned")
    PROPOSED = "proposed", _("Plan proposed")
    ADOPTED = "adopted", _("Plan adopted")
    CHANGED = "changed", _("Changed")
    MISSED = "missed", _("Missed, told")
    DROPPED = "dropped", _("Dropped")
    BEGUN = "begun", pgettext_lazy("audit", "Begun")
    DRAWN = "drawn", _("Sample drawn")
    CHECKED = "checked", pgettext_lazy("audit", "Looked at")
    FILED = "filed", _("Evidence filed")
    RAISED = "raised", _("Finding raised")
    RECORD = "record", _("Maintenance record opened")
    CORRECTIVE = "corrective", _("Corrective action opened")
    ANSWERED = "answered", _("Remedy reported")
    VERIFIED = "verified", _("Verified: effective")
    RETURNED = "returned", _("Not effective, given back")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REPORTED = "reported", _("Reported to the group")
    STATED = "stated", _("Statement of the group")
    CLOSED = "closed", _("Audit closed")
    PUBLISHED = "published", _("Checklist published")
    REPORTED_UP = "reported_up", _("Reported up")


@dataclass(frozen=True, slots=True)
class Days:
    """How long each may take, in working days; all are our defaults, not from the process document.

    The last three are how long after a finding was due whom it is reported up to.
    """

    danger: int = 5
    problem: int = 10
    suggestion: int = 20
    verify: int = 5
    statement: int = 5
    supervisor: int = 1
    technical_lead: int = 3
    department_manager: int = 5

    def for_finding(self, kind: str) -> int:
        return {FindingKind.DANGER: self.danger, FindingKind.PROBLEM: self.problem}.get(
            FindingKind(kind), self.suggestion
        )

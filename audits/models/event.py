"""The history of audits: append-only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.kinds import EventKind
from audits.models.audit import Audit
from audits.models.checklist import ChecklistVersion
from audits.models.finding import Finding
from audits.models.plan import PlannedAudit
from staff.models import User


class AuditEvent(models.Model):
    """One thing that happened to an audit, a finding, a planned audit or a checklist; of a whole year's plan
    there is none of them. The database refuses UPDATE and DELETE. `by` is empty where the clock did it.
    """

    audit = models.ForeignKey(Audit, models.PROTECT, null=True, related_name="events")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="events")
    planned = models.ForeignKey(PlannedAudit, models.PROTECT, null=True, related_name="events")
    checklist = models.ForeignKey(ChecklistVersion, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=11, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of the history of audits")
        verbose_name_plural = _("history of audits")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.kind}"

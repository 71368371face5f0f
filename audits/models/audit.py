"""An audit: what it drew, what was looked at, and with which evidence."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.kinds import OF_SYSTEMS, AuditKind, AuditState, Result
from audits.models.checklist import ChecklistItem, ChecklistVersion
from audits.models.plan import PlannedAudit, supervises_a_group
from clients.models import System
from staff.models import Group, StoredFile, User
from tickets.models import Ticket

LONGEST = 4000


class AuditQuerySet(models.QuerySet["Audit"]):
    def visible_to(self, user: User) -> AuditQuerySet:
        """Supervisors see those of their group, who sees all all. Others meet findings that they own."""
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if supervises_a_group(user) else self.none()

    def to_tell(self, now: datetime) -> AuditQuerySet:
        """Those whose group owes a statement that nobody was told is late."""
        return self.filter(statement_due_at__lte=now, stated_at=None, statement_told=False)

    def with_names(self) -> AuditQuerySet:
        return self.select_related("group", "system__client", "auditor", "checklist")


class Audit(models.Model):
    """One audit. Its checklist's version is frozen when it is begun, population and sample when it is drawn.

    `strata` maps a grade (0: none) to `[how many there were, how many were taken]`; `population_digest` is
    the SHA-256 of the ids and grades that the sample was drawn from.
    """

    planned = models.OneToOneField(PlannedAudit, models.PROTECT, null=True, related_name="audit")
    kind = models.CharField(_("kind"), max_length=9, choices=AuditKind.choices)
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    checklist = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="+")
    auditor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("auditor"))
    begun_at = models.DateTimeField(_("begun at"))
    state = models.CharField(_("state"), max_length=8, choices=AuditState.choices, default=AuditState.RUNNING)

    seed = models.CharField(_("seed"), max_length=32, blank=True)
    sample_from = models.DateField(_("closed from"), null=True)
    sample_until = models.DateField(_("closed until"), null=True)
    sample_size = models.PositiveIntegerField(_("sample size"), default=0)
    population_size = models.PositiveIntegerField(default=0)
    population_digest = models.CharField(max_length=64, blank=True)
    strata = models.JSONField(default=dict)
    drawn_at = models.DateTimeField(null=True)

    conclusion = models.TextField(_("conclusion"), blank=True, max_length=LONGEST)
    reported_at = models.DateTimeField(null=True)
    statement = models.TextField(_("statement of the group"), blank=True, max_length=LONGEST)
    statement_due_at = models.DateTimeField(null=True)
    statement_told = models.BooleanField(default=False)
    stated_at = models.DateTimeField(null=True)
    stated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ["-pk"]
        indexes = [
            models.Index(name="audits_audit_group", fields=["group", "-id"]),
            models.Index(
                name="audits_statement_due",
                fields=["statement_due_at"],
                condition=Q(stated_at=None, statement_told=False, statement_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="audits_audit_system_where_needed",
                condition=Q(kind__in=OF_SYSTEMS, system__isnull=False)
                | (~Q(kind__in=OF_SYSTEMS) & Q(system=None)),
            ),
            models.CheckConstraint(
                name="audits_sample_can_be_drawn_again",
                condition=Q(drawn_at=None, seed="", population_digest="")
                | (
                    Q(drawn_at__isnull=False, sample_from__isnull=False, sample_until__isnull=False)
                    & ~Q(seed="")
                    & ~Q(population_digest="")
                ),
            ),
            models.CheckConstraint(
                name="audits_reported_with_a_conclusion",
                condition=Q(state=AuditState.RUNNING, reported_at=None)
                | (Q(reported_at__isnull=False) & ~Q(state=AuditState.RUNNING) & ~Q(conclusion="")),
            ),
            models.CheckConstraint(
                name="audits_closed_with_a_statement",
                condition=Q(state=AuditState.CLOSED, closed_at__isnull=False, stated_at__isnull=False)
                | (~Q(state=AuditState.CLOSED) & Q(closed_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"QA-{self.pk:04d}"

    @property
    def subject(self) -> str:
        return f"{self.system.client.label} · {self.system.label}" if self.system else self.group.label

    @property
    def is_statement_overdue(self) -> bool:
        """Whether a statement that came, came late; of one that is missing `owes_statement` tells."""
        return bool(self.stated_at and self.statement_due_at and self.stated_at > self.statement_due_at)

    def owes_statement(self, now: datetime) -> bool:
        late = self.statement_due_at is not None and self.statement_due_at <= now
        return self.state == AuditState.REPORTED and self.stated_at is None and late


class SampledRecord(models.Model):
    """A maintenance record that the sample drew; `grade` and `person` (its owner) as they were then."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="sampled")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", verbose_name=_("maintenance record"))
    place = models.PositiveIntegerField()
    grade = models.PositiveSmallIntegerField(null=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("sampled record")
        verbose_name_plural = _("sampled records")
        ordering = ["audit", "place"]
        constraints = [models.UniqueConstraint(name="audits_sampled_once", fields=["audit", "ticket"])]

    def __str__(self) -> str:
        return f"{self.audit_id} T-{self.ticket_id}"


class Check(models.Model):
    """One item looked at: of a sampled record, or of the audit as a whole. Empty until it was looked at."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="checks", db_index=False)
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    sampled = models.ForeignKey(SampledRecord, models.CASCADE, null=True, related_name="checks")
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["audit", "sampled__place", "item__position"]
        constraints = [
            models.UniqueConstraint(
                name="audits_checked_once", fields=["audit", "item", "sampled"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="audits_check_says_who",
                condition=Q(result="", by=None, at=None)
                | (~Q(result="") & Q(by__isnull=False, at__isnull=False)),
            ),
            models.CheckConstraint(
                name="audits_deviation_says_what",
                condition=~Q(result=Result.DEVIATES) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id} {self.item_id} {self.result}"


class AuditFile(StoredFile):
    """Evidence: of one check, or of the audit as a whole."""

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="files")
    check_of = models.ForeignKey(Check, models.PROTECT, null=True, related_name="files")

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]

"""The year's plan: which audit of what, and on which day."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.kinds import OF_SYSTEMS, AuditKind, PlanState
from clients.models import System
from staff.models import Group, User


class PlannedAuditQuerySet(models.QuerySet["PlannedAudit"]):
    def visible_to(self, user: User) -> PlannedAuditQuerySet:
        """Supervisors know when their group is looked at, once it is settled; who sees all sees proposals."""
        if user.sees_everything:
            return self
        if not supervises_a_group(user):
            return self.none()
        return self.filter(group=user.group_id).exclude(state=PlanState.PROPOSED)

    def missed(self, today: date) -> PlannedAuditQuerySet:
        """Those whose day is over and that nobody has begun."""
        return self.filter(state=PlanState.PLANNED, planned_on__lt=today)

    def with_names(self) -> PlannedAuditQuerySet:
        return self.select_related("group", "system__client", "auditor", "audit")


class PlannedAudit(models.Model):
    """One audit of a year's plan. `turn` counts those of the same kind and subject; `told_for` is the day
    that was told of as missed.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=9, choices=AuditKind.choices)
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    turn = models.PositiveSmallIntegerField(default=1)
    planned_on = models.DateField(_("day"))
    auditor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("auditor")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=PlanState.choices, default=PlanState.PROPOSED)
    dropped_because = models.CharField(_("why it was dropped"), max_length=300, blank=True)
    told_for = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = PlannedAuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned audit")
        verbose_name_plural = _("planned audits")
        ordering = ["planned_on", "pk"]
        indexes = [models.Index(name="audits_plan_day", fields=["year", "planned_on", "id"])]
        constraints = [
            models.UniqueConstraint(
                name="audits_planned_once",
                fields=["year", "kind", "group", "system", "turn"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="audits_plan_system_where_needed",
                condition=Q(kind__in=OF_SYSTEMS, system__isnull=False)
                | (~Q(kind__in=OF_SYSTEMS) & Q(system=None)),
            ),
            models.CheckConstraint(
                name="audits_plan_dropped_for_a_reason",
                condition=Q(state=PlanState.DROPPED) & ~Q(dropped_because="")
                | ~Q(state=PlanState.DROPPED) & Q(dropped_because=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject} {self.planned_on}"

    @property
    def subject(self) -> str:
        """What is audited, in the reader's words."""
        return f"{self.system.client.label} · {self.system.label}" if self.system else self.group.label

    def is_missed(self, today: date) -> bool:
        return self.state == PlanState.PLANNED and self.planned_on < today


def supervises_a_group(user: User) -> bool:
    """Whether he stands above a group of his own, by role or by level."""
    return bool(user.group_id) and (user.role == "supervisor" or user.management_level >= 1)

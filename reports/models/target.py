"""What is aimed at with a KPI, from which month on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import User


class KpiTarget(models.Model):
    """A target that holds from a month on until the next one; before the first the definition's own holds.

    It is its own history: never changed, a later row of the same month takes its place. `target` is in the
    unit of the KPI's value, None: nothing is aimed at. `minimum_sample` None: the definition's own.
    """

    kpi = models.SlugField(_("KPI"))
    since = models.DateField(_("in force from"))
    target = models.FloatField(_("target"), null=True, blank=True)
    minimum_sample = models.PositiveIntegerField(_("minimum sample"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("target of a KPI")
        verbose_name_plural = _("targets of KPIs")
        ordering = ["kpi", "-since", "-pk"]
        constraints = [
            models.CheckConstraint(name="reports_target_from_a_month", condition=Q(since__day=1)),
            models.CheckConstraint(name="reports_target_for_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="reports_target_not_negative", condition=Q(target=None) | Q(target__gte=0)
            ),
        ]
        indexes = [models.Index(name="reports_target_of_kpi", fields=["kpi", "-since", "-id"])]

    def __str__(self) -> str:
        return f"{self.kpi} {self.since:%Y-%m}: {self.target}"

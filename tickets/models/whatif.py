"""What a draft of the policy would have meant for what has happened already."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models.policy import PolicyVersion


class WhatIfQuerySet(models.QuerySet["WhatIf"]):
    def visible_to(self, user: User) -> WhatIfQuerySet:
        return self.none() if user.is_contact else self

    def waiting(self) -> WhatIfQuerySet:
        """Runs with records still to replay, the oldest first."""
        return self.filter(finished_at__isnull=True, failed_at__isnull=True).order_by("pk")


class WhatIf(models.Model):
    """A run over the records reported from `since` to `until`, worked off in portions.

    `terms` are both policies as they stood when it was asked for, so that editing the draft meanwhile mixes
    nothing. `upto` is the last record replayed, `carried_on_at` when that was; `result` the sums so far
    (`tickets.whatif.Sums`). A run that cannot be worked off has failed, and `error` says why.
    """

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="what_ifs")
    base = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    terms = models.JSONField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    upto = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict)
    carried_on_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    objects = WhatIfQuerySet.as_manager()

    class Meta:
        verbose_name = _("what-if run")
        verbose_name_plural = _("what-if runs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_what_if_looks_back", condition=Q(since__lt=F("until"), until__lte=F("asked_at"))
            ),
            models.CheckConstraint(
                name="tickets_what_if_fails_for_a_reason",
                condition=Q(failed_at__isnull=True, error="")
                | (Q(failed_at__isnull=False, finished_at__isnull=True) & ~Q(error="")),
            ),
        ]
        indexes = [
            models.Index(
                name="tickets_what_if_waiting",
                fields=["id"],
                condition=Q(finished_at__isnull=True, failed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.since:%Y-%m-%d}"

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None or self.failed_at is not None

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

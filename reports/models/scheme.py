"""The scheme of assessment in versions: drafted, adopted, and in force from a month on (§5.2)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports.assessment.kinds import SchemeState
from reports.assessment.scheme import Content, read
from staff.models import Role, User


class SchemeVersionQuerySet(models.QuerySet["SchemeVersion"]):
    def visible_to(self, user: User) -> SchemeVersionQuerySet:
        """The house reads what it is assessed by; a draft is the leaders'."""
        if user.is_contact:
            return self.none()
        return self if user.role == Role.LEADER else self.adopted()

    def adopted(self) -> SchemeVersionQuerySet:
        return self.filter(state=SchemeState.ADOPTED)

    def draft(self) -> SchemeVersionQuerySet:
        return self.filter(state=SchemeState.DRAFT)

    def in_force(self, month: date) -> SchemeVersionQuerySet:
        """Those adopted for that month or an earlier one: the first is the one that holds."""
        return self.adopted().filter(from_month__lte=month).order_by("-from_month", "-number")


class SchemeVersion(models.Model):
    """One whole scheme. It holds from `from_month` on until one of a later month, or a later one of the same.

    `content` is a `reports.assessment.scheme.Content`; `edition` rises with every change of a draft.
    """

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=7, choices=SchemeState.choices, default=SchemeState.DRAFT)
    title = models.CharField(_("title"), max_length=120, blank=True)
    why = models.TextField(_("why"), blank=True, max_length=2000)
    content = models.JSONField()
    source = models.CharField(_("source"), max_length=120, blank=True)
    edition = models.PositiveIntegerField(default=1)
    from_month = models.DateField(_("in force from"), null=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    adopted_at = models.DateTimeField(null=True)

    objects = SchemeVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheme of assessment")
        verbose_name_plural = _("schemes of assessment")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="reports_one_draft_scheme", fields=["state"], condition=Q(state=SchemeState.DRAFT)
            ),
            models.CheckConstraint(
                name="reports_scheme_adopted_for_a_month",
                condition=Q(state=SchemeState.DRAFT, from_month=None, adopted_at=None, adopted_by=None)
                | Q(state=SchemeState.ADOPTED, from_month__isnull=False, adopted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="reports_scheme_from_a_first_day",
                condition=Q(from_month=None) | Q(from_month__day=1),
            ),
        ]

    def __str__(self) -> str:
        return str(_("version %(number)s")) % {"number": self.number}

    @property
    def label(self) -> str:
        return self.title or gettext("as installed")

    @property
    def is_draft(self) -> bool:
        return self.state == SchemeState.DRAFT

    @property
    def says(self) -> Content:
        return read(self.content)

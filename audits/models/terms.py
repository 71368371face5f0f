"""How long findings may wait: the house's own days, where it has set any."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audits.kinds import Days


def _days(label: object, default: int) -> models.PositiveSmallIntegerField:
    bounds = [MinValueValidator(1), MaxValueValidator(250)]
    return models.PositiveSmallIntegerField(label, default=default, validators=bounds)


class AuditTerms(models.Model):
    """One row. All are working days, and our defaults: the process document names none."""

    danger = _days(_("remedy of a hidden danger"), 5)
    problem = _days(_("remedy of a problem"), 10)
    suggestion = _days(_("answer to a suggestion"), 20)
    verify = _days(_("verification"), 5)
    statement = _days(_("statement of the group"), 5)
    supervisor = _days(_("overdue: told the supervisor after"), 1)
    technical_lead = _days(_("overdue: told the technical lead after"), 3)
    department_manager = _days(_("overdue: told the department manager after"), 5)

    class Meta:
        verbose_name = _("terms of audits")
        verbose_name_plural = _("terms of audits")
        constraints = [
            models.CheckConstraint(name="audits_terms_once", condition=Q(pk=1)),
            models.CheckConstraint(
                name="audits_terms_go_up",
                condition=Q(supervisor__lt=F("technical_lead"), technical_lead__lt=F("department_manager")),
                violation_error_message=_("Each level is told later than the one below it."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def days(self) -> Days:
        return Days(**{name: getattr(self, name) for name in Days.__slots__})

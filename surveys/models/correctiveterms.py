"""What corrective actions need besides: the answer on its way out, and how long the steps may take."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import DeliveryState, Outgoing
from surveys.correcting import Days
from surveys.models.corrective import CorrectiveAction


class CorrectiveReply(Outgoing):
    """The answer to the client as an e-mail on its way out, where no record carries it."""

    action = models.ForeignKey(CorrectiveAction, models.CASCADE, related_name="mails")
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    body = models.TextField()
    message_id = models.CharField(max_length=250, unique=True)

    class Meta:
        verbose_name = _("e-mail about a corrective action")
        verbose_name_plural = _("e-mails about corrective actions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="surveys_reply_waiting",
                fields=["next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.state}"


def _days(label: object, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )


class CorrectiveTerms(models.Model):
    """How long the steps may take: one row for the house. Defaults of ours, not from the process document."""

    analyse = _days(_("Working days to analyse the cause and plan the measure"), Days().analyse)
    act = _days(_("Working days proposed for carrying it out"), Days().act)
    reply = _days(_("Working days to answer the client"), Days().reply)
    verify = _days(_("Working days to verify"), Days().verify)
    effect = _days(_("Days until the effect is checked"), Days().effect)
    supervisor = _days(_("Working days overdue until the supervisor is told"), Days().supervisor)
    technical_lead = _days(_("Working days overdue until the technical lead is told"), Days().technical_lead)
    department_manager = _days(
        _("Working days overdue until the department manager is told"), Days().department_manager
    )

    class Meta:
        verbose_name = _("terms of corrective actions")
        verbose_name_plural = _("terms of corrective actions")
        constraints = [
            models.CheckConstraint(name="surveys_terms_once", condition=Q(pk=1)),
            models.CheckConstraint(
                name="surveys_terms_go_up",
                condition=Q(supervisor__lt=F("technical_lead"), technical_lead__lt=F("department_manager")),
                violation_error_message=_("Each level is told later than the one below it."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def days(self) -> Days:
        return Days(**{name: getattr(self, name) for name in Days.__slots__})

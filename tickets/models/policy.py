"""The policy as data: limits per grade, and who is told after how long (§5.4, "may be ruled separately")."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Contract
from tickets.grading import Grade


class ClockKind(models.TextChoices):
    RESPONSE = "response", _("Response")
    DIAGNOSIS = "diagnosis", _("Diagnosis")
    RESOLUTION = "resolution", _("Resolution")
    GRADING = "grading", _("Grading")
    CONFIRMATION = "confirmation", _("Client's confirmation")
    NEXT_STEP = "next_step", _("Next step")
    VERDICT = "verdict", _("Verdict on remote service")
    ARRIVAL = "arrival", _("Arrival on site")
    PROGRESS = "progress", _("Progress message")


# The three clocks that every fault has.
GRADED_CLOCKS = (ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION)
# Clocks that stand still while a record waits.
PAUSING = (*GRADED_CLOCKS, ClockKind.PROGRESS)
# Clocks with a limit per grade, which a change of the grade replaces.
LIMITED_BY_GRADE = (*PAUSING, ClockKind.VERDICT, ClockKind.ARRIVAL)


class TimeLimit(models.Model):
    """How long a step of a grade may take. No grade: calls not graded yet, what is no fault, other clocks."""

    contract = models.ForeignKey(
        Contract,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contract"),
        help_text=_("Empty: the default for every client."),
    )
    kind = models.CharField(_("clock"), max_length=12, choices=ClockKind.choices)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    limit = models.DurationField(_("limit"))
    round_the_clock = models.BooleanField(
        _("round the clock"), help_text=_("Otherwise in the client's service hours.")
    )
    near_percent = models.PositiveSmallIntegerField(
        _("near at % of the limit"), default=80, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        ordering = ["kind", "grade"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_limit_once", fields=["contract", "kind", "grade"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="tickets_limit_near_is_before_due",
                condition=Q(near_percent__gte=1, near_percent__lte=99),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_grade_display() or '–'}"


class Target(models.TextChoices):
    """Who is told, resolved to people at the instant it fires; the order is the ladder upwards."""

    OWNER = "owner", _("Owner")
    ON_DUTY = "on_duty", _("Who is on duty")
    SUPERVISOR = "supervisor", _("Group supervisor")
    TECHNICAL_LEAD = "technical_lead", _("Technical lead")
    DEPARTMENT_MANAGER = "department_manager", _("Department manager")
    GENERAL_MANAGER = "general_manager", _("General manager")


class EscalationRule(models.Model):
    """Tell `target` when a clock has run `after`, or `percent` of its limit, and runs still."""

    kind = models.CharField(_("clock"), max_length=12, choices=ClockKind.choices)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    after = models.DurationField(_("after"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(_("at % of the limit"), null=True, blank=True)
    target = models.CharField(_("who is told"), max_length=20, choices=Target.choices)
    convenes = models.BooleanField(
        _("convenes the coordination meeting"),
        default=False,
        help_text=_("Where the fault has none yet. Only grades 1 and 2 have such a meeting (§5.4.1.2)."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("report-up rule")
        verbose_name_plural = _("report-up rules")
        ordering = ["kind", "grade", "percent", "after"]
        constraints = [
            models.CheckConstraint(
                name="tickets_rule_has_one_instant",
                condition=Q(after__isnull=True, percent__isnull=False)
                | Q(after__isnull=False, percent__isnull=True),
                violation_error_message=_("Give either a time or a percentage of the limit."),
            ),
            models.UniqueConstraint(
                name="tickets_rule_once",
                fields=["kind", "grade", "after", "percent", "target"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_grade_display() or '–'} → {self.get_target_display()}"


class WindowKind(models.TextChoices):
    REPEAT_FAULT = "repeat_fault", _("A fault of the same system and cause repeats an earlier one")


class Window(models.Model):
    """How long after one thing another still belongs to it. Without its row the rule does nothing."""

    kind = models.CharField(_("what for"), max_length=12, choices=WindowKind.choices, unique=True)
    span = models.DurationField(_("within"))
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("window")
        verbose_name_plural = _("windows")
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(name="tickets_window_is_a_span", condition=Q(span__gt=timedelta(0)))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.span}"

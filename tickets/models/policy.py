"""The policy as data: limits per grade, and who is told after how long (§5.4, "may be ruled separately").

Limits and rules belong to a version. One version is adopted, and clocks that start follow it; a draft is
edited; what was adopted once is read and never written again.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Contract
from staff.models import User
from tickets.escalation import MOST_REPEATS, Needs, While
from tickets.grading import Grade
from tickets.models.ticket import Kind


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


class PolicyState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ADOPTED = "adopted", _("In force")
    RETIRED = "retired", _("Replaced")


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def visible_to(self, user: User) -> PolicyVersionQuerySet:
        """All of the house read every version; a client's contact none."""
        return self.none() if user.is_contact else self

    def adopted(self) -> PolicyVersionQuerySet:
        return self.filter(state=PolicyState.ADOPTED)

    def draft(self) -> PolicyVersionQuerySet:
        return self.filter(state=PolicyState.DRAFT)


class PolicyVersion(models.Model):
    """One whole set of limits and rules: who drafted it and why, who put it in force and when."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=8, choices=PolicyState.choices, default=PolicyState.DRAFT)
    title = models.CharField(_("title"), max_length=120, blank=True)
    why = models.TextField(_("why"), blank=True, max_length=2000)
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    adopted_at = models.DateTimeField(null=True)
    note = models.TextField(_("note"), blank=True)
    retired_at = models.DateTimeField(null=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_one_adopted_policy", fields=["state"], condition=Q(state=PolicyState.ADOPTED)
            ),
            models.UniqueConstraint(
                name="tickets_one_draft_policy", fields=["state"], condition=Q(state=PolicyState.DRAFT)
            ),
            models.CheckConstraint(
                name="tickets_policy_retired_has_its_time",
                condition=Q(state=PolicyState.RETIRED, retired_at__isnull=False)
                | (~Q(state=PolicyState.RETIRED) & Q(retired_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return str(_("version %(number)s")) % {"number": self.number}

    @property
    def label(self) -> str:
        """What it is called; the first one has no name of its own."""
        return self.title or gettext("as installed")

    @property
    def is_draft(self) -> bool:
        return self.state == PolicyState.DRAFT

    @property
    def is_adopted(self) -> bool:
        return self.state == PolicyState.ADOPTED


class TimeLimitQuerySet(models.QuerySet["TimeLimit"]):
    def visible_to(self, user: User) -> TimeLimitQuerySet:
        """What holds for everybody, and what holds for the contracts that a person may see."""
        if user.is_contact:
            return self.none()
        return self.filter(Q(contract__isnull=True) | Q(contract__in=Contract.objects.visible_to(user)))


class TimeLimit(models.Model):
    """How long a step of a grade may take. No grade: calls not graded yet, what is no fault, other clocks.

    A contract's own limit comes before the default, one for a kind of work before one for any.
    """

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="limits")
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
    work = models.CharField(
        _("kind of work"),
        max_length=10,
        choices=Kind.choices,
        blank=True,
        help_text=_("Empty: whatever it is about."),
    )
    limit = models.DurationField(_("limit"))
    round_the_clock = models.BooleanField(
        _("round the clock"), help_text=_("Otherwise in the client's service hours.")
    )
    near_percent = models.PositiveSmallIntegerField(
        _("near at % of the limit"), default=80, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    source = models.CharField(_("source"), max_length=120, blank=True)

    objects = TimeLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        ordering = ["kind", "grade", "work", "contract_id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_limit_once",
                fields=["version", "contract", "kind", "grade", "work"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="tickets_limit_near_is_before_due",
                condition=Q(near_percent__gte=1, near_percent__lte=99),
            ),
            models.CheckConstraint(name="tickets_limit_is_a_span", condition=Q(limit__gt=timedelta(0))),
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
    PERSON = "person", _("A named person")


class EscalationRule(models.Model):
    """Tell `target` when a clock has run `after`, or `percent` of its limit, and runs still.

    Told again `repeat_times` times, every `repeat_every` of the clock's time, unless it is acknowledged
    meanwhile where `needs_ack` says so. `quiet_from` to `quiet_until` holds back what leaves the house,
    never the report-up itself. `channels` are the kinds by which it goes out; none means each person's own.
    """

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="rules")
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
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    only_while = models.CharField(
        _("only while it is"), max_length=14, choices=While.choices, default=While.ANY, blank=True
    )
    repeat_every = models.DurationField(_("again every"), null=True, blank=True)
    repeat_times = models.PositiveSmallIntegerField(
        _("how many times more"), default=0, validators=[MaxValueValidator(MOST_REPEATS)]
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    needs_ack = models.CharField(
        _("to be acknowledged by"), max_length=4, choices=Needs.choices, default=Needs.NONE
    )
    channels = ArrayField(
        models.CharField(max_length=20), verbose_name=_("channels"), default=list, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    source = models.CharField(_("source"), max_length=120, blank=True)

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
            models.CheckConstraint(
                name="tickets_rule_names_its_person",
                condition=Q(target="person", person__isnull=False)
                | (~Q(target="person") & Q(person__isnull=True)),
            ),
            models.CheckConstraint(
                name="tickets_rule_repeats_at_most_five_times",
                condition=Q(repeat_times=0, repeat_every__isnull=True)
                | Q(repeat_times__range=(1, MOST_REPEATS), repeat_every__gt=timedelta(0)),
            ),
            models.CheckConstraint(
                name="tickets_rule_is_quiet_for_a_span",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
            ),
            # A grade-1 fault is told of at night too (§2.3).
            models.CheckConstraint(
                name="tickets_grade_one_is_never_quiet",
                condition=~Q(grade=Grade.ONE) | Q(grade__isnull=True) | Q(quiet_from__isnull=True),
            ),
            models.UniqueConstraint(
                name="tickets_rule_once",
                fields=["version", "kind", "grade", "after", "percent", "target", "person", "only_while"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_grade_display() or '–'} → {self.get_target_display()}"


class WindowKind(models.TextChoices):
    REPEAT_FAULT = "repeat_fault", _("A fault of the same system and cause repeats an earlier one")
    EXPLAIN = "explain", _("Explaining an overrun")
    RULE = "rule", _("Ruling on an overrun")
    APPEAL = "appeal", _("Appealing against a ruling")
    DECIDE = "decide", _("Deciding on an appeal")


# How long the steps of an overrun may take (§3.2): the whole days of the row, counted as working days.
OVERRUN_WINDOWS = (WindowKind.EXPLAIN, WindowKind.RULE, WindowKind.APPEAL, WindowKind.DECIDE)


class Window(models.Model):
    """How long after one thing another still belongs to it, or may follow.

    Without its row a rule does nothing; the terms of overruns are then the defaults, so that no case sinks.
    """

    kind = models.CharField(_("what for"), max_length=12, choices=WindowKind.choices, unique=True)
    span = models.DurationField(_("within"), help_text=_("Of overruns: whole working days."))
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

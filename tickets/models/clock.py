"""Clocks that run on a record, the pauses that stop them, and what is reported up meanwhile (§5.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets import clocks
from tickets.escalation import Needs
from tickets.grading import Grade
from tickets.models.policy import ClockKind, EscalationRule, Target
from tickets.models.ticket import Ticket


class PauseReason(models.TextChoices):
    CLIENT = "client", _("Waiting for the client")
    PARTS = "parts", _("Waiting for parts")
    THIRD_PARTY = "third_party", _("Waiting for a third party")
    WINDOW = "window", _("Waiting for a maintenance window")


class Pause(models.Model):
    """A span in which a record waits; its working-time clocks stand still. Never on grade 1."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="pauses")
    reason = models.CharField(_("reason"), max_length=12, choices=PauseReason.choices)
    text = models.TextField(_("what exactly are we waiting for"))
    until = models.DateTimeField(_("look again at"))
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_one_open_pause", fields=["ticket"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_pause_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.reason}"


class ClockQuerySet(models.QuerySet["Clock"]):
    def visible_to(self, user: User) -> ClockQuerySet:
        return self if user.sees_everything else self.filter(ticket__in=Ticket.objects.visible_to(user))

    def current(self) -> ClockQuerySet:
        """Clocks that count: those that a regrade replaced are history."""
        return self.filter(superseded_at__isnull=True)

    def with_planned(self) -> ClockQuerySet:
        """With what each has still to report up, soonest first, as `planned`: dicts of due_at and target."""
        steps = Escalation.objects.filter(clock=OuterRef("pk")).planned()
        facts = JSONObject(
            due_at="due_at", target="target", name="rule__person__name", name_en="rule__person__name_en"
        )
        return self.annotate(planned=ArraySubquery(steps.values(step=facts)))

    def running(self) -> ClockQuerySet:
        """Started and not stopped; a paused clock is among them."""
        return self.current().filter(stopped_at__isnull=True)


class Clock(models.Model):
    """A deadline as a row. `due_at` is computed when it starts, so editing a limit never rewrites it.

    While its record waits, `due_at`, `near_at` and `next_at` are empty. `next_at` is the next instant at
    which something happens to the clock (near, breached, a report-up): the sweep looks at nothing else.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks")
    kind = models.CharField(_("clock"), max_length=12, choices=ClockKind.choices)
    cycle = models.PositiveSmallIntegerField(default=1)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    limit = models.DurationField(_("limit"))
    near_percent = models.PositiveSmallIntegerField(default=80)
    round_the_clock = models.BooleanField()
    started_at = models.DateTimeField()
    near_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    near_marked_at = models.DateTimeField(null=True, blank=True)
    breached_marked_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_one_running_clock_of_a_kind",
                fields=["ticket", "kind"],
                condition=Q(stopped_at__isnull=True, superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="tickets_stopped_clock_rings_no_more",
                condition=Q(stopped_at__isnull=True, superseded_at__isnull=True) | Q(next_at__isnull=True),
            ),
            models.CheckConstraint(name="tickets_clock_has_a_limit", condition=Q(limit__gt=timedelta(0))),
        ]
        indexes = [
            models.Index(name="tickets_clock_next", fields=["next_at"], condition=Q(next_at__isnull=False)),
            # In-time rates ask for the clocks of a kind whose deadline lies in a month.
            models.Index(
                name="tickets_clock_due_in",
                fields=["kind", "due_at"],
                include=["stopped_at", "ticket", "grade"],
                condition=Q(superseded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"

    @property
    def kind_label(self) -> str:
        return str(ClockKind(self.kind).label)

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and self.superseded_at is None

    @property
    def is_paused(self) -> bool:
        return self.is_running and self.due_at is None

    def state(self, now: datetime) -> clocks.ClockState:
        return clocks.state(
            due_at=self.due_at,
            near_at=self.near_at,
            stopped_at=self.stopped_at,
            paused=self.is_paused,
            now=now,
        )


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def visible_to(self, user: User) -> EscalationQuerySet:
        return self.none() if user.is_contact else self.filter(ticket__in=Ticket.objects.visible_to(user))

    def planned(self) -> EscalationQuerySet:
        """What fires next: report-ups still to come, soonest first."""
        return self.filter(fired_at__isnull=True, due_at__isnull=False).order_by("due_at", "id")

    def fired(self) -> EscalationQuerySet:
        return self.filter(fired_at__isnull=False)

    def of_chain(self, step: Escalation) -> EscalationQuerySet:
        """A report-up and its repeats."""
        return self.filter(clock=step.clock_id, rule=step.rule_id)

    def awaiting(self, person: User) -> EscalationQuerySet:
        """What this person is to acknowledge: he was told, the clock runs still, and he has not done so.

        Nor has another one, where one of those told is enough. An answer to one turn answers the whole chain.
        """
        answers = Acknowledgement.objects.filter(step__clock=OuterRef("clock"), step__rule=OuterRef("rule"))
        asked = self.fired().filter(told=person, clock__in=Clock.objects.running())
        asked = asked.exclude(rule__needs_ack=Needs.NONE)
        mine = Exists(answers.filter(by=person))
        return asked.exclude(mine).exclude(Q(rule__needs_ack=Needs.ONE) & Exists(answers))


class Escalation(models.Model):
    """One report-up of one clock: planned when the clock starts, fired once (§5.4).

    Whom it reaches is a target, resolved to people when it fires. `due_at` is empty while the record waits.
    `turn` counts the repeats of its rule, from 0: the first one and its repeats are one chain.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="escalations")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="escalations")
    rule = models.ForeignKey(EscalationRule, models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField(default=0)
    target = models.CharField(max_length=20, choices=Target.choices)
    offset = models.DurationField()
    due_at = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False)
    found_nobody = models.BooleanField(default=False)
    told = models.ManyToManyField(User, related_name="+")

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("report-up")
        verbose_name_plural = _("report-ups")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(name="tickets_escalation_once", fields=["clock", "rule", "turn"])
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.target}"


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    def visible_to(self, user: User) -> AcknowledgementQuerySet:
        return self.filter(step__in=Escalation.objects.visible_to(user))


class Acknowledgement(models.Model):
    """One of those told says that he knows: no clock stops for that, only his being told again (§5.4)."""

    step = models.ForeignKey(Escalation, models.PROTECT, related_name="acknowledgements")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        verbose_name = _("acknowledgement of a report-up")
        verbose_name_plural = _("acknowledgements of report-ups")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="tickets_acknowledged_once", fields=["step", "by"])]

    def __str__(self) -> str:
        return f"{self.step_id} {self.by_id}"


class Heartbeat(models.Model):
    """When a loop that guards the deadlines last came round.

    The auditor's says too how much it has found, and since when there has been something.
    """

    name = models.SlugField(primary_key=True)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    found = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name

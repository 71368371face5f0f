"""Work types with their required documents, and the changes planned by them (tail §7.1–7.3)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Channel
from staff.models import Bilingual, User
from tickets.changes import (
    OVER,
    ChangeState,
    Facts,
    Outcome,
    Paper,
    WorkHours,
    WorkStep,
)
from tickets.models.attachment import Attachment
from tickets.models.ticket import Ticket

LONGEST = 8000
STARTED = [ChangeState.STARTED, ChangeState.DONE, ChangeState.REVIEWED, ChangeState.CLOSED]


class Risk(models.TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class WorkType(Bilingual):
    """A kind of planned work. `optional_steps` are those of the steps that one may do without which it has.

    `lead_days` are calendar days between writing a plan and its usual window; `hours` where it ought to lie.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    description = models.CharField(_("what it is for"), max_length=300, blank=True)
    optional_steps = ArrayField(
        models.CharField(max_length=8, choices=WorkStep.choices), default=list, blank=True
    )
    needs_client = models.BooleanField(_("the client has to confirm"), default=False)
    lead_days = models.PositiveSmallIntegerField(_("usual lead time (days)"), default=7)
    hours = models.CharField(
        _("windows lie"), max_length=7, choices=WorkHours.choices, default=WorkHours.OUTSIDE
    )
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("work type")
        verbose_name_plural = _("work types")
        ordering = ["pk"]

    @property
    def needs_window(self) -> bool:
        return WorkStep.WINDOW in self.optional_steps

    @property
    def needs_review(self) -> bool:
        return WorkStep.REVIEW in self.optional_steps


class RequiredDocument(Bilingual):
    """A document that each new change of a type has to have; those that run keep what they began with."""

    type = models.ForeignKey(WorkType, models.CASCADE, related_name="documents")
    step = models.CharField(_("step"), max_length=8, choices=WorkStep.choices)

    class Meta:
        verbose_name = _("required document")
        verbose_name_plural = _("required documents")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="tickets_required_document_once", fields=["type", "step", "name"])
        ]


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: User) -> ChangeQuerySet:
        """Whoever sees its record; clients' contacts see their records, not how the house plans."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def open(self) -> ChangeQuerySet:
        return self.exclude(state__in=OVER)

    def with_names(self) -> ChangeQuerySet:
        """All that a line of a list says, in one query."""
        return self.select_related(
            "type", "ticket__client__hours", "ticket__system", "ticket__owner", "ticket__group"
        )

    def in_window(self, start: datetime, end: datetime) -> ChangeQuerySet:
        """Those whose window touches [start, end); withdrawn ones have none."""
        return self.filter(window_from__lt=end, window_to__gt=start)

    def to_remind(self, now: datetime) -> ChangeQuerySet:
        return self.filter(state=ChangeState.SCHEDULED, remind_at__lte=now)


class Change(models.Model):
    """The plan of a maintenance record of the kind “change”, and how far it has come.

    Its record has the number, the client, the owner, the history and the deadline of the next step. What an
    approval was given for cannot be altered: another plan begins anew. The window is half-open, [from, to).
    """

    ticket = models.OneToOneField(Ticket, models.PROTECT, primary_key=True, related_name="change")
    type = models.ForeignKey(WorkType, models.PROTECT, related_name="+", verbose_name=_("work type"))
    state = models.CharField(_("state"), max_length=9, choices=ChangeState.choices, default=ChangeState.DRAFT)
    planner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    # As the type said when it was written.
    needs_client = models.BooleanField()
    needs_window = models.BooleanField()
    needs_review = models.BooleanField()

    plan = models.TextField(_("steps of the plan"), blank=True, max_length=LONGEST)
    impact = models.TextField(_("what is affected"), blank=True, max_length=LONGEST)
    rollback = models.TextField(_("rollback plan"), blank=True, max_length=LONGEST)
    checks = models.TextField(_("how success is checked"), blank=True, max_length=LONGEST)
    risk = models.CharField(_("risk"), max_length=6, choices=Risk.choices, default=Risk.MEDIUM)

    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decision_note = models.TextField(blank=True, max_length=LONGEST)
    client_by = models.CharField(_("confirmed for the client by"), max_length=120, blank=True)
    client_how = models.CharField(_("confirmed how"), max_length=8, choices=Channel.choices, blank=True)
    client_at = models.DateTimeField(null=True)
    client_evidence = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    window_from = models.DateTimeField(_("window from"), null=True)
    window_to = models.DateTimeField(_("window to"), null=True)
    remind_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)

    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    overruled = models.TextField(_("why outside the window"), blank=True, max_length=LONGEST)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices, blank=True)
    result = models.TextField(_("what was done"), blank=True, max_length=LONGEST)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    review = models.TextField(_("review"), blank=True, max_length=LONGEST)
    withdrawn_because = models.TextField(blank=True, max_length=LONGEST)
    version = models.PositiveIntegerField(default=1)

    objects = ChangeQuerySet.as_manager()
    # The `plan_mark` of the plan that a person has read, where it came with what he sent.
    read_plan: str | None = None
    # The state that its history knows of.
    told_state = ""

    class Meta:
        verbose_name = pgettext_lazy("kind of record", "change")
        verbose_name_plural = pgettext_lazy("kind of record", "changes")
        ordering = ["-pk"]
        indexes = [
            models.Index(name="tickets_change_state", fields=["state", "-ticket"]),
            models.Index(
                name="tickets_change_window",
                fields=["window_from", "window_to"],
                condition=Q(window_from__isnull=False),
            ),
            models.Index(
                name="tickets_change_remind", fields=["remind_at"], condition=Q(remind_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_change_window_has_length",
                condition=Q(window_from__isnull=True, window_to__isnull=True)
                | Q(window_from__isnull=False, window_to__gt=F("window_from")),
            ),
            models.CheckConstraint(
                name="tickets_change_decided_by_another",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decided_by=F("planner"))),
            ),
            # Nothing starts that has no plan, no way back, no approval, no window where it needs one.
            models.CheckConstraint(
                name="tickets_change_starts_when_ready",
                condition=~Q(state__in=STARTED)
                | (
                    Q(started_at__isnull=False, started_by__isnull=False, decided_at__isnull=False)
                    & ~Q(plan="")
                    & ~Q(rollback="")
                    & (Q(needs_client=False) | Q(client_at__isnull=False))
                    & (Q(needs_window=False) | Q(window_from__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="tickets_change_ends_with_a_result",
                condition=~Q(state__in=STARTED[1:])
                | (Q(finished_at__gte=F("started_at")) & ~Q(outcome="") & ~Q(result="")),
            ),
            models.CheckConstraint(
                name="tickets_change_closed_when_reviewed",
                condition=~Q(state__in=STARTED[2:])
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(review="")),
            ),
            models.CheckConstraint(
                name="tickets_change_withdrawn_for_a_reason",
                condition=~Q(state=ChangeState.WITHDRAWN) | ~Q(withdrawn_because=""),
            ),
        ]

    def __str__(self) -> str:
        return f"T-{self.ticket_id} {self.state}"

    @property
    def number(self) -> str:
        return f"T-{self.ticket_id}"

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        if self.window_from is None or self.window_to is None:
            return None
        return self.window_from, self.window_to

    @property
    def plan_mark(self) -> str:
        """Another one for another plan: so nobody approves what he has not read."""
        texts = (self.plan, self.impact, self.rollback, self.checks, self.risk)
        return sha256("\0".join(texts).encode()).hexdigest()[:16]

    @property
    def is_approved(self) -> bool:
        return self.decided_at is not None and self.state not in (ChangeState.REJECTED, ChangeState.DRAFT)

    def facts(self, papers: list[ChangeDocument]) -> Facts:
        """What the rules ask about it; `papers` are its documents with their files."""
        return Facts(
            plan=self.plan,
            rollback=self.rollback,
            is_approved=self.is_approved,
            needs_client=self.needs_client,
            is_client_asked=self.client_at is not None,
            needs_window=self.needs_window,
            has_window=self.window is not None,
            has_result=bool(self.outcome and self.result),
            is_reviewed=self.reviewed_at is not None,
            papers=[Paper(paper.pk, paper.step, paper.is_settled) for paper in papers],
        )


class ChangeDocument(Bilingual):
    """A document that a change has to have: a file of its record, or a superior's word that it needs none."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="papers")
    step = models.CharField(_("step"), max_length=8, choices=WorkStep.choices)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    waived_because = models.CharField(_("why not needed"), max_length=1000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("document of a change")
        verbose_name_plural = _("documents of changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="tickets_change_document_once", fields=["change", "step", "name"]),
            models.CheckConstraint(
                name="tickets_change_document_filed_or_waived",
                condition=Q(file__isnull=True, waived_because="", by__isnull=True, at__isnull=True)
                | Q(file__isnull=False, waived_because="", by__isnull=False, at__isnull=False)
                | (Q(file__isnull=True, by__isnull=False, at__isnull=False) & ~Q(waived_because="")),
            ),
        ]

    @property
    def is_settled(self) -> bool:
        """Whether its file is there and was not withdrawn, or none is needed."""
        return bool(self.waived_because) or (self.file is not None and self.file.is_present)

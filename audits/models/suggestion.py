"""Suggestions from staff against a clause, how long an answer may take, and what happened (§1.1)."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audits.models.process import LONGEST, Clause, ProcessVersion
from audits.suggesting import OPEN, Days, SuggestionState, Told
from staff.models import User


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: User) -> SuggestionQuerySet:
        """All staff: a suggestion that everybody reads is filed once. Clients' contacts know of none."""
        return self.none() if user.is_contact else self

    def open(self) -> SuggestionQuerySet:
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime) -> SuggestionQuerySet:
        return self.open().filter(due_at__lte=now)

    def to_tell(self, now: datetime) -> SuggestionQuerySet:
        return self.open().filter(tell_at__lte=now)

    def with_names(self) -> SuggestionQuerySet:
        return self.select_related("clause__version", "by__group", "adopted_in", "answered_by")


class Suggestion(models.Model):
    """`clause` is the one that was on the screen; `line` finds it again in every other version."""

    clause = models.ForeignKey(Clause, models.PROTECT, related_name="suggestions")
    line = models.PositiveIntegerField()
    text = models.TextField(_("what is wrong or missing"), max_length=LONGEST)
    wording = models.TextField(_("proposed wording"), max_length=LONGEST, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    state = models.CharField(
        _("state"), max_length=9, choices=SuggestionState.choices, default=SuggestionState.FILED
    )
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    answer = models.TextField(_("answer"), max_length=LONGEST, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    adopted_in = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="adopted")
    over_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("answer due"))
    told = models.PositiveSmallIntegerField(default=Told.NOBODY)
    tell_at = models.DateTimeField(null=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="audits_suggestion_tell", fields=["tell_at"], condition=Q(tell_at__isnull=False)
            ),
            models.Index(name="audits_suggestion_line", fields=["line", "-id"]),
            models.Index(name="audits_suggestion_state", fields=["state", "-id"]),
        ]
        constraints = [
            # §1.1: nobody's suggestion sinks.
            models.CheckConstraint(
                name="audits_suggestion_open_is_told_of",
                condition=Q(state__in=OPEN, tell_at__isnull=False, over_at=None)
                | (~Q(state__in=OPEN) & Q(tell_at=None, over_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="audits_suggestion_answered_whole",
                condition=(
                    Q(state=SuggestionState.ADOPTED, adopted_in__isnull=False, answered_by__isnull=False)
                    & ~Q(answer="")
                )
                | (
                    Q(state=SuggestionState.DECLINED, adopted_in=None, answered_by__isnull=False)
                    & ~Q(answer="")
                )
                | Q(
                    state__in=[*OPEN, SuggestionState.WITHDRAWN],
                    adopted_in=None,
                    answered_by=None,
                    answer="",
                ),
            ),
            models.CheckConstraint(
                name="audits_suggestion_answered_by_another",
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} §{self.clause_id}"

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"PS-{self.pk:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at <= now


class ProcessEventKind(models.TextChoices):
    BEGUN = "begun", _("Version begun")
    PUBLISHED = "published", _("Version published")
    FILED = "filed", _("Filed")
    REVIEWED = "reviewed", _("Taken under review")
    ADOPTED = "adopted", _("Adopted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REPORTED_UP = "reported_up", _("Reported up")


class ProcessEvent(models.Model):
    """What happened to a version or a suggestion. Append-only: the database refuses UPDATE and DELETE.

    `by` is empty where the clock or the house's default rows did it.
    """

    version = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="events")
    suggestion = models.ForeignKey(Suggestion, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=11, choices=ProcessEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = _("entry of the process register's history")
        verbose_name_plural = _("history of the process register")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="audits_process_event_is_of_one",
                condition=Q(version__isnull=False, suggestion=None)
                | Q(version=None, suggestion__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


def _days(label: object, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )


class ProcessTerms(models.Model):
    """How long an answer may take: one row for the house. Our defaults, not from the process document."""

    answer = _days(_("Working days for an answer"), Days().answer)
    department_manager = _days(
        _("Working days overdue until the department manager is told"), Days().department_manager
    )
    general_manager = _days(
        _("Working days overdue until the general manager is told"), Days().general_manager
    )
    again = _days(_("Working days until he is told again"), Days().again)

    class Meta:
        verbose_name = _("terms of suggestions")
        verbose_name_plural = _("terms of suggestions")
        constraints = [
            models.CheckConstraint(name="audits_process_terms_once", condition=Q(pk=1)),
            models.CheckConstraint(
                name="audits_process_terms_go_up",
                condition=Q(department_manager__lt=F("general_manager")),
                violation_error_message=_("Each level is told later than the one below it."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def days(self) -> Days:
        return Days(**{name: getattr(self, name) for name in Days.__slots__})

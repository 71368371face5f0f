"""The assessment of a person or a group for a month: what it came to, what was said of it, its history."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reports.assessment.kinds import AssessmentState, EventKind, Excuse, Outcome, Source, Thing
from reports.models.scheme import SchemeVersion
from reports.periods import Period, period_of
from staff.models import Group, ManagementLevel, Role, StoredFile, User

LONGEST = 4000


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> AssessmentQuerySet:
        """Oneself, the supervisor of the group and the leaders (§5.2), whoever else sees everything.

        As `reports.chosen.may_read_person` says, but for the group in which somebody was assessed, and for
        another supervisor of the same group: only leaders check him, only leaders read him, also when he is
        none any more. Drafts are for those who check. Beside them reads an appeal who may rule on it, and
        later what he has ruled. Of the reader it is the office of today that counts: whoever takes a group
        over has to know what was said of its people, and whoever leaves it no longer.
        """
        if user.is_contact or not user.is_active:
            return self.none()
        if user.role == Role.LEADER:
            return self
        seen = Q(person=user) & ~Q(state=AssessmentState.DRAFT)
        if user.role == Role.SUPERVISOR:
            mine = Q(person=user) | Q(person=None)  # his own, and what his group came to
            of_people = ~mine & Q(of_supervisor=False)
            seen |= Q(group=user.group_id) & (of_people | mine & ~Q(state=AssessmentState.DRAFT))
        if user.management_level >= ManagementLevel.TECHNICAL_LEAD:
            seen |= Q(ruled_by=user) | _waits_for(user)
        return self.filter(seen)

    def to_rule(self, user: User) -> AssessmentQuerySet:
        """Appeals on which this person may rule, as `following.Standing` says of the action."""
        if not user.is_active or user.management_level < ManagementLevel.TECHNICAL_LEAD:
            return self.none()
        own = Q(person=user)
        if user.role == Role.SUPERVISOR:
            own |= Q(person=None, group=user.group_id)
        return self.filter(_waits_for(user)).exclude(own)

    def with_names(self) -> AssessmentQuerySet:
        return self.select_related("group", "person", "scheme")


def _waits_for(user: User) -> Q:
    """Appealed against, and checked by somebody below him."""
    return Q(state=AssessmentState.APPEALED, checked_level__lt=user.management_level) & ~Q(checked_by=user)


class Assessment(models.Model):
    """One subject and month. Of a group where `person` is empty.

    `result` is a `reports.assessment.scoring.Result`; `score` is None where nothing could be measured.
    `left_out` are the places of lines that a ruling took out. `of_supervisor`: the person was one when it was
    drafted, whatever he has become since. When it is final, `snapshot` holds all that its
    page and its paper say, and the database refuses every further change.
    """

    month = models.DateField(_("month"))
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("person")
    )
    of_supervisor = models.BooleanField(default=False)
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=8, choices=AssessmentState.choices, default=AssessmentState.DRAFT
    )
    result = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=1, null=True)
    grade = models.CharField(_("grade"), max_length=2, blank=True)
    factor = models.DecimalField(_("factor"), max_digits=4, decimal_places=2, null=True)
    counted_at = models.DateTimeField(null=True)

    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    checked_level = models.PositiveSmallIntegerField(default=0)
    note = models.TextField(_("word to the person"), blank=True, max_length=LONGEST)
    shown_at = models.DateTimeField(null=True)
    appeal_until = models.DateTimeField(null=True)
    appeal = models.TextField(_("appeal"), blank=True, max_length=LONGEST)
    appealed_at = models.DateTimeField(null=True)
    appealed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)
    ruling = models.TextField(
        pgettext_lazy("assessment", "reason for the ruling"), blank=True, max_length=LONGEST
    )
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    final_at = models.DateTimeField(null=True)
    snapshot = models.JSONField(null=True)

    due_at = models.DateTimeField(_("next step by"), null=True)
    is_told = models.BooleanField(default=False)  # that the next step is overdue
    version = models.PositiveIntegerField(default=1)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-month", "pk"]
        indexes = [
            models.Index(name="reports_assessment_person", fields=["person", "-month"]),
            models.Index(
                name="reports_assessment_open",
                fields=["state", "due_at", "appeal_until"],
                condition=~Q(state=AssessmentState.FINAL),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="reports_assessment_once", fields=["group", "month", "person"], nulls_distinct=False
            ),
            models.UniqueConstraint(
                name="reports_assessed_once_a_month",
                fields=["month", "person"],
                condition=Q(person__isnull=False),
            ),
            models.CheckConstraint(name="reports_assessment_of_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="reports_assessment_state_is_its_facts",
                condition=Q(
                    state=AssessmentState.DRAFT,
                    shown_at=None,
                    checked_by=None,
                    appealed_at=None,
                    final_at=None,
                )
                | Q(
                    state=AssessmentState.SHOWN,
                    shown_at__isnull=False,
                    checked_by__isnull=False,
                    appeal_until__isnull=False,
                    appealed_at=None,
                    final_at=None,
                )
                | Q(
                    state=AssessmentState.APPEALED,
                    shown_at__isnull=False,
                    appealed_at__isnull=False,
                    final_at=None,
                )
                | Q(
                    state=AssessmentState.FINAL,
                    shown_at__isnull=False,
                    final_at__isnull=False,
                    snapshot__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="reports_assessment_ruled_for_a_reason",
                condition=Q(ruled_by=None, ruling="", outcome="")
                | (Q(ruled_by__isnull=False, appealed_at__isnull=False) & ~Q(ruling="") & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="reports_assessment_appeal_is_ruled",
                condition=~Q(state=AssessmentState.FINAL) | Q(appealed_at=None) | Q(ruled_by__isnull=False),
            ),
            # Nobody checks or rules on his own, nor rules on what he checked.
            models.CheckConstraint(
                name="reports_assessment_by_others",
                condition=(Q(person=None) | Q(checked_by=None) | ~Q(person=F("checked_by")))
                & (Q(person=None) | Q(ruled_by=None) | ~Q(person=F("ruled_by")))
                & (Q(ruled_by=None) | ~Q(checked_by=F("ruled_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.group_id} {self.person_id or ''}"

    @property
    def period(self) -> Period:
        return period_of(self.month, "month")

    @property
    def subject(self) -> str:
        """The name of the person, or of the group."""
        return self.person.label if self.person else self.group.label

    @property
    def is_draft(self) -> bool:
        return self.state == AssessmentState.DRAFT

    @property
    def is_final(self) -> bool:
        return self.state == AssessmentState.FINAL

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


class AssessmentItemQuerySet(models.QuerySet["AssessmentItem"]):
    def counted(self) -> AssessmentItemQuerySet:
        """Those that count: neither excused nor taken out."""
        return self.filter(out_at=None)


class AssessmentItem(models.Model):
    """A bonus, a penalty or a veto of an assessment, as often as it happened.

    `code` is the scheme's. `key` says of what it is, so that a rule never finds it twice. `thing` and
    `thing_id` lead to the row, `label` and `label_en` name it; what somebody entered by hand has a reason,
    and a row or files as evidence.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="items", db_index=False)
    code = models.CharField(max_length=40)
    source = models.CharField(max_length=10, choices=Source.choices)
    key = models.CharField(max_length=80)
    thing = models.CharField(max_length=10, choices=Thing.choices, blank=True)
    thing_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=120, blank=True)
    label_en = models.CharField(max_length=120, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=LONGEST)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    out_cause = models.CharField(_("cause"), max_length=13, choices=Excuse.choices, blank=True)
    out_because = models.TextField(_("reason"), blank=True, max_length=LONGEST)
    out_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    out_at = models.DateTimeField(null=True)

    objects = AssessmentItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("bonus or penalty")
        verbose_name_plural = _("bonuses and penalties")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="reports_item_once", fields=["assessment", "key"]),
            models.CheckConstraint(
                name="reports_item_by_hand_has_a_reason",
                condition=Q(by=None) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="reports_item_taken_out_for_a_reason",
                condition=Q(out_at=None, out_by=None, out_because="", out_cause="")
                | (Q(out_at__isnull=False, out_by__isnull=False) & ~Q(out_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.code}"


class AssessmentFile(StoredFile):
    """Evidence of an item: the letter of praise, the record that was forged."""

    item = models.ForeignKey(AssessmentItem, models.PROTECT, related_name="files")

    class Meta:
        verbose_name = _("evidence of an assessment")
        verbose_name_plural = _("evidence of assessments")
        ordering = ["pk"]


class AssessmentEvent(models.Model):
    """One thing that happened to an assessment or a scheme. The database refuses UPDATE and DELETE.

    `by` is empty where the clock did it.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="events")
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of the history of assessments")
        verbose_name_plural = _("history of assessments")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.kind}"

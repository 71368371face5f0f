"""How a record is served step by step, and the technical coordination meetings on it (§4.2, §5.4.1.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.coordination import Outcome, Way
from tickets.grading import Grade
from tickets.models.clock import Escalation
from tickets.models.ticket import Ticket


class ServiceStep(models.Model):
    """A change of the way of service. Without any row a record is served by phone and e-mail (§4.2.1)."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="steps")
    way = models.CharField(_("way of service"), max_length=10, choices=Way.choices)
    started_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField(_("why the way before does not do"))

    class Meta:
        verbose_name = _("step of the service ladder")
        verbose_name_plural = _("steps of the service ladder")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="tickets_step_has_its_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.way}"


class CoordinationMeetingQuerySet(models.QuerySet["CoordinationMeeting"]):
    def visible_to(self, user: User) -> CoordinationMeetingQuerySet:
        """Those on the records that the person may see; a client's contact sees none."""
        if user.is_contact:
            return self.none()
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def open(self) -> CoordinationMeetingQuerySet:
        """Convened, and no verdict yet."""
        return self.filter(closed_at__isnull=True)


class CoordinationMeeting(models.Model):
    """A technical coordination meeting on one record, from its convening to its verdict.

    `convened_by` is empty where a report-up convened it; then `escalation` is that one. It is closed by its
    first verdict, or without any where the fault was solved before or is a grade 3 after all.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="meetings")
    cycle = models.PositiveSmallIntegerField(default=1)
    convened_at = models.DateTimeField()
    convened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    escalation = models.ForeignKey(Escalation, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("why the group cannot solve it"), blank=True)
    invited = models.ManyToManyField(User, related_name="+")
    place = models.CharField(_("room or link"), max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CoordinationMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("coordination meeting")
        verbose_name_plural = _("coordination meetings")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_one_open_meeting", fields=["ticket"], condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_meeting_is_called_by_somebody_or_something",
                condition=(Q(convened_by__isnull=False) & ~Q(reason="")) | Q(escalation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} #{self.cycle}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Verdict(models.Model):
    """What a meeting decided. The newest one holds; an older one that it replaced stays readable."""

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="verdicts")
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices)
    outcome = models.CharField(_("verdict"), max_length=16, choices=Outcome.choices)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="tickets_verdict_suits_the_grade",
                condition=Q(grade=Grade.ONE, outcome__in=[Outcome.REMOTE_CAN, Outcome.REMOTE_CANNOT])
                | Q(grade=Grade.TWO, outcome__in=[Outcome.GUIDE, Outcome.REMOTE, Outcome.ON_SITE]),
            ),
            models.CheckConstraint(name="tickets_verdict_has_its_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.outcome}"


def with_ladder(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Annotate records: `way` of service (None: never changed), `in_meeting` now, `has_met` ever."""
    steps = ServiceStep.objects.filter(ticket=OuterRef("pk")).order_by("-pk")
    meetings = CoordinationMeeting.objects.filter(ticket=OuterRef("pk"))
    return rows.annotate(
        way=Subquery(steps.values("way")[:1]), in_meeting=Exists(meetings.open()), has_met=Exists(meetings)
    )

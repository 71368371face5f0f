"""The overrun of a limit as a case: who answers for it, what its cause was, and if it is excused (§3.2)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from staff.models import Group, ManagementLevel, Role, User
from tickets.accountability import ABOVE_ALL, OverrunCause, OverrunState, Step, Told
from tickets.grading import Grade
from tickets.models.clock import Clock
from tickets.models.policy import ClockKind
from tickets.models.ticket import Ticket

# Individual results are for the person himself, his supervisor and those who lead or audit the company.
ALL_READING_ROLES = (Role.AUDITOR, Role.LEADER, Role.ADMINISTRATOR)
# Cases that do not count: what `Overrun.is_set_aside` says of one.
SET_ASIDE = Q(clock__superseded_at__isnull=False) | Q(clock__stopped_at__lte=F("due_at"))


class OverrunQuerySet(models.QuerySet["Overrun"]):
    def visible_to(self, user: User) -> OverrunQuerySet:
        """Of which cases a person may know that they exist: those of the records that he sees.

        Beside them his own and his group's, wherever the record has gone since. Contacts know of none.
        """
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        record = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"))
        known = Q(Exists(record)) | Q(person=user)
        return self.filter(known | Q(group=user.group_id) if user.group_id else known)

    def readable_by(self, user: User) -> OverrunQuerySet:
        """Of which he may also read who answers, what was written and how it was ruled."""
        if user.is_contact:
            return self.none()
        if reads_all(user):
            return self
        own = Q(person=user)
        return self.filter(own | Q(group=user.group_id) if supervises(user, user.group_id) else own)

    def standing(self) -> OverrunQuerySet:
        """Those that count: a case is set aside as long as its clock is (a regrade, a merge).

        So is one whose clock was stopped in time after all: an arrival that was heard of late.
        """
        return self.exclude(SET_ASIDE)

    def set_aside(self) -> OverrunQuerySet:
        return self.filter(SET_ASIDE)

    def unsettled(self) -> OverrunQuerySet:
        return self.exclude(state=OverrunState.SETTLED)

    def waiting_for(self, user: User) -> dict[str, int]:
        """How many wait for this person: to be explained, ruled on, decided by him. One query."""
        level, others = user.management_level, ~Q(person=user) | Q(person__isnull=True)
        no = Q(pk__in=[])
        to_rule = Q(group=user.group_id) & others if supervises(user, user.group_id) else no
        higher = level >= ManagementLevel.TECHNICAL_LEAD
        to_decide = others & Q(ruled_by__management_level__lt=level) if higher else no
        waiting = {
            Step.EXPLAIN: Q(state=OverrunState.OPEN, person=user),
            Step.RULE: Q(state=OverrunState.EXPLAINED) & to_rule,
            Step.DECIDE: Q(state=OverrunState.APPEALED) & to_decide,
        }
        counts = {str(step): Count("pk", filter=which) for step, which in waiting.items()}
        return self.standing().unsettled().aggregate(**counts)

    def in_month(self, month: date) -> OverrunQuerySet:
        """Those whose limit ended in the month of that day, in local time."""
        tz, first = get_current_timezone(), month.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        start, end = (datetime.combine(day, time.min, tz) for day in (first, following))
        return self.filter(due_at__gte=start, due_at__lt=end)

    def counted(self, month: date) -> models.QuerySet[Overrun, dict[str, Any]]:
        """For a month's assessment: `number` of cases by group, person, cause and is_excused (§5.2).

        What has not been ruled on has no cause yet (""). A ruling that is still open to appeal counts.
        """
        keys = ("group", "person", "cause", "is_excused")
        return self.standing().in_month(month).order_by(*keys).values(*keys).annotate(number=Count("pk"))


class Overrun(models.Model):
    """One clock that was breached, opened in the transaction that marks the breach.

    `due_at` is the deadline that was missed, `opened_at` when that was marked. How late it became in the end
    is the clock's to say (`late_by`). `cause` and `is_excused` are what counts; a decision on an appeal may
    change them, the ruling itself stays. `told` says how far those who let it wait have been told.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="overruns")
    clock = models.OneToOneField(Clock, models.PROTECT, related_name="overrun")
    kind = models.CharField(_("clock"), max_length=12, choices=ClockKind.choices)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("person answerable")
    )
    due_at = models.DateTimeField(_("due"))
    opened_at = models.DateTimeField(_("opened at"))
    state = models.CharField(
        _("state"), max_length=10, choices=OverrunState.choices, default=OverrunState.OPEN
    )
    told = models.PositiveSmallIntegerField(default=Told.NOBODY)

    explanation = models.TextField(_("explanation"), blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)
    proposed_cause = models.CharField(
        _("cause, as the person sees it"), max_length=14, choices=OverrunCause.choices, blank=True
    )
    ruling = models.TextField(_("reason for the ruling"), blank=True)
    ruled_at = models.DateTimeField(null=True, blank=True)
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    ruled_cause = models.CharField(max_length=14, choices=OverrunCause.choices, blank=True)
    ruled_excused = models.BooleanField(default=False)
    appeal_until = models.DateTimeField(null=True, blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(_("reason for the decision"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=14, choices=OverrunCause.choices, blank=True)
    is_excused = models.BooleanField(_("excused"), default=False)

    objects = OverrunQuerySet.as_manager()

    class Meta:
        verbose_name = _("overrun")
        verbose_name_plural = _("overruns")
        ordering = ["-id"]
        indexes = [
            models.Index(name="tickets_overrun_month", fields=["group", "due_at"]),
            models.Index(name="tickets_overrun_latest", fields=["due_at", "id"]),  # of all groups together
            models.Index(
                name="tickets_overrun_unsettled",
                fields=["state", "opened_at"],
                condition=~Q(state=OverrunState.SETTLED),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_overrun_explained_in_words",
                condition=Q(explained_at__isnull=True, explanation="", proposed_cause="")
                | (Q(explained_at__isnull=False) & ~Q(explanation="") & ~Q(proposed_cause="")),
            ),
            models.CheckConstraint(
                name="tickets_overrun_ruled_by_somebody_for_a_reason",
                condition=Q(
                    ruled_at__isnull=True,
                    ruled_by__isnull=True,
                    appeal_until__isnull=True,
                    ruling="",
                    ruled_cause="",
                    ruled_excused=False,
                    cause="",
                    is_excused=False,
                )
                | (
                    Q(ruled_at__isnull=False, ruled_by__isnull=False, appeal_until__isnull=False)
                    & ~Q(ruling="")
                    & ~Q(ruled_cause="")
                    & ~Q(cause="")
                ),
            ),
            models.CheckConstraint(
                name="tickets_overrun_appealed_in_words",
                condition=Q(appealed_at__isnull=True, appeal="")
                | (Q(appealed_at__isnull=False, ruled_at__isnull=False) & ~Q(appeal="")),
            ),
            models.CheckConstraint(
                name="tickets_overrun_decided_on_appeal_alone",
                condition=Q(decided_by__isnull=True, decision="")
                | (
                    Q(decided_by__isnull=False, appealed_at__isnull=False, settled_at__isnull=False)
                    & ~Q(decision="")
                ),
            ),
            models.CheckConstraint(
                name="tickets_overrun_state_is_its_facts",
                condition=Q(
                    state=OverrunState.OPEN,
                    explained_at__isnull=True,
                    ruled_at__isnull=True,
                    settled_at__isnull=True,
                )
                | Q(
                    state=OverrunState.EXPLAINED,
                    explained_at__isnull=False,
                    ruled_at__isnull=True,
                    settled_at__isnull=True,
                )
                | Q(
                    state=OverrunState.RULED,
                    ruled_at__isnull=False,
                    appealed_at__isnull=True,
                    settled_at__isnull=True,
                )
                | Q(state=OverrunState.APPEALED, appealed_at__isnull=False, settled_at__isnull=True)
                | Q(
                    state=OverrunState.SETTLED,
                    ruled_at__isnull=False,
                    settled_at__isnull=False,
                    appealed_at__isnull=True,
                )
                | Q(
                    state=OverrunState.SETTLED,
                    appealed_at__isnull=False,
                    settled_at__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
            # Nobody rules on his own overrun, and whoever ruled does not decide on the appeal.
            models.CheckConstraint(
                name="tickets_overrun_judged_by_others",
                condition=(Q(person__isnull=True) | Q(ruled_by__isnull=True) | ~Q(person=F("ruled_by")))
                & (Q(person__isnull=True) | Q(decided_by__isnull=True) | ~Q(person=F("decided_by")))
                & (Q(decided_by__isnull=True) | ~Q(ruled_by=F("decided_by"))),
            ),
            models.CheckConstraint(
                name="tickets_overrun_own_cause_is_no_excuse",
                condition=~Q(is_excused=True, cause=OverrunCause.OWN)
                & ~Q(ruled_excused=True, ruled_cause=OverrunCause.OWN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"

    @property
    def kind_label(self) -> str:
        return str(ClockKind(self.kind).label)

    @property
    def is_set_aside(self) -> bool:
        """Whether it does not count: its clock was replaced or met in time, or its record is merged."""
        return self.clock.superseded_at is not None or self.was_in_time

    @property
    def was_in_time(self) -> bool:
        """Whether the clock was stopped in time after all, and the house heard of it late."""
        return self.clock.stopped_at is not None and self.clock.stopped_at <= self.due_at

    def late_by(self, now: datetime) -> timedelta:
        """By how much the deadline was missed; of a clock that runs still, until now."""
        ended_at = self.clock.stopped_at or self.clock.superseded_at or now
        return max(ended_at - self.due_at, timedelta(0))


def reads_all(user: User) -> bool:
    """Whether he leads or audits the company: the texts of every case are his to read."""
    return user.role in ALL_READING_ROLES or user.management_level >= ManagementLevel.TECHNICAL_LEAD


def supervises(user: User, group: int | None) -> bool:
    """Whether he is a supervisor of that group (its id)."""
    is_supervisor = user.role == Role.SUPERVISOR or user.management_level == ManagementLevel.SUPERVISOR
    return is_supervisor and group is not None and user.group_id == group


def level_of(user: User | None, overrun: Overrun) -> int:
    """Return his level as far as this case goes: a supervisor's is for the cases of his group."""
    if user is None or not user.is_active:
        return 0
    if user.may_administer:
        return ABOVE_ALL
    if user.management_level >= ManagementLevel.TECHNICAL_LEAD:
        return user.management_level
    return int(supervises(user, overrun.group_id))


def may_read(user: User, overrun: Overrun) -> bool:
    """Whether he may read who answers, what was written and how it was ruled: as `readable_by` says."""
    if user.is_contact:
        return False
    return reads_all(user) or overrun.person_id == user.pk or supervises(user, overrun.group_id)

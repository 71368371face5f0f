"""What an audit found, and what was ordered of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audits.following import Told
from audits.kinds import OVER, FindingKind, FindingState
from audits.models.audit import LONGEST, Audit, Check
from audits.models.plan import supervises_a_group
from clients.models import Client, System
from staff.models import Group, User
from surveys.models import CorrectiveAction
from tickets.models import Ticket


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> FindingQuerySet:
        """Everybody those that he owns, supervisors those of their group; who sees all, all."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(owner=user)
        return self.filter(own | Q(group=user.group_id) if supervises_a_group(user) else own)

    def open(self) -> FindingQuerySet:
        return self.filter(due_at__isnull=False)  # as the database holds it: what is open is due

    def overdue(self, now: datetime) -> FindingQuerySet:
        return self.open().filter(due_at__lte=now)

    def to_tell(self, now: datetime) -> FindingQuerySet:
        return self.filter(tell_at__lte=now)

    def raised_in(self, start: datetime, end: datetime) -> FindingQuerySet:
        """Those raised in [start, end) that stand: what was withdrawn was none."""
        return self.filter(raised_at__gte=start, raised_at__lt=end).exclude(state=FindingState.WITHDRAWN)

    def dangers(self) -> FindingQuerySet:
        """Hidden dangers found before anything failed."""
        return self.filter(kind=FindingKind.DANGER)

    def with_names(self) -> FindingQuerySet:
        return self.select_related("audit", "group", "client", "system", "owner", "ticket")


class Finding(models.Model):
    """One finding. Given back, it begins a new round: what was ordered and answered before stays in the
    history. `due_at` is by when its next step is due, `tell_at` when somebody is told of it next.
    """

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="findings")
    check_of = models.ForeignKey(Check, models.PROTECT, null=True, related_name="findings")
    kind = models.CharField(_("kind"), max_length=10, choices=FindingKind.choices)
    title = models.CharField(_("what was found"), max_length=200)
    details = models.TextField(_("details"), blank=True, max_length=LONGEST)
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    client = models.ForeignKey(
        Client, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("client")
    )
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+", verbose_name=_("system"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, related_name="+", verbose_name=_("sampled record")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("to be remedied by"))
    raised_at = models.DateTimeField(_("raised at"))
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=9, choices=FindingState.choices, default=FindingState.OPEN
    )
    round = models.PositiveSmallIntegerField(default=1)

    answer = models.TextField(_("what was done"), blank=True, max_length=LONGEST)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    verification = models.TextField(_("what the verification showed"), blank=True, max_length=LONGEST)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    withdrawn_because = models.TextField(_("why it was withdrawn"), blank=True, max_length=LONGEST)

    due_at = models.DateTimeField(_("next step by"), null=True)
    told = models.PositiveSmallIntegerField(default=Told.NOBODY)
    tell_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-pk"]
        indexes = [
            models.Index(name="audits_finding_tell", fields=["tell_at"], condition=Q(tell_at__isnull=False)),
            models.Index(
                name="audits_finding_due", fields=["group", "due_at"], condition=Q(due_at__isnull=False)
            ),
            models.Index(name="audits_finding_group", fields=["group", "-id"]),
            models.Index(name="audits_finding_raised", fields=["raised_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="audits_finding_verified_by_another",
                condition=Q(verified_by=None, verified_at=None, verification="")
                | (
                    Q(verified_by__isnull=False, verified_at__isnull=False, answered_at__isnull=False)
                    & ~Q(verification="")
                    & (Q(owner=None) | ~Q(verified_by=F("owner")))
                    & ~Q(verified_by=F("answered_by"))
                ),
            ),
            models.CheckConstraint(
                name="audits_finding_closed_is_verified",
                condition=Q(state=FindingState.CLOSED, verified_at__isnull=False)
                | (~Q(state=FindingState.CLOSED) & Q(verified_at=None)),
            ),
            models.CheckConstraint(
                name="audits_finding_withdrawn_for_a_reason",
                condition=Q(state=FindingState.WITHDRAWN) & ~Q(withdrawn_because="")
                | ~Q(state=FindingState.WITHDRAWN) & Q(withdrawn_because=""),
            ),
            # §3.2: what is open never sinks.
            models.CheckConstraint(
                name="audits_finding_open_is_due",
                condition=Q(state__in=OVER, due_at=None, tell_at=None, over_at__isnull=False)
                | (~Q(state__in=OVER) & Q(due_at__isnull=False, over_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return f"QF-{self.pk:04d}"

    @property
    def is_open(self) -> bool:
        return self.state not in OVER

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


class FindingOrder(models.Model):
    """The record or the corrective action that was opened of a finding: one a round."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="orders")
    round = models.PositiveSmallIntegerField()
    ticket = models.OneToOneField(Ticket, models.PROTECT, null=True, related_name="+")
    corrective = models.OneToOneField(CorrectiveAction, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("order of a finding")
        verbose_name_plural = _("orders of findings")
        ordering = ["finding", "round"]
        constraints = [
            models.UniqueConstraint(name="audits_one_order_a_round", fields=["finding", "round"]),
            models.CheckConstraint(
                name="audits_order_is_one_thing",
                condition=Q(ticket__isnull=False, corrective=None) | Q(ticket=None, corrective__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}/{self.round}"

    @property
    def number(self) -> str:
        thing = self.ticket or self.corrective
        return thing.number if thing else ""

"""What a meeting decided: whose it is, until when, and what became of it (§6.1.1)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.kinds import DecisionState, Order
from meetings.models.meeting import LONGEST, AgendaItem, Meeting
from staff.models import Group, User
from tickets.models import Ticket


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: User) -> DecisionQuerySet:
        """A group sees its own, each person those that he owns. Clients' contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(owner=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def open(self) -> DecisionQuerySet:
        return self.filter(state=DecisionState.OPEN)

    def overdue(self, today: date) -> DecisionQuerySet:
        return self.open().filter(due_on__lt=today)

    def with_names(self) -> DecisionQuerySet:
        return self.select_related("group", "owner", "ticket", "meeting")


class Decision(models.Model):
    """One decision. It is on every next agenda until it is done, or dropped for a reason.

    `came_back` counts the agendas that it was on when it was overdue. `order` is what it set off at once.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions")
    text = models.TextField(_("decision"), max_length=LONGEST)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("owner"))
    due_on = models.DateField(_("due on"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("maintenance record")
    )
    order = models.CharField(_("what it sets off"), max_length=8, choices=Order.choices, blank=True)
    state = models.CharField(
        _("state"), max_length=7, choices=DecisionState.choices, default=DecisionState.OPEN
    )
    result = models.TextField(_("what was done, or why it was dropped"), max_length=LONGEST, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    came_back = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)  # that it is overdue
    version = models.PositiveIntegerField(default=1)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="meetings_decisions_open", fields=["group", "due_on", "id"], condition=Q(state="open")
            ),
            models.Index(name="meetings_decisions_group", fields=["group", "-id"]),
            models.Index(name="meetings_decisions_owner", fields=["owner", "-id"]),
            models.Index(
                name="meetings_decisions_settled",
                fields=["group", "settled_at"],
                condition=Q(settled_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="meetings_decision_settled_with_a_word",
                condition=Q(state="open", settled_at=None, settled_by=None, result="")
                | ~Q(state="open") & Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(result=""),
            ),
            models.CheckConstraint(
                name="meetings_order_is_about_a_record", condition=Q(order="") | Q(ticket__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"D-{self.pk:04d}"

    def is_overdue(self, today: date) -> bool:
        return self.state == DecisionState.OPEN and self.due_on < today

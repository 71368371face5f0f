"""Engineers on their way to a client, and the report that a grade 3 needs first (§4.2.3, §5.4.1.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.dispatching import OnSiteOutcome, OnSiteStep, next_step
from tickets.models.attachment import Attachment
from tickets.models.ticket import Entry, Ticket


class WrittenReport(models.Model):
    """What the client wrote of a fault: keyed in, or as the files of `entry`, of which the first is named."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="written_reports")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    written_by = models.CharField(_("from whom"), max_length=120)
    received_at = models.DateTimeField(_("received at"))
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("written report")
        verbose_name_plural = _("written reports")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="tickets_written_report_says_something",
                condition=~Q(text="") | Q(attachment__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.written_by}"


OPEN = Q(left_at__isnull=True, called_off_at__isnull=True)


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    def visible_to(self, user: User) -> DispatchQuerySet:
        """Who sees a record sees who goes there, and an engineer his own; a client's contact sees none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(Q(engineer=user) | Q(ticket__in=Ticket.objects.visible_to(user)))

    def open(self) -> DispatchQuerySet:
        """Ordered and not over: on the way or on site."""
        return self.filter(OPEN)

    def on_the_way(self) -> DispatchQuerySet:
        """Open, and not arrived."""
        return self.open().filter(arrived_at__isnull=True)

    def on_site(self) -> DispatchQuerySet:
        """Arrived, and not left."""
        return self.open().filter(arrived_at__isnull=False)

    def on_the_card_of(self, user: User, since: datetime) -> DispatchQuerySet:
        """An engineer's own that are open, or were over no earlier than `since`; open ones first."""
        recent = Q(left_at__gte=since) | Q(called_off_at__gte=since)
        return self.filter(OPEN | recent, engineer=user)


class Dispatch(models.Model):
    """One engineer sent to one client for one record.

    The times are those at which it happened; when the server heard of it stands in `OnSiteReport`. `bring` is
    what he is to take along, one thing a line; `packed` are the places in it (from 0) that he ticked.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="dispatches")
    engineer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("engineer"))
    ordered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField(_("ordered at"))
    address = models.CharField(_("address"), max_length=300)
    contact_name = models.CharField(_("contact on site"), max_length=120)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    bring = models.JSONField(_("to bring along"), default=list)
    packed = models.JSONField(default=list)
    note = models.TextField(_("note"), blank=True)
    departed_at = models.DateTimeField(_("departed at"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=OnSiteOutcome.choices, blank=True)
    reason = models.TextField(_("why not"), blank=True)
    signed_by = models.CharField(_("signed by"), max_length=120, blank=True)
    signature = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    called_off_at = models.DateTimeField(_("called off at"), null=True, blank=True)
    called_off_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    called_off_reason = models.TextField(_("why called off"), blank=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_one_open_dispatch_of_an_engineer", fields=["ticket", "engineer"], condition=OPEN
            ),
            models.CheckConstraint(
                name="tickets_departed_after_the_order",
                condition=Q(departed_at__isnull=True) | Q(departed_at__gte=F("ordered_at")),
            ),
            models.CheckConstraint(
                name="tickets_arrived_after_departing",
                condition=Q(arrived_at__isnull=True)
                | Q(arrived_at__gte=F("ordered_at"), departed_at__isnull=True)
                | Q(departed_at__isnull=False, arrived_at__gte=F("departed_at")),
            ),
            models.CheckConstraint(
                name="tickets_left_after_arriving",
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False, left_at__gte=F("arrived_at")),
            ),
            models.CheckConstraint(
                name="tickets_left_with_an_outcome",
                condition=Q(left_at__isnull=True, outcome="")
                | Q(left_at__isnull=False, outcome=OnSiteOutcome.SOLVED)
                | (Q(left_at__isnull=False, outcome=OnSiteOutcome.NOT_SOLVED) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="tickets_called_off_after_the_order",
                condition=Q(called_off_at__isnull=True, called_off_by__isnull=True, called_off_reason="")
                | Q(called_off_at__isnull=False, called_off_at__gte=F("ordered_at")),
            ),
        ]
        indexes = [
            models.Index(name="tickets_dispatch_open", fields=["engineer", "ticket"], condition=OPEN),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.engineer_id}"

    @property
    def is_open(self) -> bool:
        return self.left_at is None and self.called_off_at is None

    @property
    def next_step(self) -> OnSiteStep | None:
        """What the engineer reports next; what he says of one that was called off is still a fact."""
        return next_step(departed_at=self.departed_at, arrived_at=self.arrived_at, left_at=self.left_at)

    @property
    def to_bring(self) -> list[tuple[int, str, bool]]:
        """Each thing with its place, and whether he has ticked it."""
        return [(place, thing, place in self.packed) for place, thing in enumerate(self.bring)]

    @property
    def left_behind(self) -> list[str]:
        return [thing for place, thing in enumerate(self.bring) if place not in self.packed]


class OnSiteReport(models.Model):
    """One report of one step, taken exactly once: the same `client_key` sent again changes nothing.

    `happened_at` is the time that was believed, `received_at` when the server heard of it. A step that was
    reported before by somebody else keeps its time; then this report `counts` not. `not_taken` says which of
    its pictures could not be kept, and why.
    """

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="reports")
    step = models.CharField(max_length=8, choices=OnSiteStep.choices)
    client_key = models.UUIDField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    counts = models.BooleanField(default=True)
    not_taken = models.JSONField(default=list)

    class Meta:
        verbose_name = _("report from the road")
        verbose_name_plural = _("reports from the road")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="tickets_on_site_report_once", fields=["dispatch", "client_key"]),
            models.CheckConstraint(
                name="tickets_on_site_report_heard_after", condition=Q(received_at__gte=F("happened_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.step}"


def on_site_facts() -> dict[str, Exists]:
    """What a record's page asks of it in its one query: whether anybody goes there, or ever did."""
    its_own = Dispatch.objects.filter(ticket=OuterRef("pk"))
    reports = WrittenReport.objects.filter(ticket=OuterRef("pk"))
    return {
        "has_open_dispatch": Exists(its_own.open()),
        "has_dispatch": Exists(its_own),
        "has_written_report": Exists(reports),
    }

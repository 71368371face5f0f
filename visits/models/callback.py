"""A callback: who is to be called back why, by whom, until when, and what came of it (§5.3)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, Contact, System
from staff.models import Group, User
from tickets.models import Ticket
from visits.kinds import (
    HEARD,
    MOOT,
    OPEN,
    Drawing,
    Exclusion,
    Kind,
    Method,
    Result,
    Satisfaction,
    State,
)

LONGEST = 4000


class CallbackQuerySet(models.QuerySet["Callback"]):
    def visible_to(self, user: User) -> CallbackQuerySet:
        """A group sees its own, each person those that are his. Clients' contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(person=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def open(self) -> CallbackQuerySet:
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime) -> CallbackQuerySet:
        """Open past their limit."""
        return self.open().filter(limit_at__lte=now)

    def due(self, until: datetime) -> CallbackQuerySet:
        """Open, and to be made before an instant."""
        return self.open().filter(due_at__lt=until)

    def owed(self) -> CallbackQuerySet:
        """All that somebody owed or owes: without those counted with another or no longer needed."""
        return self.exclude(state__in=MOOT)

    def counted(self, start: datetime, end: datetime) -> CallbackQuerySet:
        """Those whose limit falls into [start, end): the callbacks of that period in figures."""
        return self.owed().filter(limit_at__gt=start, limit_at__lte=end)

    def on_time(self) -> CallbackQuerySet:
        """Made within their limit."""
        return self.filter(state=State.DONE, done_at__lte=models.F("limit_at"))

    def attempted(self) -> CallbackQuerySet:
        return self.filter(tried_at__isnull=False)

    def reached(self) -> CallbackQuerySet:
        return self.filter(state=State.DONE)

    def disappointed(self) -> CallbackQuerySet:
        """Where the client said that his expectation was not met (§4.3)."""
        return self.filter(state=State.DONE, expectation_not_met=True)

    def with_names(self) -> CallbackQuerySet:
        """All that a line of a list says, in one query."""
        return self.select_related(
            "client__type", "group", "contact", "person", "ticket", "system", "covered_by"
        )


class Callback(models.Model):
    """One callback. `due_at` is the instant for which it is planned, `limit_at` the end of its last day.

    A periodic one is of a slot of its client's rhythm (`slot_on`); one after a fault of one solution of its
    record (`cycle` counts reopenings). `tries` is how many half-days are to be tried before the supervisor
    decides. `done_at` is when the client was reached, or refused.
    """

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    method = models.CharField(_("method"), max_length=8, choices=Method.choices, default=Method.PHONE)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    client = models.ForeignKey(
        Client, models.PROTECT, related_name="+", db_index=False, verbose_name=_("client")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, related_name="+", verbose_name=_("maintenance record")
    )
    cycle = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("who calls")
    )
    slot_on = models.DateField(null=True)
    due_at = models.DateTimeField(_("planned for"))
    limit_at = models.DateTimeField(_("at the latest"))
    covered_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="covers")
    note = models.CharField(_("what it is about"), max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=3)
    tried_at = models.DateTimeField(null=True)

    done_at = models.DateTimeField(_("called back at"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, blank=True)
    spoke_with = models.CharField(_("spoke with"), max_length=120, blank=True)
    summary = models.TextField(_("what was said"), blank=True, max_length=LONGEST)
    is_solved = models.BooleanField(_("the fault is really solved"), null=True)
    satisfaction = models.CharField(_("satisfaction"), max_length=1, choices=Satisfaction.choices, blank=True)
    expectation_not_met = models.BooleanField(_("an expectation was not met"), default=False)
    expectation_words = models.TextField(_("which, in the client's words"), blank=True, max_length=LONGEST)
    next_wish_on = models.DateField(_("wishes the next callback on"), null=True, blank=True)
    next_wish = models.CharField(_("wish for the next callback"), max_length=300, blank=True)

    reminded_at = models.DateTimeField(null=True)
    told = models.PositiveSmallIntegerField(default=0)  # management levels told that it is overdue
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                name="visits_open_by_group", fields=["group", "due_at", "id"], condition=Q(state__in=OPEN)
            ),
            models.Index(
                name="visits_open_by_person", fields=["person", "due_at", "id"], condition=Q(state__in=OPEN)
            ),
            models.Index(name="visits_open_by_due", fields=["due_at", "id"], condition=Q(state__in=OPEN)),
            models.Index(name="visits_open_by_limit", fields=["limit_at"], condition=Q(state__in=OPEN)),
            models.Index(name="visits_by_due", fields=["-due_at", "-id"]),
            models.Index(name="visits_by_group", fields=["group", "-due_at", "-id"]),
            models.Index(name="visits_by_client", fields=["client", "-due_at"]),
            models.Index(
                name="visits_made_by_client",
                fields=["client", "-done_at", "-id"],
                condition=Q(done_at__isnull=False),
            ),
            models.Index(name="visits_by_limit", fields=["limit_at"]),
            models.Index(
                name="visits_disappointed", fields=["done_at"], condition=Q(expectation_not_met=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="visits_slot_once",
                fields=["client", "method", "slot_on"],
                condition=Q(slot_on__isnull=False, system__isnull=True),
            ),
            models.UniqueConstraint(
                name="visits_system_slot_once",
                fields=["system", "method", "slot_on"],
                condition=Q(slot_on__isnull=False, system__isnull=False),
            ),
            models.UniqueConstraint(
                name="visits_once_a_solution",
                fields=["ticket", "cycle"],
                condition=Q(kind=Kind.AFTER_FAULT),
            ),
            models.CheckConstraint(
                name="visits_after_fault_has_its_record",
                condition=~Q(kind=Kind.AFTER_FAULT) | Q(ticket__isnull=False),
            ),
            models.CheckConstraint(
                name="visits_done_has_its_time",
                condition=Q(state__in=HEARD, done_at__isnull=False, done_by__isnull=False)
                | (~Q(state__in=HEARD) & Q(done_at__isnull=True, done_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="visits_expectation_in_words",
                condition=Q(expectation_not_met=False) | ~Q(expectation_words=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the printed sheet and the history call it."""
        return f"HF-{self.pk:05d}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_phone(self) -> bool:
        return self.method == Method.PHONE

    @property
    def is_after_fault(self) -> bool:
        return self.kind == Kind.AFTER_FAULT

    @property
    def due_on(self) -> date:
        return timezone.localdate(self.due_at, timezone.get_default_timezone())

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.limit_at <= now


class Attempt(models.Model):
    """One try to reach the client."""

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    result = models.CharField(max_length=11, choices=Result.choices)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.result}"


class FaultDraw(models.Model):
    """That a solved fault was looked at: called back, outside its share, or excluded, and why.

    `drawn` (0 to 99) comes from the record's number alone, so nobody chooses who is asked.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    cycle = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=9, choices=Drawing.choices)
    reason = models.CharField(max_length=8, choices=Exclusion.choices, blank=True)
    share = models.PositiveSmallIntegerField()
    drawn = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("drawing of a solved fault")
        verbose_name_plural = _("drawings of solved faults")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="visits_drawn_once", fields=["ticket", "cycle"])]
        indexes = [models.Index(name="visits_draw_by_time", fields=["at", "outcome"])]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.outcome}"


class CallbackDraft(models.Model):
    """What somebody has typed on the screen of a callback and not saved yet: one for each of the two."""

    callback = models.ForeignKey(Callback, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft of a callback")
        verbose_name_plural = _("drafts of callbacks")
        constraints = [models.UniqueConstraint(name="visits_draft_once", fields=["callback", "user"])]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.user_id}"

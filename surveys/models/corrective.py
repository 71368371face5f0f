"""Corrective actions: an expectation that was not met, followed to its effect (§4.3, P4.3)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, Contact, System
from staff.models import Group, User
from surveys.correcting import (
    MOST_WHYS,
    OVER,
    CorrectiveState,
    Dates,
    Effect,
    Facts,
    RootCause,
    Source,
    Told,
)
from surveys.models.answer import AnswerSheet
from surveys.models.invitation import Invitation
from tickets.models import Ticket
from visits.models import Callback

LONGEST = 4000


class CorrectiveActionQuerySet(models.QuerySet["CorrectiveAction"]):
    def visible_to(self, user: User) -> CorrectiveActionQuerySet:
        """A group sees its own, each person those that he owns. Clients' contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(owner=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def open(self) -> CorrectiveActionQuerySet:
        return self.exclude(state__in=OVER)

    def overdue(self, now: datetime) -> CorrectiveActionQuerySet:
        return self.open().filter(due_at__lte=now)

    def to_tell(self, now: datetime) -> CorrectiveActionQuerySet:
        """Of which somebody has to be told by now."""
        return self.filter(tell_at__lte=now)

    def for_meeting(
        self, group: int, before: datetime, start: datetime, end: datetime
    ) -> CorrectiveActionQuerySet:
        """What a group's weekly meeting has to go through: open ones that are late or due by `end`, and those
        closed or dropped between `before` and the `start` of its week (§6.1).
        """
        due = ~Q(state__in=OVER) & Q(due_at__lte=end)
        settled = Q(state__in=OVER, over_at__gte=before, over_at__lt=start)
        return self.filter(due | settled, group=group).order_by("due_at", "pk")

    def due_in(self, start: datetime, end: datetime) -> CorrectiveActionQuerySet:
        """Those whose measure was due in [start, end): of these the rate of the period is taken."""
        first, last = (timezone.localdate(at) for at in (start, end))
        return self.filter(due_on__gte=first, due_on__lt=last).exclude(state=CorrectiveState.DROPPED)

    def verified_in_time(self) -> CorrectiveActionQuerySet:
        return self.filter(verified_at__isnull=False, was_late=False)

    def with_names(self) -> CorrectiveActionQuerySet:
        """All that a line of a list says, in one query."""
        return self.select_related("client", "group", "owner", "ticket")


class CorrectiveAction(models.Model):
    """One expectation that was not met. What is opened of the same answer, complaint or callback is one row.

    `since` is when the analysis began to be owed: when it was opened, or found to be without effect
    (`round`). `due_at` is by when the next step is due, the reply among them; `tell_at` is when somebody is
    told of it next, `told` how far it has gone. `was_late`: the measure was not carried out by its day.
    """

    source = models.CharField(_("source"), max_length=9, choices=Source.choices)
    answer = models.OneToOneField(AnswerSheet, models.PROTECT, null=True, blank=True, related_name="+")
    complaint = models.OneToOneField(Ticket, models.PROTECT, null=True, blank=True, related_name="+")
    callback = models.OneToOneField(Callback, models.PROTECT, null=True, blank=True, related_name="+")
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("maintenance record")
    )
    client = models.ForeignKey(
        Client, models.PROTECT, related_name="+", db_index=False, verbose_name=_("client")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    title = models.CharField(_("what was not met"), max_length=200)
    words = models.TextField(_("in the client's words"), blank=True, max_length=LONGEST)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(
        _("state"), max_length=8, choices=CorrectiveState.choices, default=CorrectiveState.OPEN
    )
    round = models.PositiveSmallIntegerField(default=1)
    since = models.DateTimeField()

    whys = ArrayField(
        models.CharField(max_length=500), verbose_name=_("why"), size=MOST_WHYS, default=list, blank=True
    )
    root_cause = models.CharField(_("root cause"), max_length=13, choices=RootCause.choices, blank=True)
    measure = models.TextField(_("measure"), blank=True, max_length=LONGEST)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("to be carried out by"), null=True, blank=True)
    result = models.TextField(_("what was done"), blank=True, max_length=LONGEST)
    carried_out_at = models.DateTimeField(null=True)
    was_late = models.BooleanField(default=False)

    reply = models.TextField(_("answer to the client"), blank=True, max_length=LONGEST)
    reply_how = models.CharField(_("answered how"), max_length=8, choices=Channel.choices, blank=True)
    reply_to = models.CharField(_("who was answered"), max_length=120, blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    verification = models.TextField(_("what the verification showed"), blank=True, max_length=LONGEST)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    resurvey = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="+")
    effect_due_on = models.DateField(_("effect to be checked on"), null=True, blank=True)
    effect = models.CharField(_("effect"), max_length=13, choices=Effect.choices, blank=True)
    effect_note = models.TextField(_("what shows it"), blank=True, max_length=LONGEST)
    effect_at = models.DateTimeField(null=True)
    effect_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    over_at = models.DateTimeField(null=True)
    dropped_because = models.TextField(_("why it was dropped"), blank=True, max_length=LONGEST)
    due_at = models.DateTimeField(_("next step by"), null=True)
    told = models.PositiveSmallIntegerField(default=Told.NOBODY)
    tell_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = CorrectiveActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("corrective action")
        verbose_name_plural = _("corrective actions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="surveys_corrective_tell", fields=["tell_at"], condition=Q(tell_at__isnull=False)
            ),
            models.Index(
                name="surveys_corrective_due", fields=["group", "due_at"], condition=Q(due_at__isnull=False)
            ),
            models.Index(name="surveys_corrective_group", fields=["group", "-id"]),
            models.Index(name="surveys_corrective_owner", fields=["owner", "-id"]),
            models.Index(name="surveys_corrective_client", fields=["client", "-id"]),
            models.Index(name="surveys_corrective_over", fields=["group", "over_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="surveys_corrective_has_its_source",
                condition=Q(source=Source.ANSWER, answer__isnull=False, complaint=None, callback=None)
                | Q(source=Source.COMPLAINT, answer=None, complaint__isnull=False, callback=None)
                | Q(source=Source.CALLBACK, answer=None, complaint=None, callback__isnull=False)
                | Q(source=Source.RECORD, ticket__isnull=False, answer=None, complaint=None, callback=None)
                | Q(source__in=(Source.CLIENT, Source.AUDIT), answer=None, complaint=None, callback=None),
            ),
            models.CheckConstraint(
                name="surveys_corrective_reply_says_who_and_how",
                condition=Q(reply="", reply_how="", reply_to="", replied_at=None, replied_by=None)
                | (
                    Q(replied_at__isnull=False, replied_by__isnull=False)
                    & ~Q(reply="")
                    & ~Q(reply_how="")
                    & ~Q(reply_to="")
                ),
            ),
            models.CheckConstraint(
                name="surveys_corrective_verified_by_another",
                condition=Q(verified_by=None, verified_at=None, verification="")
                | (
                    Q(verified_by__isnull=False, verified_at__isnull=False, carried_out_at__isnull=False)
                    & ~Q(verification="")
                    & ~Q(verified_by=F("owner"))
                ),
            ),
            # §4.3: all of it, or it is not closed.
            models.CheckConstraint(
                name="surveys_corrective_closed_whole",
                condition=~Q(state=CorrectiveState.CLOSED)
                | (
                    Q(
                        whys__len__gte=1,
                        owner__isnull=False,
                        due_on__isnull=False,
                        carried_out_at__isnull=False,
                        verified_at__isnull=False,
                        effect=Effect.EFFECTIVE,
                    )
                    & (Q(replied_at__isnull=False) | Q(source=Source.AUDIT))
                    & ~Q(root_cause="")
                    & ~Q(measure="")
                ),
            ),
            models.CheckConstraint(
                name="surveys_corrective_dropped_for_a_reason",
                condition=Q(state=CorrectiveState.DROPPED) & ~Q(dropped_because="")
                | ~Q(state=CorrectiveState.DROPPED) & Q(dropped_because=""),
            ),
            # §3.2: what is open never sinks.
            models.CheckConstraint(
                name="surveys_corrective_open_is_due",
                condition=Q(state__in=OVER, due_at=None, tell_at=None, over_at__isnull=False)
                | (~Q(state__in=OVER) & Q(due_at__isnull=False, over_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"CA-{self.pk:04d}"

    @property
    def is_open(self) -> bool:
        return self.state not in OVER

    @property
    def owes_reply(self) -> bool:
        """Whether the client waits for an answer: not of what a quality audit found in the house."""
        return self.source != Source.AUDIT

    @property
    def facts(self) -> Facts:
        return Facts(
            whys=self.whys,
            root_cause=self.root_cause,
            measure=self.measure,
            has_owner=self.owner_id is not None,
            due_on=self.due_on,
            is_carried_out=self.carried_out_at is not None,
            is_replied=self.replied_at is not None,
            is_verified=self.verified_at is not None,
            effect=self.effect,
            owes_reply=self.owes_reply,
        )

    @property
    def dates(self) -> Dates:
        return Dates(
            state=self.state,
            since=self.since,
            due_on=self.due_on,
            carried_out_at=self.carried_out_at,
            effect_due_on=self.effect_due_on,
            is_replied=self.replied_at is not None or not self.owes_reply,
        )

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


class CorrectiveEventKind(models.TextChoices):
    OPENED = "opened", _("Opened")
    ANALYSED = "analysed", _("Cause analysed")
    PLANNED = "planned", _("Measure planned")
    CARRIED_OUT = "carried_out", _("Measure carried out")
    REPLIED = "replied", _("Client answered")
    VERIFIED = "verified", _("Verified")
    RETURNED = "returned", _("Not verified, given back")
    ASKED_AGAIN = "asked_again", _("Client asked again")
    EFFECTIVE = "effective", _("Effect shown")
    NOT_EFFECTIVE = "not_effective", _("Without effect, begun anew")
    REPORTED_UP = "reported_up", _("Reported up")
    CLOSED = "closed", _("Closed")
    DROPPED = "dropped", _("Dropped")


class CorrectiveEvent(models.Model):
    """One thing that happened to a corrective action. Append-only: the database refuses UPDATE and DELETE.

    `by` is empty where the clock did it. `changes` maps a field's name to
    `[old, new]` as they were to be read then.
    """

    action = models.ForeignKey(CorrectiveAction, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=13, choices=CorrectiveEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of a corrective action's history")
        verbose_name_plural = _("history of corrective actions")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind}"

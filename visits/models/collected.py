"""What callbacks collect (§5.3): problems that became records, needs, opinions, and what was promised."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, System
from staff.models import Group, User
from tickets.models import Ticket
from visits.kinds import NEED_OVER, NeedState, PromiseState, Tone
from visits.models.callback import LONGEST, Callback


class OfGroupQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows with a `group`: a group sees its own."""

    def visible_to(self, user: User):  # type: ignore[no-untyped-def]
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()


class CallbackProblemQuerySet(models.QuerySet["CallbackProblem"]):
    def visible_to(self, user: User) -> CallbackProblemQuerySet:
        """Whoever sees the callback and the record."""
        return self.filter(
            callback__in=Callback.objects.visible_to(user), ticket__in=Ticket.objects.visible_to(user)
        )


class CallbackProblem(models.Model):
    """A record that was opened of what a client said in a callback."""

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="problems")
    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="+")

    objects = CallbackProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem of a callback")
        verbose_name_plural = _("problems of callbacks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.ticket_id}"


class NeedQuerySet(OfGroupQuerySet):
    def open(self) -> NeedQuerySet:
        return self.exclude(state__in=NEED_OVER)

    def overdue(self, today: date) -> NeedQuerySet:
        return self.open().filter(due_on__lt=today)

    def with_names(self) -> NeedQuerySet:
        return self.select_related("client", "system", "owner", "group", "callback", "raised_by")


class Need(models.Model):
    """What a client needs, in the register: it is over only with an answer to him."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    callback = models.ForeignKey(Callback, models.PROTECT, null=True, related_name="needs")
    title = models.CharField(_("what the client needs"), max_length=200)
    details = models.TextField(_("details"), blank=True, max_length=LONGEST)
    state = models.CharField(_("state"), max_length=8, choices=NeedState.choices, default=NeedState.NEW)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    answer = models.TextField(_("answer to the client"), blank=True, max_length=LONGEST)
    answer_channel = models.CharField(_("answered how"), max_length=8, choices=Channel.choices, blank=True)
    raised_at = models.DateTimeField(_("raised at"))
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written down by"))
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("client's need")
        verbose_name_plural = _("clients' needs")
        ordering = ["-pk"]
        indexes = [
            models.Index(name="visits_need_by_group", fields=["group", "-id"]),
            models.Index(name="visits_need_by_client", fields=["client", "-raised_at", "-id"]),
            models.Index(name="visits_need_open_due", fields=["due_on"], condition=~Q(state__in=NEED_OVER)),
        ]
        constraints = [
            models.CheckConstraint(
                name="visits_need_is_over_with_an_answer",
                condition=(
                    Q(state__in=NEED_OVER, closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(answer="")
                    & ~Q(answer_channel="")
                )
                | (~Q(state__in=NEED_OVER) & Q(closed_at__isnull=True, closed_by__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return f"N-{self.pk:05d}"

    @property
    def is_open(self) -> bool:
        return self.state not in NEED_OVER


class Opinion(models.Model):
    """What a client thinks of the service: praised, proposed or criticised."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    callback = models.ForeignKey(Callback, models.PROTECT, null=True, related_name="opinions")
    tone = models.CharField(_("kind"), max_length=10, choices=Tone.choices, default=Tone.SUGGESTION)
    text = models.TextField(_("opinion"), max_length=LONGEST)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = OfGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("client's opinion")
        verbose_name_plural = _("clients' opinions")
        ordering = ["-pk"]
        indexes = [models.Index(name="visits_opinion_by_group", fields=["group", "-id"])]

    def __str__(self) -> str:
        return self.text[:60]


class PromiseQuerySet(OfGroupQuerySet):
    def open(self) -> PromiseQuerySet:
        return self.filter(state=PromiseState.OPEN)

    def overdue(self, today: date) -> PromiseQuerySet:
        return self.open().filter(due_on__lt=today)

    def with_names(self) -> PromiseQuerySet:
        return self.select_related("client", "person", "group", "callback", "made_by")


class Promise(models.Model):
    """What was promised to a client: who does what, until when."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    callback = models.ForeignKey(Callback, models.PROTECT, null=True, related_name="promises")
    text = models.CharField(_("what was promised"), max_length=300)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who keeps it"))
    due_on = models.DateField(_("until"))
    state = models.CharField(
        _("state"), max_length=7, choices=PromiseState.choices, default=PromiseState.OPEN
    )
    note = models.CharField(_("what was done, or why not"), max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise to a client")
        verbose_name_plural = _("promises to clients")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                name="visits_promise_open_due", fields=["due_on", "id"], condition=Q(state=PromiseState.OPEN)
            ),
            models.Index(name="visits_promise_by_group", fields=["group", "-due_on", "-id"]),
            models.Index(name="visits_promise_by_client", fields=["client", "-made_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="visits_promise_closed_has_its_time",
                condition=Q(state=PromiseState.OPEN, closed_at__isnull=True)
                | (~Q(state=PromiseState.OPEN) & Q(closed_at__isnull=False, closed_by__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.text

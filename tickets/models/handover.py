"""The handover of a group's duty: who to whom, what was open then, and what happened to it (§5.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User
from tickets.handover import HandoverState, passes_at

STAMP = "%Y-%m-%d-%H%M%S"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User) -> HandoverQuerySet:
        """A group sees its own, each person those that he was one of the two in. Contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(outgoing=user) | Q(incoming=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def handed_over(self) -> HandoverQuerySet:
        """Without those that are only being written."""
        return self.filter(handed_over_at__isnull=False)

    def with_names(self) -> HandoverQuerySet:
        return self.select_related("group", "outgoing", "incoming", "handed_over_by")


class Handover(models.Model):
    """One change of the primary duty of a group, from one person to the next.

    Until it is signed the two are those whom the roster names. `points` are `[{"key", "text", "is_done"}]`:
    a default one has a key, one of the group's own a text. `open_matters` is what was open in the group
    when it was handed over last, frozen (`tickets.openmatters`). `version` counts what changes it, so that
    nobody signs what he has not read.
    """

    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    outgoing = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("off duty"))
    incoming = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("on duty next"))
    changes_at = models.DateTimeField(_("change of duty"))
    state = models.CharField(
        _("state"), max_length=8, choices=HandoverState.choices, default=HandoverState.WRITTEN
    )
    note = models.TextField(_("what happened on the shift"), blank=True)
    to_do = models.TextField(_("what is still to be done"), blank=True)
    points = models.JSONField(default=list)
    open_matters = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    saved_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    handed_over_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    signed_at = models.DateTimeField(_("signed at"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-changes_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="tickets_handover_once", fields=["group", "changes_at"]),
            models.CheckConstraint(
                name="tickets_handover_is_between_two", condition=~Q(outgoing=F("incoming"))
            ),
            models.CheckConstraint(
                name="tickets_handover_state_is_its_facts",
                condition=Q(state=HandoverState.WRITTEN, handed_over_at__isnull=True, signed_at__isnull=True)
                | Q(
                    state__in=[HandoverState.WAITING, HandoverState.RETURNED],
                    handed_over_at__isnull=False,
                    signed_at__isnull=True,
                )
                | Q(
                    state=HandoverState.SIGNED,
                    handed_over_at__isnull=False,
                    signed_at__gte=F("handed_over_at"),
                ),
            ),
            models.CheckConstraint(
                name="tickets_handover_by_somebody_in_words",
                condition=Q(handed_over_at__isnull=True, handed_over_by__isnull=True)
                | (Q(handed_over_at__isnull=False, handed_over_by__isnull=False) & ~Q(note="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.changes_at:%Y-%m-%d %H:%M}"

    @property
    def stamp(self) -> str:
        """How the page's address says when, in local time."""
        return timezone.localtime(self.changes_at, timezone.get_default_timezone()).strftime(STAMP)

    @property
    def is_signed(self) -> bool:
        return self.state == HandoverState.SIGNED

    @property
    def is_frozen(self) -> bool:
        """Whether what was open is told as it was then, not as it is now."""
        return self.state in (HandoverState.WAITING, HandoverState.SIGNED)

    @property
    def passes_at(self) -> datetime | None:
        """From when on the incoming person answers; None where he has not signed."""
        return passes_at(self.changes_at, self.signed_at) if self.signed_at else None


class HandoverEventKind(models.TextChoices):
    HANDED_OVER = "handed_over", _("Handed over")
    SENT_BACK = "sent_back", _("Asked back")
    OVERRULED = "overruled", _("Handover in spite of a major fault allowed")
    SIGNED = "signed", _("Signed")
    RECORDS_TAKEN = "records_taken", _("Records taken over")


class HandoverEvent(models.Model):
    """One thing that happened to a handover: an entry of its history, never changed.

    `records` are ids of records: which grade-1 faults were overruled, which records were taken over.
    """

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=13, choices=HandoverEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    records = models.JSONField(default=list)

    class Meta:
        verbose_name = _("entry of a handover's history")
        verbose_name_plural = _("history of handovers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_handover_event_says_why",
                condition=~Q(kind__in=["sent_back", "overruled"], text=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.kind}"

    @property
    def numbers(self) -> list[str]:
        return [f"T-{pk}" for pk in self.records]


class HandoverTerms(models.Model):
    """How a group hands over: defaults of ours, not from the process document.

    `points` are its own, one a line; none: the default ones (`tickets.handover.POINTS`).
    """

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="+")
    opens_before = models.PositiveSmallIntegerField(
        _("May be handed over so many minutes before the shift ends"),
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(720)],
    )
    sign_within = models.PositiveSmallIntegerField(
        _("To be signed so many minutes after the next shift begins"),
        null=True,
        blank=True,
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        help_text=_("Then both are told, and after as long again the group's supervisor. Empty: nobody is."),
    )
    points = models.TextField(
        _("Points to go through"),
        blank=True,
        max_length=2000,
        help_text=_("One a line. Empty: our default ones."),
    )

    class Meta:
        verbose_name = _("terms of a group's handovers")
        verbose_name_plural = _("terms of handovers")

    def __str__(self) -> str:
        return f"{self.group_id}"

    @property
    def early(self) -> timedelta:
        return timedelta(minutes=self.opens_before)

    @property
    def within(self) -> timedelta | None:
        return None if self.sign_within is None else timedelta(minutes=self.sign_within)

    @property
    def own_points(self) -> list[str]:
        return list(dict.fromkeys(line.strip() for line in self.points.splitlines() if line.strip()))

"""What changes who is on duty without changing the plan: overrides, swaps, leave."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from staff.models import Group, User


class OverrideKind(models.TextChoices):
    ADD = "add", _("put somebody on duty")
    REPLACE = "replace", _("replace somebody")
    REMOVE = "remove", _("take somebody off duty")


class Override(models.Model):
    """A supervisor's word for a span. Where nobody is named in `instead_of`, it holds whoever is on duty."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    kind = models.CharField(_("kind"), max_length=8, choices=OverrideKind.choices)
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    instead_of = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("instead of")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        indexes = [models.Index(name="duty_override_group_span", fields=["group", "ends_at"])]
        constraints = [
            models.CheckConstraint(name="duty_override_has_length", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="duty_override_says_who",
                condition=Q(kind="remove", user__isnull=True)
                | Q(kind="replace", user__isnull=False)
                | Q(kind="add", user__isnull=False, instead_of__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d %H:%M}"


class LeaveState(models.TextChoices):
    ASKED = "asked", _("asked for")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class LeaveQuerySet(models.QuerySet["Leave"]):
    def visible_to(self, user: User) -> LeaveQuerySet:
        """One's own, and those of the people one answers for."""
        if user.may_administer:
            return self
        if user.may_supervise:
            return self.filter(Q(user=user) | Q(user__group=user.group_id))
        return self.filter(user=user)

    def held(self, since: datetime, until: datetime) -> LeaveQuerySet:
        return self.filter(state=LeaveState.APPROVED, starts_at__lt=until, ends_at__gt=since)


class Leave(models.Model):
    """Somebody is away; once approved, nobody has the shifts that he was planned for."""

    user = models.ForeignKey(User, models.PROTECT, related_name="leaves", verbose_name=_("person"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=LeaveState.choices, default=LeaveState.ASKED)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(name="duty_leave_person_span", fields=["user", "ends_at"])]
        constraints = [
            models.CheckConstraint(name="duty_leave_has_length", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"


class SwapState(models.TextChoices):
    OPEN = "open", _("open")
    TAKEN = "taken", _("taken")
    DECLINED = "declined", _("turned down")
    WITHDRAWN = "withdrawn", _("withdrawn")
    UNDONE = "undone", _("undone")


class SwapQuerySet(models.QuerySet["SwapRequest"]):
    def visible_to(self, user: User) -> SwapQuerySet:
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def touching(self, since: datetime, until: datetime) -> SwapQuerySet:
        """Those of which either side touches [since, until)."""
        given = Q(starts_at__lt=until, ends_at__gt=since)
        return self.filter(given | Q(back_starts_at__lt=until, back_ends_at__gt=since))

    def open_at(self, now: datetime) -> SwapQuerySet:
        """Those that may still be taken; one whose span has begun without a taker is past due."""
        return self.filter(state=SwapState.OPEN, starts_at__gt=now)


class SwapRequest(models.Model):
    """Somebody wants to be relieved of a duty, or a part of it; only once taken does it change anything.

    With a span to give back it is a swap, addressed to whoever has that duty; without one it asks for cover.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    asked = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked"))
    back_role = models.CharField(max_length=10, choices=DutyRole.choices, blank=True)
    back_starts_at = models.DateTimeField(null=True)
    back_ends_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    leave = models.ForeignKey(Leave, models.PROTECT, null=True, related_name="cover", editable=False)
    state = models.CharField(max_length=9, choices=SwapState.choices, default=SwapState.OPEN)
    taker = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)

    objects = SwapQuerySet.as_manager()

    class Meta:
        verbose_name = _("swap request")
        verbose_name_plural = _("swap requests")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(name="duty_swap_group_span", fields=["group", "ends_at"])]
        constraints = [
            models.CheckConstraint(name="duty_swap_has_length", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="duty_swap_gives_back_whole",
                condition=Q(back_role="", back_starts_at__isnull=True, back_ends_at__isnull=True)
                | Q(asked__isnull=False, back_ends_at__gt=F("back_starts_at")) & ~Q(back_role=""),
            ),
            models.CheckConstraint(
                name="duty_swap_taken_by_somebody",
                condition=~Q(state__in=["taken", "undone"]) | Q(taker__isnull=False, taken_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def gives_back(self) -> bool:
        return self.back_starts_at is not None

    def is_past_due(self, now: datetime) -> bool:
        return self.state == SwapState.OPEN and self.starts_at <= now

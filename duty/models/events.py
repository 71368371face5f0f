"""What happened to a group's roster, by whom, and the terms it is held under."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from staff.models import Group, User


class RosterEventKind(models.TextChoices):
    ROTATION_DEFINED = "rotation_defined", _("Rotation defined")
    ROTATION_CHANGED = "rotation_changed", _("Rotation changed")
    ROTATION_ENDED = "rotation_ended", _("Rotation ended")
    OVERRIDE_PLACED = "override_placed", _("Change placed")
    OVERRIDE_ENDED = "override_ended", _("Change taken back")
    TEMPORARY_SET = "temporary_set", _("Temporary schedule set")
    TEMPORARY_ENDED = "temporary_ended", _("Temporary schedule taken back")
    DRAFT_PUBLISHED = "draft_published", _("Draft published")
    LEAVE_ASKED = "leave_asked", _("Leave asked for")
    LEAVE_APPROVED = "leave_approved", _("Leave approved")
    LEAVE_DECLINED = "leave_declined", _("Leave declined")
    LEAVE_WITHDRAWN = "leave_withdrawn", _("Leave withdrawn")
    SWAP_ASKED = "swap_asked", _("Swap or cover asked for")
    SWAP_DECLINED = "swap_declined", _("Swap or cover declined")
    SWAP_TAKEN = "swap_taken", _("Swap or cover taken")
    SWAP_WITHDRAWN = "swap_withdrawn", _("Swap or cover withdrawn")
    SWAP_UNDONE = "swap_undone", _("Swap or cover undone")
    TERMS_CHANGED = "terms_changed", _("Rest between shifts changed")
    PERSON_LEFT = "person_left", _("Somebody has left; his shifts are empty")
    ALARMS_CHANGED = "alarms_changed", _("Alarms changed")


class RosterEvent(models.Model):
    """One thing that was done to a roster: an entry of its history, never changed."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=RosterEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=10, choices=DutyRole.choices, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("entry of a roster's history")
        verbose_name_plural = _("history of rosters")
        ordering = ["-pk"]
        indexes = [models.Index(name="duty_roster_event_group", fields=["group", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


def usual_warnings() -> list[int]:
    return [7]


class RosterTerms(models.Model):
    """When people rest and alarms are raised: defaults of ours, not from the process document."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="roster_terms")
    rest_hours = models.PositiveSmallIntegerField(
        _("Rest between two shifts, in hours"),
        default=10,
        help_text=_("Between shifts on duty; on call counts as rest."),
    )
    longest_hours = models.PositiveSmallIntegerField(
        _("Longest stretch on duty, in hours"),
        null=True,
        blank=True,
        default=24,
        help_text=_("Of shifts that touch each other. Empty: any length, for people on duty by the week."),
    )
    warn_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=usual_warnings,
        blank=True,
        size=5,
        verbose_name=_("Told of a gap again so many days before"),
        help_text=_(
            "Days, with commas between: 14, 7. Besides always when found, a day before, and at its start."
        ),
    )
    plan_days = models.PositiveSmallIntegerField(
        _("Holiday cover looked at so many days before"),
        default=14,
        help_text=_("From then on the supervisor is told what a holiday's cover lacks."),
    )
    plan_alarm_days = models.PositiveSmallIntegerField(
        _("Reported up so many days before"),
        default=7,
        help_text=_("From then on the managers above are told each day until nothing lacks (§5.5)."),
    )

    class Meta:
        verbose_name = _("terms of a roster")
        verbose_name_plural = _("terms of rosters")

    def __str__(self) -> str:
        return f"{self.rest_hours} h"

    @property
    def rest(self) -> timedelta:
        return timedelta(hours=self.rest_hours)

    @property
    def longest(self) -> timedelta | None:
        return None if self.longest_hours is None else timedelta(hours=self.longest_hours)

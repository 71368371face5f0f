"""A weekly meeting: one row a group and week, whatever happens (§6.1.1)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.kinds import MeetingState, Presence, Why
from meetings.weeks import MINUTES_WITHIN, freezes_at
from staff.models import Group, User

LONGEST = 4000


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """A group sees its own, and each person those that he chairs. Clients' contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(chair=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def meeting(self) -> MeetingQuerySet:
        """Those that take place: neither cancelled nor part of another."""
        return self.exclude(state__in=[MeetingState.CANCELLED, MeetingState.MERGED])

    def untouched(self, now: datetime) -> MeetingQuerySet:
        """Those that the plan and the calendar may still place otherwise."""
        states = [MeetingState.SCHEDULED, MeetingState.MERGED]
        return self.filter(state__in=states, is_by_hand=False, frozen_at=None, starts_at__gt=now)

    def with_names(self) -> MeetingQuerySet:
        """All that a line of a list says, in one query."""
        return self.select_related("group", "chair", "merged_into")


class Meeting(models.Model):
    """The meeting of one week, named by its Monday. Where its day is another's too, it is `merged_into` that.

    `slot_on` is the day by the plan. `is_by_hand`: somebody has moved or cancelled it, and no generator
    touches it again. `sequence` rises with whatever a calendar shows. `agenda` is frozen content
    (`meetings.agenda`), empty before `frozen_at`.
    """

    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    week = models.DateField(_("week"))
    slot_on = models.DateField()
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("planned length, minutes"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link of the video meeting"), max_length=300, blank=True)
    chair = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chair")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=MeetingState.choices, default=MeetingState.SCHEDULED
    )
    why = models.CharField(_("why not on its day"), max_length=7, choices=Why.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    reason_en = models.CharField(max_length=300, blank=True)
    is_by_hand = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="covers", verbose_name=_("merged into")
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    announce_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    agenda = models.JSONField(default=dict)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    published_at = models.DateTimeField(_("minutes published"), null=True)
    told_at = models.DateTimeField(null=True)  # that it was not held, or has no minutes
    version = models.PositiveIntegerField(default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly meeting")
        verbose_name_plural = _("weekly meetings")
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(name="meetings_group_newest", fields=["group", "-starts_at", "-id"]),
            models.Index(
                name="meetings_not_over",
                fields=["starts_at"],
                condition=Q(state__in=["scheduled", "running", "ended"]),
            ),
        ]
        constraints = [
            # §6.1.1: one a group and week, whatever happens.
            models.UniqueConstraint(name="meetings_one_a_group_and_week", fields=["group", "week"]),
            models.CheckConstraint(name="meetings_week_begins_on_monday", condition=Q(week__iso_week_day=1)),
            models.CheckConstraint(
                name="meetings_merged_into_another",
                condition=Q(state="merged", merged_into__isnull=False) & ~Q(merged_into=F("pk"))
                | ~Q(state="merged") & Q(merged_into=None),
            ),
            models.CheckConstraint(
                name="meetings_by_hand_for_a_reason",
                condition=Q(is_by_hand=False) & ~Q(state="cancelled") | ~Q(reason="") & Q(is_by_hand=True),
            ),
            models.CheckConstraint(
                name="meetings_moved_for_a_reason",
                condition=Q(why="") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="meetings_times_in_order",
                condition=Q(started_at=None, ended_at=None, published_at=None)
                | Q(started_at__isnull=False, ended_at=None, published_at=None, state="running")
                | Q(started_at__isnull=False, ended_at__gte=F("started_at"), published_at=None, state="ended")
                | Q(
                    started_at__isnull=False,
                    ended_at__gte=F("started_at"),
                    published_at__gte=F("ended_at"),
                    state="published",
                ),
            ),
            models.CheckConstraint(
                name="meetings_held_on_a_frozen_agenda",
                condition=Q(started_at=None) | Q(frozen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.group_id}"

    @property
    def number(self) -> str:
        """What people call it by: its week by ISO 8601."""
        year, week, _day = self.week.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def freezes_at(self) -> datetime:
        return freezes_at(self.starts_at)

    @property
    def minutes_due_at(self) -> datetime | None:
        return self.ended_at + MINUTES_WITHIN if self.ended_at else None

    @property
    def why_label(self) -> str:
        return str(Why(self.why).label)

    @property
    def takes_place(self) -> bool:
        return self.state not in (MeetingState.CANCELLED, MeetingState.MERGED)


class AgendaItem(models.Model):
    """Something on the agenda: what somebody put there, or a source of the agenda once a note is on it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", db_index=False)
    source = models.SlugField(blank=True, db_index=False)
    title = models.CharField(_("what it is about"), max_length=200, blank=True)
    details = models.TextField(_("in detail"), max_length=LONGEST, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.TextField(_("note"), max_length=LONGEST, blank=True)
    noted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("item of the agenda")
        verbose_name_plural = _("items of the agenda")
        ordering = ["pk"]
        indexes = [models.Index(name="meetings_item_meeting", fields=["meeting"])]
        constraints = [
            models.UniqueConstraint(
                name="meetings_one_item_a_source", fields=["meeting", "source"], condition=~Q(source="")
            ),
            models.CheckConstraint(
                name="meetings_item_is_of_a_source_or_has_a_title",
                condition=Q(source="") & ~Q(title="") | ~Q(source="") & Q(title=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.source

    @property
    def key(self) -> str:
        """How the meeting's screen names it."""
        return self.source or f"item-{self.pk}"


class Attendance(models.Model):
    """Whether somebody who was invited was there."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    presence = models.CharField(_("presence"), max_length=7, choices=Presence.choices)
    deputy = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("deputy"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="meetings_attends_once", fields=["meeting", "user"]),
            models.CheckConstraint(
                name="meetings_deputy_is_somebody_else",
                condition=Q(presence="deputy", deputy__isnull=False) & ~Q(deputy=F("user"))
                | ~Q(presence="deputy") & Q(deputy=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.presence}"

"""Secret addresses under which a roster is read without signing in, and what their calendars have shown."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from staff.models import Group, Role, User


class FeedKind(models.TextChoices):
    MINE = "mine", _("My duties")
    GROUP = "group", _("My group's duties")
    REPORTS = "month", _("Monthly reports")
    WALL = "wall", _("Wall-board: duty")
    OPERATIONS = "ops", _("Wall-board: operations")


CALENDARS = (FeedKind.MINE, FeedKind.GROUP)  # of duty: without a group there is none
SUBSCRIBED = (*CALENDARS, FeedKind.REPORTS)  # read by a calendar, not by a screen


class BoardTheme(models.TextChoices):
    """How a board on a wall looks."""

    DARK = "dark", _("dark")
    LIGHT = "light", _("light")


class FeedQuerySet(models.QuerySet["Feed"]):
    def visible_to(self, user: User) -> FeedQuerySet:
        """One's own; an administrator sees whose others there are. The secret itself nobody sees."""
        return self if user.may_administer else self.of(user)

    def of(self, user: User) -> FeedQuerySet:
        return self.filter(user=user)

    def valid(self) -> FeedQuerySet:
        """Those that answer: neither revoked nor of somebody who has left."""
        return self.filter(revoked_at=None, user__is_active=True).exclude(user__role=Role.CONTACT)

    def boards(self) -> FeedQuerySet:
        return self.valid().filter(kind=FeedKind.OPERATIONS)

    def calendars(self) -> FeedQuerySet:
        return self.valid().filter(kind__in=CALENDARS)


class Feed(models.Model):
    """A secret address of one person's. Only its SHA-256 is stored: 192 random bits need no slow hash.

    A board of operations is that of a `group` or of all of them, speaks a `language` (its owner's where it is
    empty) and is dark or light; a person has one for each group. The others are what their owner sees.

    A row is never deleted: it is the history of its address, who made it and who revoked it when.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="feeds")
    kind = models.CharField(max_length=5, choices=FeedKind.choices)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=5, choices=BoardTheme.choices, default=BoardTheme.DARK)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="duty_feed_one_of_a_kind",
                fields=["user", "kind", "group"],
                condition=Q(revoked_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="duty_feed_group_of_a_board", condition=Q(group=None) | Q(kind=FeedKind.OPERATIONS)
            ),
            models.CheckConstraint(
                name="duty_feed_revoked_by", condition=Q(revoked_by=None) | Q(revoked_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"


class FeedEventQuerySet(models.QuerySet["FeedEvent"]):
    def shown_by(self, feed: Feed, since: datetime, until: datetime) -> FeedEventQuerySet:
        """What a calendar shows of [since, until): one's own duties, or those of one's group."""
        whose = Q(user=feed.user_id) if feed.kind == FeedKind.MINE else Q(group=feed.user.group_id)
        return self.filter(whose, ends_at__gt=since, starts_at__lt=until)


class FeedEvent(models.Model):
    """A person's duty as calendars have shown it. Never deleted: what was shown is called off, not forgotten.

    `sequence` counts the changes, `changed_at` is the last one. `duty.actions.announcing` alone writes it.
    """

    uid = models.UUIDField(default=uuid4, unique=True)
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    called_off_at = models.DateTimeField(null=True)

    objects = FeedEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a feed")
        verbose_name_plural = _("events of feeds")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(name="duty_feed_event_group", fields=["group", "ends_at"]),
            models.Index(name="duty_feed_event_user", fields=["user", "ends_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="duty_feed_event_once", fields=["group", "role", "user", "starts_at"]
            ),
            models.CheckConstraint(
                name="duty_feed_event_has_length", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"

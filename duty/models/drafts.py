"""Drafts of a roster: a period proposed, changed by hand, and published or thrown away. Wishes for days."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from duty.models.temporary import TemporarySchedule
from duty.roster import Span, is_night
from staff.models import Group, User

MOST_REST_DAYS, MOST_A_WEEK = 14, 7


class WishKind(models.TextChoices):
    WANTED = "wanted", _("gladly on duty")
    AVOIDED = "avoided", _("rather not on duty")


class WishQuerySet(models.QuerySet["Wish"]):
    def visible_to(self, user: User) -> WishQuerySet:
        """One's own: a draft reads the others', and shows their number alone."""
        return self.filter(user=user)


class Wish(models.Model):
    """What somebody would like of a day. A draft meets wishes where that leaves the roster fair."""

    user = models.ForeignKey(User, models.CASCADE, related_name="wishes", verbose_name=_("person"))
    day = models.DateField(_("day"))
    kind = models.CharField(_("wish"), max_length=7, choices=WishKind.choices)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(name="duty_wish_once_a_day", fields=["user", "day"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class RosterDraftQuerySet(models.QuerySet["RosterDraft"]):
    def visible_to(self, user: User) -> RosterDraftQuerySet:
        """Whoever may roster the group: until it is published a draft is nobody else's business."""
        if user.may_administer:
            return self
        return self.filter(group=user.group_id) if user.may_supervise and user.group_id else self.none()

    def open(self) -> RosterDraftQuerySet:
        return self.filter(published_at=None, discarded_at=None)


class RosterDraft(models.Model):
    """A period of a group's roster as it was proposed, with what was asked for. Nothing yet, until published.

    `rest_days` are whole free days between two duties. The seed decides between people who are alike.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    name = models.CharField(_("name"), max_length=60)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    rest_days = models.PositiveSmallIntegerField(_("free days between two duties"), default=1)
    most_a_week = models.PositiveSmallIntegerField(_("at most so many a week"), null=True, blank=True)
    seed = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    discarded_at = models.DateTimeField(null=True, editable=False)
    schedule = models.OneToOneField(TemporarySchedule, models.PROTECT, null=True, related_name="draft")

    objects = RosterDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a roster")
        verbose_name_plural = _("drafts of rosters")
        ordering = ["-pk"]
        indexes = [models.Index(name="duty_draft_group", fields=["group", "-id"])]
        constraints = [
            models.CheckConstraint(name="duty_draft_has_length", condition=Q(last_day__gte=F("first_day"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.published_at is None and self.discarded_at is None


class DraftMember(models.Model):
    """Somebody among whom the duties are shared, and which of them he takes."""

    draft = models.ForeignKey(RosterDraft, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=10, choices=DutyRole.choices))

    class Meta:
        ordering = ["draft", "pk"]
        constraints = [models.UniqueConstraint(name="duty_draft_member_once", fields=["draft", "user"])]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.user_id}"


class DraftSlot(models.Model):
    """One duty of a draft, whom it was proposed to, and who has it now; nobody where None.

    A duty may have several shifts a day; one by night belongs to the day on which it starts.
    """

    draft = models.ForeignKey(RosterDraft, models.CASCADE, related_name="slots")
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    day = models.DateField(_("day"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    proposed = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        ordering = ["draft", "starts_at", "role"]
        constraints = [
            models.UniqueConstraint(name="duty_draft_slot_once", fields=["draft", "role", "starts_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.day}"

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def is_night(self) -> bool:
        return is_night(self.span, ZoneInfo(settings.TIME_ZONE))

    @property
    def is_changed(self) -> bool:
        """Whether it was given to somebody else by hand."""
        return self.user_id != self.proposed_id

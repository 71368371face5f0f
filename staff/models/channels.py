"""Ways out of the house beside a person's e-mail address: robots of group chats, webhooks, text messages."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models.people import Group, User
from staff.quiet import held_until
from staff.sealing import unseal
from staff.topics import Topic


class ChannelKind(models.TextChoices):
    WECOM = "wecom", _("WeCom group robot")
    DINGTALK = "dingtalk", _("DingTalk group robot")
    FEISHU = "feishu", _("Feishu group robot")
    WEBHOOK = "webhook", _("Signed webhook")
    SMS = "sms", _("Text message")
    EMAIL = "email", _("Another e-mail address")


ROBOTS = (ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU)
EMAIL = "email"
# What a rule may choose among: one's own address and another one are the same way.
WAYS = [(EMAIL, _("e-mail")), *(choice for choice in ChannelKind.choices if choice[0] != EMAIL)]
# What a group may have: who reads a phone or a mailbox is a person.
GROUP_KINDS = (*ROBOTS, ChannelKind.WEBHOOK)
SIGNED_KINDS = (ChannelKind.DINGTALK, ChannelKind.FEISHU, ChannelKind.WEBHOOK)
BOTH_LANGUAGES = "both"


class NoticeChannelQuerySet(models.QuerySet["NoticeChannel"]):
    def in_use(self) -> NoticeChannelQuerySet:
        """Those that were not removed, switched on or not."""
        return self.filter(removed_at__isnull=True)

    def owned_by(self, user: User) -> NoticeChannelQuerySet:
        return self.filter(owner=user)

    def of_groups(self, user: User) -> NoticeChannelQuerySet:
        """The robots of groups that this person answers for."""
        if user.may_administer:
            return self.filter(group__isnull=False)
        return self.filter(group=user.group_id) if user.may_supervise and user.group_id else self.none()

    def visible_to(self, user: User) -> NoticeChannelQuerySet:
        """One's own, and the robots of the groups that one answers for."""
        if user.may_administer:
            return self.filter(Q(owner=user) | Q(group__isnull=False))
        if user.may_supervise and user.group_id:
            return self.filter(Q(owner=user) | Q(group=user.group_id))
        return self.filter(owner=user)


class NoticeChannel(models.Model):
    """Where notices of one person, or the report-ups of one group, are sent besides.

    Address and secret are sealed with a key outside of the database, and never shown again: `hint` is what
    lists show. A removed channel stays as a row without them, for the log's sake. What follows `topics` is
    kept by the sender under the row's lock.
    """

    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="channels", verbose_name=_("owner")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="channels", verbose_name=_("group")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind.choices)
    name = models.CharField(_("name"), max_length=60)
    address = models.TextField(blank=True, editable=False)
    secret = models.TextField(blank=True, editable=False)
    hint = models.CharField(max_length=80, blank=True, editable=False)
    is_active = models.BooleanField(_("switched on"), default=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[
            ("", _("as the person reads")),
            ("zh-hans", _("Simplified Chinese")),
            ("en", _("English")),
            (BOTH_LANGUAGES, _("both languages")),
        ],
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    fallback = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("if it fails")
    )
    topics = ArrayField(models.CharField(max_length=12, choices=Topic.choices), default=list, blank=True)
    recent = ArrayField(models.DateTimeField(), default=list, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    paused_until = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_error = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = NoticeChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice channel")
        verbose_name_plural = _("notice channels")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="staff_channel_of_a_person_or_of_a_group",
                condition=Q(owner__isnull=False, group__isnull=True)
                | Q(owner__isnull=True, group__isnull=False),
            ),
            models.CheckConstraint(
                name="staff_channel_quiet_hours_have_both_ends",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
            models.CheckConstraint(
                name="staff_channel_keeps_no_secret_when_removed",
                condition=Q(removed_at__isnull=True) | Q(address="", secret=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.hint}"

    @property
    def slug(self) -> str:
        """What a delivery by this channel is called; `email` alone is the person's own address."""
        return f"{self.kind}-{self.pk}"

    @property
    def is_robot(self) -> bool:
        return self.kind in ROBOTS

    @property
    def is_usable(self) -> bool:
        return self.is_active and self.removed_at is None

    @property
    def plain_address(self) -> str:
        """The address in clear. Raises `staff.sealing.Unreadable`."""
        return unseal(self.address)

    @property
    def plain_secret(self) -> str:
        """The signing secret in clear, empty where there is none. Raises `staff.sealing.Unreadable`."""
        return unseal(self.secret)

    def held_until(self, now: datetime) -> datetime:
        """The end of the quiet hours that `now` lies in; `now` itself when it lies in none."""
        return held_until(now, self.quiet_from, self.quiet_until, zone=settings.TIME_ZONE)


class ChangeKind(models.TextChoices):
    CREATED = "created", _("added")
    CHANGED = "changed", _("changed")
    TESTED = "tested", _("tested")
    REMOVED = "removed", _("removed")


class ChannelChange(models.Model):
    """Who did what to a channel, and when. Names of fields, never what stands in them."""

    channel = models.ForeignKey(NoticeChannel, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    fields = ArrayField(models.CharField(max_length=20), default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a channel")
        verbose_name_plural = _("changes of channels")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.by_id}"


class WebhookHost(models.Model):
    """A host that channels may post to beside the makers' own, as an administrator allows it."""

    name = models.CharField(
        _("host"),
        max_length=120,
        unique=True,
        help_text=_("As in the address: hooks.example.com, or hooks.example.com:8443."),
    )
    note = models.CharField(_("what it is"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("host that channels may post to")
        verbose_name_plural = _("hosts that channels may post to")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

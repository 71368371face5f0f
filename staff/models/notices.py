"""What people must be told: the copy in the inbox, and those on their way out of the house."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models.channels import NoticeChannel
from staff.models.people import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> NoticeQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """What one person must know. The row itself is the copy in his inbox, there from the commit on.

    `kind` names the template `templates/notices/<kind>.txt`, rendered with `params` in the reader's language.
    `key` is the identity of the occasion: the same occasion never makes a second notice for a person.
    """

    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices", verbose_name=_("recipient"))
    kind = models.SlugField()
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="staff_notice_once", fields=["recipient", "key"]),
        ]
        indexes = [
            models.Index(name="staff_notice_unread", fields=["recipient"], condition=Q(read_at__isnull=True)),
            models.Index(name="staff_notice_inbox", fields=["recipient", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")


class Outgoing(models.Model):
    """What is on its way out of the house: leased, sent, then marked (at least once).

    `lease` rises with every lease, so that a sender that slept through its own lease marks nothing. Each kind
    has a partial index on `next_try_at` where it still waits.
    """

    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> DeliveryQuerySet:
        """One's own; of the people and robots of one's group for its supervisor; all for administrators."""
        if user.may_administer:
            return self.all()
        own = Q(notice__recipient=user) & (Q(via__isnull=True) | Q(via__owner=user))
        if user.may_supervise and user.group_id:
            of_people = Q(notice__recipient__group=user.group_id) & (
                Q(via__isnull=True) | Q(via__owner__isnull=False)
            )
            return self.filter(own | of_people | Q(via__group=user.group_id))
        return self.filter(own)


class Delivery(Outgoing):
    """One copy of a notice on its way out of the house.

    `channel` is `email` for the person's own address, else the slug of the channel `via`. `message` names
    what the copy was sent in, alone or merged with others, and stays: every copy bears that name.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.SlugField()
    via = models.ForeignKey(NoticeChannel, models.PROTECT, null=True, related_name="deliveries")
    instead_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replacements")
    message = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=80, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(name="staff_delivery_once", fields=["notice", "channel"])]
        indexes = [
            models.Index(
                name="staff_delivery_waiting",
                fields=["next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            ),
            models.Index(
                name="staff_delivery_by_channel",
                fields=["via", "next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.channel} {self.state}"

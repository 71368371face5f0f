"""Who came to a coordination meeting when, and what it left to be done (§5.4.1.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.coordination import FollowUpKind, FollowUpState, Joined
from tickets.models.coordination import CoordinationMeeting
from tickets.models.ticket import Ticket


class MeetingGuest(models.Model):
    """One person who was called to a meeting or has joined it.

    Whoever the convening invited has a row only once he has joined: he was called then (`called_at` is that
    instant). Without a `person` it is somebody from outside, such as a vendor's engineer.
    """

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="guests")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=120, blank=True)
    called_at = models.DateTimeField()
    called_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    joined_at = models.DateTimeField(null=True)
    how = models.CharField(_("how"), max_length=5, choices=Joined.choices, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("participant of a coordination meeting")
        verbose_name_plural = _("participants of coordination meetings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_meeting_guest_once",
                fields=["meeting", "person"],
                condition=Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                name="tickets_meeting_stranger_once", fields=["meeting", "name"], condition=Q(person=None)
            ),
            models.CheckConstraint(
                name="tickets_meeting_guest_is_somebody",
                condition=Q(person__isnull=False, name="") | (Q(person=None) & ~Q(name="")),
            ),
            models.CheckConstraint(
                name="tickets_meeting_guest_joined_somehow",
                condition=Q(joined_at=None, how="", noted_by=None)
                | (Q(joined_at__gte=F("called_at"), noted_by__isnull=False) & ~Q(how="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.person_id or self.name}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> FollowUpQuerySet:
        """Those on the records that the person may see, and his own; a client's contact sees none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(Q(owner=user) | Q(meeting__ticket__in=Ticket.objects.visible_to(user)))

    def open(self) -> FollowUpQuerySet:
        return self.filter(state=FollowUpState.OPEN)

    def overdue(self, now: datetime) -> FollowUpQuerySet:
        return self.open().filter(due_at__lte=now)

    def with_names(self) -> FollowUpQuerySet:
        return self.select_related("owner", "meeting__ticket__client", "meeting__ticket__group", "made_by")


class FollowUp(models.Model):
    """A measure that a meeting decided on, or what is to follow from it: what, by whom, until when."""

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(_("kind"), max_length=9, choices=FollowUpKind.choices)
    text = models.CharField(_("what"), max_length=300)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(
        _("state"), max_length=7, choices=FollowUpState.choices, default=FollowUpState.OPEN
    )
    result = models.CharField(_("result"), max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up of a coordination meeting")
        verbose_name_plural = _("follow-ups of coordination meetings")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                name="tickets_follow_up_due", fields=["due_at", "id"], condition=Q(state=FollowUpState.OPEN)
            ),
            models.Index(name="tickets_follow_up_newest", fields=["-due_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_follow_up_ends_with_a_result",
                condition=Q(state=FollowUpState.OPEN, closed_at=None, closed_by=None)
                | (
                    ~Q(state=FollowUpState.OPEN)
                    & Q(closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(result="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.state == FollowUpState.OPEN

"""Minutes as they were published, what was added later, and the history: none of it is ever changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.kinds import EventKind
from meetings.models.decision import Decision
from meetings.models.meeting import LONGEST, Meeting
from meetings.models.plan import MeetingPlan
from staff.models import User
from tickets.documents import structure


class Minutes(models.Model):
    """The minutes of a meeting, frozen: the database refuses UPDATE and DELETE. `content` is a document."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes_of")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    content = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self) -> str:
        return f"{self.meeting_id}"

    @cached_property
    def document(self) -> structure.Document:
        """What was published, and behind it what was added since, each with who and when."""
        published = structure.read(self.content)
        parts = tuple(
            structure.Section(one.title, (structure.Text(one.text),)) for one in self.additions.all()
        )
        return replace(published, sections=published.sections + parts)


class MinutesAddition(models.Model):
    """A correction, as a noted addition: append-only. `title` says who and when, in the minutes' language."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="additions")
    title = models.CharField(max_length=200)
    text = models.TextField(_("what is added or corrected"), max_length=LONGEST)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("addition to minutes")
        verbose_name_plural = _("additions to minutes")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class MeetingEvent(models.Model):
    """One thing that happened, to a plan, a meeting or a decision. `by` is empty where the clock did it.

    Append-only: the database refuses UPDATE and DELETE. `changes` maps a field's name to `[old, new]`.
    """

    plan = models.ForeignKey(MeetingPlan, models.PROTECT, null=True, related_name="events")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="events")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of a meeting's history")
        verbose_name_plural = _("history of meetings")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="meetings_event_is_of_one_thing",
                condition=Q(plan__isnull=False, meeting=None, decision=None)
                | Q(plan=None, meeting__isnull=False, decision=None)
                | Q(plan=None, meeting=None, decision__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

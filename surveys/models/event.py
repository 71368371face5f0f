"""What was done about surveys: an entry of their history, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.models import User
from surveys.models.campaign import Campaign
from surveys.models.invitation import Invitation, Withdrawal
from surveys.models.questionnaire import Questionnaire
from surveys.sampling import ExclusionReason

NAMED = {one.value: one for enum in (ExclusionReason, Withdrawal, Channel) for one in enum}


class SurveyEventKind(models.TextChoices):
    WRITTEN = "written", _("Questionnaire begun")
    PUBLISHED = "published", _("Version published")
    RETIRED = "retired", _("Questionnaire retired")
    CAMPAIGN_MADE = "campaign_made", _("Campaign prepared")
    CAMPAIGN_CHANGED = "campaign_changed", _("Campaign changed")
    STARTED = "started", _("Campaign started")
    CLOSED = "closed", _("Campaign closed")
    APPROVED = "approved", _("Asked in spite of the rest")
    PLANNED = "planned", _("Invitation planned")
    SENT = "sent", _("Sent")
    REMINDED = "reminded", _("Reminded")
    BOUNCED = "bounced", _("Not delivered")
    NEXT_WAY = "next_way", _("By another way")
    POSTED = "posted", _("Printed and sent")
    NOT_REACHED = "not_reached", _("Not reached")
    REFUSED = "refused", _("Did not want to answer")
    KEYED = "keyed", _("Answers keyed")
    KEYED_AGAIN = "keyed_again", _("Answers keyed a second time")
    SETTLED = "settled", _("Differences settled")
    ANSWERED = "answered", _("Answered")
    NO_RESPONSE = "no_response", _("No answer")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OPTED_OUT = "opted_out", _("Wants no surveys")


class SurveyEvent(models.Model):
    """`by` is empty where the clock or the client did it."""

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, null=True, related_name="events")
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="events")
    invitation = models.ForeignKey(Invitation, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=16, choices=SurveyEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("entry of a survey's history")
        verbose_name_plural = _("history of surveys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="surveys_event_is_of_one",
                condition=Q(questionnaire__isnull=False, campaign=None, invitation=None)
                | Q(questionnaire=None, campaign__isnull=False, invitation=None)
                | Q(questionnaire=None, campaign=None, invitation__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def shown_note(self) -> str:
        """The note in the reader's words, where it names a way or a reason."""
        return str(NAMED[self.note].label) if self.note in NAMED else self.note

"""Campaigns: who is asked what, when and how; and who is not asked, with the reason (§4.1.2)."""

from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Channel, Client, ClientType, Contact, System
from staff.models import Bilingual, Group, User
from surveys.models.questionnaire import QuestionnaireVersion
from surveys.sampling import ExclusionReason
from tickets.grading import Grade
from tickets.models import Ticket

# Default, not from the process document; every campaign may have its own.
REMINDER_DAYS = (3, 7)
PHONE_AFTER_DAYS, CLOSE_AFTER_DAYS, TOKEN_DAYS = 10, 21, 14
ASKED_BY = (Channel.EMAIL, Channel.PHONE, Channel.ON_SITE, Channel.LETTER, Channel.FAX)


def new_seed() -> str:
    """What nobody can guess: who is sampled cannot be foretold from a record's number."""
    return secrets.token_hex(16)


def usual_channels() -> list[str]:
    return [Channel.EMAIL.value, Channel.PHONE.value]


def usual_reminders() -> list[int]:
    return list(REMINDER_DAYS)


class CampaignKind(models.TextChoices):
    PERIODIC = "periodic", _("Periodic survey")
    AFTER_TICKET = "after_ticket", _("After a record is closed")
    AGAIN = "again", _("Again, after a corrective action")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    RUNNING = "running", pgettext_lazy("campaign", "running")
    CLOSED = "closed", _("closed")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> CampaignQuerySet:
        """Those of the company and of one's group."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(Q(group=None) | Q(group=user.group_id))

    def running(self) -> CampaignQuerySet:
        return self.filter(state=CampaignState.RUNNING)


class Campaign(Bilingual):
    """A survey of some contacts in a window, a *wave*; or the standing one of those whose record was closed.

    Without a `group` it is the whole company's. `sampled_until` is the instant up to which closed records
    were looked at. `cooldown_days`: nobody who was sent a survey in so many days is sent this one. Days count
    from the first sending.
    """

    kind = models.CharField(
        _("kind"), max_length=12, choices=CampaignKind.choices, default=CampaignKind.PERIODIC
    )
    version = models.ForeignKey(
        QuestionnaireVersion, models.PROTECT, related_name="campaigns", verbose_name=_("questionnaire")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    types = models.ManyToManyField(ClientType, blank=True, related_name="+", verbose_name=_("client types"))
    systems = models.ManyToManyField(System, blank=True, related_name="+", verbose_name=_("systems"))
    clients = models.ManyToManyField(Client, blank=True, related_name="+", verbose_name=_("clients"))
    state = models.CharField(
        max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT, editable=False
    )
    opens_on = models.DateField(_("from"), null=True, blank=True)
    closes_on = models.DateField(_("to (inclusive)"), null=True, blank=True)
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel.choices),
        verbose_name=_("ways, in their order"),
        default=usual_channels,
    )
    cooldown_days = models.PositiveSmallIntegerField(_("days of rest between surveys"), default=90)
    delay_hours = models.PositiveSmallIntegerField(_("hours after the record was closed"), default=24)
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("days of reminders"),
        default=usual_reminders,
        blank=True,
    )
    next_way_days = models.PositiveSmallIntegerField(_("day of the next way"), default=PHONE_AFTER_DAYS)
    close_days = models.PositiveSmallIntegerField(_("day of no answer"), default=CLOSE_AFTER_DAYS)
    token_days = models.PositiveSmallIntegerField(_("days that a link is good for"), default=TOKEN_DAYS)
    is_double_keyed = models.BooleanField(_("paper is keyed twice"), default=False)
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    sampled_until = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    edition = models.PositiveIntegerField(default=1, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="surveys_campaign_window",
                condition=Q(closes_on=None) | Q(opens_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message=_("The last day comes before the first."),
            ),
            # Otherwise one closed record would be asked about twice.
            models.UniqueConstraint(
                name="surveys_one_after_ticket",
                fields=["group"],
                condition=Q(kind=CampaignKind.AFTER_TICKET, state=CampaignState.RUNNING),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="surveys_one_again_each",
                fields=["version"],
                condition=Q(kind=CampaignKind.AGAIN, state=CampaignState.RUNNING),
            ),
            models.CheckConstraint(name="surveys_campaign_has_a_way", condition=Q(channels__len__gte=1)),
        ]


class SamplingRule(models.Model):
    """How many of a hundred closed records are asked about: those of a grade and a client type.

    Without a grade: what is no fault. Without a type: of all types that have no rule of their own.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rules")
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    type = models.ForeignKey(
        ClientType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("client type")
    )
    percent = models.PositiveSmallIntegerField(_("per cent asked"), validators=[MaxValueValidator(100)])

    class Meta:
        verbose_name = _("sampling rule")
        verbose_name_plural = _("sampling rules")
        ordering = ["campaign", "type", "grade"]
        constraints = [
            models.UniqueConstraint(
                name="surveys_rule_once", fields=["campaign", "grade", "type"], nulls_distinct=False
            ),
            models.CheckConstraint(name="surveys_rule_percent", condition=Q(percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.grade} {self.percent} %"


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def visible_to(self, user: User) -> ExclusionQuerySet:
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(client__group=user.group_id) if user.group_id else self.none()


class Exclusion(models.Model):
    """Somebody who was not asked, and why: kept, so that nobody chooses unseen.

    `round` is how often the record had been reopened. One of a grade-1 fault for rest or an open survey may
    be lifted by approval.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="exclusions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="+", verbose_name=_("contact")
    )
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+", verbose_name=_("record"))
    round = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=12, choices=ExclusionReason.choices)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_because = models.CharField(_("why nevertheless"), max_length=300, blank=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="surveys_exclusion_of_record",
                fields=["campaign", "ticket", "round"],
                condition=Q(ticket__isnull=False),
            ),
            models.UniqueConstraint(
                name="surveys_exclusion_of_contact",
                fields=["campaign", "contact"],
                condition=Q(ticket=None),
            ),
        ]
        indexes = [models.Index(name="surveys_exclusion_list", fields=["campaign", "reason", "-id"])]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.reason}"

    @property
    def may_be_lifted(self) -> bool:
        """Grade 1 only, with a record, and for what would only be too much (domain rule, §4.1.2)."""
        return (
            self.lifted_at is None
            and self.ticket is not None
            and self.ticket.grade == Grade.ONE
            and self.reason in (ExclusionReason.COOLDOWN, ExclusionReason.OPEN_SURVEY)
        )

"""Invitations: one contact asked once, by one or several ways, until there is an answer or none comes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, ClientType, Contact, System
from staff.models import DeliveryState, Group, Outgoing, Role, User
from surveys.models.campaign import Campaign
from surveys.models.questionnaire import QuestionnaireVersion
from surveys.numbers import number_of
from tickets.grading import Grade
from tickets.models import Ticket


class InvitationState(models.TextChoices):
    PLANNED = "planned", _("to be sent")
    OPEN = "open", _("waiting for an answer")
    ANSWERED = "answered", _("answered")
    NO_RESPONSE = "no_response", _("no answer")
    BOUNCED = "bounced", _("not delivered")
    REFUSED = "refused", _("did not want to answer")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Withdrawal(models.TextChoices):
    """Why an invitation was taken back before it was answered."""

    REOPENED = "reopened", _("the record was reopened")
    CAMPAIGN = "campaign", _("the campaign was closed")
    EXCLUDED = "excluded", _("not to be asked any more when its turn came")
    OPTED_OUT = "opted_out", _("wants no surveys")
    BY_HAND = "by_hand", _("by hand")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> InvitationQuerySet:
        """A group's, for its operators and supervisors; to an engineer those about his own records.

        A client's contact answers by his link: inside he sees none, not even his own.
        """
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        if user.role == Role.ENGINEER:
            return self.filter(Q(engineer=user) | Q(ticket__owner=user))
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def listed(self) -> InvitationQuerySet:
        """With all that a line of a list says."""
        # A statement that joins all of them takes the planner longer than their rows take to be read.
        few = self.prefetch_related("campaign", "group", "engineer")
        return few.select_related("client", "contact", "ticket")


class Invitation(models.Model):
    """Who was asked about what. Engineer, group, grade, system and client type are as they were at sending.

    `sent_at` is when it first left; rest between surveys counts from it. `round` is how often the record had
    been reopened: one invitation for each time that it was solved. `next_at` is when something is due.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="invitations")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+", verbose_name=_("contact"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("record")
    )
    round = models.PositiveSmallIntegerField(default=0)

    engineer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("engineer")
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    client_type = models.ForeignKey(
        ClientType, models.PROTECT, related_name="+", verbose_name=_("client type")
    )

    state = models.CharField(
        _("state"), max_length=12, choices=InvitationState.choices, default=InvitationState.PLANNED
    )
    channel = models.CharField(_("way"), max_length=8, choices=Channel.choices)
    is_exception = models.BooleanField(_("in spite of the rest, by approval"), default=False)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    bounced_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    over_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=9, choices=Withdrawal.choices, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]
        constraints = [
            # Nobody has two surveys before him, however many workers send at once.
            models.UniqueConstraint(
                name="surveys_one_open_each",
                fields=["contact"],
                condition=Q(state=InvitationState.OPEN, is_exception=False),
            ),
            models.UniqueConstraint(
                name="surveys_once_a_solution",
                fields=["campaign", "ticket", "round"],
                condition=Q(ticket__isnull=False),
            ),
            models.UniqueConstraint(
                name="surveys_once_a_wave",
                fields=["campaign", "contact"],
                condition=Q(ticket=None, is_exception=False),
            ),
            models.CheckConstraint(
                name="surveys_open_is_followed",
                condition=Q(state__in=[InvitationState.PLANNED, InvitationState.OPEN], next_at__isnull=False)
                | (
                    ~Q(state__in=[InvitationState.PLANNED, InvitationState.OPEN])
                    & Q(next_at__isnull=True, over_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="surveys_open_was_sent",
                condition=~Q(state=InvitationState.OPEN) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="surveys_invitation_due", fields=["next_at"], condition=Q(next_at__isnull=False)
            ),
            models.Index(name="surveys_invitation_of", fields=["campaign", "state", "-id"]),
            models.Index(name="surveys_invitation_group", fields=["group", "-id"]),
            models.Index(name="surveys_invitation_person", fields=["engineer", "-id"]),
            models.Index(name="surveys_rest", fields=["contact", "-sent_at"]),
            models.Index(name="surveys_invitation_client", fields=["client", "-id"]),
            # The statistics of a group read nothing else of an invitation.
            models.Index(
                name="surveys_invitation_sent",
                fields=["group", "sent_at"],
                include=[
                    *("id", "version", "campaign", "system", "engineer", "client_type"),
                    *("channel", "state"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What stands on paper and is read out; with a check digit."""
        return number_of(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state == InvitationState.OPEN

    @property
    def may_still_answer(self) -> bool:
        """Paper may come back, and a client may ring, after all was given up."""
        return self.state in (
            InvitationState.OPEN,
            InvitationState.NO_RESPONSE,
            InvitationState.BOUNCED,
            InvitationState.REFUSED,
        )


class Token(models.Model):
    """A link to an invitation: only the SHA-256 of it is kept. Each copy of a mail or a print has its own.

    All are spent together when the answers are finished.
    """

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link to a survey")
        verbose_name_plural = _("links to surveys")

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.expires_at:%Y-%m-%d}"


class Occasion(models.TextChoices):
    FIRST = "first", _("Invitation")
    REMINDER = "reminder", _("Reminder")
    NEXT_WAY = "next_way", _("By another way")


class OutreachState(models.TextChoices):
    WAITING = "waiting", _("to be done")
    DONE = "done", _("done")
    FAILED = "failed", _("not delivered")
    DROPPED = "dropped", _("no longer needed")


class OutreachQuerySet(models.QuerySet["Outreach"]):
    def visible_to(self, user: User) -> OutreachQuerySet:
        return self.filter(invitation__in=Invitation.objects.visible_to(user))

    def to_do(self) -> OutreachQuerySet:
        """What somebody has to do by hand: ring, go, print and post."""
        return self.filter(state=OutreachState.WAITING).exclude(channel=Channel.EMAIL)


class Outreach(models.Model):
    """One attempt by one way: an e-mail, or a task for a person (a call, a visit, a letter, a fax).

    `due_at` is when the task may be done: later, when nobody answered the phone.
    """

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="outreaches")
    occasion = models.CharField(max_length=8, choices=Occasion.choices)
    channel = models.CharField(_("way"), max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=7, choices=OutreachState.choices, default=OutreachState.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OutreachQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt to reach somebody")
        verbose_name_plural = _("attempts to reach somebody")
        ordering = ["pk"]
        indexes = [
            models.Index(
                name="surveys_outreach_to_do",
                fields=["channel", "due_at"],
                condition=Q(state=OutreachState.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.channel} {self.state}"


class SurveyMail(Outgoing):
    """An e-mail with a link on its way out. The text is written, and the link made, when it leaves."""

    outreach = models.OneToOneField(Outreach, models.CASCADE, related_name="mail")
    to = models.EmailField()
    language = models.CharField(max_length=10)
    message_id = models.CharField(max_length=250, unique=True)

    class Meta:
        verbose_name = _("e-mail with a survey")
        verbose_name_plural = _("e-mails with surveys")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="surveys_mail_waiting",
                fields=["next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outreach_id} {self.state}"

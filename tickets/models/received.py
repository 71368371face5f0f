"""What has come by e-mail, and what of it waits for somebody to decide."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.mailing import Outcome, Reason
from tickets.models.ticket import Entry, Ticket


class ReceivedMailQuerySet(models.QuerySet["ReceivedMail"]):
    def visible_to(self, user: User) -> ReceivedMailQuerySet:
        """What went into a record, for whom sees its entry; the rest for all of the house."""
        of_records = Q(entry__in=Entry.objects.visible_to(user))
        return self.filter(of_records if user.is_contact else of_records | Q(ticket__isnull=True))


class ReceivedMail(models.Model):
    """The log of all e-mail: each is taken once, told by its key. What it says stays readable in full.

    `key` is the Message-ID, or a digest of what has none. Written in the transaction of what became of it.
    """

    key = models.CharField(max_length=250, unique=True)
    sender = models.CharField(_("sender"), max_length=254, blank=True)
    sender_name = models.CharField(_("name"), max_length=120, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    outcome = models.CharField(_("what became of it"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("why"), max_length=20, choices=Reason.choices, blank=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="received_mail")
    received_at = models.DateTimeField(_("received at"))
    taken_at = models.DateTimeField()

    objects = ReceivedMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("received e-mail")
        verbose_name_plural = _("received e-mails")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="tickets_received_thread",
                fields=["ticket", "id"],
                condition=Q(ticket__isnull=False),
            ),
            models.Index(name="tickets_received_sender", fields=["sender", "taken_at"]),
            models.Index(
                name="tickets_received_ignored", fields=["-id"], condition=Q(outcome=Outcome.IGNORED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.outcome}"


class IntakeState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RECORDED = "recorded", _("Made a record")
    ADDED = "added", _("Added to a record")
    DISCARDED = "discarded", _("Discarded")


class IntakeMailQuerySet(models.QuerySet["IntakeMail"]):
    def visible_to(self, user: User) -> IntakeMailQuerySet:
        """Anyone on the staff records for any client (§5.1); a contact sees nothing of the house's post."""
        return self.none() if user.is_contact else self

    def waiting(self) -> IntakeMailQuerySet:
        return self.filter(state=IntakeState.WAITING)


class IntakeMail(models.Model):
    """An e-mail that nobody may take for granted: somebody decides where it belongs, once.

    `raw` is the e-mail as it came, or its beginning where it was too large.
    """

    mail = models.OneToOneField(ReceivedMail, models.PROTECT, related_name="intake")
    state = models.CharField(
        _("state"), max_length=10, choices=IntakeState.choices, default=IntakeState.WAITING
    )
    raw = models.BinaryField()
    size = models.PositiveBigIntegerField(_("size"))
    note = models.CharField(_("reason for the decision"), max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = IntakeMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail to be looked at")
        verbose_name_plural = _("e-mails to be looked at")
        ordering = ["pk"]
        indexes = [
            # Counted on every page of the queues: what waits is few, however many were decided.
            models.Index(
                name="tickets_intake_waiting", fields=["id"], condition=Q(state=IntakeState.WAITING)
            ),
            models.Index(
                name="tickets_intake_decided", fields=["-decided_at"], condition=~Q(state=IntakeState.WAITING)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_intake_decided_by_somebody",
                condition=Q(state=IntakeState.WAITING, decided_at__isnull=True)
                | (~Q(state=IntakeState.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="tickets_intake_discarded_with_a_reason",
                condition=~Q(state=IntakeState.DISCARDED) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mail_id} {self.state}"


class MailTry(models.Model):
    """An e-mail of the mailbox that is being taken: one that ends every taker is told by its tries."""

    mailbox = models.BigIntegerField()
    uid = models.BigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt to take an e-mail")
        verbose_name_plural = _("attempts to take an e-mail")
        constraints = [models.UniqueConstraint(name="tickets_mail_try_once", fields=["mailbox", "uid"])]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.uid} {self.tries}"

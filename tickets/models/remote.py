"""The client's authorisation for remote access, the sessions under it, and passwords in custody (§4.2.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clients.models import Contact, System
from staff.models import User
from tickets import remote
from tickets.grading import Grade
from tickets.models.attachment import Attachment
from tickets.models.ticket import Ticket
from tickets.remote import HowGiven


class RemoteAuthorisationQuerySet(models.QuerySet["RemoteAuthorisation"]):
    def visible_to(self, user: User) -> RemoteAuthorisationQuerySet:
        """Who sees a record sees its authorisations; a client's contact those of his own records."""
        if user.is_contact:
            return self.filter(ticket__contact__user=user)
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def with_sessions(self) -> RemoteAuthorisationQuerySet:
        """With how many sessions have begun, as `sessions_begun`."""
        begun = RemoteSession.objects.filter(authorisation=OuterRef("pk")).order_by()
        number = begun.values("authorisation").annotate(number=Count("pk")).values("number")
        return self.annotate(sessions_begun=Coalesce(Subquery(number), Value(0)))

    def with_facts(self) -> RemoteAuthorisationQuerySet:
        """With all that `facts` asks for."""
        return self.with_sessions().select_related("ticket", "evidence", "written_evidence")

    def in_window(self, now: datetime) -> RemoteAuthorisationQuerySet:
        return self.filter(revoked_at__isnull=True, window_from__lte=now, window_to__gt=now)

    def valid(self, now: datetime) -> RemoteAuthorisationQuerySet:
        """Those under which a session may begin at `now`: where `tickets.remote.bar` finds nothing."""
        paper = Q(evidence__isnull=False, evidence__withdrawn_at__isnull=True)
        written = Q(written_evidence__isnull=False, written_evidence__withdrawn_at__isnull=True)
        word = Q(ticket__grade=Grade.ONE, written_due_at__gt=now)
        proven = (~Q(how=HowGiven.PHONE) & paper) | (Q(how=HowGiven.PHONE) & (written | word))
        return self.in_window(now).with_sessions().filter(proven, sessions_begun__lt=F("max_sessions"))

    def awaiting_paper(self) -> RemoteAuthorisationQuerySet:
        """Given by phone, and nothing written has come yet."""
        return self.filter(
            written_due_at__isnull=False, written_received_at__isnull=True, revoked_at__isnull=True
        )


class RemoteAuthorisation(models.Model):
    """Who at the client allowed what, for which time. It is never changed: only proven, used and withdrawn.

    The window is half-open, [from, to). `evidence` is the paper, or the recording of the call; what has to
    follow a call in writing is `written_evidence`.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="remote_authorisations")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    given_by = models.CharField(_("who authorises"), max_length=120)
    how = models.CharField(_("how it was given"), max_length=8, choices=HowGiven.choices)
    callback_number = models.CharField(_("called back on"), max_length=40, blank=True)
    given_at = models.DateTimeField(_("given at"))
    evidence = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    systems = models.ManyToManyField(System, related_name="+")
    other_systems = models.CharField(_("other systems"), max_length=300, blank=True)
    purpose = models.CharField(_("purpose"), max_length=1000)
    window_from = models.DateTimeField(_("from"))
    window_to = models.DateTimeField(_("to"))
    max_sessions = models.PositiveSmallIntegerField(_("sessions allowed"), default=1)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_reason = models.CharField(max_length=1000, blank=True)
    written_due_at = models.DateTimeField(null=True)
    written_received_at = models.DateTimeField(null=True)
    written_evidence = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    objects = RemoteAuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("remote authorisation")
        verbose_name_plural = _("remote authorisations")
        ordering = ["pk"]
        indexes = [
            models.Index(
                name="tickets_remote_paper_due",
                fields=["written_due_at"],
                condition=Q(
                    written_due_at__isnull=False, written_received_at__isnull=True, revoked_at__isnull=True
                ),
            ),
            models.Index(
                name="tickets_remote_window", fields=["window_to"], condition=Q(revoked_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_remote_window_has_length", condition=Q(window_to__gt=F("window_from"))
            ),
            models.CheckConstraint(
                name="tickets_remote_given_by_somebody_before_it_is_recorded",
                condition=Q(given_at__lte=F("recorded_at")) & ~Q(given_by=""),
            ),
            models.CheckConstraint(name="tickets_remote_allows_a_session", condition=Q(max_sessions__gte=1)),
            models.CheckConstraint(
                name="tickets_remote_phone_has_number_and_paper_to_come",
                condition=(Q(how=HowGiven.PHONE, written_due_at__isnull=False) & ~Q(callback_number=""))
                | (~Q(how=HowGiven.PHONE) & Q(written_due_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="tickets_remote_paper_with_its_time",
                condition=Q(written_received_at__isnull=True, written_evidence__isnull=True)
                | Q(
                    written_received_at__isnull=False,
                    written_evidence__isnull=False,
                    written_due_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="tickets_remote_revoked_by_somebody_at_a_time",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.given_by} {self.window_from:%Y-%m-%d %H:%M}"

    @property
    def is_verbal(self) -> bool:
        return remote.is_verbal(self.how)

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def has_evidence(self) -> bool:
        """Whether what proves it in writing is there and was not withdrawn."""
        paper = self.written_evidence if self.is_verbal else self.evidence
        return paper is not None and paper.is_present

    @property
    def facts(self) -> remote.Facts:
        """What the rule looks at, of `with_facts`."""
        return remote.Facts(
            how=self.how,
            window_from=self.window_from,
            window_to=self.window_to,
            max_sessions=self.max_sessions,
            sessions_begun=self.sessions_begun,  # type: ignore[attr-defined]
            has_evidence=self.has_evidence,
            is_grade_one=self.ticket.grade == Grade.ONE,
            is_revoked=self.is_revoked,
            written_due_at=self.written_due_at,
        )


class RemoteSessionQuerySet(models.QuerySet["RemoteSession"]):
    def visible_to(self, user: User) -> RemoteSessionQuerySet:
        return self.filter(authorisation__in=RemoteAuthorisation.objects.visible_to(user))

    def open(self) -> RemoteSessionQuerySet:
        return self.filter(ended_at__isnull=True)


class RemoteSession(models.Model):
    """One person logged in at the client, from when to when, what he did and who watched."""

    authorisation = models.ForeignKey(RemoteAuthorisation, models.PROTECT, related_name="sessions")
    operator = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    summary = models.TextField(blank=True)
    witness = models.CharField(max_length=120, blank=True)
    warned_at = models.DateTimeField(null=True)
    overrun_at = models.DateTimeField(null=True)

    objects = RemoteSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("remote session")
        verbose_name_plural = _("remote sessions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_remote_session_one_open",
                fields=["authorisation", "operator"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="tickets_remote_session_ends_with_what_was_done",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, summary="", witness="")
                | (
                    Q(ended_at__isnull=False, ended_at__gte=F("started_at"), ended_by__isnull=False)
                    & ~Q(summary="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.operator_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class PurgeReason(models.TextChoices):
    WINDOW_END = "window_end", _("the window is over")
    REVOKED = "revoked", _("the authorisation was withdrawn")
    CLOSED = "closed", _("the record is over")
    BY_HAND = "by_hand", _("no longer needed")


class CustodyQuerySet(models.QuerySet["Custody"]):
    def visible_to(self, user: User) -> CustodyQuerySet:
        """The house's own: a client's contact sees none."""
        if user.is_contact:
            return self.none()
        return self.filter(authorisation__in=RemoteAuthorisation.objects.visible_to(user))

    def held(self) -> CustodyQuerySet:
        return self.filter(purged_at__isnull=True)

    def without_secrets(self) -> CustodyQuerySet:
        """Leave the encrypted password where it is: nothing but its one look reads it."""
        return self.defer("ciphertext")

    def client_to_be_told(self) -> CustodyQuerySet:
        """Destroyed here, and nobody has told the client yet to change it there."""
        return self.filter(purged_at__isnull=False, told_client_to_change_at__isnull=True)


class Custody(models.Model):
    """A password of the client's, encrypted with a key that is not in the database; empty when destroyed.

    On a grade-1 fault a second person approves the one look at it.
    """

    authorisation = models.ForeignKey(RemoteAuthorisation, models.PROTECT, related_name="custodies")
    account = models.CharField(_("account"), max_length=120)
    ciphertext = models.TextField(blank=True)
    key_id = models.CharField(max_length=16)
    deposited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    deposited_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    purged_because = models.CharField(max_length=10, choices=PurgeReason.choices, blank=True)
    told_client_to_change_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CustodyQuerySet.as_manager()

    class Meta:
        verbose_name = _("password in custody")
        verbose_name_plural = _("passwords in custody")
        ordering = ["pk"]
        indexes = [
            models.Index(
                name="tickets_custody_held", fields=["authorisation"], condition=Q(purged_at__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_custody_destroyed_is_empty",
                condition=(Q(purged_at__isnull=True, purged_because="") & ~Q(ciphertext=""))
                | (Q(purged_at__isnull=False, ciphertext="") & ~Q(purged_because="")),
            ),
            models.CheckConstraint(
                name="tickets_custody_client_told_after_it_was_destroyed",
                condition=Q(told_client_to_change_at__isnull=True, told_by__isnull=True)
                | Q(
                    purged_at__isnull=False,
                    told_by__isnull=False,
                    told_client_to_change_at__gte=F("purged_at"),
                ),
            ),
            models.CheckConstraint(
                name="tickets_custody_approved_by_somebody_at_a_time",
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.deposited_at:%Y-%m-%d %H:%M}"

    @property
    def is_held(self) -> bool:
        return self.purged_at is None


class Reveal(models.Model):
    """The one look that somebody had at a password, and why. Written before the password is decrypted."""

    custody = models.OneToOneField(Custody, models.PROTECT, related_name="reveal")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=1000)

    class Meta:
        verbose_name = _("look at a password")
        verbose_name_plural = _("looks at passwords")
        constraints = [models.CheckConstraint(name="tickets_reveal_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.custody_id} {self.by_id}"

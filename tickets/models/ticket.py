"""A maintenance record and the history of what was done about it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Channel, Client, Contact, System
from staff.models import Group, User
from tickets.grading import Grade
from tickets.lifecycle import OVER, Status


class Kind(models.TextChoices):
    FAULT = "fault", _("Fault")
    REQUEST = "request", _("Service request")
    COMPLAINT = "complaint", _("Complaint")
    CHANGE = "change", pgettext_lazy("kind of record", "Change")


# What a call may be about. A change is no call: it is planned, with a form of its own.
OF_CALLS = [choice for choice in Kind.choices if choice[0] != Kind.CHANGE]


class Cause(models.TextChoices):
    SOFTWARE = "software", _("Software defect")
    CONFIGURATION = "configuration", _("Configuration")
    HARDWARE = "hardware", _("Hardware")
    DATABASE = "database", _("Database")
    NETWORK = "network", _("Network")
    OPERATION = "operation", _("Operating error")
    ENVIRONMENT = "environment", _("Power or environment")
    THIRD_PARTY = "third_party", _("Third party")
    OTHER = "other", _("Other")


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> TicketQuerySet:
        """A contact sees his own, a group its own and what its people took, the others everything."""
        if user.is_contact:
            return self.filter(contact__user=user)
        if user.sees_everything:
            return self
        own = Q(taken_by=user) | Q(owner=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id else own)

    def open(self) -> TicketQuerySet:
        return self.exclude(status__in=OVER)

    def overdue(self, now: datetime) -> TicketQuerySet:
        """Open ones only: the others are next due at no time. To say so would mislead the planner, which
        takes both for chance and expects a thirtieth of what there is.
        """
        return self.filter(next_due_at__lt=now)

    def unacknowledged(self) -> TicketQuerySet:
        return self.filter(status=Status.LOGGED)

    def without_texts(self) -> TicketQuerySet:
        """Leave the long texts where they are: a list shows none of them."""
        return self.defer("details", "grade_reason", "diagnosis", "solution")

    def with_names(self) -> TicketQuerySet:
        """Everything a list row shows, in one query."""
        return self.select_related("client", "system", "group", "owner")


class Ticket(models.Model):
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.FAULT)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.PHONE)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    caller_name = models.CharField(_("caller"), max_length=120)
    callback_number = models.CharField(_("call back on"), max_length=40, blank=True)
    title = models.CharField(_("what happened"), max_length=200)
    details = models.TextField(_("details"), blank=True)
    in_coverage = models.BooleanField(_("inside the contract's coverage"), default=True)

    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    grade_reason = models.TextField(_("reason for the grade"), blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.LOGGED)
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    # Nobody has received what came by e-mail until somebody takes it up.
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("first receiver")
    )

    diagnosis = models.TextField(_("diagnosis"), blank=True)
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices, blank=True)
    solution = models.TextField(_("solution"), blank=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=120, blank=True)
    confirmed_channel = models.CharField(
        _("confirmed how"), max_length=8, choices=Channel.choices, blank=True
    )

    reported_at = models.DateTimeField(_("reported at"))
    logged_at = models.DateTimeField(_("recorded at"))
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    diagnosed_at = models.DateTimeField(_("diagnosed at"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    next_due_at = models.DateTimeField(_("next due"), null=True, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    version = models.PositiveIntegerField(default=1)
    external_ref = models.CharField(max_length=60, null=True, blank=True, unique=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("maintenance record")
        verbose_name_plural = _("maintenance records")
        ordering = ["-pk"]
        indexes = [
            # One partial index serves the desk, "breaks next", overdue and the counters over open records.
            models.Index(
                name="tickets_open_by_next_due",
                fields=["group", "next_due_at", "id"],
                condition=~Q(status__in=OVER),
            ),
            models.Index(
                name="tickets_open_all_by_next_due",
                fields=["next_due_at", "id"],
                condition=~Q(status__in=OVER),
            ),
            models.Index(
                name="tickets_due", fields=["next_due_at", "id"], condition=Q(next_due_at__isnull=False)
            ),
            models.Index(
                name="tickets_open_by_owner",
                fields=["owner", "next_due_at"],
                condition=~Q(status__in=OVER),
            ),
            models.Index(
                name="tickets_open_by_first_receiver",
                fields=["taken_by"],
                condition=~Q(status__in=OVER),
            ),
            # The dashboard's table of ages, answered by the index alone.
            models.Index(
                name="tickets_open_by_age",
                fields=["group", "grade", "reported_at"],
                include=["id", "status", "next_due_at"],
                condition=~Q(status__in=OVER),
            ),
            models.Index(name="tickets_group_newest", fields=["group", "-id"]),
            models.Index(name="tickets_client_newest", fields=["client", "-id"]),
            models.Index(name="tickets_client_reported", fields=["client", "-reported_at", "-id"]),
            models.Index(name="tickets_reported", fields=["reported_at"]),
            # Which faults were solved of late (callbacks).
            models.Index(
                name="tickets_resolved", fields=["resolved_at"], condition=Q(resolved_at__isnull=False)
            ),
            # Which fault of the same system and cause was solved not long before (tickets/repeats.py).
            models.Index(
                name="tickets_solved_faults",
                fields=["system", "cause", "-resolved_at"],
                condition=Q(kind=Kind.FAULT, resolved_at__isnull=False),
            ),
            # The register of complaints, and which of them have no corrective action yet (§4.3).
            models.Index(name="tickets_complaints", fields=["-id"], condition=Q(kind=Kind.COMPLAINT)),
            # The list of changes, and the calendar of their windows.
            models.Index(name="tickets_changes", fields=["-id"], condition=Q(kind=Kind.CHANGE)),
            models.Index(name="tickets_merged", fields=["id"], condition=Q(status=Status.MERGED)),
        ]
        constraints = [
            models.CheckConstraint(
                name="tickets_only_faults_are_graded", condition=Q(grade__isnull=True) | Q(kind=Kind.FAULT)
            ),
            # §3.2: an open record never sinks, it always has a next due time.
            models.CheckConstraint(
                name="tickets_open_has_a_next_due_time",
                condition=Q(status__in=OVER, next_due_at__isnull=True)
                | (~Q(status__in=OVER) & Q(next_due_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="tickets_closed_only_when_confirmed",
                condition=(~Q(status=Status.CLOSED) & Q(closed_at__isnull=True))
                | (Q(status=Status.CLOSED, closed_at__isnull=False) & ~Q(confirmed_by="")),
            ),
            models.CheckConstraint(
                name="tickets_resolved_has_its_time",
                condition=Q(status__in=[Status.RESOLVED, Status.CLOSED], resolved_at__isnull=False)
                | Q(status__in=[Status.LOGGED, Status.IN_PROGRESS, Status.WAITING], resolved_at__isnull=True)
                | Q(status=Status.MERGED),
            ),
            models.CheckConstraint(
                name="tickets_work_begins_with_acknowledgement",
                condition=Q(status__in=[Status.LOGGED, Status.MERGED]) | Q(acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_grade_one_never_waits", condition=~Q(status=Status.WAITING, grade=Grade.ONE)
            ),
            models.CheckConstraint(
                name="tickets_recorded_after_reported", condition=Q(logged_at__gte=F("reported_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """What is read out to the caller: the letter and at least five digits, never reused."""
        return f"T-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status not in OVER

    @property
    def is_fault(self) -> bool:
        return self.kind == Kind.FAULT

    @property
    def is_change(self) -> bool:
        return self.kind == Kind.CHANGE

    @property
    def needs_grade(self) -> bool:
        return self.is_fault and self.grade is None and self.is_open


class EntryKind(models.TextChoices):
    LOGGED = "logged", _("Call recorded")
    GRADED = "graded", _("Graded")
    ASSIGNED = "assigned", _("Assigned")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    DIAGNOSED = "diagnosed", _("Diagnosed")
    NOTE = "note", _("Note")
    MESSAGE = "message", _("Message to the client")
    MAIL = "mail", _("E-mail from the client")
    REPLY = "reply", _("Client's answer by e-mail")
    REPEAT_CONTACT = "repeat_contact", _("Repeat contact")
    PAUSED = "paused", _("Waiting")
    RESUMED = "resumed", _("Resumed")
    RESOLVED = "resolved", _("Resolved")
    CONFIRMED = "confirmed", _("Confirmed by the client")
    REOPENED = "reopened", _("Reopened")
    ATTACHED = "attached", _("File attached")
    WITHDRAWN = "withdrawn", _("File withdrawn")
    NEAR = "near", _("Limit is near")
    BREACHED = "breached", _("Limit exceeded")
    REPORTED_UP = "reported_up", _("Reported up")
    ACKED = "acked", _("Report-up acknowledged")
    LINKED = "linked", _("Linked")
    UNLINKED = "unlinked", _("Link removed")
    MERGED = "merged", _("Merged into another record")
    ABSORBED = "absorbed", _("Duplicate merged in")
    UNMERGED = "unmerged", _("Merge undone")
    SPLIT = "split", _("Second matter split off")
    CHECKLIST = "checklist", _("Checklist attached")
    TICKED = "ticked", _("Ticked")
    UNTICKED = "unticked", _("Tick taken back")
    TIME_CORRECTED = "time_corrected", _("Time corrected")
    STEPPED = "stepped", _("Next step of the service ladder")
    CONVENED = "convened", _("Coordination meeting convened")
    DECIDED = "decided", _("Verdict")
    CALLED_IN = "called_in", _("Called to the meeting")
    JOINED = "joined", _("Joined the meeting")
    FOLLOW_UP = "follow_up", _("Measure or follow-up")
    FOLLOWED_UP = "followed_up", _("Follow-up settled")
    AUTHORISED = "authorised", _("Remote access authorised")
    REVOKED = "revoked", _("Authorisation withdrawn")
    REMOTE_OPENED = "remote_opened", _("Remote session begun")
    REMOTE_CLOSED = "remote_closed", _("Remote session ended")
    DEPOSITED = "deposited", _("Password taken into custody")
    REVEALED = "revealed", _("Password looked at")
    PURGED = "purged", _("Password destroyed")
    WRITTEN_REPORT = "written_report", _("Written report received")
    DISPATCHED = "dispatched", _("Engineer sent")
    DEPARTED = "departed", _("Engineer departed")
    ARRIVED = "arrived", _("Engineer on site")
    LEFT = "left", _("Engineer left the site")
    CALLED_OFF = "called_off", _("Dispatch called off")
    RULED = "ruled", _("Ruling on an overrun")
    ISSUED = "issued", _("Document issued")
    CHANGE = "change", _("Step of the change")


# Further calls about a record that is open: by phone, or by an e-mail that nobody had asked for.
REPEAT_KINDS = (EntryKind.REPEAT_CONTACT, EntryKind.MAIL)


# What of a record's history stands in the timeline of its client (§5.3).
IN_TIMELINE = [
    EntryKind.MESSAGE,
    EntryKind.MAIL,
    EntryKind.REPLY,
    EntryKind.REPEAT_CONTACT,
    EntryKind.RESOLVED,
    EntryKind.CONFIRMED,
    EntryKind.REOPENED,
    EntryKind.DISPATCHED,
    EntryKind.ARRIVED,
    EntryKind.LEFT,
    EntryKind.AUTHORISED,
    EntryKind.REVOKED,
    EntryKind.REMOTE_OPENED,
    EntryKind.REMOTE_CLOSED,
]


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: User) -> EntryQuerySet:
        """A client's contact reads what concerns him and what he wrote, not the house's own notes."""
        if user.is_contact:
            his = Q(kind__in=CLIENT_SEES) | Q(by=user)
            return self.filter(his, ticket__contact__user=user)
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def repeat_contacts(self) -> EntryQuerySet:
        """Further calls about a record that was open already: the second calls of the KPI (§3.2).

        A call that was recorded anew and found to be a duplicate is one too, as long as it stays merged.
        """
        return self.filter(Q(kind__in=REPEAT_KINDS) | Q(kind=EntryKind.ABSORBED, link__isnull=False))


class Entry(models.Model):
    """One thing that happened to a record. Append-only: the database refuses UPDATE and DELETE.

    `changes` maps a field's name to `[old, new]` as they were to be read at that time.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["at", "id"]
        indexes = [
            models.Index(name="tickets_entry_timeline", fields=["ticket", "at", "id"]),
            models.Index(
                name="tickets_entry_of_client", fields=["-at", "-id"], condition=Q(kind__in=IN_TIMELINE)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"


CLIENT_SEES = [
    EntryKind.LOGGED,
    EntryKind.GRADED,
    EntryKind.ACKNOWLEDGED,
    EntryKind.MESSAGE,
    EntryKind.MAIL,
    EntryKind.REPLY,
    EntryKind.RESOLVED,
    EntryKind.CONFIRMED,
    EntryKind.REOPENED,
]

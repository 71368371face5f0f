"""Monthly reports: the draft with its words, what was published, who has read it, by which terms (§5.2)."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Client, ClientType, Contact
from reports.monthly.kinds import Edition, ReportEventKind, ReportState
from reports.periods import Period, period_of
from staff.models import Group, Role, User

HEADLINES = ("response", "resolution", "mttr", "satisfaction", "backlog")


class MonthlyReportQuerySet(models.QuerySet["MonthlyReport"]):
    def visible_to(self, user: User) -> MonthlyReportQuerySet:
        """Who sees everything sees all. A supervisor sees his group's and those of its clients, drafts too;
        the others of the group those of its clients once published, and a client's contact his own then.
        """
        of_clients = Q(edition=Edition.CLIENT, client__group=user.group_id)
        published = Q(state=ReportState.PUBLISHED)
        if user.is_contact:
            his = Contact.objects.filter(user=user, is_active=True).values("client")
            return self.filter(published, edition=Edition.CLIENT, client__in=his)
        if user.sees_everything:
            return self
        if user.group_id is None:
            return self.none()
        if user.role == Role.SUPERVISOR:
            return self.filter(of_clients | Q(edition=Edition.GROUP, group=user.group_id))
        return self.filter(of_clients & published)

    def published(self) -> MonthlyReportQuerySet:
        return self.filter(state=ReportState.PUBLISHED)

    def to_count(self) -> MonthlyReportQuerySet:
        """Drafts whose figures are not counted yet, or are to be counted anew."""
        never = Q(counted_at=None)
        return self.filter(never | Q(wanted_at__gt=F("counted_at")), state=ReportState.DRAFT)

    def with_names(self) -> MonthlyReportQuerySet:
        return self.select_related("group", "client__group")

    def without_content(self) -> MonthlyReportQuerySet:
        """Leave what it says where it is: a list shows none of it."""
        return self.defer("content", "figures", "words")


class MonthlyReport(models.Model):
    """The report of a month (its first day), of the department, a group or a client.

    `content` is what was counted, as one document a language with the keys of its sections (`composing`);
    `figures` are the same numbers by period and KPI. Both are made when it is counted; no action of a person
    writes them. `words` are what its editors typed, by the name of the field. `progress` says in per cent how
    far the counting that runs has come, `due_on` by which day it is to be published.
    """

    month = models.DateField(_("month"))
    edition = models.CharField(_("edition"), max_length=10, choices=Edition.choices)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("group")
    )
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+", verbose_name=_("client"))
    state = models.CharField(_("state"), max_length=9, choices=ReportState.choices, default=ReportState.DRAFT)
    content = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    due_on = models.DateField(_("to be published by"))
    drafted_at = models.DateTimeField()
    wanted_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    progress = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(_("published at"), null=True)
    compared_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    words_version = models.PositiveIntegerField(default=1)

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ["-month", "-edition", "pk"]
        indexes = [
            models.Index(name="reports_monthly_newest", fields=["-month", "-edition", "id"]),
            models.Index(
                name="reports_monthly_drafts", fields=["due_on"], condition=Q(state=ReportState.DRAFT)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="reports_monthly_once",
                fields=["month", "edition", "group", "client"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="reports_monthly_of_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="reports_monthly_of_one_subject",
                condition=Q(edition=Edition.DEPARTMENT, group=None, client=None)
                | Q(edition=Edition.GROUP, group__isnull=False, client=None)
                | Q(edition=Edition.CLIENT, group=None, client__isnull=False),
            ),
            models.CheckConstraint(
                name="reports_monthly_published_when_counted",
                condition=Q(state=ReportState.DRAFT, published_at=None)
                | Q(state=ReportState.PUBLISHED, published_at__isnull=False, counted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def period(self) -> Period:
        return period_of(self.month, "month")

    @property
    def subject(self) -> Group | Client | None:
        """Whose it is; None: the department's."""
        return self.group or self.client

    @property
    def subject_label(self) -> str:
        return self.subject.label if self.subject else str(Edition.DEPARTMENT.label)

    @property
    def reference(self) -> str:
        """What it is called: MR-2026-10-D, MR-2026-10-G-south, MR-2026-10-C-hospital."""
        code = f"-{self.subject.code}" if self.subject else ""
        return f"MR-{self.period}-{Edition(self.edition).value[0].upper()}{code}"

    @property
    def is_published(self) -> bool:
        return self.state == ReportState.PUBLISHED

    @property
    def is_counting(self) -> bool:
        """Whether its figures are still to come, or are being counted anew."""
        return not self.is_published and (self.counted_at is None or self.wanted_at > self.counted_at)

    def is_overdue(self, today: date) -> bool:
        return not self.is_published and self.due_on < today


class MonthlySnapshot(models.Model):
    """What was published, frozen: the database refuses UPDATE and DELETE.

    `content` is as in the draft, with the words of its editors in their places. `digest` is of all that.
    """

    report = models.OneToOneField(MonthlyReport, models.PROTECT, related_name="snapshot")
    content = models.JSONField()
    figures = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("published monthly report")
        verbose_name_plural = _("published monthly reports")

    def __str__(self) -> str:
        return self.digest


class MonthlyAdjustment(models.Model):
    """That a figure of a published report comes to something else by now: append-only, the last one counts.

    `frozen` and `counted` are figures as in `MonthlySnapshot.figures`; equal ones: it is as published again.
    """

    report = models.ForeignKey(MonthlyReport, models.PROTECT, related_name="adjustments")
    kpi = models.SlugField(max_length=40)
    frozen = models.JSONField()
    counted = models.JSONField()
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _("adjusted figure")
        verbose_name_plural = _("adjusted figures")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kpi}"


class MonthlyAcknowledgement(models.Model):
    """That a leader has read a published report and says so."""

    report = models.ForeignKey(MonthlyReport, models.PROTECT, related_name="acknowledgements")
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("acknowledgement of a monthly report")
        verbose_name_plural = _("acknowledgements of monthly reports")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="reports_acknowledged_once", fields=["report", "reader"])]

    def __str__(self) -> str:
        return f"{self.report_id} {self.reader_id}"


class MonthlyEvent(models.Model):
    """An entry of a history, never changed: of a report, of what is agreed with a client, or of the terms.

    `by` is empty where the clock did it; `changes` maps what was changed to `[old, new]`.
    """

    report = models.ForeignKey(MonthlyReport, models.PROTECT, null=True, related_name="events")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of a monthly report's history")
        verbose_name_plural = _("history of monthly reports")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="reports_event_is_of_one_thing",
                condition=Q(kind=ReportEventKind.TERMS, report=None, client=None)
                | Q(kind=ReportEventKind.AGREED, report=None, client__isnull=False)
                | (
                    ~Q(kind__in=[ReportEventKind.TERMS, ReportEventKind.AGREED])
                    & Q(report__isnull=False, client=None)
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class MonthlySubscription(models.Model):
    """That somebody wants to be told when reports are published: the department's, a group's, a client's."""

    user = models.ForeignKey(User, models.CASCADE, related_name="monthly_subscriptions")
    edition = models.CharField(max_length=10, choices=Edition.choices)
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+", db_index=False)
    client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("subscription to monthly reports")
        verbose_name_plural = _("subscriptions to monthly reports")
        constraints = [
            models.UniqueConstraint(
                name="reports_subscribed_once",
                fields=["user", "edition", "group", "client"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.edition}"


def usual_headlines() -> list[str]:
    return list(HEADLINES)


class MonthlyTerms(models.Model):
    """By which terms reports are made: one row, changed by leaders and administrators.

    `editors` write the department's report; none chosen: the QA auditors. `readers` are told of every report
    of the department and of groups; none chosen: the company's leaders. `headlines` are the KPIs of the first
    page, by key. Clients of the types in `client_types` have an edition, unless `ClientEdition` says no.
    """

    editors = models.ManyToManyField(
        User, blank=True, related_name="+", verbose_name=_("editors of the department's report")
    )
    readers = models.ManyToManyField(
        User, blank=True, related_name="+", verbose_name=_("who is told of each report")
    )
    client_types = models.ManyToManyField(
        ClientType, blank=True, related_name="+", verbose_name=_("types of client that get a report")
    )
    headlines = ArrayField(
        models.CharField(max_length=40), verbose_name=_("figures of the first page"), default=usual_headlines
    )
    due_working_day = models.PositiveSmallIntegerField(
        _("to be published by working day"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("terms of monthly reports")
        verbose_name_plural = _("terms of monthly reports")
        constraints = [
            models.CheckConstraint(name="reports_terms_one_row", condition=Q(pk=1)),
            models.CheckConstraint(name="reports_terms_due", condition=Q(due_working_day__range=(1, 20))),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @cached_property
    def editor_ids(self) -> set[int]:
        """Those of them who are still here."""
        return set(self.editors.filter(is_active=True).values_list("pk", flat=True))

    @cached_property
    def reader_ids(self) -> set[int]:
        """Those of them who are still here."""
        return set(self.readers.filter(is_active=True).values_list("pk", flat=True))


class ClientEdition(models.Model):
    """What was agreed with one client: whether it gets a report whatever its type, and who there is told."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="+", verbose_name=_("client"))
    is_wanted = models.BooleanField(pgettext_lazy("client", "gets a monthly report"), default=True)
    told = models.ManyToManyField(
        Contact,
        blank=True,
        related_name="+",
        verbose_name=_("contacts who are told"),
        help_text=_("Those with an account; none chosen: nobody is told, all of them find it in the portal."),
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("monthly report of a client")
        verbose_name_plural = _("monthly reports of clients")
        ordering = ["client__code"]

    def __str__(self) -> str:
        return str(self.client_id)

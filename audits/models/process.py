"""The department's process text: versions, their clauses, and who has read them (§1.1).

A draft is edited. What was published once is read for ever: the database refuses to change its clauses.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.clauses import ClauseText, level
from staff.bilingual import as_read
from staff.models import User

LONGEST = 6000


class ProcessState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ProcessVersionQuerySet(models.QuerySet["ProcessVersion"]):
    def visible_to(self, user: User) -> ProcessVersionQuerySet:
        """All staff read the process, its draft too (§1.2). Clients' contacts do not."""
        return self.none() if user.is_contact else self

    def published(self) -> ProcessVersionQuerySet:
        return self.filter(state=ProcessState.PUBLISHED)

    def in_force(self, today: date) -> ProcessVersionQuerySet:
        """The one in force on a day, as a queryset of at most one row."""
        return self.published().filter(in_force_on__lte=today).order_by("-number")[:1]


class ProcessVersion(models.Model):
    """`edition` rises with each change of a draft: who saves over another's change is told."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(
        _("state"), max_length=9, choices=ProcessState.choices, default=ProcessState.DRAFT
    )
    in_force_on = models.DateField(_("in force from"), null=True)
    note = models.TextField(_("what changes"), blank=True, max_length=2000)
    edition = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ProcessVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the process")
        verbose_name_plural = _("versions of the process")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="audits_process_one_draft", fields=["state"], condition=Q(state=ProcessState.DRAFT)
            ),
            models.CheckConstraint(
                name="audits_process_published_since",
                condition=Q(state=ProcessState.DRAFT, in_force_on=None, published_at=None)
                | Q(state=ProcessState.PUBLISHED, in_force_on__isnull=False, published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == ProcessState.DRAFT


class Clause(models.Model):
    """One clause of one version. `line` stays the same in all versions, whatever the number becomes."""

    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="clauses")
    line = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=24)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    text = models.TextField(_("text"), max_length=LONGEST, blank=True)
    text_en = models.TextField(_("English text"), max_length=LONGEST, blank=True)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(name="audits_clause_number_once", fields=["version", "number"]),
            models.UniqueConstraint(name="audits_clause_line_once", fields=["version", "line"]),
        ]

    def __str__(self) -> str:
        return f"§{self.number} {self.label}"

    @property
    def label(self) -> str:
        return as_read(self.title, self.title_en)

    @property
    def words(self) -> str:
        return as_read(self.text, self.text_en)

    @property
    def level(self) -> int:
        return level(self.number)

    @property
    def as_text(self) -> ClauseText:
        return ClauseText(self.line, self.number, self.title, self.title_en, self.text, self.text_en)

    def get_absolute_url(self) -> str:
        """The clause as it is in force; a published version's own page keeps the old words."""
        return reverse("process:clause", args=[self.number])


class Reading(models.Model):
    """Somebody says that he has read a version."""

    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="readings")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of the process")
        verbose_name_plural = _("readings of the process")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="audits_reading_once", fields=["version", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.person_id}"

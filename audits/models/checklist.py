"""The four checklists: what is published stays as it is, the next version is edited."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.kinds import AuditKind
from staff.bilingual import as_read
from staff.models import User


class ChecklistVersionQuerySet(models.QuerySet["ChecklistVersion"]):
    def visible_to(self, user: User) -> ChecklistVersionQuerySet:
        """The house reads what it is measured by; drafts are the auditors'."""
        if user.is_contact:
            return self.none()
        return self if user.sees_everything else self.filter(published_at__isnull=False)

    def published(self) -> ChecklistVersionQuerySet:
        return self.filter(published_at__isnull=False)


class ChecklistVersion(models.Model):
    """One version of the checklist of a kind. `edition` rises with every change of the draft."""

    kind = models.CharField(_("kind"), max_length=9, choices=AuditKind.choices, editable=False)
    number = models.PositiveIntegerField(_("version"), editable=False)
    edition = models.PositiveIntegerField(default=1, editable=False)
    source = models.CharField(max_length=200, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

    objects = ChecklistVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a checklist")
        verbose_name_plural = _("versions of checklists")
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(name="audits_version_once", fields=["kind", "number"]),
            models.UniqueConstraint(
                name="audits_one_draft", fields=["kind"], condition=Q(published_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class ChecklistItem(models.Model):
    """One thing that is looked at: of each sampled record, or once in the audit.

    `line` stays the same in all versions, so that it can be followed over the years.
    """

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="items")
    line = models.PositiveIntegerField(editable=False)
    position = models.PositiveIntegerField(editable=False)
    text = models.CharField(_("what has to be"), max_length=300)
    text_en = models.CharField(_("in English"), max_length=300, blank=True)
    hint = models.CharField(_("what shows it"), max_length=300, blank=True)
    hint_en = models.CharField(_("what shows it, in English"), max_length=300, blank=True)
    clause = models.CharField(_("clause"), max_length=20, blank=True)
    per_record = models.BooleanField(_("of each sampled record"), default=False)

    class Meta:
        verbose_name = _("item of a checklist")
        verbose_name_plural = _("items of checklists")
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(name="audits_item_once", fields=["version", "line"])]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return as_read(self.text, self.text_en)

    @property
    def shown_by(self) -> str:
        return as_read(self.hint, self.hint_en)

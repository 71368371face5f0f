"""Checklists: what is never to be forgotten, as a template and as it stands on a record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.bilingual import as_read
from staff.models import Bilingual, Group, User
from tickets.grading import Grade
from tickets.models.ticket import Kind, Ticket


class ChecklistTemplateQuerySet(models.QuerySet["ChecklistTemplate"]):
    def visible_to(self, user: User) -> ChecklistTemplateQuerySet:
        """The company's and one's group's; who sees everything sees those of every group."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        company = Q(group__isnull=True)
        return self.filter(company | Q(group=user.group_id) if user.group_id else company)

    def in_use(self) -> ChecklistTemplateQuerySet:
        return self.filter(retired_at__isnull=True)

    def fitting(self, ticket: Ticket) -> ChecklistTemplateQuerySet:
        """Those for such a record: each condition that a template names must hold."""
        system_kind = ticket.system.kind if ticket.system else ""
        return self.filter(
            Q(group__isnull=True) | Q(group=ticket.group_id),
            Q(kind="") | Q(kind=ticket.kind),
            Q(grade__isnull=True) | Q(grade=ticket.grade),
            Q(system_kind="") | Q(system_kind__iexact=system_kind),
        )


class ChecklistTemplate(Bilingual):
    """A list to be worked through. `items` is `[{"text", "text_en", "is_mandatory"}, …]` in order.

    A record gets a copy, so that editing a template never rewrites what somebody has ticked; `version` says
    which wording it was.
    """

    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    kind = models.CharField(_("kind of work"), max_length=10, choices=Kind.choices, blank=True)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade.choices, null=True, blank=True)
    system_kind = models.CharField(_("kind of system"), max_length=60, blank=True)
    is_automatic = models.BooleanField(_("attach by itself"), default=False)
    items = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    objects = ChecklistTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("checklist template")
        verbose_name_plural = _("checklist templates")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_template_name_once",
                fields=["group", "name"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="tickets_template_grade_is_of_faults",
                condition=Q(grade__isnull=True) | Q(kind__in=["", Kind.FAULT]),
                violation_error_message=_("Only faults are graded."),
            ),
        ]

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


class Checklist(Bilingual):
    """A template as it was when it was attached to a record."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="checklists")
    template = models.ForeignKey(ChecklistTemplate, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="tickets_checklist_once", fields=["ticket", "template"]),
        ]


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def visible_to(self, user: User) -> ChecklistItemQuerySet:
        """Checklists are the house's own: a client's contact sees none."""
        if user.is_contact:
            return self.none()
        return self.filter(checklist__ticket__in=Ticket.objects.visible_to(user))

    def of(self, ticket: Ticket) -> ChecklistItemQuerySet:
        """A record's items with everything that is shown of them, in one query."""
        rows = self.filter(checklist__ticket=ticket).select_related("checklist", "ticked_by")
        return rows.order_by("checklist", "position")

    def standing_in_the_way(self) -> ChecklistItemQuerySet:
        """Mandatory and not ticked: the record cannot be resolved."""
        return self.filter(is_mandatory=True, ticked_at__isnull=True)


class ChecklistItem(models.Model):
    """One thing to do. Who ticked it when, and with what result, stands here and in the history."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    text_en = models.CharField(max_length=200, blank=True)
    is_mandatory = models.BooleanField(default=False)
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=200, blank=True)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist items")
        ordering = ["checklist", "position"]
        constraints = [
            models.UniqueConstraint(name="tickets_checklist_item_once", fields=["checklist", "position"]),
            models.CheckConstraint(
                name="tickets_ticked_by_somebody_at_a_time",
                condition=Q(ticked_at__isnull=True, ticked_by__isnull=True, result="")
                | Q(ticked_at__isnull=False, ticked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The item in the reader's language; in Chinese where there is no other."""
        return as_read(self.text, self.text_en)

    @property
    def is_ticked(self) -> bool:
        return self.ticked_at is not None

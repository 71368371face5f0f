"""Notices and reports as they were given out (§5.4, 7.3)."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.documents import structure
from tickets.documents.kinds import DocumentKind, Edition, reference
from tickets.models.ticket import Entry, Ticket


class IssuedDocumentQuerySet(models.QuerySet["IssuedDocument"]):
    def visible_to(self, user: User) -> IssuedDocumentQuerySet:
        """Who sees a record sees all of its documents; a client's contact those for him, of his own."""
        if user.is_contact:
            return self.filter(edition=Edition.CLIENT, ticket__contact__user=user)
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def without_content(self) -> IssuedDocumentQuerySet:
        """Leave what it says where it is: a list shows none of it."""
        return self.defer("content", "entered")

    def series(self, ticket: Ticket, kind: str, edition: str) -> IssuedDocumentQuerySet:
        """The issues of one document for one kind of reader, counted together."""
        return self.filter(ticket=ticket, kind=kind, edition=edition)

    def next_number(self) -> int:
        """The number of the next issue of a `series`."""
        return (self.aggregate(last=Max("number"))["last"] or 0) + 1


class IssuedDocument(models.Model):
    """One issue, frozen: the database refuses UPDATE and DELETE. `content` is a `structure.Document`.

    `entered` is what somebody wrote for it (`kinds.Entered`), with which the next issue begins.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("document"), max_length=8, choices=DocumentKind.choices)
    edition = models.CharField(_("edition"), max_length=8, choices=Edition.choices)
    number = models.PositiveSmallIntegerField(_("issue"))
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    content = models.JSONField()
    entered = models.JSONField()
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="document")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("issued document")
        verbose_name_plural = _("issued documents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_document_issue_once", fields=["ticket", "kind", "edition", "number"]
            ),
            models.CheckConstraint(name="tickets_document_issues_begin_with_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference(f"T-{self.ticket_id}", self.kind, self.edition, self.number)

    @cached_property
    def document(self) -> structure.Document:
        return structure.read(self.content)

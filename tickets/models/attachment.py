"""The files that belong to a record: what they are, whose they are, and where they lie."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import StoredFile, User
from tickets.models.ticket import Entry, Ticket


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> AttachmentQuerySet:
        """Who sees a record sees its files; a contact what he sent or what came with what he may read."""
        if user.is_contact:
            his = Q(by=user) | Q(entry__in=Entry.objects.visible_to(user))
            return self.filter(his, ticket__contact__user=user)
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def present(self) -> AttachmentQuerySet:
        """Those whose content is there: not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Attachment(StoredFile):
    """A file of a record. `stored` is its random name on the shelf; `entry` is what it came with.

    One that is withdrawn keeps its row and its name; its content is gone.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="attachments")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="attachments")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="tickets_attachment_stored_once", fields=["stored"], condition=~Q(stored="")
            ),
            models.CheckConstraint(
                name="tickets_attachment_content_until_withdrawn",
                condition=(Q(withdrawn_at__isnull=True) & ~Q(stored=""))
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, stored=""),
            ),
        ]

    @property
    def is_image(self) -> bool:
        return super().is_image and self.is_present

    @property
    def is_present(self) -> bool:
        return self.withdrawn_at is None

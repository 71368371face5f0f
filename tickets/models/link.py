"""What ties two records together."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.lifecycle import Status
from tickets.linking import LinkKind
from tickets.models.ticket import Entry, Ticket, TicketQuerySet


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, user: User) -> LinkQuerySet:
        """Those of which the person may see both ends; how the house groups its work is not for contacts."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        seen = Ticket.objects.visible_to(user)
        return self.filter(record__in=seen, other__in=seen)

    def answering_for(self, ticket: Ticket) -> Ticket | None:
        """The record that answers for a merged one, over any number of merges; None for any other."""
        found = None
        while step := self.filter(record=found or ticket, kind=LinkKind.DUPLICATE).first():
            found = step.other
        return found

    def touching(self, ticket: Ticket | int) -> LinkQuerySet:
        return self.filter(Q(record=ticket) | Q(other=ticket))


class Link(models.Model):
    """What `record` is to `other`: one row a pair and kind, whichever way round.

    For what has no direction the newer record is `record`. `by` is empty where the rule of tickets/repeats.py
    tied them. `entry` is what the history of `other` says of it, where it counts there as a call (§3.2).
    """

    record = models.ForeignKey(Ticket, models.PROTECT, related_name="links", verbose_name=_("record"))
    other = models.ForeignKey(
        Ticket, models.PROTECT, related_name="linked_by", verbose_name=_("other record")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=LinkKind.choices)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("linked by"))
    at = models.DateTimeField(_("linked at"))
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="link")

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                Least("record", "other"), Greatest("record", "other"), "kind", name="tickets_link_once"
            ),
            # One mass fault, one record that answers for it, one that it came from.
            models.UniqueConstraint(
                name="tickets_link_one_parent", fields=["record"], condition=Q(kind=LinkKind.CHILD)
            ),
            models.UniqueConstraint(
                name="tickets_link_merged_once", fields=["record"], condition=Q(kind=LinkKind.DUPLICATE)
            ),
            models.UniqueConstraint(
                name="tickets_link_split_once", fields=["record"], condition=Q(kind=LinkKind.SPLIT)
            ),
            models.CheckConstraint(name="tickets_link_never_to_itself", condition=~Q(record=F("other"))),
            models.CheckConstraint(
                name="tickets_link_newer_to_older",
                condition=~Q(kind=LinkKind.RELATED) | Q(record__gt=F("other")),
            ),
            models.CheckConstraint(
                name="tickets_link_of_the_rule_repeats",
                condition=Q(by__isnull=False) | Q(kind=LinkKind.REPEAT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind} {self.other_id}"


def repeat_faults(tickets: TicketQuerySet) -> TicketQuerySet:
    """Return those of the records that repeat an earlier fault: the rows of the repeat-fault rate (§3.2)."""
    return tickets.exclude(status=Status.MERGED).filter(
        Exists(Link.objects.filter(record=OuterRef("pk"), kind=LinkKind.REPEAT))
    )

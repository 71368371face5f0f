"""What was done to the archive, and its documents: entries that nobody changes any more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from clients.models.contracts import Contract
from clients.models.systems import System
from staff.models import StoredFile, User


class Thing(models.TextChoices):
    """What of the archive an entry is about."""

    CLIENT = "client", _("Client")
    CONTACT = "contact", _("Contact")
    SITE = "site", _("Site")
    SYSTEM = "system", _("System")
    CONTRACT = "contract", _("Contract")
    TYPE = "type", _("Client type")


class Deed(models.TextChoices):
    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    FILE_ADDED = "file_added", _("Document added")
    FILE_REMOVED = "file_removed", _("Document removed")
    MERGED = "merged", _("Took in a double")
    MERGED_AWAY = "merged_away", _("Merged into another")
    UNMERGED = "unmerged", _("Merge undone")
    REMINDED = "reminded", _("Reminded of the end")


class ArchiveEntryQuerySet(models.QuerySet["ArchiveEntry"]):
    def visible_to(self, user: User) -> ArchiveEntryQuerySet:
        """What the house wrote down is not for a client's contact; who sees all sees changes of types too."""
        if user.is_contact:
            return self.none()
        return self if user.sees_everything else self.filter(client__group=user.group_id)


class ArchiveEntry(models.Model):
    """One change of the archive, append-only: a trigger refuses to change or delete it.

    `changes` is a list of {"field", "old", "new"} with what a person reads, in the language of the house.
    `by` is empty where the clock did it. A client type belongs to no client.
    """

    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="history")
    thing = models.CharField(max_length=8, choices=Thing.choices)
    thing_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    deed = models.CharField(max_length=12, choices=Deed.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)

    objects = ArchiveEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the archive's history")
        verbose_name_plural = _("history of the archive")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(name="clients_history", fields=["client", "-at", "-id"]),
            models.Index(name="clients_history_thing", fields=["thing", "thing_id", "-at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="clients_history_has_its_client",
                condition=Q(client__isnull=False) | Q(thing=Thing.TYPE),
            )
        ]

    def __str__(self) -> str:
        return f"{self.thing} {self.thing_id} {self.deed}"


class ArchiveFileQuerySet(models.QuerySet["ArchiveFile"]):
    def visible_to(self, user: User) -> ArchiveFileQuerySet:
        """Whoever works for the client; the client's own people see none of the house's papers here."""
        if user.is_contact:
            return self.none()
        return self if user.sees_everything else self.filter(client__group=user.group_id)


class ArchiveFile(StoredFile):
    """A document of a client: of a contract, of a system, or of neither."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="files")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="files")
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="files")

    objects = ArchiveFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of a client")
        verbose_name_plural = _("documents of clients")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="clients_file_of_one", condition=Q(contract__isnull=True) | Q(system__isnull=True)
            )
        ]


class ArchiveMerge(models.Model):
    """A double that became part of another, and which rows were moved: what is needed to undo it.

    `moved` has row ids by "app.Model.field"; they are moved back where they still belong to the winner.
    """

    thing = models.CharField(
        max_length=8, choices=[(Thing.CLIENT, _("Client")), (Thing.CONTACT, _("Contact"))]
    )
    loser_id = models.BigIntegerField()
    winner_id = models.BigIntegerField()
    was_active = models.BooleanField()
    moved = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-pk"]
        indexes = [models.Index(name="clients_merge_winner", fields=["thing", "winner_id"])]

    def __str__(self) -> str:
        return f"{self.thing} {self.loser_id} → {self.winner_id}"

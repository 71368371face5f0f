"""Canned replies: what is written often, written once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User


class Scope(models.TextChoices):
    EVERYONE = "everyone", _("Everyone")
    GROUP = "group", _("A group")
    OWN = "own", _("Myself")


class TextKind(models.TextChoices):
    """The kind of text that a reply is for. A note stays in the house, a message goes to the client."""

    ANY = "any", _("Any text")
    NOTE = "note", _("Note")
    MESSAGE = "message", _("Message to the client")
    SOLUTION = "solution", _("Solution")


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    def visible_to(self, user: User) -> CannedReplyQuerySet:
        """Everyone's, one's group's, one's own. An administrator looks after those of every group."""
        if user.is_contact:
            return self.none()
        shared = Q(scope=Scope.EVERYONE) | Q(owner=user)
        if user.may_administer:
            return self.filter(shared | Q(scope=Scope.GROUP))
        return self.filter(shared | Q(group=user.group_id) if user.group_id else shared)

    def in_use(self) -> CannedReplyQuerySet:
        return self.filter(retired_at__isnull=True)

    def fit_for(self, kind: str) -> CannedReplyQuerySet:
        """Those for this kind of text and those for any."""
        return self.filter(kind__in=[kind, TextKind.ANY]) if kind in TextKind.values else self


class CannedReply(models.Model):
    """A text with variables (tickets.variables), in Chinese and perhaps in English."""

    title = models.CharField(_("title"), max_length=80)
    body = models.TextField(_("text"), max_length=4000)
    body_en = models.TextField(_("English text"), max_length=4000, blank=True)
    kind = models.CharField(_("for"), max_length=8, choices=TextKind.choices, default=TextKind.ANY)
    scope = models.CharField(_("who may use it"), max_length=8, choices=Scope.choices, default=Scope.OWN)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    uses = models.PositiveIntegerField(_("times used"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["-uses", "title", "id"]
        constraints = [
            models.CheckConstraint(
                name="tickets_reply_belongs_to_its_scope",
                condition=Q(scope=Scope.EVERYONE, group__isnull=True, owner__isnull=True)
                | Q(scope=Scope.GROUP, group__isnull=False, owner__isnull=True)
                | Q(scope=Scope.OWN, group__isnull=True, owner__isnull=False),
            ),
            models.UniqueConstraint(
                name="tickets_reply_title_once",
                fields=["scope", "group", "owner", "title"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def text_in(self, language: str) -> str:
        """The text in a language; the Chinese one where there is no other."""
        return self.body_en if language.startswith("en") and self.body_en else self.body

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return self.text_in(get_language() or "")

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

"""Views of the list that somebody has kept under a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, and what colleagues share with one's group."""
        own = Q(owner=user)
        return self.filter(own | Q(group=user.group_id) if user.group_id and not user.is_contact else own)


class SavedView(models.Model):
    """A queue with its filters. It holds the question only: each reader gets the records that he may see."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("owner"))
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("shared with")
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("address"), max_length=500, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(name="tickets_view_name_once", fields=["owner", "name"])]

    def __str__(self) -> str:
        return self.name

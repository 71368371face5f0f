"""Where a client is: its places."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from staff.models import Bilingual, User


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, user: User) -> SiteQuerySet:
        return self.filter(client__in=Client.objects.visible_to(user))


class Site(Bilingual):
    """A place of a client: contacts sit there, systems stand there, contracts may cover it."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="sites", verbose_name=_("client"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    travel = models.TextField(
        _("how to get there"),
        blank=True,
        max_length=1000,
        help_text=_("Way, parking, entrance, whom to ask for: whoever is sent there reads it."),
    )
    remarks = models.TextField(_("remarks"), blank=True, max_length=1000)
    is_active = models.BooleanField(_("active"), default=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="clients_site_once",
                fields=["client", "name"],
                condition=Q(is_active=True),
                violation_error_message=_("The client has a site of this name already."),
            )
        ]

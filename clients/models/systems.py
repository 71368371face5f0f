"""What a client runs, where, and who looks after it (§5.1)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from clients.models.sites import Site
from clients.phases import is_new
from staff.models import Bilingual, User


class SystemQuerySet(models.QuerySet["System"]):
    def visible_to(self, user: User) -> SystemQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(client__contacts__user=user)
        return self.filter(client__group=user.group_id) if user.group_id else self.none()


class System(Bilingual):
    """A system in use at a client, with its dedicated maintainer and his backup (§5.1)."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="systems", verbose_name=_("client"))
    site = models.ForeignKey(
        Site, models.SET_NULL, null=True, blank=True, related_name="systems", verbose_name=_("site")
    )
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    version = models.CharField(_("version"), max_length=60, blank=True)
    environment = models.CharField(_("environment"), max_length=200, blank=True)
    remote_access = models.CharField(
        _("way of remote access"),
        max_length=200,
        blank=True,
        help_text=_("VPN, jump host, screen sharing … Never a password: those go into custody (§4.2.2)."),
    )
    in_service_since = models.DateField(
        _("in service since"),
        null=True,
        blank=True,
        help_text=_("The day it went live: for three months it counts as new (§5.3)."),
    )
    maintainer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dedicated maintainer")
    )
    backup = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("backup")
    )
    is_active = models.BooleanField(_("active"), default=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = SystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("system")
        verbose_name_plural = _("systems")
        ordering = ["pk"]
        indexes = [  # how many are in use, and since when
            models.Index(
                fields=["in_service_since"], condition=Q(is_active=True), name="clients_system_in_use"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="clients_system_backup_is_another",
                condition=Q(backup__isnull=True) | Q(maintainer__isnull=True) | ~Q(backup=F("maintainer")),
                violation_error_message=_("The backup must be another person than the maintainer."),
            )
        ]

    def is_new(self, day: date) -> bool:
        """Whether it is in its new-system phase on that day."""
        return is_new(self.in_service_since, day)

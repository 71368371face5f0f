"""Who the clients are, and of which type (§5.3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from clients.models.hours import ServiceHours
from clients.models.reaching import Reached
from staff.models import Bilingual, Group, User


class ClientType(Bilingual):
    """A class of client (§5.3): callbacks are planned by it. That a system is new is a phase, no type."""

    code = models.SlugField(_("code"), unique=True)
    description = models.CharField(_("what it means"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("client type")
        verbose_name_plural = _("client types")
        ordering = ["code"]


# What a client is called, as one text. The database keeps statistics of just this expression (migration
# 0002), or it would expect one client of any name and read all of them.
NAMES = Func(
    *("name", "name_en", "code"),
    template="lower(%(expressions)s)",
    arg_joiner=r" || E'\n' || ",
    output_field=models.TextField(),
)


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: User) -> ClientQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(contacts__user=user)
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def active(self) -> ClientQuerySet:
        """Those that are served: neither former nor merged into another."""
        return self.filter(is_active=True)

    def matching(self, words: str) -> ClientQuerySet:
        """Clients whose code or name contains `words`, any case: read as one text, in a third of the time."""
        return self.alias(names=NAMES).filter(names__contains=words.lower())


class Client(Bilingual, Reached):
    """`merged_into` is the client that a double has become part of: its code and its page lead there."""

    code = models.SlugField(_("code"), unique=True)
    type = models.ForeignKey(ClientType, models.PROTECT, verbose_name=_("client type"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="clients", verbose_name=_("O&M group"))
    hours = models.ForeignKey(ServiceHours, models.PROTECT, verbose_name=_("service hours"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    fax = models.CharField(_("fax number"), max_length=40, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="doubles", editable=False
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="clients_client_merged_is_former",
                condition=Q(merged_into__isnull=True) | Q(is_active=False),
            )
        ]

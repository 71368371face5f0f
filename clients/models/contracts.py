"""What is agreed with a client, until when, and when the house is reminded of its end (§2.2)."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from clients.models.sites import Site
from clients.models.systems import System
from staff.models import User

LONGEST_TERM = 365


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, user: User) -> ContractQuerySet:
        if user.sees_everything:
            return self
        return self.filter(client__group=user.group_id) if user.group_id else self.none()

    def covering(self, client: Client | int, system: System | int | None, on: date) -> ContractQuerySet:
        """Contracts of the client in force on that day for that system (§2.2).

        A contract covers the systems that it lists and all that stand at the sites that it lists; one that
        lists neither covers everything.
        """
        in_force = self.filter(client=client, starts_on__lte=on, ends_on__gte=on)
        if not system:
            return in_force
        of_this = {"contract": models.OuterRef("pk")}
        systems = Contract.systems.through.objects.filter(**of_this)
        sites = Contract.sites.through.objects.filter(**of_this)
        at_site = sites.filter(
            site__in=System.objects.filter(pk=getattr(system, "pk", system)).values("site")
        )
        covers = models.Exists(systems.filter(system=system)) | models.Exists(at_site)
        return in_force.filter((~models.Exists(systems) & ~models.Exists(sites)) | covers)

    def ending(self, day: date, within: int) -> ContractQuerySet:
        """Contracts in force on a day that end within so many days and are not settled or followed."""
        after = Contract.objects.filter(
            client=models.OuterRef("client"), ends_on__gt=models.OuterRef("ends_on")
        )
        last = after.filter(starts_on__lte=models.OuterRef("ends_on") + timedelta(days=1))
        return self.filter(
            ~models.Exists(last),
            client__is_active=True,
            renewal_settled=False,
            starts_on__lte=day,
            ends_on__gte=day,
            ends_on__lte=day + timedelta(days=within),
        )


class Contract(models.Model):
    client = models.ForeignKey(Client, models.PROTECT, related_name="contracts", verbose_name=_("client"))
    number = models.CharField(_("contract number"), max_length=40, unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to (inclusive)"))
    systems = models.ManyToManyField(
        System,
        blank=True,
        verbose_name=_("systems covered"),
        help_text=_("Neither systems nor sites chosen: all of them."),
    )
    sites = models.ManyToManyField(
        Site,
        blank=True,
        verbose_name=_("sites covered"),
        help_text=_("Everything that stands there is covered."),
    )
    grade_two_round_the_clock = models.BooleanField(
        _("grade-2 clocks run round the clock"),
        default=True,
        help_text=_("Otherwise they run in the client's service hours."),
    )
    remarks = models.TextField(_("remarks"), blank=True, max_length=1000)
    renewal_settled = models.BooleanField(
        _("what follows is settled"),
        default=False,
        help_text=_("Renewed or given up: nobody is reminded of its end any more."),
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-ends_on"]
        constraints = [
            models.CheckConstraint(
                name="clients_contract_has_length",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The contract must end on or after the day it starts."),
            )
        ]
        indexes = [models.Index(name="clients_contract_ends", fields=["ends_on"])]

    def __str__(self) -> str:
        return self.number


class RenewalTerm(models.Model):
    """So many days before its end the people of a contract are reminded."""

    days = models.PositiveSmallIntegerField(
        _("days before the end"),
        unique=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_TERM)],
    )

    class Meta:
        verbose_name = _("reminder of renewal")
        verbose_name_plural = _("reminders of renewal")
        ordering = ["-days"]
        constraints = [
            models.CheckConstraint(
                name="clients_renewal_within_a_year", condition=Q(days__range=(1, LONGEST_TERM))
            )
        ]

    def __str__(self) -> str:
        return str(self.days)


class RenewalReminder(models.Model):
    """That a contract's people were reminded of this end by this term: once, also when two workers look."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="reminders")
    ends_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="clients_reminded_once", fields=["contract", "ends_on", "days"])
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.days}"

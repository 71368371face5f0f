"""The people at a client, and their numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from clients.models.reaching import Reached
from clients.models.sites import Site
from staff.models import Bilingual, User


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> ContactQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(user=user)
        return self.filter(client__group=user.group_id) if user.group_id else self.none()


class ContactRole(Bilingual):
    """What somebody is at his client: who decides, who pays, who may sign. One person may be several."""

    code = models.SlugField(_("code"), unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("role of a contact")
        verbose_name_plural = _("roles of contacts")
        ordering = ["position", "code"]


class Contact(Bilingual, Reached):
    """Somebody at a client. Where he has no wish of his own, the client's holds (`clients.reaching`)."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="contacts", verbose_name=_("client"))
    site = models.ForeignKey(
        Site, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("site")
    )
    job_title = models.CharField(_("position"), max_length=80, blank=True)
    roles = models.ManyToManyField(ContactRole, blank=True, related_name="contacts", verbose_name=_("roles"))
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contact",
        verbose_name=_("sign-in account"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="doubles", editable=False
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="clients_contact_merged_is_former",
                condition=Q(merged_into__isnull=True) | Q(is_active=False),
            )
        ]


class PhoneKind(models.TextChoices):
    OFFICE = "office", _("Office")
    MOBILE = "mobile", _("Mobile")
    FAX = "fax", _("Fax")
    OTHER = "other", _("Other")


class Phone(models.Model):
    """A number of a contact: as written, and its digits as `clients.phones.normalise` gives them."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phones")
    kind = models.CharField(_("kind"), max_length=6, choices=PhoneKind.choices, default=PhoneKind.OFFICE)
    number = models.CharField(_("number"), max_length=40)
    digits = models.CharField(max_length=20, editable=False)
    extension = models.CharField(max_length=8, blank=True, editable=False)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="clients_phone_once", fields=["contact", "digits", "extension"])
        ]
        indexes = [
            models.Index(name="clients_phone_digits", fields=["digits"], opclasses=["text_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.number

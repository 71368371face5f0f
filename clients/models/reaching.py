"""How somebody wants to be reached: the same for a client and for each of his people (§4.3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User


class Channel(models.TextChoices):
    """How somebody reaches somebody: calls, callbacks and surveys share this list (§3.1, §4.1.2)."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    FAX = "fax", _("Fax")
    ON_SITE = "on_site", _("On site")
    WEB = "web", _("Web form")
    API = "api", _("REST interface")


class Language(models.TextChoices):
    """In which language somebody is spoken and written to."""

    CHINESE = "zh-hans", _("Chinese")
    ENGLISH = "en", _("English")


class Reached(models.Model):
    """How and when somebody wants to be reached, and when not; a contact's wish comes before his client's.

    The hours and quiet periods are rows of their own: `contact_hours` and `quiet_periods`.
    """

    preferred_channel = models.CharField(
        _("preferred channel"), max_length=8, choices=Channel.choices, blank=True
    )
    language = models.CharField(_("language"), max_length=7, choices=Language.choices, blank=True)
    preferences = models.TextField(
        _("habits and preferences"),
        blank=True,
        help_text=_("Shown wherever somebody is about to contact this client (§4.3)."),
    )
    taboos = models.TextField(
        _("taboos"),
        blank=True,
        max_length=1000,
        help_text=_("What must never be done or said: shown before anything else."),
    )
    postal_address = models.CharField(
        _("postal address"), max_length=300, blank=True, help_text=_("For letters, as it is written on them.")
    )
    no_surveys_since = models.DateTimeField(_("wants no surveys since"), null=True, blank=True)
    no_surveys_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("noted by")
    )
    no_surveys_reason = models.CharField(_("why no surveys"), max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @property
    def wants_no_surveys(self) -> bool:
        return self.no_surveys_since is not None

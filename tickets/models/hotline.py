"""Where a group's clients call when it cannot wait."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.phones import InvalidPhone, normalise
from staff.bilingual import as_read
from staff.models import Group


def check_number(number: str) -> None:
    """Refuse what nobody can call."""
    try:
        normalise(number)
    except InvalidPhone as error:
        raise ValidationError(error.message, code=error.code) from error


class Hotline(models.Model):
    """The number that a group's clients are shown, and a word on when somebody answers it."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="+", verbose_name=_("group"))
    number = models.CharField(_("number"), max_length=40, validators=[check_number])
    note = models.CharField(_("when somebody answers"), max_length=120, blank=True)
    note_en = models.CharField(_("the same in English"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("hotline")
        verbose_name_plural = _("hotlines")

    def __str__(self) -> str:
        return f"{self.group} {self.number}"

    @property
    def note_label(self) -> str:
        """The note in the reader's language."""
        return as_read(self.note, self.note_en)

    @property
    def dial(self) -> str:
        """The number as a phone dials it: E.164 where it has an area, else its digits alone."""
        number = normalise(self.number)
        plus = "+" if len(number.digits) > 8 else ""
        return f"{plus}{number.digits}" + (f",{number.extension}" if number.extension else "")

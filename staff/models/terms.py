"""What was changed of the terms that the house or a group works by: append-only."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from staff.models.people import User

NOTHING = "—"
SHOWN = 20


class TermsChangeQuerySet(models.QuerySet["TermsChange"]):
    def newest(self, terms: type[models.Model], of: object = "") -> TermsChangeQuerySet:
        """The last changes of one kind of terms, of the group `of` where each has its own; one query.

        Whoever may open the page of these terms may read them.
        """
        found = self.filter(terms=terms._meta.label_lower, of=str(of)).select_related("by")
        return found.order_by("-at", "-pk")[:SHOWN]


class TermsChange(models.Model):
    """Who changed which terms, when, and what: `changes` has before and after by the name of the field.

    `terms` is the model's label ("audits.auditterms"); `of` the key of the group, empty where they are the
    house's.
    """

    terms = models.CharField(max_length=60)
    of = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changes = models.JSONField(encoder=DjangoJSONEncoder)

    objects = TermsChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of terms")
        verbose_name_plural = _("changes of terms")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(name="staff_terms_newest", fields=["terms", "of", "-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.terms} {self.of} {self.by_id}"

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Each field's name in the reader's language, and what stood there before and after."""
        model = apps.get_model(self.terms)
        return [(_label(model, name), _shown(old), _shown(new)) for name, (old, new) in self.changes.items()]


def _label(model: type[models.Model], name: str) -> str:
    """The field's name; its bare one where the field is gone since."""
    try:
        return capfirst(str(model._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def _shown(value: Any) -> str:
    """A value in one line: numbers of a list with commas, lines of a text with dots between them."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or NOTHING
    if isinstance(value, str):
        return " · ".join(line for line in value.splitlines() if line.strip()) or NOTHING
    return NOTHING if value is None else str(value)

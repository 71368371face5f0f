"""The house's and a group's terms are set, each change with its entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from staff.models import TermsChange, User


@transaction.atomic
def save_terms(terms: models.Model, *, by: User, now: datetime) -> None:
    """Save a row of terms whose key is set, with an entry of what differs from those in force.

    Where none were set, the defaults of the model are in force. Whose they are to set the caller has checked.
    """
    model = type(terms)
    rows = model._default_manager
    # The row is there before it is locked, so that two who set terms for the first time wait for each other.
    rows.bulk_create([model(pk=terms.pk)], ignore_conflicts=True)
    before = rows.select_for_update().get(pk=terms.pk)
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    changes = {name: (getattr(before, name), getattr(terms, name)) for name in names}
    terms.save()
    of = str(terms.pk) if model._meta.pk.is_relation else ""
    log_terms(model, changes, of=of, by=by, now=now)


def log_terms(
    terms: type[models.Model],
    changes: Mapping[str, tuple[Any, Any]],
    *,
    of: str = "",
    by: User,
    now: datetime,
) -> None:
    """Write the entry of terms that were set: before and after by field; none where nothing differs."""
    differing = {name: [old, new] for name, (old, new) in changes.items() if old != new}
    if differing:
        TermsChange.objects.create(terms=terms._meta.label_lower, of=of, at=now, by=by, changes=differing)

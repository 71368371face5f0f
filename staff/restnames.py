"""The things and people that a body names, found as far as its sender may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from staff.models import User


def chosen(rows: Iterable[Any], field: str) -> Any:
    """The one row that a body's field names. Raises ValidationError at that field when there is none."""
    if (found := next(iter(rows), None)) is None:
        raise ValidationError({field: _nobody()})
    return found


def person_named(name: str, field: str, *, seen_by: User) -> User:
    """Somebody by his user name. Raises ValidationError at that field when there is none."""
    return chosen(User.objects.visible_to(seen_by).filter(username=name), field)


def people_named(names: Sequence[str], field: str, *, seen_by: User, inside: str | None = None) -> list[User]:
    """People by their user names, in order, in one query. Raises ValidationError at each who is not there.

    `inside` is the field of the user name, where the list's items are objects.
    """
    seen = User.objects.visible_to(seen_by).filter(username__in=names)
    found = {person.username: person for person in seen}
    missing = {
        place: {inside: _nobody()} if inside else _nobody()
        for place, name in enumerate(names)
        if name not in found
    }
    if missing:
        raise ValidationError({field: missing})
    return [found[name] for name in names]


def _nobody() -> list[ErrorDetail]:
    return [ErrorDetail(_("There is no such thing."), code="does_not_exist")]

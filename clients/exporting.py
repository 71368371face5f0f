"""The archive written out in the shape in which it can be read back in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.importing import MODELS
from clients.models import Client
from clients.phonetext import phones_text
from clients.sheetcolumns import SHEETS, Column, Sheet
from staff.models import User

RELATED: Mapping[str, tuple[str, ...]] = {
    "clients": ("type", "group", "hours"),
    "systems": ("client", "maintainer", "backup"),
}


def rows_of(user: User) -> dict[str, Iterator[list[Any]]]:
    """Everything that the person may see of the archive, by sheet; some ten queries however much it is."""
    visible = Client.objects.visible_to(user).filter(merged_into=None)
    return {sheet.name: _rows(sheet, visible) for sheet in SHEETS}


def _rows(sheet: Sheet, visible: Any) -> Iterator[list[Any]]:
    model = MODELS[sheet.name]
    if model is Client:
        found = visible.order_by("code")
    else:
        found = model.objects.filter(client__in=visible).order_by("client__code", "pk")
    if sheet.name == "contacts":
        found = found.filter(merged_into=None).prefetch_related("phones")
    found = found.select_related(*RELATED.get(sheet.name, ("client",)))
    for thing in found.iterator(chunk_size=1000):
        yield [_said(thing, column) for column in sheet.columns]


def _said(thing: Any, column: Column) -> Any:
    if column.name == "phones":
        return phones_text(thing.phones.all())
    value = getattr(thing, column.name)
    if column.name in ("client", "type", "group", "hours"):
        return value.code
    if column.name in ("maintainer", "backup"):
        return value.username if value else ""
    if column.name in ("preferred_channel", "language"):
        return getattr(thing, f"get_{column.name}_display")() if value else ""
    return value

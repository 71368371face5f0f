"""The archive's own past in words: its entries read out, and as sources of the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from clients.happenings import About, Asked, Happening
from clients.models import (
    ArchiveEntry,
    Client,
    ClientType,
    Contact,
    Contract,
    Site,
    System,
    Thing,
)

BRIEF = 60  # characters of a changed text in the timeline
MODELS: dict[str, type[Model]] = {
    Thing.CLIENT: Client,
    Thing.CONTACT: Contact,
    Thing.SITE: Site,
    Thing.SYSTEM: System,
    Thing.CONTRACT: Contract,
    Thing.TYPE: ClientType,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One changed field of an entry, in the reader's language."""

    field: str
    old: str
    new: str


def told(entry: ArchiveEntry) -> list[Told]:
    """What an entry says was changed, in words."""
    model = MODELS[entry.thing]
    return [
        Told(
            _label(model, change["field"]),
            _said(model, change["field"], change["old"]),
            _said(model, change["field"], change["new"]),
        )
        for change in entry.changes
    ]


def title(entry: ArchiveEntry) -> str:
    """The entry in one line: what was done to what."""
    return f"{entry.get_thing_display()} · {entry.label}: {entry.get_deed_display()}"


def entries(asked: Asked) -> list[Happening]:
    """Changes of the archive, for the timeline."""
    if not asked.wants(About.ARCHIVE):
        return []
    rows = ArchiveEntry.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    rows = rows.select_related("by")
    return [
        Happening(
            at=entry.at,
            source="archive",
            pk=entry.pk,
            about=About.ARCHIVE,
            title=title(entry),
            detail=entry.note or _brief(told(entry)),
            url=reverse("clients:history", args=[entry.client_id]),
            by=entry.by,
            icon="edit",
        )
        for entry in asked.page(rows, at="at", source="archive")
    ]


def _brief(changes: list[Told]) -> str:
    """The first changes in one line, long texts cut."""
    words = [f"{one.field}: {Truncator(one.new).chars(BRIEF) or '–'}" for one in changes[:3]]
    return "; ".join(words) + (" …" if len(changes) > 3 else "")


def contracts(asked: Asked) -> list[Happening]:
    """Contracts that began or ended: a client has few, so they are read whole."""
    if not asked.wants(About.CONTRACT):
        return []
    rows = Contract.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    found = [one for contract in rows for one in _of_contract(contract) if one.at <= asked.now]
    if asked.mark is not None:
        found = [one for one in found if one.mark < asked.mark]
    return sorted(found, key=lambda one: one.mark, reverse=True)[: asked.limit]


def _of_contract(contract: Contract) -> Iterator[Happening]:
    zone = timezone.get_default_timezone()
    url = reverse("clients:contracts", args=[contract.client_id])
    begun, ended = contract.starts_on, contract.ends_on + timedelta(days=1)
    for pk, day, words, tone in (
        (2 * contract.pk, begun, _("Contract %(number)s came into force"), "accent"),
        (2 * contract.pk + 1, ended, _("Contract %(number)s ended"), "warning"),
    ):
        yield Happening(
            at=datetime.combine(day, time(0), zone),
            source="contracts",
            pk=pk,
            about=About.CONTRACT,
            title=words % {"number": contract.number},
            detail=f"{contract.starts_on} – {contract.ends_on}",
            url=url,
            icon="records",
            tone=tone,
        )


def _label(model: type[Model], name: str) -> str:
    more = {
        "phones": _("Phone numbers"),
        "contact_hours": _("Hours for contact"),
        "quiet_periods": _("Quiet periods"),
        "no_surveys": _("wants no surveys"),
    }
    if name in more:
        return more[name]
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _said(model: type[Model], name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    try:
        choices = dict(getattr(model._meta.get_field(name), "flatchoices", ()))
    except FieldDoesNotExist:
        choices = {}
    return str(choices.get(value, value))

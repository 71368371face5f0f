"""Inspection sheets are written and published. What is published stays; the next version is edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clients.models import System
from duty.actions.common import may_roster
from duty.models import (
    Inspection,
    InspectionEvent,
    InspectionEventKind,
    InspectionSheet,
    SheetItem,
    SheetVersion,
)
from duty.readings import ItemKind, Limits, limit_at_fault
from staff.models import Group, User
from staff.refused import Refused

MOST_ITEMS = 60
LIMITS = ("critical_low", "warn_low", "warn_high", "critical_high")
# What of an item belongs to its kind alone.
OF_KIND = {
    ItemKind.NUMBER: ("unit", *LIMITS),
    ItemKind.YES_NO: ("expected",),
    ItemKind.CHOICE: ("options",),
    ItemKind.TEXT: (),
}
EMPTY: Mapping[str, Any] = {"unit": "", "expected": "", "options": [], **dict.fromkeys(LIMITS)}


@transaction.atomic
def write_sheet(
    group: Group, *, name: str, name_en: str = "", system: System | None = None, by: User, now: datetime
) -> InspectionSheet:
    """Begin a sheet for a client's system, or for the group's own surroundings; its first version is open."""
    _check_may(group, by)
    if not name.strip():
        raise Refused(_("This field is required."), field="name", code="required")
    if system is not None and system.client.group_id != group.pk:
        raise Refused(_("This system is served by another group."), field="system", code="invalid")
    try:
        with transaction.atomic():
            sheet = InspectionSheet.objects.create(
                group=group, system=system, name=name.strip(), name_en=name_en.strip()
            )
    except IntegrityError as error:
        if "duty_sheet_name_once" not in str(error):
            raise
        message = _("There is an inspection sheet of this name already.")
        raise Refused(message, field="name", code="taken") from error
    SheetVersion.objects.create(sheet=sheet, number=1)
    log(sheet, InspectionEventKind.SHEET_WRITTEN, by=by, now=now)
    return sheet


@transaction.atomic
def draft_version(sheet: InspectionSheet, *, by: User) -> SheetVersion:
    """Return the version of a sheet that is being written; it begins as a copy of the last one."""
    sheet = _locked(sheet, by)
    last = sheet.versions.order_by("-number")[0]
    if last.is_draft:
        return last
    draft = SheetVersion.objects.create(sheet=sheet, number=last.number + 1)
    items = list(last.items.all())
    for item in items:
        item.pk, item.version = None, draft
        item._state.adding = True
    SheetItem.objects.bulk_create(items)
    return draft


@transaction.atomic
def save_item(version: SheetVersion, facts: Mapping[str, Any], *, line: int | None, by: User) -> SheetItem:
    """Add an item to a version that is being written, or change the one on this line.

    `facts` are fields of `SheetItem`; those of another kind are emptied. Raises `Refused` naming the field.
    """
    version = _open(version, by)
    kind = ItemKind(facts["kind"])
    facts = {**EMPTY, **facts}
    others = {name for own in OF_KIND.values() for name in own} - set(OF_KIND[kind])
    facts |= {name: EMPTY[name] for name in others}
    _check_item(kind, facts)
    items = version.items.all()
    if line is not None:
        item = items.get(line=line)
        for name, value in facts.items():
            setattr(item, name, value)
        item.save()
        return item
    if items.count() >= MOST_ITEMS:
        raise Refused(_("At most 60 items: split the sheet."), code="too_many")
    lines = SheetItem.objects.filter(version__sheet=version.sheet).aggregate(last=Max("line"))
    position = items.aggregate(last=Max("position"))["last"] or 0
    return SheetItem.objects.create(
        version=version, line=(lines["last"] or 0) + 1, position=position + 1, **facts
    )


@transaction.atomic
def remove_item(version: SheetVersion, line: int, *, by: User) -> None:
    """Take an item out of a version that is being written; where it is not there, nothing happens."""
    _open(version, by).items.filter(line=line).delete()


@transaction.atomic
def move_item(version: SheetVersion, line: int, *, up: bool, by: User) -> None:
    """Let an item change places with its neighbour; at the end of the list nothing happens."""
    items = list(_open(version, by).items.order_by("position"))
    place = next((number for number, item in enumerate(items) if item.line == line), None)
    if place is None:
        return
    other = place - 1 if up else place + 1
    if 0 <= other < len(items):
        one, two = items[place], items[other]
        one.position, two.position = two.position, one.position
        SheetItem.objects.bulk_update([one, two], ["position"])


@transaction.atomic
def publish_version(version: SheetVersion, *, by: User, now: datetime) -> SheetVersion:
    """Freeze a version; from now on inspections have it. Those that were begun keep theirs."""
    version = _open(version, by)
    if not version.items.exists():
        raise Refused(_("A sheet needs at least one item."), code="required")
    version.published_at, version.published_by = now, by
    version.save(update_fields=["published_at", "published_by"])
    waiting = Inspection.objects.untouched().filter(version__sheet=version.sheet, due_at__gt=now)
    Inspection.objects.filter(pk__in=waiting.values("pk")).update(version=version)
    log(version.sheet, InspectionEventKind.SHEET_PUBLISHED, by=by, now=now, note=f"v{version.number}")
    return version


@transaction.atomic
def retire_sheet(sheet: InspectionSheet, *, by: User, now: datetime) -> None:
    """Take a sheet out of use; what was found by it stays. Refused while a plan goes by it."""
    sheet = _locked(sheet, by)
    if sheet.plans.running().exists():
        raise Refused(_("A plan goes by this sheet: end the plan first."), code="in_use")
    sheet.retired_at = now
    sheet.save(update_fields=["retired_at"])
    log(sheet, InspectionEventKind.SHEET_RETIRED, by=by, now=now)


def log(
    sheet: InspectionSheet,
    kind: InspectionEventKind,
    *,
    by: User | None,
    now: datetime,
    inspection: Inspection | None = None,
    note: str = "",
) -> None:
    """Write down what was done, for the history of a sheet and its inspections. Not a verb."""
    InspectionEvent.objects.create(
        sheet=sheet, inspection=inspection, kind=kind, at=now, by=by, note=note[:300]
    )


def _check_may(group: Group, by: User) -> None:
    if not may_roster(group, by):
        message = _("Only the group's supervisor may change what is inspected.")
        raise Refused(message, code="forbidden")


def _locked(sheet: InspectionSheet, by: User) -> InspectionSheet:
    sheet = InspectionSheet.objects.select_for_update(of=("self",)).select_related("group").get(pk=sheet.pk)
    _check_may(sheet.group, by)
    if sheet.retired_at is not None:
        raise Refused(_("This sheet is not used any more."), code="wrong_status")
    return sheet


def _open(version: SheetVersion, by: User) -> SheetVersion:
    """A version that may still be written, with its sheet locked."""
    sheet = _locked(version.sheet, by)
    version = SheetVersion.objects.get(pk=version.pk)
    version.sheet = sheet
    if not version.is_draft:
        raise Refused(_("A published version does not change: edit the next one."), code="wrong_status")
    return version


def _check_item(kind: ItemKind, facts: Mapping[str, Any]) -> None:
    if not str(facts["name"]).strip():
        raise Refused(_("This field is required."), field="name", code="required")
    if kind == ItemKind.NUMBER:
        fault = limit_at_fault(Limits(**{name: facts[name] for name in LIMITS}))
        if fault:
            message = _("From the lowest up: critical low, warning low, warning high, critical high.")
            raise Refused(message, field=fault, code="invalid")
    if kind == ItemKind.CHOICE:
        texts = [option["text"] for option in facts["options"]]
        if len(texts) < 2:
            raise Refused(_("Write at least two values, one a line."), field="options", code="required")
        if len(set(texts)) < len(texts):
            raise Refused(_("Two values are the same."), field="options", code="duplicate")

"""A planned import is written: all of its rows, each with its entry of history, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import THINGS
from clients.importing import CHANGED, CREATED, MODELS, Plan, Planned, plan
from clients.models import ArchiveEntry, Client, Contract, Deed, Phone
from clients.sheetfile import Row
from staff.models import User
from staff.refused import Refused

AT_ONCE = 1000


@transaction.atomic
def import_archive(rows: Sequence[Row], *, by: User, now: datetime) -> Plan:
    """Create and change what the rows say; return what was done.

    The plan is made anew here, against what is there now. The same file a second time changes nothing.
    Raises `Refused` where a row has a fault.
    """
    if not by.may_supervise:
        raise Refused(_("Only a supervisor or an administrator may do this."), code="forbidden")
    found = plan(rows, by=by)
    if found.faults:
        first = found.faults[0]
        raise Refused(f"{first.sheet} {first.cell}: {first.message}", field="file", code="invalid")
    for sheet, model in MODELS.items():
        mine = [one for one in found.planned if one.row.sheet.name == sheet]
        _write(model, mine)
    _write_phones(found.planned)
    _write_history(found.planned, by, now)
    return found


def _write(model: type, mine: Sequence[Planned]) -> None:
    new = [one.thing for one in mine if one.outcome == CREATED]
    changed = [one for one in mine if one.outcome == CHANGED]
    for thing in new:
        if not isinstance(thing, Client):
            thing.client = thing.client  # which has its id only now
    model._default_manager.bulk_create(new, batch_size=AT_ONCE)  # type: ignore[attr-defined]
    fields = {change["field"] for one in changed for change in one.changes} - {"phones"} | {"revision"}
    for one in changed:
        one.thing.revision += 1
    if changed:
        rows = [one.thing for one in changed]
        model._default_manager.bulk_update(rows, sorted(fields), batch_size=AT_ONCE)  # type: ignore[attr-defined]


def _write_phones(planned: Sequence[Planned]) -> None:
    renewed = [one for one in planned if one.phones is not None]
    Phone.objects.filter(contact__in=[one.thing for one in renewed if one.outcome == CHANGED]).delete()
    for one in renewed:
        for phone in one.phones or ():
            phone.contact = one.thing
    Phone.objects.bulk_create([phone for one in renewed for phone in one.phones or ()], batch_size=AT_ONCE)


def _write_history(planned: Sequence[Planned], by: User, now: datetime) -> None:
    entries = [
        ArchiveEntry(
            client=one.thing if isinstance(one.thing, Client) else one.thing.client,
            thing=THINGS[type(one.thing)],
            thing_id=one.thing.pk,
            label=(one.thing.number if isinstance(one.thing, Contract) else one.thing.name)[:200],
            deed=Deed.CREATED if one.outcome == CREATED else Deed.CHANGED,
            at=now,
            by=by,
            changes=one.changes,
            note="Excel",
        )
        for one in planned
        if one.outcome in (CREATED, CHANGED)
    ]
    ArchiveEntry.objects.bulk_create(entries, batch_size=AT_ONCE)

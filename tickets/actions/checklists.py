"""Checklists on a record: attached, ticked, and in the way of a solution while an item is open."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions.journal import changing, record
from tickets.lifecycle import Move, Moved, Refused
from tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Entry, EntryKind, Ticket

LONGEST_RESULT = ChecklistItem._meta.get_field("result").max_length or 0


def attach_checklist(ticket: Ticket, template: ChecklistTemplate, *, by: User, now: datetime) -> Checklist:
    """Put a copy of a template on a record by hand. Raises `Refused` when it is there already, or retired."""
    with changing(ticket, Move.ATTACH_CHECKLIST, by=by, now=now) as fresh:
        if template.is_retired:
            raise Refused(_("This checklist is no longer in use."), field="template", code="invalid")
        if Checklist.objects.filter(ticket=fresh, template=template).exists():
            raise Refused(_("This checklist is on the record already."), field="template", code="taken")
        return _attach(fresh, template, by=by, now=now)


def attach_automatic(ticket: Ticket, *, now: datetime) -> None:
    """Put the checklists on a locked record that belong to such a one and are not there yet. Not a verb."""
    there = Checklist.objects.filter(ticket=ticket).values("template")
    wanted = ChecklistTemplate.objects.in_use().filter(is_automatic=True).exclude(pk__in=there)
    for template in wanted.fitting(ticket).order_by("pk"):
        _attach(ticket, template, by=None, now=now)


def tick(ticket: Ticket, item: ChecklistItem, *, result: str = "", by: User, now: datetime) -> Entry | None:
    """Tick an item, with a word on the result; return the entry, None when he himself had done so already.

    Raises `Moved` when somebody else was faster, naming him.
    """
    with changing(ticket, Move.TICK, by=by, now=now) as fresh:
        item = _of(fresh, item)
        if item.ticked_by is not None and item.ticked_at is not None:
            if item.ticked_by == by:
                _refuse_other_result(item, result)
                return None
            raise Moved(
                _("Somebody was faster: %(name)s ticked “%(item)s” at %(when)s.")
                % {"name": item.ticked_by.label, "item": item.label, "when": _clock(item.ticked_at)}
            )
        if len(result := result.strip()) > LONGEST_RESULT:
            raise Refused(_("At most 200 characters."), field="result", code="max_length")
        item.ticked_at, item.ticked_by, item.result = now, by, result
        item.save(update_fields=["ticked_at", "ticked_by", "result"])
        changes = {"item": [None, item.text]}
        return record(fresh, EntryKind.TICKED, by=by, now=now, text=result, changes=changes)


def untick(ticket: Ticket, item: ChecklistItem, *, reason: str = "", by: User, now: datetime) -> Entry | None:
    """Take a tick back; its result stays in the history. None when it was not ticked any more."""
    with changing(ticket, Move.UNTICK, by=by, now=now) as fresh:
        item = _of(fresh, item)
        if not item.is_ticked:
            return None
        item.ticked_at, item.ticked_by, item.result = None, None, ""
        item.save(update_fields=["ticked_at", "ticked_by", "result"])
        changes = {"item": [None, item.text]}
        return record(fresh, EntryKind.UNTICKED, by=by, now=now, text=reason.strip(), changes=changes)


def refuse_open_items(ticket: Ticket) -> None:
    """Raise `Refused` naming what is mandatory on the record's checklists and not ticked. Not a verb."""
    still_open = ChecklistItem.objects.of(ticket).standing_in_the_way()
    if names := [item.label for item in still_open]:
        raise Refused(
            _("Tick what is mandatory on the checklist first: %(items)s.") % {"items": "; ".join(names)},
            code="checklist_open",
        )


def _attach(ticket: Ticket, template: ChecklistTemplate, *, by: User | None, now: datetime) -> Checklist:
    checklist = Checklist.objects.create(
        ticket=ticket,
        template=template,
        version=template.version,
        name=template.name,
        name_en=template.name_en,
        attached_at=now,
        attached_by=by,
    )
    ChecklistItem.objects.bulk_create(
        ChecklistItem(checklist=checklist, position=position, **facts)
        for position, facts in enumerate(template.items, start=1)
    )
    record(ticket, EntryKind.CHECKLIST, by=by, now=now, text=template.name)
    return checklist


def _refuse_other_result(item: ChecklistItem, result: str) -> None:
    """A second click does no harm; a second result would overwrite the first."""
    if result.strip() not in ("", item.result):
        message = _("You have ticked this already. Take the tick back to write another result.")
        raise Refused(message, field="result", code="unchanged")


def _of(ticket: Ticket, item: ChecklistItem) -> ChecklistItem:
    """The item as it stands now; the record's lock keeps it so."""
    if (found := ChecklistItem.objects.of(ticket).filter(pk=item.pk).first()) is None:
        raise Refused(_("This item is not on the record."), field="item", code="invalid")
    return found


def _clock(instant: datetime) -> str:
    return f"{timezone.localtime(instant):%m-%d %H:%M}"

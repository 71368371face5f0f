"""An engineer is sent to the client, or called off; the report that a grade 3 needs first (§4.2.3, §5.4.1.2).

What he reports on his way is in `onsite`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from staff.actions import notify
from staff.files import Upload
from staff.models import Role, User
from staff.refused import require
from tickets import dispatching
from tickets.actions import attaching, timing
from tickets.actions.journal import changing, record
from tickets.actions.ladder import move_to
from tickets.lifecycle import Move, Refused
from tickets.models import (
    Clock,
    ClockKind,
    Dispatch,
    Entry,
    EntryKind,
    Outcome,
    Ticket,
    Verdict,
    Way,
    WrittenReport,
)

MOST_TO_BRING, LONGEST_THING = 30, 120


def file_written_report(
    ticket: Ticket,
    *,
    written_by: str,
    text: str = "",
    files: Sequence[Upload] = (),
    received_at: datetime | None = None,
    by: User,
    now: datetime,
) -> WrittenReport:
    """File what the client wrote of a fault, keyed in or as files; a grade-3 dispatch needs it (§5.4.1.2).

    `received_at` is when it reached the house, now where nobody says so. Raises `Refused` for a report that
    says nothing or has not been received yet, `FilesRefused` for files that cannot be taken.
    """
    with changing(ticket, Move.FILE_WRITTEN_REPORT, by=by, now=now) as fresh:
        written_by, text = require(written_by, "written_by"), text.strip()
        if not (text or files):
            raise Refused(_("Key the report in, or attach it."), field="text", code="required")
        if received_at is not None and received_at > now:
            raise Refused(_("This time lies in the future."), field="received_at", code="invalid")
        changes = {"written_by": [None, written_by]}
        if received_at is not None:
            changes["received_at"] = [None, received_at.isoformat()]
        entry = record(fresh, EntryKind.WRITTEN_REPORT, by=by, now=now, text=text, changes=changes)
        kept = attaching.keep_all(fresh, entry, files, by=by, now=now)
        return WrittenReport.objects.create(
            ticket=fresh,
            entry=entry,
            attachment=kept[0] if kept else None,
            text=text,
            written_by=written_by,
            received_at=received_at or now,
            filed_at=now,
            filed_by=by,
        )


def dispatch(
    ticket: Ticket,
    *,
    engineer: User,
    address: str,
    contact_name: str,
    contact_phone: str = "",
    bring: Iterable[str] = (),
    note: str = "",
    by: User | None,
    now: datetime,
) -> Dispatch:
    """Send an engineer to the client and tell him; the arrival clock starts unless it runs already (§4.2.3).

    It does not start while somebody is on site. The ladder follows. Raises `Refused` for a fault that is not
    graded, a grade 3 without the client's written report, an engineer of another group, and one who is on his
    way already.
    """
    with changing(ticket, Move.DISPATCH, by=by, now=now) as fresh:
        dispatching.refuse_order(
            is_fault=fresh.is_fault,
            grade=fresh.grade,
            has_written_report=WrittenReport.objects.filter(ticket=fresh).exists(),
        )
        _check_engineer(engineer, fresh)
        there = list(Dispatch.objects.filter(ticket=fresh).open())
        order = Dispatch.objects.create(
            ticket=fresh,
            engineer=engineer,
            ordered_by=by,
            ordered_at=now,
            address=require(address, "address"),
            contact_name=require(contact_name, "contact_name"),
            contact_phone=contact_phone.strip(),
            bring=_things(bring),
            note=note.strip(),
        )
        is_served = any(other.arrived_at for other in there)
        if not is_served and not fresh.clocks.running().filter(kind=ClockKind.ARRIVAL).exists():
            timing.start(fresh, ClockKind.ARRIVAL, at=now)
        changes = {"engineer": [None, engineer.name], "address": [None, order.address]}
        if order.bring:
            changes["bring"] = [None, ", ".join(order.bring)]
        entry = record(fresh, EntryKind.DISPATCHED, by=by, now=now, text=order.note, changes=changes)
        if by is not None:
            move_to(fresh, Way.ON_SITE, reason=_("An engineer is sent to the client."), by=by, now=now)
        _tell_engineer(order, "dispatched", entry, by=by, now=now)
    return order


def call_off(order: Dispatch, *, reason: str, by: User, now: datetime) -> Dispatch:
    """Call an engineer back with the reason, and tell him.

    The arrival clock runs on while others are on their way, and where the verdict of a coordination meeting
    demands somebody on site: only an arrival, another verdict or the solution ends it then (§5.4.1.2).
    Raises `Refused` for a dispatch that is over.
    """
    with changing(order.ticket, Move.CALL_OFF, by=by, now=now) as fresh:
        here = fresh_order(order)
        if not here.is_open:
            raise Refused(_("This dispatch is over already."), code="wrong_status")
        _call_off(here, reason=require(reason, "reason"), by=by, now=now)
        clock = fresh.clocks.running().filter(kind=ClockKind.ARRIVAL).first()
        if clock is not None and not _is_awaited(fresh, clock):
            timing.drop(fresh, ClockKind.ARRIVAL, now=now)
    return here


def _is_awaited(ticket: Ticket, clock: Clock) -> bool:
    """Whether somebody must still arrive, for whom this arrival clock runs."""
    verdicts = Verdict.objects.filter(meeting__ticket=ticket, at__gte=clock.started_at)
    last = verdicts.order_by("pk").last()
    return dispatching.need_remains(
        others_on_the_way=Dispatch.objects.filter(ticket=ticket).on_the_way().exists(),
        decided=last is not None and Outcome(last.outcome).sends_an_engineer,
    )


def nobody_need_come(ticket: Ticket, *, by: User | None, now: datetime) -> None:
    """Call off whoever is on his way to a locked record that is solved; end its arrival clock. Not a verb.

    Who is there already reports himself when he leaves.
    """
    for order in Dispatch.objects.filter(ticket=ticket).on_the_way().select_related("engineer"):
        order.ticket = ticket
        _call_off(order, reason="", by=by, now=now)
    timing.drop(ticket, ClockKind.ARRIVAL, now=now)


def _call_off(order: Dispatch, *, reason: str, by: User | None, now: datetime) -> None:
    order.called_off_at, order.called_off_by, order.called_off_reason = now, by, reason
    order.save(update_fields=["called_off_at", "called_off_by", "called_off_reason"])
    changes = {"engineer": [None, order.engineer.name]}
    if not reason:
        changes["why"] = [None, "solved"]
    entry = record(order.ticket, EntryKind.CALLED_OFF, by=by, now=now, text=reason, changes=changes)
    _tell_engineer(order, "called_off", entry, by=by, now=now, reason=reason)


def fresh_order(order: Dispatch) -> Dispatch:
    """The dispatch of a locked record as it stands now. Not a verb."""
    return Dispatch.objects.select_related("engineer", "signature", "ticket__client").get(pk=order.pk)


def _check_engineer(engineer: User, ticket: Ticket) -> None:
    if not engineer.may_work:
        raise Refused(_("This person does not work on records."), field="engineer", code="invalid")
    if engineer.group_id != ticket.group_id and engineer.role not in (Role.SPECIALIST, Role.ADMINISTRATOR):
        raise Refused(_("This person belongs to another group."), field="engineer", code="invalid")
    if Dispatch.objects.filter(ticket=ticket, engineer=engineer).open().exists():
        raise Refused(_("He has been sent there already."), field="engineer", code="taken")


def _things(bring: Iterable[str]) -> list[str]:
    """What to bring, one thing a line, without empty ones."""
    things = [thing for line in bring if (thing := line.strip())]
    if len(things) > MOST_TO_BRING or any(len(thing) > LONGEST_THING for thing in things):
        raise Refused(
            _("At most 30 things of at most 120 characters each."), field="bring", code="max_length"
        )
    return things


def _tell_engineer(
    order: Dispatch, kind: str, entry: Entry, *, by: User | None, now: datetime, **more: object
) -> None:
    """Write the engineer a notice that opens his own page, unless he did it himself."""
    if order.engineer == by:
        return
    ticket = order.ticket
    facts = {
        "number": ticket.number,
        "title": ticket.title,
        "client": ticket.client.name,
        "client_en": ticket.client.name_en,
        "grade": ticket.grade,
        "address": order.address,
    }
    url = reverse("tickets:dispatches")
    notify([order.engineer], kind, facts | more, url=url, key=f"{kind}:{entry.pk}", now=now)

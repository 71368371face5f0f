"""An engineer goes to the client: sent, on his way, there, back; and the report that a grade 3 needs first
(§4.2.3, §5.4.1.2)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from staff.actions import notify
from staff.models import Role, User
from tickets import dispatching
from tickets.actions import attaching, timing
from tickets.actions.journal import changing, record, require
from tickets.actions.people import resolve
from tickets.actions.telling import tell_people
from tickets.files import Upload
from tickets.lifecycle import Move, Refused
from tickets.models import (
    ClockKind,
    Dispatch,
    Entry,
    EntryKind,
    OnSiteOutcome,
    OnSiteReport,
    OnSiteStep,
    Target,
    Ticket,
    WrittenReport,
)

MOST_TO_BRING, LONGEST_THING = 30, 120
STEPS = {
    OnSiteStep.DEPART: (Move.DEPART, EntryKind.DEPARTED),
    OnSiteStep.ARRIVE: (Move.ARRIVE, EntryKind.ARRIVED),
    OnSiteStep.LEAVE: (Move.LEAVE, EntryKind.LEFT),
}


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

    It does not start while somebody is on site. Raises `Refused` for a fault that is not graded, a grade 3
    without the client's written report, an engineer of another group, and one who is on his way already.
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
        _tell_engineer(order, "dispatched", entry, by=by, now=now)
    return order


def depart(
    order: Dispatch,
    *,
    packed: Iterable[int] | None = None,
    happened_at: datetime | None = None,
    key: uuid.UUID | None = None,
    by: User,
    now: datetime,
) -> OnSiteReport:
    """Write down that the engineer is on his way, with what he has packed (places in `bring`).

    Of this and the next two steps: `happened_at` is when it happened, now where nobody says so (see
    `dispatching.accepted_at`). A report with a `key` that was taken before changes nothing and is returned as
    it was. A step that somebody else has reported meanwhile keeps its time; what comes with it is kept.
    """
    if taken := _taken(order, OnSiteStep.DEPART, key, by):
        return taken
    with changing(order.ticket, Move.DEPART, by=by, now=now) as fresh:
        if taken := _taken(order, OnSiteStep.DEPART, key, by):
            return taken
        step = _Reporting(fresh, order, OnSiteStep.DEPART, happened_at, by, now)
        if packed is not None and step.counts:
            step.order.packed = sorted(set(packed) & set(range(len(step.order.bring))))
            if step.order.left_behind:
                step.changes["left_behind"] = [None, ", ".join(step.order.left_behind)]
        return step.write(key)


def arrive(
    order: Dispatch,
    *,
    photos: Sequence[Upload] = (),
    happened_at: datetime | None = None,
    key: uuid.UUID | None = None,
    by: User,
    now: datetime,
) -> OnSiteReport:
    """Write down that the engineer is there, which stops the arrival clock at the time of his arrival.

    Owner and supervisor are told. A limit that was marked as exceeded before the report came stays in the
    history; where he was there in time, the clock counts as met and the history says so.
    """
    if taken := _taken(order, OnSiteStep.ARRIVE, key, by):
        return taken
    with changing(order.ticket, Move.ARRIVE, by=by, now=now) as fresh:
        if taken := _taken(order, OnSiteStep.ARRIVE, key, by):
            return taken
        step = _Reporting(fresh, order, OnSiteStep.ARRIVE, happened_at, by, now)
        if step.counts:
            step.changes |= _stop_arrival(fresh, step.at)
        report = step.write(key, photos)
        if step.counts:
            _tell_who_answers(step.order, "arrived", report.entry, by=by, now=now)
    return report


def leave(
    order: Dispatch,
    *,
    outcome: OnSiteOutcome,
    reason: str = "",
    signed_by: str = "",
    signature: Upload | None = None,
    happened_at: datetime | None = None,
    key: uuid.UUID | None = None,
    by: User,
    now: datetime,
) -> OnSiteReport:
    """Write down that the engineer has left, with the outcome and the client's signature.

    A fault that he has not solved needs the reason; owner and supervisor are told, and the record goes on as
    it stands. Nor does a solved one resolve the record: its solution and cause are still to be written.
    """
    if taken := _taken(order, OnSiteStep.LEAVE, key, by):
        return taken
    with changing(order.ticket, Move.LEAVE, by=by, now=now) as fresh:
        if taken := _taken(order, OnSiteStep.LEAVE, key, by):
            return taken
        step = _Reporting(fresh, order, OnSiteStep.LEAVE, happened_at, by, now)
        here, outcome, reason = step.order, OnSiteOutcome(outcome), reason.strip()
        is_solved = outcome == OnSiteOutcome.SOLVED
        if here.arrived_at is None:
            raise Refused(_("He has not arrived yet."), code="not_arrived")
        if not is_solved and not reason:
            raise Refused(_("Say why it is not solved."), field="reason", code="required")
        if signature and not signed_by.strip():
            raise Refused(_("Whose signature is it?"), field="signed_by", code="required")
        if step.counts:
            here.outcome, here.reason = outcome, reason
        here.signed_by = here.signed_by or signed_by.strip()
        step.changes["on_site"] = [None, str(outcome)]
        if signed_by.strip():
            step.changes["signed_by"] = [None, signed_by.strip()]
        step.text = reason
        report = step.write(key, [signature] if signature else [], is_signature=True)
        if step.counts and not is_solved:
            _tell_who_answers(here, "not_solved_on_site", report.entry, by=by, now=now, reason=reason)
    return report


def call_off(order: Dispatch, *, reason: str, by: User, now: datetime) -> Dispatch:
    """Call an engineer back with the reason, and tell him.

    The arrival clock runs on while others are on their way, and where the verdict of a coordination meeting
    demands somebody on site: only an arrival, another verdict or the solution ends it then (§5.4.1.2).
    Raises `Refused` for a dispatch that is over.
    """
    with changing(order.ticket, Move.CALL_OFF, by=by, now=now) as fresh:
        here = _locked(order)
        if not here.is_open:
            raise Refused(_("This dispatch is over already."), code="wrong_status")
        _call_off(here, reason=require(reason, "reason"), by=by, now=now)
        clock = fresh.clocks.running().filter(kind=ClockKind.ARRIVAL).first()
        if clock is not None and not dispatching.need_remains(
            others_on_the_way=Dispatch.objects.filter(ticket=fresh).on_the_way().exists(),
            decided=fresh.entries.filter(kind=EntryKind.DECIDED, at__gte=clock.started_at).exists(),
        ):
            timing.drop(fresh, ClockKind.ARRIVAL, now=now)
    return here


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


class _Reporting:
    """One step of a dispatch being reported, in the transaction that holds its record."""

    def __init__(
        self,
        ticket: Ticket,
        order: Dispatch,
        step: OnSiteStep,
        happened_at: datetime | None,
        by: User,
        now: datetime,
    ) -> None:
        self.ticket, self.step, self.by, self.now = ticket, step, by, now
        self.order = _locked(order)
        self.order.ticket = ticket
        self.text = ""
        known = self._time_of(step)
        self.counts = known is None
        self.at = known or dispatching.accepted_at(happened_at, received_at=now, **self._bounds())
        self.changes: dict[str, object] = {}
        if by != self.order.engineer:
            self.changes["engineer"] = [None, self.order.engineer.name]
        if not self.counts and happened_at is not None:
            self.changes["also_reported"] = [None, happened_at.isoformat()]
        elif self.at != now:
            self.changes["happened_at"] = [None, self.at.isoformat()]

    def write(
        self, key: uuid.UUID | None, pictures: Sequence[Upload] = (), *, is_signature: bool = False
    ) -> OnSiteReport:
        """Write the step down with its pictures. One that cannot be taken is named, and holds up nothing."""
        kind, here = STEPS[self.step][1], self.order
        entry = record(self.ticket, kind, by=self.by, now=self.now, text=self.text, changes=self.changes)
        not_taken = []
        for picture in pictures:
            try:
                kept = attaching.keep(self.ticket, entry, picture, by=self.by, now=self.now)
            except Refused as refused:
                not_taken.append(str(refused))
            else:
                here.signature = (here.signature or kept) if is_signature else here.signature
        if self.counts:
            setattr(here, f"{FIELDS[self.step]}_at", self.at)
        here.save()
        return OnSiteReport.objects.create(
            dispatch=here,
            step=self.step,
            client_key=key or uuid.uuid4(),
            happened_at=min(self.at, self.now),
            received_at=self.now,
            by=self.by,
            entry=entry,
            counts=self.counts,
            not_taken=not_taken,
        )

    def _time_of(self, step: OnSiteStep) -> datetime | None:
        at: datetime | None = getattr(self.order, f"{FIELDS[step]}_at")
        return at

    def _bounds(self) -> dict[str, datetime | None]:
        """What is known already of the time: no step before the one that precedes it, none after the next."""
        steps = list(OnSiteStep)
        place = steps.index(self.step)
        before = [self._time_of(step) for step in steps[:place]]
        after = [self._time_of(step) for step in steps[place + 1 :]]
        return {
            "not_before": max(filter(None, [self.order.ordered_at, *before])),
            "not_after": min(filter(None, after), default=None),
        }


FIELDS = {OnSiteStep.DEPART: "departed", OnSiteStep.ARRIVE: "arrived", OnSiteStep.LEAVE: "left"}


def _taken(order: Dispatch, step: OnSiteStep, key: uuid.UUID | None, by: User) -> OnSiteReport | None:
    """The report that came with this key before; None where it is new. Raises `Refused` for another one's."""
    found = OnSiteReport.objects.filter(dispatch=order, client_key=key).first() if key else None
    if found is not None and (found.step, found.by_id) != (step, by.pk):
        raise Refused(_("This key was used for another report."), field="key", code="invalid")
    return found


def _locked(order: Dispatch) -> Dispatch:
    """The dispatch as it stands now; the record's lock keeps it so."""
    return Dispatch.objects.select_related("engineer", "signature", "ticket__client").get(pk=order.pk)


def _stop_arrival(ticket: Ticket, at: datetime) -> dict[str, object]:
    """Stop the arrival clock at that instant; return what the history says of one that had been given up.

    A clock that began after he came there waits for somebody else.
    """
    clock = ticket.clocks.running().filter(kind=ClockKind.ARRIVAL, started_at__lte=at).first()
    if clock is None:
        return {}
    timing.stop(ticket, ClockKind.ARRIVAL, now=at)
    in_time = clock.due_at is not None and at <= clock.due_at
    return {"why": [None, "in_time_after_all"]} if clock.breached_marked_at and in_time else {}


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


def _tell_who_answers(
    order: Dispatch, kind: str, entry: Entry, *, by: User, now: datetime, **more: object
) -> None:
    """Tell the record's owner and the group's supervisor, but not who has just written it."""
    told = [*resolve(Target.OWNER, order.ticket, now)[0], *resolve(Target.SUPERVISOR, order.ticket, now)[0]]
    people = [person for person in dict.fromkeys(told) if person != by]
    facts = {"engineer": order.engineer.name, "engineer_en": order.engineer.name_en}
    tell_people(order.ticket, people, kind, key=f"{kind}:{entry.pk}", now=now, **facts, **more)

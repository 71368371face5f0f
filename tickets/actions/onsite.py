"""What an engineer reports: on his way, there, back; each report taken exactly once (§4.2.3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from staff.files import Upload
from staff.models import User
from tickets import dispatching
from tickets.actions import attaching, timing
from tickets.actions.dispatching import fresh_order
from tickets.actions.journal import changing, record
from tickets.actions.people import resolve
from tickets.actions.telling import tell_people
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
)

KINDS = {
    OnSiteStep.DEPART: EntryKind.DEPARTED,
    OnSiteStep.ARRIVE: EntryKind.ARRIVED,
    OnSiteStep.LEAVE: EntryKind.LEFT,
}
FIELDS = {OnSiteStep.DEPART: "departed", OnSiteStep.ARRIVE: "arrived", OnSiteStep.LEAVE: "left"}


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
        self.order = fresh_order(order)
        self.order.ticket = ticket
        self.text = ""
        known = self._time_of(step)
        self.counts = known is None
        not_before, not_after = self._bounds()
        self.at = known or dispatching.accepted_at(
            happened_at, received_at=now, not_before=not_before, not_after=not_after
        )
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
        kind, here = KINDS[self.step], self.order
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

    def _bounds(self) -> tuple[datetime, datetime | None]:
        """What is known already of the time: no step before the one that precedes it, none after the next."""
        steps = list(OnSiteStep)
        place = steps.index(self.step)
        before = [self._time_of(step) for step in steps[:place]]
        after = [self._time_of(step) for step in steps[place + 1 :]]
        known = [self.order.ordered_at, *(at for at in before if at is not None)]
        return max(known), min((at for at in after if at is not None), default=None)


def _taken(order: Dispatch, step: OnSiteStep, key: uuid.UUID | None, by: User) -> OnSiteReport | None:
    """The report that came with this key before; None where it is new. Raises `Refused` for another one's."""
    found = OnSiteReport.objects.filter(dispatch=order, client_key=key).first() if key else None
    if found is not None and (found.step, found.by_id) != (step, by.pk):
        raise Refused(_("This key was used for another report."), field="key", code="invalid")
    return found


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


def _tell_who_answers(
    order: Dispatch, kind: str, entry: Entry, *, by: User, now: datetime, **more: object
) -> None:
    """Tell the record's owner and the group's supervisor, but not who has just written it."""
    told = [*resolve(Target.OWNER, order.ticket, now)[0], *resolve(Target.SUPERVISOR, order.ticket, now)[0]]
    people = [person for person in dict.fromkeys(told) if person != by]
    facts = {"engineer": order.engineer.name, "engineer_en": order.engineer.name_en}
    tell_people(order.ticket, people, kind, key=f"{kind}:{entry.pk}", now=now, **facts, **more)

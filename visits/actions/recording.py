"""What came of a callback, and what the client said goes where it belongs (§5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel, System
from duty.calendar import working_days
from staff.models import User
from staff.refused import Refused, require
from tickets import actions as records
from tickets.models import Kind as RecordKind
from tickets.models import Status, Ticket
from visits.actions.changing import arrange
from visits.actions.collected import (
    NeedSaid,
    OpinionSaid,
    PromiseSaid,
    add_opinion,
    make_promise,
    raise_need,
)
from visits.actions.common import leaders, log, open_one, save, tell, tz
from visits.actions.planning import uncover
from visits.kinds import SATISFIED, EventKind, Method, Result, Satisfaction, State
from visits.models import Attempt, Callback, CallbackDraft, CallbackProblem
from visits.planning import half_day, next_try
from visits.reaching import quiet_of

CHANNELS = {Method.PHONE: Channel.PHONE, Method.ON_SITE: Channel.ON_SITE}


@dataclass(frozen=True, slots=True)
class ProblemSaid:
    """A problem that becomes a record of its own."""

    title: str
    details: str = ""
    kind: RecordKind = RecordKind.FAULT
    system: System | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the client said. `is_solved` is asked after a fault; `confirms`: the client closes its record."""

    spoke_with: str
    summary: str = ""
    is_solved: bool | None = None
    satisfaction: str = ""
    confirms: bool = False
    expectation_not_met: bool = False
    expectation_words: str = ""
    next_wish_on: date | None = None
    next_wish: str = ""
    problems: Sequence[ProblemSaid] = field(default=())
    needs: Sequence[NeedSaid] = field(default=())
    opinions: Sequence[OpinionSaid] = field(default=())
    promises: Sequence[PromiseSaid] = field(default=())


@transaction.atomic
def record_reached(callback: Callback, said: Said, *, by: User, now: datetime) -> Callback:
    """Write down what the client said, in one save with all that follows from it.

    Problems become records, needs go into the register, promises get their day. A fault that is not solved is
    taken up again; one that is may be closed by the client's word. Raises `Refused` naming the field (of a
    list as `needs/0/title`); then nothing of it happened.
    """
    fresh = open_one(callback, by)
    _take(fresh, said, by, now)
    Attempt.objects.create(callback=fresh, at=now, by=by, result=Result.REACHED)
    fresh.state, fresh.done_at, fresh.done_by = State.DONE, now, by
    fresh.tried_at = fresh.tried_at or now
    fresh.version += 1
    fresh.save()
    log(fresh, EventKind.DONE, by=by, now=now, text=fresh.summary)
    if fresh.ticket is not None:
        _settle(fresh, fresh.ticket, said, by, now)
    for place, problem in enumerate(said.problems):
        _at(f"problems/{place}", lambda problem=problem: _open_record(fresh, problem, by, now))
    for place, need in enumerate(said.needs):
        _at(
            f"needs/{place}",
            lambda need=need: raise_need(fresh.client, need, callback=fresh, by=by, now=now),
        )
    for place, opinion in enumerate(said.opinions):
        _at(
            f"opinions/{place}",
            lambda opinion=opinion: add_opinion(fresh.client, opinion, callback=fresh, by=by, now=now),
        )
    for place, promise in enumerate(said.promises):
        _at(
            f"promises/{place}",
            lambda promise=promise: make_promise(fresh.client, promise, callback=fresh, by=by, now=now),
        )
    if said.next_wish_on is not None:
        _at(None, lambda: _arrange_next(fresh, said, by, now))
    CallbackDraft.objects.filter(callback=fresh).delete()
    return fresh


@transaction.atomic
def record_not_reached(callback: Callback, *, note: str = "", by: User, now: datetime) -> Callback:
    """Write down a try that reached nobody: the next half-day again; after enough the supervisor decides.

    Tries in one half-day count as one.
    """
    fresh = open_one(callback, by)
    if fresh.state == State.UNREACHED:
        raise Refused(_("Enough was tried: the supervisor decides."), code="wrong_status")
    Attempt.objects.create(callback=fresh, at=now, by=by, result=Result.NOT_REACHED, note=note.strip())
    fresh.tried_at = fresh.tried_at or now
    tried = {half_day(at, tz()) for at in fresh.attempts.values_list("at", flat=True)}
    log(fresh, EventKind.TRIED, by=by, now=now, text=note.strip(), changes={"try": [None, len(tried)]})
    if len(tried) >= fresh.tries:
        fresh.state = State.UNREACHED
        log(fresh, EventKind.UNREACHED, by=None, now=now)
        key = f"unreached:{fresh.tries}"
        tell(fresh, leaders(fresh.group), "callback_overdue", "unreached", now=now, key=key)
    else:
        quiet = quiet_of({fresh.client_id}, tz()).get((fresh.client_id, fresh.contact_id))
        is_quiet = quiet.is_quiet if quiet is not None else lambda _at: False
        fresh.due_at = next_try(now, working_days(since=half_day(now, tz())[0]), is_quiet, tz())
        fresh.reminded_at = None
    save(fresh, "tried_at", "state", "due_at", "reminded_at")
    return fresh


@transaction.atomic
def record_refused(callback: Callback, *, note: str = "", by: User, now: datetime) -> Callback:
    """Write down that the client did not want to talk. Nobody calls him about this again."""
    fresh = open_one(callback, by)
    Attempt.objects.create(callback=fresh, at=now, by=by, result=Result.REFUSED, note=note.strip())
    fresh.tried_at = fresh.tried_at or now
    fresh.state, fresh.done_at, fresh.done_by = State.REFUSED, now, by
    fresh.summary = note.strip()
    save(fresh, "tried_at", "state", "done_at", "done_by", "summary")
    log(fresh, EventKind.REFUSED, by=by, now=now, text=note.strip())
    uncover(fresh, now=now)
    CallbackDraft.objects.filter(callback=fresh).delete()
    return fresh


def _take(fresh: Callback, said: Said, by: User, now: datetime) -> None:
    fresh.spoke_with = require(said.spoke_with, "spoke_with")
    fresh.channel = CHANNELS[Method(fresh.method)]
    fresh.summary = said.summary.strip()
    fresh.satisfaction = Satisfaction(said.satisfaction) if said.satisfaction else ""
    fresh.expectation_not_met = said.expectation_not_met
    fresh.expectation_words = said.expectation_words.strip()
    fresh.next_wish_on, fresh.next_wish = said.next_wish_on, said.next_wish.strip()
    if fresh.expectation_not_met and not fresh.expectation_words:
        raise Refused(
            _("Write down which, in the client's words."), field="expectation_words", code="required"
        )
    if fresh.expectation_words and not fresh.expectation_not_met:
        raise Refused(
            _("Tick that an expectation was not met, or leave this empty."),
            field="expectation_not_met",
            code="invalid",
        )
    if fresh.is_after_fault:
        if said.is_solved is None:
            raise Refused(_("Ask whether the fault is really solved."), field="is_solved", code="required")
        if not said.is_solved and not fresh.summary:
            raise Refused(_("Write down what is not solved."), field="summary", code="required")
        fresh.is_solved = said.is_solved
    elif said.is_solved is not None:
        raise Refused(_("Asked only after a fault."), field="is_solved", code="invalid")
    is_content = fresh.is_solved and fresh.satisfaction in SATISFIED
    if said.confirms and not is_content:
        raise Refused(
            _("Only when the fault is solved and the client satisfied."), field="confirms", code="invalid"
        )


def _settle(fresh: Callback, ticket: Ticket, said: Said, by: User, now: datetime) -> None:
    """Not solved: the record is taken up again. Solved, and the client says so: it is closed."""
    ticket = Ticket.objects.select_related("client", "group").get(pk=ticket.pk)
    if said.is_solved is False and ticket.status in (Status.RESOLVED, Status.CLOSED):
        records.reopen(ticket, reason=fresh.summary, by=by, now=now)
    if said.confirms:
        if ticket.status != Status.RESOLVED:
            raise Refused(
                _("The record is “%(status)s”: there is nothing to confirm.")
                % {"status": ticket.get_status_display()},
                field="confirms",
                code="wrong_status",
            )
        records.confirm(
            ticket,
            confirmed_by=fresh.spoke_with,
            channel=Channel(fresh.channel),
            text=fresh.summary,
            by=by,
            now=now,
        )


def _open_record(fresh: Callback, problem: ProblemSaid, by: User, now: datetime) -> None:
    contact = fresh.contact if fresh.contact and fresh.contact.name == fresh.spoke_with else None
    call = records.Call(
        client=fresh.client,
        contact=contact,
        system=problem.system,
        caller_name=fresh.spoke_with,
        title=problem.title,
        details=problem.details,
        kind=problem.kind,
        channel=Channel(fresh.channel),
    )
    ticket = records.log_call(call, by=by, now=now, changes={"callback": [None, fresh.number]})
    CallbackProblem.objects.create(callback=fresh, ticket=ticket)


def _arrange_next(fresh: Callback, said: Said, by: User, now: datetime) -> None:
    assert said.next_wish_on is not None
    try:
        arrange(
            fresh.client,
            method=Method.PHONE,
            on=said.next_wish_on,
            note=fresh.next_wish or _("As the client wished"),
            contact=fresh.contact,
            by=by,
            now=now,
        )
    except Refused as refused:
        raise Refused(refused.message, field="next_wish_on", code=refused.code) from refused


def _at(place: str | None, act: object) -> None:
    """Do it; what is refused is at that place of a list."""
    try:
        act()  # type: ignore[operator]
    except Refused as refused:
        if place is None:
            raise
        where = f"{place}/{refused.field}" if refused.field else place
        raise Refused(refused.message, field=where, code=refused.code) from refused

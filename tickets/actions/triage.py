"""How grave it is, whose it is, and that somebody has begun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import Group, Role, User
from staff.refused import require
from tickets.actions import timing
from tickets.actions.checklists import attach_automatic
from tickets.actions.coordination import close_without_verdict
from tickets.actions.journal import changing, record
from tickets.actions.people import first_owner
from tickets.actions.progress import promise_word
from tickets.actions.telling import tell_owner
from tickets.actions.work import end_pause
from tickets.coordination import outcomes_for
from tickets.lifecycle import Move, Moved, Refused, Status
from tickets.models import ClockKind, EntryKind, Grade, Ticket


def grade(ticket: Ticket, to: Grade, *, reason: str, by: User | None, now: datetime) -> Ticket:
    """Grade a fault, or change its grade, with the clause or the reason (§5.4.1.1).

    The first grading starts the diagnosis and resolution clocks from the instant of the call. A change
    restarts nothing: limits are computed anew from the call, elapsed and paused time is kept, the old clocks
    stay as history. Lowering a grade needs a supervisor. Grade 1 never waits: an open pause ends. Grade 3 has
    no coordination meeting: one that is open ends without a verdict. The same grade with another reason
    changes the reason alone. Checklists of the grade are attached.
    """
    with changing(ticket, Move.GRADE, by=by, now=now) as fresh:
        if not fresh.is_fault:
            raise Refused(_("Only faults are graded."), field="grade", code="not_a_fault")
        reason, old = require(reason, "reason"), fresh.grade
        if old == to and reason == fresh.grade_reason:
            return fresh
        if old is not None and Grade(old).is_graver_than(to) and by is not None and not by.may_supervise:
            raise Refused(_("Only a supervisor may lower a grade."), field="grade", code="forbidden")
        fresh.grade, fresh.grade_reason = to, reason
        if old == to:
            record(fresh, EntryKind.GRADED, by=by, now=now, text=reason)  # the same grade, said better
            return fresh
        record(fresh, EntryKind.GRADED, by=by, now=now, text=reason, changes={"grade": [old, int(to)]})
        if to == Grade.ONE and fresh.status == Status.WAITING:
            end_pause(fresh, now=now)
            record(fresh, EntryKind.RESUMED, by=by, now=now, changes={"why": [None, "grade_one"]})
        timing.stop(fresh, ClockKind.GRADING, now=now)
        if old is not None and not outcomes_for(to):
            close_without_verdict(fresh, now=now)
        timing.replace(fresh, now=now)
        if old is None:
            started = _cycle_started_at(fresh)
            if fresh.diagnosed_at is None:
                timing.start(fresh, ClockKind.DIAGNOSIS, at=started)
            timing.start(fresh, ClockKind.RESOLUTION, at=started)
        if not fresh.clocks.running().filter(kind=ClockKind.PROGRESS).exists():
            promise_word(fresh, now=now)
        attach_automatic(fresh, now=now)
    return fresh


def assign(
    ticket: Ticket,
    *,
    owner: User | None = None,
    group: Group | None = None,
    text: str = "",
    by: User | None,
    now: datetime,
) -> Ticket:
    """Give a record to a person, or to another group (then to its maintainer or who is on duty there).

    The owner must belong to the group, or to the company's technical team. Raises `Moved` when the owner is
    no longer the one that the person saw, `Refused` when there is a word for a new owner and no new owner.
    """
    with changing(ticket, Move.ASSIGN, by=by, now=now) as fresh:
        if fresh.owner_id != ticket.owner_id:
            raise Moved(
                _("Somebody was faster: the record already belongs to %(name)s.")
                % {"name": fresh.owner.label if fresh.owner else fresh.group.label}
            )
        was = {"owner": fresh.owner, "group": fresh.group}
        if group is not None and group != fresh.group:
            fresh.group = group
            fresh.owner = None
            owner = owner or first_owner(None, group, now)
        if owner is not None:
            _check_owner(owner, fresh.group)
        fresh.owner = owner
        if {"owner": fresh.owner, "group": fresh.group} == was:
            if text.strip():  # which would be lost without a word
                raise Refused(
                    _("The record is there already. Write a note instead."), field="text", code="unchanged"
                )
            return fresh
        entry = record(
            fresh, EntryKind.ASSIGNED, by=by, now=now, text=text.strip(), changes=_handover(fresh, was)
        )
        tell_owner(entry, by=by, now=now)
    return fresh


def undo_assign(ticket: Ticket, *, owner: User | None, group: Group, by: User, now: datetime) -> Ticket:
    """Give a record back to whom it was taken from a moment ago: `owner` (None is nobody) and `group`.

    Raises `Moved` when anybody has changed the record since, told by `ticket.version`. Both ways stay in the
    history.
    """
    with changing(ticket, Move.ASSIGN, by=by, now=now) as fresh:
        if fresh.version != ticket.version:
            raise Moved(_("Not undone: somebody has changed the record since."))
        was = {"owner": fresh.owner, "group": fresh.group}
        fresh.owner, fresh.group = owner, group
        changes = _handover(fresh, was) | {"why": [None, "undone"]}
        record(fresh, EntryKind.ASSIGNED, by=by, now=now, changes=changes)
    return fresh


def acknowledge(ticket: Ticket, *, by: User, now: datetime) -> Ticket:
    """Take up a record: the first human answer, which stops the response clock. It makes him the owner.

    From then on the client of a graded fault hears how it stands, one interval of its grade after another.

    Of what came by e-mail, and nobody had received yet, he is the first receiver.
    """
    with changing(ticket, Move.ACKNOWLEDGE, by=by, now=now) as fresh:
        changes = {} if fresh.owner == by else {"owner": [fresh.owner.name if fresh.owner else None, by.name]}
        fresh.status, fresh.acknowledged_at, fresh.owner = Status.IN_PROGRESS, now, by
        fresh.taken_by = fresh.taken_by or by
        timing.stop(fresh, ClockKind.RESPONSE, now=now)
        record(fresh, EntryKind.ACKNOWLEDGED, by=by, now=now, changes=changes)
        if fresh.needs_grade:
            # Nothing else runs on a fault that nobody has graded, and an open record never sinks (§3.2).
            timing.start(fresh, ClockKind.GRADING, at=now)
        promise_word(fresh, now=now)
    return fresh


def _handover(ticket: Ticket, was: Mapping[str, User | Group | None]) -> dict[str, list[str | None]]:
    """What the history says of a new owner and group: the names, as they were and as they are."""
    pairs = {name: (old, getattr(ticket, name)) for name, old in was.items()}
    return {
        name: [old.name if old else None, new.name if new else None]
        for name, (old, new) in pairs.items()
        if old != new
    }


def _check_owner(owner: User, group: Group) -> None:
    if not owner.may_work:
        raise Refused(_("This person does not work on records."), field="owner", code="invalid")
    if owner.group_id != group.pk and owner.role not in (Role.SPECIALIST, Role.ADMINISTRATOR):
        raise Refused(_("This person belongs to another group."), field="owner", code="invalid")


def _cycle_started_at(ticket: Ticket) -> datetime:
    """The call, or the last reopening where it was reopened before it was ever graded."""
    reopened = ticket.entries.filter(kind=EntryKind.REOPENED).order_by("-at", "-id").first()
    return reopened.at if reopened else ticket.reported_at

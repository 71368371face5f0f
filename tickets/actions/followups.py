"""What a coordination meeting leaves to be done: written down, settled, told of when overdue (§5.4.1.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from staff.actions import notify
from staff.models import User
from staff.refused import require
from tickets.actions import people
from tickets.actions.attending import meeting_of
from tickets.actions.journal import changing, record
from tickets.coordination import FollowUpKind, FollowUpState
from tickets.lifecycle import Move, Moved, Refused
from tickets.models import EntryKind, FollowUp, Target, Ticket

BATCH = 100


def follow_up(
    ticket: Ticket,
    *,
    text: str,
    owner: User,
    due_at: datetime,
    kind: FollowUpKind = FollowUpKind.FOLLOW_UP,
    by: User,
    now: datetime,
) -> Ticket:
    """Write down a measure or a follow-up of the last meeting: what, who, until when. He is told.

    Raises `Refused` at the field where something lacks, the owner may not see or work on the record, or the
    instant is past.
    """
    with changing(ticket, Move.FOLLOW_UP, by=by, now=now) as fresh:
        meeting, text = meeting_of(fresh), require(text, "text")
        if not owner.may_work or not people.reads(owner, fresh):
            raise Refused(
                _("%(name)s may not work on this record.") % {"name": owner.label},
                field="owner",
                code="invalid",
            )
        if due_at <= now:
            raise Refused(_("Choose an instant that lies ahead."), field="due_at", code="past")
        one = FollowUp.objects.create(
            meeting=meeting,
            kind=FollowUpKind(kind),
            text=text,
            owner=owner,
            due_at=due_at,
            made_at=now,
            made_by=by,
        )
        changes: dict[str, object] = {
            "owner": [None, owner.name],
            "due_at": [None, due_at.isoformat()],
            "follow_up": [None, one.kind],
        }
        record(fresh, EntryKind.FOLLOW_UP, by=by, now=now, text=text, changes=changes)
        if owner != by:
            _tell(one, [owner], "follow_up", now=now)
    return fresh


def settle_follow_up(
    one: FollowUp, *, state: FollowUpState, result: str, by: User, now: datetime
) -> FollowUp:
    """Say what came of it, or why it is dropped: its owner, or whoever else works on the record.

    To drop it is for the group's supervisor and whoever wrote it down. Raises `Moved` where it is settled
    already, `Refused` as above.
    """
    ticket = Ticket.objects.get(pk=one.meeting.ticket_id)
    with changing(ticket, Move.FOLLOW_UP, by=by, now=now) as fresh:
        row = FollowUp.objects.select_for_update(of=("self",)).select_related("owner").get(pk=one.pk)
        if not may_settle(row, fresh, by):
            raise Refused(_("Only its owner and the record's group may do this."), code="forbidden")
        if not row.is_open:
            raise Moved(_("It is settled already."))
        state = FollowUpState(state)
        if state == FollowUpState.OPEN:
            raise Refused(_("This does not follow."), field="state", code="invalid")
        if state == FollowUpState.DROPPED and not may_drop(row, fresh, by):
            raise Refused(
                _("Only the supervisor, or whoever wrote it down, drops it."), field="state", code="forbidden"
            )
        row.result = require(result, "result")
        row.state, row.closed_at, row.closed_by = state, now, by
        row.save(update_fields=["result", "state", "closed_at", "closed_by"])
        changes: dict[str, object] = {"follow_up_state": [None, state], "follow_up_text": [None, row.text]}
        record(fresh, EntryKind.FOLLOWED_UP, by=by, now=now, text=row.result, changes=changes)
    return row


def may_settle(one: FollowUp, ticket: Ticket, by: User) -> bool:
    """Say whether somebody may settle it: its owner, and who works on the records of the group."""
    return by.may_work and (one.owner_id == by.pk or people.reads(by, ticket))


def may_drop(one: FollowUp, ticket: Ticket, by: User) -> bool:
    """Say whether somebody may drop it: the supervisor of the group, administrators, who wrote it down."""
    leads = by.may_administer or (by.may_supervise and by.group_id == ticket.group_id)
    return leads or one.made_by_id == by.pk


def tend_follow_ups(*, now: datetime) -> int:
    """Tell of those that are overdue, each once, its owner and the group's supervisor; return how many."""
    done = 0
    while found := _tell_overdue(now):
        done += found
    return done


@transaction.atomic
def _tell_overdue(now: datetime) -> int:
    rows = (
        FollowUp.objects.overdue(now).filter(told_at=None).select_for_update(of=("self",), skip_locked=True)
    )
    found = list(rows.with_names().order_by("due_at", "pk")[:BATCH])
    for one in found:
        supervisors, _found_at = people.resolve(Target.SUPERVISOR, one.meeting.ticket, now)
        owner = [one.owner] if one.owner.is_active else []
        _tell(one, list(dict.fromkeys([*owner, *supervisors])), "follow_up_overdue", now=now)
    FollowUp.objects.filter(pk__in=[one.pk for one in found]).update(told_at=now)
    return len(found)


def _tell(one: FollowUp, to: list[User], kind: str, *, now: datetime) -> None:
    ticket = one.meeting.ticket
    facts = {
        "number": ticket.number,
        "client": ticket.client.name,
        "client_en": ticket.client.name_en,
        "grade": ticket.grade,
        "text": one.text,
        "owner": one.owner.name,
        "owner_en": one.owner.name_en,
        "due_at": one.due_at.isoformat(),
    }
    url = f"{reverse('tickets:follow_ups')}?follow_up={one.pk}"
    notify(to, kind, facts, url=url, key=f"{kind}:{one.pk}", now=now)

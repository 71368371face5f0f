"""Two records of one matter become one; and two again, where that was a mistake (§3.2).

docs/decisions/0008 says why a merged record is neither closed nor open.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions import firing, indexing, timing
from tickets.actions.journal import changing_both, record
from tickets.actions.links import check
from tickets.actions.progress import count_words
from tickets.actions.telling import tell, tell_owner
from tickets.actions.work import end_wait_for_client
from tickets.lifecycle import Move, Moved, Refused, Status, stands_at
from tickets.models import EntryKind, Link, LinkKind, Pause, Ticket


def merge(ticket: Ticket, *, into: Ticket, text: str = "", by: User, now: datetime) -> Ticket:
    """Let another record of the same client answer for this one; return this one, merged.

    Nobody has confirmed anything, so it is not closed: its clocks are set aside and nothing fires on it any
    more. The other record gets what the caller said, as a further call of his, and its owner is told. Raises
    `Refused` at `into`, also while an engineer is out for this one or its coordination meeting is open.
    """
    with changing_both(ticket, Move.MERGE, into, Move.ABSORB, by=by, now=now) as (fresh, target):
        check(fresh, target, LinkKind.DUPLICATE, field="into")
        was, fresh.status = fresh.status, Status.MERGED
        timing.set_aside(fresh, now=now)
        changes = {"status": [was, fresh.status], "merged_into": [None, target.number]}
        record(fresh, EntryKind.MERGED, by=by, now=now, text=text.strip(), changes=changes)
        said = {
            "duplicate": fresh.number,
            "caller_name": fresh.caller_name,
            "callback_number": fresh.callback_number,
            "channel": fresh.channel,
        }
        entry = record(
            target,
            EntryKind.ABSORBED,
            by=by,
            now=now,
            text="\n".join(filter(None, (fresh.title, fresh.details))),
            changes={name: [None, value] for name, value in said.items() if value},
        )
        indexing.learn(target, f"t{fresh.pk}")
        Link.objects.create(
            record=fresh,
            other=target,
            kind=LinkKind.DUPLICATE,
            reason=text.strip(),
            by=by,
            at=now,
            entry=entry,
        )
        end_wait_for_client(target, by=by, now=now)
        if target.owner != by:
            tell(target, "repeat_contact", key=f"absorbed:{entry.pk}", now=now)
    return fresh


def unmerge(ticket: Ticket, *, reason: str, by: User, now: datetime) -> Ticket:
    """Undo a merge while the record that answers is still open; return the record as it goes on.

    Its status, owner and clocks are what they were, and the time meanwhile counts: what has come due is
    marked and reported up now, and so does what the client was told meanwhile. Both histories keep the merge
    and say that it was undone.
    """
    merged = Link.objects.filter(record=ticket, kind=LinkKind.DUPLICATE).select_related("other").first()
    if merged is None:
        raise Refused(_("This record is not merged into another one."), code="wrong_status")
    target = merged.other
    with changing_both(ticket, Move.UNMERGE, target, Move.GIVE_BACK, by=by, now=now) as (fresh, fresh_target):
        reason = require(reason, "reason")
        if not Link.objects.filter(pk=merged.pk).exists():
            raise Moved(_("Somebody was faster: it has been merged anew since."))
        fresh.status = stands_at(
            is_acknowledged=fresh.acknowledged_at is not None,
            is_waiting=Pause.objects.filter(ticket=fresh, ended_at__isnull=True).exists(),
            is_resolved=fresh.resolved_at is not None,
        )
        timing.take_up_again(fresh, set_aside_at=merged.at)
        count_words(fresh, since=merged.at, now=now)
        merged.delete()
        changes = {"status": [Status.MERGED, fresh.status], "merged_into": [fresh_target.number, None]}
        entry = record(fresh, EntryKind.UNMERGED, by=by, now=now, text=reason, changes=changes)
        record(
            fresh_target,
            EntryKind.UNMERGED,
            by=by,
            now=now,
            text=reason,
            changes={"duplicate": [fresh.number, None]},
        )
        firing.fire_due(fresh, now=now)
        tell_owner(entry, by=by, now=now)
    return fresh

"""What a person may do to a record now, and the letter that does it."""

from __future__ import annotations

from staff.models import User
from tickets.coordination import outcomes_for
from tickets.lifecycle import NOT_OF_CHANGES, Move, may
from tickets.models import EntryKind, Grade, Ticket

# In the order in which the buttons stand.
MOVES = {
    "acknowledge": Move.ACKNOWLEDGE,
    "grade": Move.GRADE,
    "assign": Move.ASSIGN,
    "diagnose": Move.DIAGNOSE,
    "note": Move.NOTE,
    "message": Move.MESSAGE,
    "tell_client": Move.TELL_CLIENT,
    "repeat_contact": Move.REPEAT_CONTACT,
    "step_up": Move.STEP_UP,
    "convene": Move.CONVENE,
    "decide": Move.DECIDE,
    "join_meeting": Move.ATTEND,
    "call_in": Move.ATTEND,
    "follow_up": Move.FOLLOW_UP,
    "pause": Move.PAUSE,
    "resume": Move.RESUME,
    "resolve": Move.RESOLVE,
    "confirm": Move.CONFIRM,
    "reopen": Move.REOPEN,
    "link": Move.LINK,
    "merge": Move.MERGE,
    "split": Move.SPLIT,
    "adopt": Move.LINK,
    "unmerge": Move.UNMERGE,
    "file_written_report": Move.FILE_WRITTEN_REPORT,
    "dispatch": Move.DISPATCH,
    "phoned_in": Move.ARRIVE,
    "call_off": Move.CALL_OFF,
}
# Their forms stand in the card of related records, not among the others.
BESIDE = ("link", "merge", "split", "adopt", "unmerge")
# g, j, k, o, x and c are taken by the list and the frame. The palette reaches what has none.
LETTERS = {
    "acknowledge": "a",
    "grade": "l",
    "assign": "h",
    "diagnose": "d",
    "note": "n",
    "message": "m",
    "repeat_contact": "t",
    "pause": "w",
    "resume": "u",
    "resolve": "s",
    "confirm": "f",
    "reopen": "r",
    "link": "b",
    "merge": "v",
    "split": "p",
    "adopt": "y",
    "unmerge": "z",
    "dispatch": "e",
}
CONTACT_VERBS = {"confirm", "reopen", "note"}
# What somebody else has written of these since the page was opened must be read before the verb is done.
READ_FIRST = {
    "grade": {EntryKind.GRADED},
    "assign": {EntryKind.ASSIGNED, EntryKind.ACKNOWLEDGED},
    "diagnose": {EntryKind.DIAGNOSED, EntryKind.RESOLVED},
    "message": {EntryKind.MESSAGE, EntryKind.RESOLVED},
    "step_up": {EntryKind.STEPPED, EntryKind.DECIDED},
    "convene": {EntryKind.CONVENED},
    "decide": {EntryKind.DECIDED, EntryKind.CONVENED, EntryKind.GRADED},
    "pause": {EntryKind.NOTE, EntryKind.ATTACHED, EntryKind.DIAGNOSED},
    "resolve": {EntryKind.NOTE, EntryKind.ATTACHED, EntryKind.DIAGNOSED, EntryKind.REOPENED},
    "confirm": {EntryKind.NOTE, EntryKind.ATTACHED, EntryKind.REOPENED},
}


def possible_verbs(ticket: Ticket, user: User) -> list[str]:
    """The verbs that this person may do to the record as it stands, in the order of the process.

    Which of a meeting and a verdict comes next is known of a record of `with_ladder` alone.
    """
    if not (user.may_work or user.is_contact):
        return []
    possible = {verb for verb, move in MOVES.items() if may(move, ticket.status)}
    if user.is_contact:
        possible &= CONTACT_VERBS
    if not ticket.is_fault:
        possible -= {"grade", "diagnose"}
    if ticket.is_change:
        possible -= {verb for verb, move in MOVES.items() if move in NOT_OF_CHANGES}
    if ticket.needs_grade:
        possible -= {"diagnose", "resolve", "pause"}
    if ticket.grade == Grade.ONE:
        possible -= {"pause"}
    in_meeting, has_met = getattr(ticket, "in_meeting", False), getattr(ticket, "has_met", False)
    if in_meeting or not (ticket.is_fault and outcomes_for(ticket.grade)):
        possible -= {"convene"}
    if not has_met or not outcomes_for(ticket.grade):
        possible -= {"decide"}
    if not in_meeting:
        possible -= {"call_in"}
    if not has_met:
        possible -= {"join_meeting", "follow_up"}
    if ticket.needs_grade:
        possible -= {"dispatch"}
    if ticket.grade != Grade.THREE:
        possible -= {"file_written_report"}
    if not getattr(ticket, "has_open_dispatch", False):  # asked for with `on_site_facts`
        possible -= {"phoned_in", "call_off"}
    return [verb for verb in MOVES if verb in possible]

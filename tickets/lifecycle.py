"""What may follow what in the life of a record. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from staff.refused import Refused


class Status(TextChoices):
    LOGGED = "logged", _("Recorded")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged")


class Move(StrEnum):
    """The verbs that act on a record; each is the name of one action."""

    GRADE = "grade"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    DIAGNOSE = "diagnose"
    NOTE = "add_note"
    MESSAGE = "write_to_client"
    MAIL = "take_mail"
    REPEAT_CONTACT = "repeat_contact"
    PAUSE = "pause"
    RESUME = "resume"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    ATTACH = "attach"
    WITHDRAW = "withdraw"
    LINK = "link"
    UNLINK = "unlink"
    SPLIT = "split"
    MERGE = "merge"
    ABSORB = "absorb"
    UNMERGE = "unmerge"
    GIVE_BACK = "give_back"
    ATTACH_CHECKLIST = "attach_checklist"
    TICK = "tick"
    UNTICK = "untick"
    CORRECT_TIME = "correct_time"
    TELL_CLIENT = "tell_client"
    STEP_UP = "step_up"
    CONVENE = "convene"
    DECIDE = "decide"
    ATTEND = "attend"
    FOLLOW_UP = "follow_up"
    FILE_WRITTEN_REPORT = "file_written_report"
    DISPATCH = "dispatch"
    DEPART = "depart"
    ARRIVE = "arrive"
    LEAVE = "leave"
    CALL_OFF = "call_off"
    AUTHORISE_REMOTE = "authorise_remote"
    REVOKE_REMOTE = "revoke_remote"
    ADD_EVIDENCE = "add_evidence"
    OPEN_REMOTE = "open_remote"
    CLOSE_REMOTE = "close_remote"
    DEPOSIT_PASSWORD = "deposit_password"
    REVEAL_PASSWORD = "reveal_password"
    PURGE_PASSWORD = "purge_password"
    RULE = "rule"
    DECIDE_APPEAL = "decide_appeal"
    ACKNOWLEDGE_REPORT_UP = "acknowledge_report_up"
    ISSUE_NOTICE = "issue_notice"
    ISSUE_REPORT = "issue_report"
    PLAN_CHANGE = "plan_change"
    CONCLUDE_CHANGE = "conclude_change"
    FILE_FOR_CHANGE = "file_for_change"


OPEN = frozenset({Status.LOGGED, Status.IN_PROGRESS, Status.WAITING})
# Nobody works on these, and no clock runs: the client has confirmed it, or another record answers for it.
OVER = (Status.CLOSED, Status.MERGED)

# From which status a verb may start. §3.2: only the client's word closes, so CONFIRM alone leads to CLOSED. A
# merged record is not closed: it hangs on the one that took its matter over (ABSORB), until that is closed.
MOVES: Mapping[Move, frozenset[Status]] = {
    Move.GRADE: OPEN,
    Move.ASSIGN: OPEN | {Status.RESOLVED},
    Move.ACKNOWLEDGE: frozenset({Status.LOGGED}),
    Move.DIAGNOSE: frozenset({Status.IN_PROGRESS, Status.WAITING}),
    Move.NOTE: frozenset(Status),
    Move.MESSAGE: frozenset(Status),
    Move.MAIL: frozenset(Status),
    Move.REPEAT_CONTACT: OPEN | {Status.RESOLVED},
    Move.PAUSE: frozenset({Status.IN_PROGRESS}),
    Move.RESUME: frozenset({Status.WAITING}),
    Move.RESOLVE: frozenset({Status.IN_PROGRESS, Status.WAITING}),
    Move.CONFIRM: frozenset({Status.RESOLVED}),
    Move.REOPEN: frozenset({Status.RESOLVED, Status.CLOSED}),
    Move.ATTACH: frozenset(Status),
    Move.WITHDRAW: frozenset(Status),
    Move.LINK: frozenset(Status) - {Status.MERGED},
    Move.UNLINK: frozenset(Status),
    Move.SPLIT: frozenset(Status) - {Status.MERGED},
    Move.MERGE: OPEN | {Status.RESOLVED},
    Move.ABSORB: OPEN | {Status.RESOLVED},
    Move.UNMERGE: frozenset({Status.MERGED}),
    Move.GIVE_BACK: OPEN | {Status.RESOLVED},
    Move.ATTACH_CHECKLIST: OPEN | {Status.RESOLVED},
    Move.TICK: OPEN | {Status.RESOLVED},
    Move.UNTICK: OPEN,
    Move.CORRECT_TIME: frozenset(Status),
    Move.TELL_CLIENT: frozenset(Status),
    Move.STEP_UP: frozenset({Status.IN_PROGRESS, Status.WAITING}),
    Move.CONVENE: OPEN,
    Move.DECIDE: OPEN,
    Move.ATTEND: OPEN | {Status.RESOLVED},
    Move.FOLLOW_UP: frozenset(Status),
    Move.FILE_WRITTEN_REPORT: OPEN | {Status.RESOLVED},
    Move.DISPATCH: OPEN,
    # What an engineer reports has happened, however late it comes in and whatever became of the record.
    Move.DEPART: frozenset(Status),
    Move.ARRIVE: frozenset(Status),
    Move.LEAVE: frozenset(Status),
    Move.CALL_OFF: frozenset(Status),
    # §4.2.2: nobody logs in where no work is being done; to end, prove and destroy is always right.
    Move.AUTHORISE_REMOTE: OPEN,
    Move.REVOKE_REMOTE: frozenset(Status),
    Move.ADD_EVIDENCE: frozenset(Status),
    Move.OPEN_REMOTE: frozenset({Status.IN_PROGRESS, Status.WAITING}),
    Move.CLOSE_REMOTE: frozenset(Status),
    Move.DEPOSIT_PASSWORD: OPEN,
    Move.REVEAL_PASSWORD: frozenset({Status.IN_PROGRESS, Status.WAITING}),
    Move.PURGE_PASSWORD: frozenset(Status),
    Move.RULE: frozenset(Status),
    Move.DECIDE_APPEAL: frozenset(Status),
    Move.ACKNOWLEDGE_REPORT_UP: frozenset(Status),
    # A notice is of what runs, a report of what is solved.
    Move.ISSUE_NOTICE: OPEN,
    Move.ISSUE_REPORT: frozenset({Status.RESOLVED, Status.CLOSED}),
    # What `tickets.changes` allows besides; a change is worked on until it is reviewed.
    Move.PLAN_CHANGE: frozenset({Status.IN_PROGRESS}),
    Move.CONCLUDE_CHANGE: frozenset({Status.IN_PROGRESS}),
    Move.FILE_FOR_CHANGE: frozenset({Status.IN_PROGRESS, Status.RESOLVED}),
}

# A change has a flow of its own (`tickets.changes`), which says when it waits for what and when it is solved.
NOT_OF_CHANGES = frozenset(
    {
        *(Move.GRADE, Move.ACKNOWLEDGE, Move.DIAGNOSE, Move.PAUSE, Move.RESUME, Move.RESOLVE),
        *(Move.MERGE, Move.ABSORB, Move.STEP_UP, Move.CONVENE, Move.DECIDE, Move.FILE_WRITTEN_REPORT),
    }
)
CHANGES_ONLY = frozenset({Move.PLAN_CHANGE, Move.CONCLUDE_CHANGE, Move.FILE_FOR_CHANGE})


class Moved(Refused):
    """The record is no longer as the person saw it: somebody was faster."""

    def __init__(self, message: object) -> None:
        super().__init__(message, code="moved")


def may(move: Move, status: str) -> bool:
    """Say whether a verb may start from a status."""
    return Status(status) in MOVES[move]


def stands_at(*, is_acknowledged: bool, is_waiting: bool, is_resolved: bool) -> Status:
    """Return the status of an open record from its dated facts: where it goes on after a merge is undone."""
    if is_resolved:
        return Status.RESOLVED
    if is_waiting:
        return Status.WAITING
    return Status.IN_PROGRESS if is_acknowledged else Status.LOGGED

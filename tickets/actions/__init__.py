"""Every write to a maintenance record: one verb each, one transaction, one history entry.

Browser, REST, Celery and imports call the same verbs, so no rule stands twice. Each verb takes `by` (who does
it; None is the system) and `now` (aware), locks the record's row, first marks whatever was due before `now`
(so that the result is the same however late the sweep runs), and returns the record as it now stands. A verb
that the rules do not allow raises `Refused`; one that somebody else made moot raises `Moved`.
"""

from tickets.actions.closing import confirm, reopen, resolve
from tickets.actions.deadlines import enforce_deadlines
from tickets.actions.intake import Call, log_call
from tickets.actions.triage import acknowledge, assign, grade, undo_assign
from tickets.actions.work import add_note, diagnose, pause, resume

__all__ = [
    "Call",
    "acknowledge",
    "add_note",
    "assign",
    "confirm",
    "diagnose",
    "enforce_deadlines",
    "grade",
    "log_call",
    "pause",
    "reopen",
    "resolve",
    "resume",
    "undo_assign",
]

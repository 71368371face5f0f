"""Every write to a maintenance record: one verb each, one transaction, one history entry.

Browser, REST, Celery and imports call the same verbs, so no rule stands twice. Each verb takes `by` (who does
it; None is the system) and `now` (aware), locks the record's row, first marks whatever was due before `now`
(so that the result is the same however late the sweep runs), and returns the record as it now stands. A verb
that the rules do not allow raises `Refused`; one that somebody else made moot raises `Moved`.
"""

from tickets.actions.calls import Solved, repeat_contact, take_call
from tickets.actions.checklists import attach_checklist, tick, untick
from tickets.actions.closing import confirm, reopen, resolve
from tickets.actions.deadlines import enforce_deadlines
from tickets.actions.drafts import discard_draft, save_draft
from tickets.actions.intake import Call, log_call
from tickets.actions.presence import be_present, forget_absent
from tickets.actions.timespent import correct_time
from tickets.actions.triage import acknowledge, assign, grade, undo_assign
from tickets.actions.work import add_note, diagnose, pause, resume

__all__ = [
    "Call",
    "Solved",
    "acknowledge",
    "add_note",
    "assign",
    "attach_checklist",
    "be_present",
    "confirm",
    "correct_time",
    "diagnose",
    "discard_draft",
    "enforce_deadlines",
    "forget_absent",
    "grade",
    "log_call",
    "pause",
    "reopen",
    "repeat_contact",
    "resolve",
    "resume",
    "save_draft",
    "take_call",
    "tick",
    "undo_assign",
    "untick",
]

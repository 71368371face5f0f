"""Every write to a maintenance record: one verb each, one transaction, one history entry.

Browser, REST, Celery and imports call the same verbs, so no rule stands twice. Each verb takes `by` (who does
it; None is the system) and `now` (aware), locks the record's row, first marks whatever was due before `now`
(so that the result is the same however late the sweep runs), and returns the record as it now stands. A verb
that the rules do not allow raises `Refused`; one that somebody else made moot raises `Moved`.
"""

from tickets.actions.attaching import attach, sweep_shelf, withdraw
from tickets.actions.calls import Solved, repeat_contact, take_call
from tickets.actions.closing import confirm, reopen, resolve
from tickets.actions.deadlines import enforce_deadlines
from tickets.actions.drafts import discard_draft, save_draft
from tickets.actions.intake import Call, log_call
from tickets.actions.mail import queue_unread, take_mail
from tickets.actions.messages import write_to_client
from tickets.actions.postbox import add_mail, discard_mail, record_mail
from tickets.actions.presence import be_present, forget_absent
from tickets.actions.triage import acknowledge, assign, grade, undo_assign
from tickets.actions.work import add_note, diagnose, pause, resume

__all__ = [
    "Call",
    "Solved",
    "acknowledge",
    "add_mail",
    "add_note",
    "assign",
    "attach",
    "be_present",
    "confirm",
    "diagnose",
    "discard_draft",
    "discard_mail",
    "enforce_deadlines",
    "forget_absent",
    "grade",
    "log_call",
    "pause",
    "queue_unread",
    "record_mail",
    "reopen",
    "repeat_contact",
    "resolve",
    "resume",
    "save_draft",
    "sweep_shelf",
    "take_call",
    "take_mail",
    "undo_assign",
    "withdraw",
    "write_to_client",
]

"""Every write to a maintenance record: one verb each, one transaction, one history entry.

Browser, REST, Celery and imports call the same verbs, so no rule stands twice. Each verb takes `by` (who does
it; None is the system) and `now` (aware), locks the record's row, first marks whatever was due before `now`
(so that the result is the same however late the sweep runs), and returns the record as it now stands. A verb
that the rules do not allow raises `Refused`; one that somebody else made moot raises `Moved`.
"""

from tickets.actions.accountability import appeal, decide_appeal, explain, rule
from tickets.actions.attaching import attach, withdraw
from tickets.actions.attending import call_in, join_meeting
from tickets.actions.calls import Solved, repeat_contact, take_call
from tickets.actions.changedrafting import Draft, draft_change
from tickets.actions.changeframe import PlanText
from tickets.actions.changepapers import confirm_for_client, file_for_change, waive_document
from tickets.actions.changes import (
    approve_change,
    finish_change,
    plan_change,
    reject_change,
    review_change,
    schedule_change,
    start_change,
    submit_change,
    withdraw_change,
)
from tickets.actions.changesweep import tend_changes
from tickets.actions.checklists import attach_checklist, tick, untick
from tickets.actions.closing import confirm, reopen, resolve
from tickets.actions.coordination import convene, convene_due, decide
from tickets.actions.custody import (
    approve_reveal,
    deposit_password,
    purge_password,
    reveal_password,
    tell_client_to_change,
)
from tickets.actions.deadlines import enforce_deadlines
from tickets.actions.dispatching import call_off, dispatch, file_written_report
from tickets.actions.documents import issue_document
from tickets.actions.drafts import discard_draft, save_draft
from tickets.actions.families import resolve_part
from tickets.actions.followups import follow_up, settle_follow_up, tend_follow_ups
from tickets.actions.handover import (
    hand_over,
    open_handover,
    overrule,
    save_handover_draft,
    send_back,
    set_handover_terms,
    sign,
    take_records,
)
from tickets.actions.handovernotices import tend_handovers
from tickets.actions.inspections import open_record_of
from tickets.actions.intake import Call, log_call
from tickets.actions.ladder import step_up
from tickets.actions.links import adopt, link, unlink
from tickets.actions.mail import queue_unread, take_mail
from tickets.actions.merging import merge, unmerge
from tickets.actions.messages import tell_client, write_to_client
from tickets.actions.naming import follow_names, forget_stale, notice_names
from tickets.actions.onsite import arrive, depart, leave
from tickets.actions.overdue import tend_overruns
from tickets.actions.postbox import add_mail, discard_mail, record_mail
from tickets.actions.presence import be_present, forget_absent
from tickets.actions.remote import (
    Grant,
    add_evidence,
    authorise_remote,
    close_remote,
    open_remote,
    revoke_remote,
)
from tickets.actions.reportups import acknowledge_report_up
from tickets.actions.splitting import split
from tickets.actions.timespent import correct_time
from tickets.actions.triage import acknowledge, assign, grade, undo_assign
from tickets.actions.windows import purge_passwords, watch_windows
from tickets.actions.work import add_note, diagnose, pause, resume
from tickets.actions.workdefaults import load_work_types
from tickets.actions.works import Needed, save_work_type

__all__ = [
    "join_meeting",
    "Call",
    "Draft",
    "Grant",
    "Needed",
    "PlanText",
    "Solved",
    "acknowledge",
    "add_evidence",
    "acknowledge_report_up",
    "add_mail",
    "add_note",
    "adopt",
    "arrive",
    "approve_reveal",
    "appeal",
    "assign",
    "attach",
    "attach_checklist",
    "authorise_remote",
    "be_present",
    "call_in",
    "call_off",
    "close_remote",
    "confirm",
    "convene",
    "convene_due",
    "correct_time",
    "decide",
    "depart",
    "deposit_password",
    "decide_appeal",
    "diagnose",
    "discard_draft",
    "discard_mail",
    "dispatch",
    "enforce_deadlines",
    "file_written_report",
    "explain",
    "follow_names",
    "follow_up",
    "forget_absent",
    "forget_stale",
    "grade",
    "hand_over",
    "issue_document",
    "leave",
    "link",
    "log_call",
    "merge",
    "notice_names",
    "open_record_of",
    "open_handover",
    "open_remote",
    "overrule",
    "pause",
    "purge_password",
    "purge_passwords",
    "queue_unread",
    "record_mail",
    "reopen",
    "repeat_contact",
    "resolve",
    "resolve_part",
    "resume",
    "reveal_password",
    "revoke_remote",
    "rule",
    "save_draft",
    "save_handover_draft",
    "send_back",
    "set_handover_terms",
    "settle_follow_up",
    "sign",
    "split",
    "step_up",
    "take_call",
    "take_mail",
    "take_records",
    "tell_client",
    "tell_client_to_change",
    "tend_follow_ups",
    "tend_handovers",
    "tend_overruns",
    "tick",
    "undo_assign",
    "unlink",
    "unmerge",
    "untick",
    "watch_windows",
    "withdraw",
    "write_to_client",
    "draft_change",
    "confirm_for_client",
    "file_for_change",
    "waive_document",
    "approve_change",
    "finish_change",
    "plan_change",
    "reject_change",
    "review_change",
    "schedule_change",
    "start_change",
    "submit_change",
    "withdraw_change",
    "tend_changes",
    "load_work_types",
    "save_work_type",
]

"""What happens to callbacks: every write, one verb each (§5.3)."""

from visits.actions.changing import arrange, decide, hand_over, move, skip
from visits.actions.collected import (
    NeedSaid,
    OpinionSaid,
    PromiseSaid,
    add_opinion,
    change_need,
    close_promise,
    make_promise,
    raise_need,
)
from visits.actions.common import may_call, may_lead
from visits.actions.drafts import discard_draft, save_draft
from visits.actions.faults import draw_faults, withdraw_reopened
from visits.actions.planning import plan_callbacks
from visits.actions.plans import change_plan, change_script, load_defaults, make_plan, may_plan
from visits.actions.recording import (
    ProblemSaid,
    Said,
    record_not_reached,
    record_reached,
    record_refused,
)
from visits.actions.site import Present, attach, write_attendance
from visits.actions.sweep import tend_callbacks

__all__ = [
    "NeedSaid",
    "OpinionSaid",
    "Present",
    "ProblemSaid",
    "PromiseSaid",
    "Said",
    "add_opinion",
    "arrange",
    "attach",
    "change_need",
    "change_plan",
    "change_script",
    "close_promise",
    "decide",
    "discard_draft",
    "draw_faults",
    "hand_over",
    "load_defaults",
    "make_plan",
    "make_promise",
    "may_call",
    "may_lead",
    "may_plan",
    "move",
    "plan_callbacks",
    "raise_need",
    "record_not_reached",
    "record_reached",
    "record_refused",
    "save_draft",
    "skip",
    "tend_callbacks",
    "withdraw_reopened",
    "write_attendance",
]

"""What happens to weekly meetings and their decisions: the only writers of them (§6.1.1)."""

from meetings.actions.changing import add_item, cancel_meeting, move_meeting, remove_item
from meetings.actions.common import may_plan, refusal_for
from meetings.actions.deciding import (
    Decided,
    change_decision,
    decide,
    drop_decision,
    may_drop,
    may_settle,
    settle_decision,
)
from meetings.actions.holding import end_meeting, start_meeting, write_attendance, write_note
from meetings.actions.planning import Wanted, set_plan, write_ahead
from meetings.actions.publishing import add_to_minutes, draft, publish_minutes
from meetings.actions.sweep import tend_meetings

__all__ = [
    "Decided",
    "Wanted",
    "add_item",
    "add_to_minutes",
    "cancel_meeting",
    "change_decision",
    "decide",
    "draft",
    "drop_decision",
    "end_meeting",
    "may_drop",
    "may_plan",
    "may_settle",
    "move_meeting",
    "publish_minutes",
    "refusal_for",
    "remove_item",
    "set_plan",
    "settle_decision",
    "start_meeting",
    "tend_meetings",
    "write_ahead",
    "write_attendance",
    "write_note",
]

"""What happens to the calendar and the roster: the only writers of either."""

from duty.actions.alarms import raise_alarms, raise_all, raise_holiday_alarms, set_alarm_terms
from duty.actions.calendar import BY_HAND, edit_day, load_year
from duty.actions.common import may_roster
from duty.actions.departures import empty_shifts_of
from duty.actions.drafts import (
    Wanted,
    discard_draft,
    draft_anew,
    give_duty,
    make_draft,
    publish_draft,
    wish_for,
)
from duty.actions.leave import approve_leave, ask_leave, decline_leave, left_empty, withdraw_leave
from duty.actions.overrides import end_override, place_override, remove_shift
from duty.actions.publishing import publish_all, published_until
from duty.actions.reminders import remind, tell_news
from duty.actions.rotations import Turns, change_rotation, define_rotation, end_rotation, set_terms
from duty.actions.swaps import Duty, ask_swap, decline_swap, take_swap, undo_swap, withdraw_swap
from duty.actions.temporary import Placed, end_temporary, set_temporary

__all__ = [
    "BY_HAND",
    "Duty",
    "Placed",
    "Turns",
    "Wanted",
    "approve_leave",
    "ask_leave",
    "ask_swap",
    "change_rotation",
    "decline_leave",
    "decline_swap",
    "define_rotation",
    "discard_draft",
    "draft_anew",
    "edit_day",
    "empty_shifts_of",
    "end_override",
    "end_rotation",
    "end_temporary",
    "give_duty",
    "left_empty",
    "load_year",
    "make_draft",
    "may_roster",
    "place_override",
    "publish_all",
    "publish_draft",
    "raise_alarms",
    "raise_all",
    "raise_holiday_alarms",
    "remind",
    "published_until",
    "remove_shift",
    "set_alarm_terms",
    "set_temporary",
    "set_terms",
    "take_swap",
    "tell_news",
    "undo_swap",
    "wish_for",
    "withdraw_leave",
    "withdraw_swap",
]

"""What happens to the calendar and the roster: the only writers of either."""

from duty.actions.calendar import BY_HAND, edit_day, forget_edit, load_year
from duty.actions.common import may_roster
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
from duty.actions.rotations import Turns, change_rotation, define_rotation, end_rotation, set_terms
from duty.actions.swaps import Duty, ask_swap, take_swap, undo_swap, withdraw_swap
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
    "define_rotation",
    "discard_draft",
    "draft_anew",
    "edit_day",
    "end_override",
    "end_rotation",
    "end_temporary",
    "forget_edit",
    "give_duty",
    "left_empty",
    "load_year",
    "make_draft",
    "may_roster",
    "place_override",
    "publish_all",
    "publish_draft",
    "published_until",
    "remove_shift",
    "set_temporary",
    "set_terms",
    "take_swap",
    "undo_swap",
    "wish_for",
    "withdraw_leave",
    "withdraw_swap",
]

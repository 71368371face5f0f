"""What happens to the calendar, the roster and inspections: the only writers of them."""

from duty.actions.alarms import raise_alarms, raise_all, raise_holiday_alarms, set_alarm_terms
from duty.actions.calendar import BY_HAND, edit_day, forget_edit, load_year
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
from duty.actions.feeds import close_feed, may_hang_up, note_reading, open_board, open_feed
from duty.actions.importing import import_objections, import_roster
from duty.actions.inspecting import (
    ItemsRefused,
    Said,
    answer_items,
    finish_inspection,
    may_inspect,
    note_record,
    obstacles,
)
from duty.actions.inspectionplans import Rhythm, change_plan, end_plan, make_plan
from duty.actions.inspectionsweep import tend_inspections, write_ahead
from duty.actions.leave import approve_leave, ask_leave, decline_leave, left_empty, withdraw_leave
from duty.actions.overrides import end_override, place_override, remove_shift
from duty.actions.publishing import publish_all, published_until
from duty.actions.reminders import remind, tell_news
from duty.actions.rotations import Turns, change_rotation, define_rotation, end_rotation, set_terms
from duty.actions.sheets import (
    draft_version,
    move_item,
    publish_version,
    remove_item,
    retire_sheet,
    save_item,
    write_sheet,
)
from duty.actions.swaps import Duty, ask_swap, decline_swap, take_swap, undo_swap, withdraw_swap
from duty.actions.temporary import Placed, end_temporary, set_temporary

__all__ = [
    "BY_HAND",
    "Duty",
    "ItemsRefused",
    "Placed",
    "Rhythm",
    "Said",
    "Turns",
    "Wanted",
    "answer_items",
    "approve_leave",
    "ask_leave",
    "ask_swap",
    "change_plan",
    "change_rotation",
    "close_feed",
    "decline_leave",
    "decline_swap",
    "define_rotation",
    "discard_draft",
    "draft_anew",
    "draft_version",
    "edit_day",
    "empty_shifts_of",
    "end_override",
    "end_plan",
    "end_rotation",
    "end_temporary",
    "finish_inspection",
    "forget_edit",
    "give_duty",
    "import_objections",
    "import_roster",
    "left_empty",
    "load_year",
    "make_draft",
    "make_plan",
    "may_inspect",
    "may_hang_up",
    "may_roster",
    "move_item",
    "note_reading",
    "note_record",
    "obstacles",
    "open_board",
    "open_feed",
    "place_override",
    "publish_all",
    "publish_draft",
    "publish_version",
    "published_until",
    "raise_alarms",
    "raise_all",
    "raise_holiday_alarms",
    "remind",
    "remove_item",
    "remove_shift",
    "retire_sheet",
    "save_item",
    "set_alarm_terms",
    "set_temporary",
    "set_terms",
    "take_swap",
    "tell_news",
    "tend_inspections",
    "undo_swap",
    "wish_for",
    "withdraw_leave",
    "withdraw_swap",
    "write_ahead",
    "write_sheet",
]

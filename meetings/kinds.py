"""The words of weekly meetings: how one stands, what is decided, who was there. Pure."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MeetingState(TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    RUNNING = "running", pgettext_lazy("meeting", "Running")
    ENDED = "ended", _("Ended")
    PUBLISHED = "published", _("Minutes published")
    CANCELLED = "cancelled", _("Cancelled")
    MERGED = "merged", _("Merged into another")


class Why(TextChoices):
    """Why a meeting is not on its day."""

    ON_ITS_DAY = "", _("on its day")
    HOLIDAY = "holiday", _("its day is off: the next working day")
    MERGED = "merged", _("one meeting for two weeks: the day of both is the same")
    BY_HAND = "by_hand", _("by hand")


class Presence(TextChoices):
    PRESENT = "present", pgettext_lazy("attendance", "Present")
    ABSENT = "absent", _("Absent")
    DEPUTY = "deputy", _("Sent a deputy")


class DecisionState(TextChoices):
    OPEN = "open", pgettext_lazy("decision", "Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class Order(TextChoices):
    """What a decision sets off at once with its record; the record's own action does it."""

    NOTHING = "", _("nothing")
    ASSIGN = "assign", _("hand the record over to the owner")
    DISPATCH = "dispatch", _("send the owner to the client")


class EventKind(TextChoices):
    PLAN_MADE = "plan_made", _("Plan made")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    SCHEDULED = "scheduled", _("Scheduled")
    PLACED_ANEW = "placed_anew", _("Placed anew")
    MOVED = "moved", _("Moved")
    CANCELLED = "cancelled", _("Cancelled")
    ITEM_ADDED = "item_added", _("Put on the agenda")
    ITEM_REMOVED = "item_removed", _("Taken off the agenda")
    ANNOUNCED = "announced", _("Participants invited")
    FROZEN = "frozen", _("Agenda frozen")
    STARTED = "started", _("Meeting started")
    NOTED = "noted", _("Note written")
    ATTENDED = "attended", _("Attendance")
    DECIDED = "decided", _("Decided")
    ENDED = "ended", _("Meeting ended")
    PUBLISHED = "published", _("Minutes published")
    ADDED_TO = "added_to", _("Minutes added to")
    REPORTED = "reported", _("Minutes overdue, chair told")
    DECISION_CHANGED = "decision_changed", _("Decision changed")
    DECISION_DONE = "decision_done", _("Decision done")
    DECISION_DROPPED = "decision_dropped", _("Decision dropped")


class Step(TextChoices):
    """What may be done about a meeting; each is done by the action of that name."""

    MOVE = "move", _("Move it")
    CANCEL = "cancel", _("Cancel it")
    ADD_ITEM = "add_item", _("Put something on the agenda")
    REMOVE_ITEM = "remove_item", _("Take it off the agenda")
    START = "start", _("Start the meeting")
    NOTE = "note", pgettext_lazy("meeting", "Note")
    ATTEND = "attend", _("Attendance")
    DECIDE = "decide", pgettext_lazy("meeting", "Decision")
    END = "end", _("End the meeting")
    PUBLISH = "publish", _("Publish the minutes")
    ADD_TO = "add_to", _("Add to the minutes")


_RUNNING = frozenset({MeetingState.RUNNING})
_AFTER_START = frozenset({MeetingState.RUNNING, MeetingState.ENDED})
STEPS: dict[Step, frozenset[MeetingState]] = {
    Step.MOVE: frozenset({MeetingState.SCHEDULED}),
    Step.CANCEL: frozenset({MeetingState.SCHEDULED}),
    Step.ADD_ITEM: frozenset({MeetingState.SCHEDULED, MeetingState.RUNNING}),
    Step.REMOVE_ITEM: frozenset({MeetingState.SCHEDULED}),
    Step.START: frozenset({MeetingState.SCHEDULED}),
    Step.NOTE: _AFTER_START,
    Step.ATTEND: _AFTER_START,
    Step.DECIDE: _AFTER_START,
    Step.END: _RUNNING,
    Step.PUBLISH: frozenset({MeetingState.ENDED}),
    Step.ADD_TO: frozenset({MeetingState.PUBLISHED}),
}
BY_MEMBERS = (Step.ADD_ITEM, Step.REMOVE_ITEM)


def refusal(step: Step, state: str, *, runs_it: bool, is_member: bool) -> str:
    """Return why somebody may not take a step, as a stable code; empty where he may.

    `runs_it`: he is the chair, or supervises the group. `is_member`: he works in the group.
    """
    if not (runs_it or (is_member and step in BY_MEMBERS)):
        return "forbidden"
    return "" if MeetingState(state) in STEPS[step] else "wrong_status"

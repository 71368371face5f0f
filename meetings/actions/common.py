"""What every change of a meeting has in common: who may, the lock, the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.kinds import EventKind, MeetingState, Step, refusal
from meetings.models import Decision, Meeting, MeetingEvent, MeetingPlan
from meetings.people import is_member, leads, runs
from staff.models import Group, User
from staff.refused import Refused
from tickets.lifecycle import Moved


def tz() -> tzinfo:
    return timezone.get_default_timezone()


def forbidden() -> Refused:
    return Refused(_("Only the chair and the group's supervisor may do this."), code="forbidden")


def may_plan(group: Group | int, by: User) -> bool:
    """Say whether somebody sets a group's weekday, time, place and chair."""
    return leads(by, group if isinstance(group, int) else group.pk)


def refusal_for(meeting: Meeting, step: Step, by: User) -> str:
    """Why somebody may not take a step, as a code; empty where he may."""
    return refusal(step, meeting.state, runs_it=runs(by, meeting), is_member=is_member(by, meeting.group_id))


def taking(meeting: Meeting, step: Step, by: User, *, checks_version: bool = False) -> Meeting:
    """The meeting, locked, as it now stands, for a step that may be taken. Runs in the caller's transaction.

    Raises `Refused` where it may not, `Moved` where `checks_version` and somebody was faster.
    """
    fresh = locked(meeting.pk)
    why = refusal_for(fresh, step, by)
    if why == "forbidden":
        raise forbidden()
    if checks_version and fresh.version != meeting.version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    if why:
        raise Refused(
            _("Not possible: the meeting is “%(state)s”.") % {"state": MeetingState(fresh.state).label},
            code=why,
        )
    return fresh


def locked(pk: int) -> Meeting:
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("group", "chair")
    return rows.get(pk=pk)


def save(meeting: Meeting, *fields: str) -> None:
    meeting.version += 1
    meeting.save(update_fields=[*fields, "version"])


NAMES = {Meeting: "meeting", MeetingPlan: "plan", Decision: "decision"}


def event(
    thing: Meeting | MeetingPlan | Decision,
    kind: EventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> MeetingEvent:
    """An entry of the history of whatever it is, to be written."""
    facts = {NAMES[type(thing)]: thing}
    return MeetingEvent(**facts, kind=kind, by=by, at=now, text=text, changes=dict(changes or {}))


def log(thing: Meeting | MeetingPlan | Decision, kind: EventKind, **more: object) -> MeetingEvent:
    """Append it to the history."""
    entry = event(thing, kind, **more)  # type: ignore[arg-type]
    entry.save(force_insert=True)
    return entry

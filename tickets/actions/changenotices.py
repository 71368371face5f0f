"""Who is told of a change: superiors of what is to be decided and reviewed, its people of what was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from duty.models import Shift
from staff.actions import notify
from staff.models import ManagementLevel, User
from tickets.actions.people import resolve
from tickets.models import Change, Entry, Target


def tell_submitted(entry: Entry, change: Change, *, by: User, now: datetime) -> None:
    """The supervisor of the group, else the next level up; not who planned it, who may not decide."""
    _tell(change, _superiors(change, but={by.pk, change.planner_id}, now=now), "submitted", entry.pk, now)


def tell_decided(entry: Entry, change: Change, *, by: User, now: datetime) -> None:
    """Planner and owner: approved, or turned down with the reason."""
    what = "rejected" if change.state == "rejected" else "approved"
    _tell(change, _people(change, but={by.pk}), what, entry.pk, now, note=change.decision_note)


def tell_to_review(entry: Entry, change: Change, *, by: User, now: datetime) -> None:
    _tell(change, _superiors(change, but={by.pk, change.planner_id}, now=now), "review", entry.pk, now)


def remind(change: Change, *, now: datetime) -> None:
    """The owner and who is on duty when the window opens, a day and an hour before it."""
    assert change.window_from is not None
    on_duty = Shift.objects.on_duty(change.ticket.group, change.window_from).select_related("user")
    people = {shift.user_id: shift.user for shift in on_duty}
    people |= {person.pk: person for person in _people(change, but=set())}
    mark = f"{change.window_from.isoformat()}:{change.reminded}"
    _tell(change, people.values(), "reminder", mark, now)


def _people(change: Change, *, but: set[int]) -> list[User]:
    people = [person for person in (change.planner, change.ticket.owner) if person and person.is_active]
    return [person for person in {one.pk: one for one in people}.values() if person.pk not in but]


def _superiors(change: Change, *, but: set[int], now: datetime) -> list[User]:
    """The people of the first level from the supervisor up that somebody is left of."""
    found, _level = resolve(Target.SUPERVISOR, change.ticket, now)
    if left := [person for person in found if person.pk not in but]:
        return left
    leads = User.objects.at_level(ManagementLevel.TECHNICAL_LEAD, change.ticket.group)
    return list(leads.exclude(pk__in=but).order_by("pk"))


def _tell(
    change: Change, people: Iterable[User], what: str, mark: object, now: datetime, *, note: str = ""
) -> None:
    ticket = change.ticket
    notify(
        people,
        "change",
        {
            "what": what,
            "number": ticket.number,
            "title": ticket.title,
            "client": ticket.client.name,
            "client_en": ticket.client.name_en,
            "from_at": change.window_from.isoformat() if change.window_from else None,
            "to_at": change.window_to.isoformat() if change.window_to else None,
            "note": note,
        },
        url=reverse("changes:change", args=[ticket.pk]),
        key=f"change:{ticket.pk}:{what}:{mark}",
        now=now,
    )

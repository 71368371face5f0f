"""Who is told of corrective actions, and how."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse

from staff.actions import notify
from staff.models import ManagementLevel, Role, User
from surveys.correcting import CorrectiveState
from surveys.models import CorrectiveAction


def tell_opened(action: CorrectiveAction, *, by: User | None, now: datetime) -> None:
    """The owner, and the group's supervisors; not whoever opened it by hand."""
    people = {person.pk: person for person in [*_supervisors(action), *_owner(action)]}
    _tell(action, [one for one in people.values() if by is None or one.pk != by.pk], "opened", now)


def tell_owner(action: CorrectiveAction, *, now: datetime) -> None:
    _tell(action, _owner(action), "assigned", now)


def tell_verifiers(action: CorrectiveAction, *, by: User, now: datetime) -> None:
    people = from_level(ManagementLevel.SUPERVISOR, action, out={action.owner_id, by.pk})
    _tell(action, people, "to_verify", now)


def tell_returned(action: CorrectiveAction, note: str, *, now: datetime) -> None:
    _tell(action, _owner(action), "returned", now, note=note)


def tell_effect(action: CorrectiveAction, note: str, *, by: User, now: datetime) -> None:
    people = {person.pk: person for person in [*_supervisors(action), *_owner(action)]}
    _tell(action, [one for one in people.values() if one.pk != by.pk], "not_effective", now, note=note)


def tell_dropped(action: CorrectiveAction, *, by: User, now: datetime) -> None:
    people = [person for person in _owner(action) if person.pk != by.pk]
    _tell(action, people, "dropped", now, note=action.dropped_because)


def tell_due(action: CorrectiveAction, people: Iterable[User], what: str, now: datetime) -> None:
    """That the next step is due soon, or overdue; said once of each due time to each person."""
    _tell(action, people, what, now)


def responsible(action: CorrectiveAction) -> list[User]:
    """Whose the next step is: the verification that of a superior who does not own it, the rest the owner's.

    Whoever verified checks the effect. Nobody answers for nothing: else the superiors.
    """
    if action.state == CorrectiveState.DONE:
        return from_level(ManagementLevel.SUPERVISOR, action, out={action.owner_id})
    if action.state == CorrectiveState.VERIFIED and (action.replied_at or not action.owes_reply):
        person = action.verified_by
    else:
        person = action.owner
    if person is not None and person.is_active:
        return [person]
    return from_level(ManagementLevel.SUPERVISOR, action)


def from_level(level: int, action: CorrectiveAction, *, out: Collection[int | None] = ()) -> list[User]:
    """The people of a level, else of the next one that has any; at the end the administrators."""
    for step in range(level, ManagementLevel.GENERAL_MANAGER + 1):
        people = User.objects.at_level(step, action.group).exclude(pk__in=_ids(out)).order_by("pk")
        if found := list(people):
            return found
    administrators = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)
    return list(administrators.exclude(pk__in=_ids(out)).order_by("pk"))


def _ids(out: Collection[int | None]) -> list[int]:
    return [pk for pk in out if pk is not None]


def _owner(action: CorrectiveAction) -> list[User]:
    return [action.owner] if action.owner is not None and action.owner.is_active else []


def _supervisors(action: CorrectiveAction) -> list[User]:
    return list(User.objects.at_level(ManagementLevel.SUPERVISOR, action.group).order_by("pk"))


def _tell(
    action: CorrectiveAction, people: Iterable[User], what: str, now: datetime, *, note: str = ""
) -> None:
    """`what` is one of the notice's own words; of one action, due time and round each is said once."""
    is_late = what in ("overdue", "reported_up")
    due = action.due_at.isoformat() if action.due_at else ""
    mark = due if what in ("reminder", "overdue", "reported_up") else f"{action.round}:{now.isoformat()}"
    notify(
        people,
        "corrective_overdue" if is_late else "corrective",
        {
            "what": what,
            "number": action.number,
            "title": action.title,
            "client": action.client.name,
            "client_en": action.client.name_en,
            "state": action.state,
            "owner": action.owner.name if action.owner else "",
            "owner_en": action.owner.name_en if action.owner else "",
            "until_at": due or None,
            "note": note,
        },
        url=reverse("satisfaction:corrective", args=[action.pk]),
        key=f"corrective:{action.pk}:{what}:{mark}",
        now=now,
    )

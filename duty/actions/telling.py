"""Whom a roster concerns, and the notices of what people do to it, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from duty.models import Leave, SwapRequest
from staff.actions import notify
from staff.models import Group, ManagementLevel, Role, User

MOST_LISTED = 12


def supervisors_of(group: Group) -> list[User]:
    """Who answers for a group's roster; where it has nobody who does, those above."""
    leads = Q(role=Role.SUPERVISOR) | Q(management_level=ManagementLevel.SUPERVISOR)
    return list(User.objects.in_group(group).filter(leads).order_by("pk")) or department()


def department() -> list[User]:
    """The department manager; where there is none, whoever is above him, at the end the administrators."""
    return _at(ManagementLevel.DEPARTMENT_MANAGER) or leaders()


def leaders() -> list[User]:
    """The department manager and the general manager, or else the administrators (§5.5)."""
    found = _at(ManagementLevel.DEPARTMENT_MANAGER, ManagementLevel.GENERAL_MANAGER)
    return found or list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR).order_by("pk"))


def colleagues_of(person: User, group: Group) -> list[User]:
    """Who could take a duty instead of somebody."""
    return list(User.objects.working().in_group(group).exclude(pk=person.pk).order_by("pk"))


def named(person: User | None, name: str = "person") -> dict[str, str]:
    """A person as a notice carries him, in both languages."""
    return {name: person.name if person else "", f"{name}_en": person.name_en if person else ""}


def named_group(group: Group) -> dict[str, str]:
    return {"group": group.name, "group_en": group.name_en}


def listed(rows: Sequence[Any], name: str = "duties") -> dict[str, Any]:
    """Spans of duties as a notice carries them: the first of them, and how many more there are."""
    shown = [span_of(one) for one in rows[:MOST_LISTED]]
    return {name: shown, f"more_{name}": max(0, len(rows) - MOST_LISTED)}


def span_of(duty: Any) -> dict[str, Any]:
    """A duty in a list, as `duty_line` shows it (`duty/templatetags/duty.py`)."""
    return {"role": duty.role, "from": duty.starts_at.isoformat(), "to": duty.ends_at.isoformat()}


def tell_of_swap(
    request: SwapRequest, what: str, people: Iterable[User | None], *, by: User | None, now: datetime
) -> None:
    """Tell people what has become of a request for a swap or for cover; never whoever did it himself."""
    facts = (
        named(request.user)
        | named(by, "who")
        | {
            "what": what,
            "role": request.role,
            "starts_at": request.starts_at.isoformat(),
            "ends_at": request.ends_at.isoformat(),
            "back_role": request.back_role,
            "back_starts_at": request.back_starts_at and request.back_starts_at.isoformat(),
            "back_ends_at": request.back_ends_at and request.back_ends_at.isoformat(),
            "reason": request.reason,
        }
    )
    told = {person for person in people if person is not None and person != by}
    _tell(told, "swap", facts, key=f"swap:{request.pk}:{what}", now=now)


def tell_of_leave(leave: Leave, what: str, people: Iterable[User], *, by: User, now: datetime) -> None:
    """Tell people what has become of somebody's leave; never whoever did it himself."""
    facts = (
        named(leave.user)
        | named(by, "who")
        | {
            "what": what,
            "starts_at": leave.starts_at.isoformat(),
            "ends_at": leave.ends_at.isoformat(),
            "reason": leave.reason,
            "answer": leave.answer,
        }
    )
    told = {one for one in people if one != by}
    is_theirs = what == "asked" and all(one.may_supervise for one in told)
    url = reverse("duty:leave_decide", args=[leave.pk]) if is_theirs else reverse("duty:mine")
    notify(told, "leave", facts, url=url, key=f"leave:{leave.pk}:{what}", now=now)


def tell_of_cover(leave: Leave, wanted: Sequence[SwapRequest], group: Group, *, now: datetime) -> None:
    """Tell a person's colleagues which of his duties somebody is wanted for, in one notice."""
    facts = named(leave.user) | listed(wanted)
    _tell(colleagues_of(leave.user, group), "cover_wanted", facts, key=f"wanted:{leave.pk}", now=now)


def _tell(people: Iterable[User], kind: str, facts: dict[str, Any], *, key: str, now: datetime) -> None:
    notify(people, kind, facts, url=reverse("duty:mine"), key=key, now=now)


def _at(*levels: ManagementLevel) -> list[User]:
    return list(User.objects.filter(is_active=True, management_level__in=levels).order_by("pk"))

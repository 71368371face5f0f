"""What every change of a callback has in common: who may, the lock, the history, who is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from staff.actions import notify
from staff.models import Group, ManagementLevel, Role, User
from staff.refused import Refused
from tickets.lifecycle import Moved
from visits.kinds import EventKind
from visits.models import Callback, CallbackEvent, CallbackPlan, CallbackScript, Need, Promise

# Who calls, and who goes there.
CALLERS = (Role.OPERATOR, Role.ENGINEER)
GOERS = (Role.ENGINEER,)


def tz() -> tzinfo:
    return timezone.get_default_timezone()


def may_call(group: Group | int, by: User) -> bool:
    """Say whether a person may make callbacks of a group and write down what they collect."""
    pk = group if isinstance(group, int) else group.pk
    return by.may_work and (by.group_id == pk or by.sees_everything)


def may_lead(group: Group | int, by: User) -> bool:
    """Say whether a person decides about a group's callbacks: its supervisors, and the administrators."""
    pk = group if isinstance(group, int) else group.pk
    return by.may_administer or (by.may_supervise and by.group_id == pk)


def forbidden() -> Refused:
    return Refused(_("Only the people of the client's group may do this."), code="forbidden")


def leaders_only() -> Refused:
    return Refused(_("Only the group's supervisor may do this."), code="forbidden")


def locked(callback: Callback, by: User) -> Callback:
    """The callback, locked, as it now stands, for somebody who may work on it.

    Raises `Moved` where it is no longer as he saw it, `Refused` where he may not.
    """
    fresh = (
        Callback.objects.select_for_update(of=("self",))
        .select_related("client", "group", "contact", "person", "ticket", "system")
        .get(pk=callback.pk)
    )
    if not (may_call(fresh.group_id, by) or (fresh.person_id == by.pk and by.may_work)):
        raise forbidden()
    if fresh.version != callback.version:
        raise Moved(overtaken(fresh, by))
    return fresh


def open_one(callback: Callback, by: User) -> Callback:
    """The same, and still to be made."""
    fresh = locked(callback, by)
    if not fresh.is_open:
        raise Refused(
            _("Not possible: the callback is “%(state)s”.") % {"state": fresh.get_state_display()},
            code="wrong_status",
        )
    return fresh


def overtaken(callback: Callback, by: User) -> str:
    last = callback.events.exclude(by=by).exclude(by=None).select_related("by").order_by("-pk").first()
    if last is None or last.by is None:
        return _("Somebody was faster: look at it as it is now.")
    return _("Somebody was faster: %(name)s has changed it. Look at it as it is now.") % {
        "name": last.by.label
    }


def save(callback: Callback, *fields: str) -> None:
    callback.version += 1
    callback.save(update_fields=[*fields, "version"])


def log(
    thing: Callback | Need | Promise | CallbackPlan | CallbackScript,
    kind: EventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> CallbackEvent:
    """Append one entry to the history of whatever it is."""
    return CallbackEvent.objects.create(
        **{NAMES[type(thing)]: thing},
        kind=kind,
        by=by,
        at=now,
        text=text,
        changes=dict(changes or {}),
    )


NAMES = {
    Callback: "callback",
    Need: "need",
    Promise: "promise",
    CallbackPlan: "plan",
    CallbackScript: "script",
}


def leaders(group: Group) -> list[User]:
    """The group's supervisors; where there is none, the department's manager."""
    found = User.objects.at_level(ManagementLevel.SUPERVISOR, group).order_by("pk")
    return list(found) or list(
        User.objects.at_level(ManagementLevel.DEPARTMENT_MANAGER, group).order_by("pk")
    )


def tell(
    callback: Callback,
    people: Iterable[User],
    kind: str,
    what: str,
    *,
    now: datetime,
    key: str,
    **more: object,
) -> None:
    """Write people a notice about a callback; `what` is one of the notice's own words."""
    facts: dict[str, object] = {
        "what": what,
        "number": callback.number,
        "client": callback.client.name,
        "client_en": callback.client.name_en,
        "due_at": callback.due_at.isoformat(),
        "limit_at": callback.limit_at.isoformat(),
    }
    if callback.person is not None:
        facts |= {"person": callback.person.name, "person_en": callback.person.name_en}
    if callback.ticket is not None:
        facts |= {"record": callback.ticket.number}
    notify(
        people,
        kind,
        facts | more,
        url=reverse("visits:callback", args=[callback.pk]),
        key=f"callback:{callback.pk}:{key}",
        now=now,
    )


def works_for(person: User, group: Group | int) -> bool:
    """Say whether a callback of a group may be given to a person. The technical team helps every group."""
    pk = group if isinstance(group, int) else group.pk
    return person.may_work and (person.group_id == pk or person.role == Role.SPECIALIST)

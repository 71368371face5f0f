"""A callback is planned by hand, moved, handed over, skipped, or decided on by the supervisor."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client, Contact
from duty.calendar import working_days
from staff.models import User
from staff.refused import Refused, require
from visits.actions.board import Desk
from visits.actions.common import (
    forbidden,
    leaders_only,
    log,
    may_call,
    may_lead,
    open_one,
    save,
    tell,
    tz,
    works_for,
)
from visits.actions.planning import plan_of, set_place, uncover
from visits.kinds import EventKind, Kind, Method, State
from visits.models import Callback
from visits.placing import Want
from visits.planning import end_of, workday

FARTHEST = timedelta(days=731)


@transaction.atomic
def arrange(
    client: Client,
    *,
    method: Method,
    on: date,
    note: str,
    contact: Contact | None = None,
    person: User | None = None,
    by: User,
    now: datetime,
) -> Callback:
    """Plan a callback by hand: the client wished it, or somebody thinks it is time. Raises `Refused`.

    It is placed on that day, or the next working one that suits; nobody named: whoever has least to do.
    """
    if not may_call(client.group_id, by):
        raise forbidden()
    note = require(note, "note")
    _check_day(on, now, field="on")
    if contact is not None and contact.client_id != client.pk:
        raise Refused(_("This contact belongs to another client."), field="contact", code="invalid")
    if person is not None and not works_for(person, client.group_id):
        raise _does_not_work_there(person, "person")
    desk, plan = Desk(client.group, {client.pk}, now), plan_of(client)
    row = Callback(
        kind=Kind.BY_HAND,
        method=Method(method),
        client=client,
        group=client.group,
        note=note,
        tries=plan.tries if plan else 3,
        created_at=now,
        created_by=by,
    )
    latest = workday(on, 0, desk.is_working)
    want = Want(
        client=client.pk,
        earliest=on,
        latest=latest,
        is_on_site=row.method == Method.ON_SITE,
        among=[person.pk] if person else desk.who(Method(row.method)),
        contacts=desk.whom(client, contact),
    )
    set_place(row, desk.board.place(want, now=now), latest, desk)
    if person is not None:
        row.person = person
    row.save()
    log(row, EventKind.PLANNED, by=by, now=now, text=note)
    if row.person is not None and row.person != by:
        tell(row, [row.person], "callback", "given", now=now, key=f"given:{row.version}")
    return row


@transaction.atomic
def move(callback: Callback, due_at: datetime, *, reason: str, by: User, now: datetime) -> Callback:
    """Plan a callback for another time; past its limit only the supervisor does, and moves the limit."""
    fresh, reason = open_one(callback, by), require(reason, "reason")
    day = due_at.astimezone(tz()).date()
    _check_day(day, now, field="due_at")
    if due_at <= now:
        raise Refused(_("Choose a time in the future."), field="due_at", code="past")
    leads = may_lead(fresh.group_id, by)
    if not leads and not working_days(since=day)(day):
        raise Refused(_("This is not a working day."), field="due_at", code="day_off")
    if due_at > fresh.limit_at and not leads:
        raise Refused(
            _("Past the limit only the group's supervisor moves it."), field="due_at", code="past_limit"
        )
    changes: dict[str, object] = {"due_at": [fresh.due_at.isoformat(), due_at.isoformat()]}
    if due_at > fresh.limit_at:
        limit_at = end_of(day, tz())
        changes["limit_at"] = [fresh.limit_at.isoformat(), limit_at.isoformat()]
        fresh.limit_at, fresh.told = limit_at, 0
    fresh.due_at, fresh.reminded_at = due_at, None
    save(fresh, "due_at", "limit_at", "told", "reminded_at")
    log(fresh, EventKind.MOVED, by=by, now=now, text=reason, changes=changes)
    if fresh.person is not None and fresh.person != by:
        tell(fresh, [fresh.person], "callback", "moved", now=now, key=f"moved:{fresh.version}")
    return fresh


@transaction.atomic
def hand_over(callback: Callback, person: User, *, note: str = "", by: User, now: datetime) -> Callback:
    """Give a callback to somebody of the group, or of the technical team, who is told."""
    fresh = open_one(callback, by)
    if not works_for(person, fresh.group_id):
        raise _does_not_work_there(person, "person")
    if fresh.person_id == person.pk:
        raise Refused(_("It is his already."), field="person", code="taken")
    changes = {"person": [fresh.person.name if fresh.person else "", person.name]}
    fresh.person, fresh.reminded_at = person, None
    save(fresh, "person", "reminded_at")
    log(fresh, EventKind.REASSIGNED, by=by, now=now, text=note.strip(), changes=changes)
    if person != by:
        tell(fresh, [person], "callback", "given", now=now, key=f"given:{fresh.version}", note=note.strip())
    return fresh


@transaction.atomic
def skip(callback: Callback, *, reason: str, by: User, now: datetime) -> Callback:
    """Leave a callback out, for a reason. Only the supervisor does; it counts as planned and not made."""
    fresh, reason = open_one(callback, by), require(reason, "reason")
    if not may_lead(fresh.group_id, by):
        raise leaders_only()
    fresh.state = State.SKIPPED
    save(fresh, "state")
    log(fresh, EventKind.SKIPPED, by=by, now=now, text=reason)
    uncover(fresh, now=now)
    return fresh


@transaction.atomic
def decide(callback: Callback, *, method: Method, on: date, reason: str, by: User, now: datetime) -> Callback:
    """Decide on a client who was not reached: try again that many times, by phone or on site, from a day on.

    Only the supervisor does. The limit moves with the day, if that is after it.
    """
    fresh, reason = open_one(callback, by), require(reason, "reason")
    if not may_lead(fresh.group_id, by):
        raise leaders_only()
    if fresh.state != State.UNREACHED:
        raise Refused(_("It is still being tried."), code="wrong_status")
    _check_day(on, now, field="on")
    desk, plan = Desk(fresh.group, {fresh.client_id}, now), plan_of(fresh.client)
    latest = workday(on, 0, desk.is_working)
    want = Want(
        client=fresh.client_id,
        earliest=on,
        latest=latest,
        is_on_site=method == Method.ON_SITE,
        among=_still(fresh, desk, method),
        contacts=desk.whom(fresh.client, fresh.contact),
    )
    placed = desk.board.place(want, now=now)
    changes = {
        "method": [fresh.method, str(method)],
        "due_at": [fresh.due_at.isoformat(), placed.at.isoformat()],
    }
    fresh.method, fresh.state = Method(method), State.PLANNED
    fresh.due_at, fresh.person_id, fresh.contact_id = placed.at, placed.person, placed.contact
    fresh.tries += plan.tries if plan else 3
    if fresh.limit_at < placed.at:
        fresh.limit_at, fresh.told = end_of(placed.at.astimezone(desk.tz).date(), desk.tz), 0
    fresh.reminded_at = None
    fields = (
        "method",
        "state",
        "due_at",
        "person_id",
        "contact_id",
        "tries",
        "limit_at",
        "told",
        "reminded_at",
    )
    save(fresh, *(name.removesuffix("_id") for name in fields))
    log(fresh, EventKind.DECIDED, by=by, now=now, text=reason, changes=changes)
    fresh.refresh_from_db(fields=["person"])
    if fresh.person is not None and fresh.person != by:
        tell(fresh, [fresh.person], "callback", "decided", now=now, key=f"decided:{fresh.version}")
    return fresh


def _still(callback: Callback, desk: Desk, method: Method) -> list[int]:
    """Whoever has it keeps it, where he may do it this way; else whoever has least to do."""
    able = desk.who(method)
    return [callback.person_id] if callback.person_id in able else able


def _check_day(day: date, now: datetime, *, field: str) -> None:
    today = now.astimezone(tz()).date()
    if day < today:
        raise Refused(_("Choose a day from today on."), field=field, code="past")
    if day - today > FARTHEST:
        raise Refused(_("Choose a time within two years from now."), field=field, code="too_far")


def _does_not_work_there(person: User, field: str) -> Refused:
    return Refused(
        _("%(name)s does not work in the client's group.") % {"name": person.label},
        field=field,
        code="invalid",
    )

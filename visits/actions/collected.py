"""Needs, opinions and promises: written down, in a callback or not, and followed to their end (§5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Channel, Client, System
from staff.actions import notify
from staff.models import User
from staff.refused import Refused, require
from tickets.lifecycle import Moved
from visits.actions.common import forbidden, log, may_call, tz, works_for
from visits.kinds import NEED_MOVES, NEED_OVER, EventKind, NeedState, PromiseState, Tone
from visits.models import Callback, Need, Opinion, Promise


@dataclass(frozen=True, slots=True)
class NeedSaid:
    title: str
    details: str = ""
    system: System | None = None
    owner: User | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpinionSaid:
    text: str
    tone: Tone = Tone.SUGGESTION


@dataclass(frozen=True, slots=True)
class PromiseSaid:
    """What was promised, and until when. Nobody named: whoever writes it down keeps it."""

    text: str
    due_on: date | None
    person: User | None = None


@transaction.atomic
def raise_need(
    client: Client, said: NeedSaid, *, callback: Callback | None = None, by: User, now: datetime
) -> Need:
    """Write a client's need into the register. Raises `Refused` naming the field."""
    _check_may(client.group_id, by, callback)
    if said.system is not None and said.system.client_id != client.pk:
        raise Refused(_("This system belongs to another client."), field="system", code="invalid")
    _check_person(said.owner, client, "owner")
    _check_due(said.due_on, now)
    need = Need.objects.create(
        client=client,
        group=client.group,
        system=said.system,
        callback=callback,
        title=require(said.title, "title"),
        details=said.details.strip(),
        owner=said.owner,
        due_on=said.due_on,
        raised_at=now,
        raised_by=by,
    )
    log(need, EventKind.RAISED, by=by, now=now, text=need.title)
    _tell_owner(need, by, now)
    return need


@transaction.atomic
def change_need(
    need: Need,
    *,
    state: NeedState | None = None,
    owner: User | None = None,
    due_on: date | None = None,
    answer: str = "",
    answer_channel: str = "",
    note: str = "",
    by: User,
    now: datetime,
) -> Need:
    """Carry a need on: None leaves a thing as it is. Done and declined both need the answer to the client.

    Raises `Moved` where somebody was faster, `Refused` naming the field.
    """
    fresh = Need.objects.select_for_update(of=("self",)).select_related("client", "owner").get(pk=need.pk)
    _check_may(fresh.group_id, by)
    if fresh.version != need.version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    if not fresh.is_open:
        raise Refused(_("This need is settled."), code="wrong_status")
    before = (fresh.state, fresh.owner, fresh.due_on)
    if owner is not None:
        _check_person(owner, fresh.client, "owner")
        fresh.owner = owner
    if due_on is not None and due_on != fresh.due_on:
        _check_due(due_on, now)
        fresh.due_on, fresh.told_at = due_on, None
    if state is not None and state != fresh.state:
        if state not in NEED_MOVES[NeedState(fresh.state)]:
            raise Refused(_("This does not follow."), field="state", code="wrong_status")
        fresh.state = NeedState(state)
        if state in NEED_OVER:
            fresh.answer = require(answer, "answer")
            fresh.answer_channel = Channel(require(answer_channel, "answer_channel"))
            fresh.closed_at, fresh.closed_by = now, by
        elif fresh.owner is None:
            raise Refused(_("Say who sees to it."), field="owner", code="required")
    changes: dict[str, object] = {
        name: [_word(old), _word(new)]
        for name, old, new in zip(
            ("state", "owner", "due_on"), before, (fresh.state, fresh.owner, fresh.due_on), strict=True
        )
        if old != new
    }
    if not changes and not note.strip():
        return fresh
    fresh.version += 1
    fresh.save()
    text = fresh.answer if fresh.state in NEED_OVER else note.strip()
    log(fresh, EventKind.CHANGED, by=by, now=now, text=text, changes=changes)
    if "owner" in changes:
        _tell_owner(fresh, by, now)
    return fresh


@transaction.atomic
def add_opinion(
    client: Client, said: OpinionSaid, *, callback: Callback | None = None, by: User, now: datetime
) -> Opinion:
    """Write down what a client thinks of the service."""
    _check_may(client.group_id, by, callback)
    return Opinion.objects.create(
        client=client,
        group=client.group,
        callback=callback,
        tone=Tone(said.tone),
        text=require(said.text, "text"),
        at=now,
        by=by,
    )


@transaction.atomic
def make_promise(
    client: Client, said: PromiseSaid, *, callback: Callback | None = None, by: User, now: datetime
) -> Promise:
    """Write down what was promised to a client: who keeps it, until when. He is told."""
    _check_may(client.group_id, by, callback)
    person = said.person or by
    _check_person(person, client, "person")
    if said.due_on is None:
        raise Refused(_("Until when? A promise has a day."), field="due_on", code="required")
    _check_due(said.due_on, now)
    promise = Promise.objects.create(
        client=client,
        group=client.group,
        callback=callback,
        text=require(said.text, "text"),
        person=person,
        due_on=said.due_on,
        made_at=now,
        made_by=by,
    )
    log(promise, EventKind.RAISED, by=by, now=now, text=promise.text)
    if person != by:
        tell_of_promise(promise, [person], "promise", "given", now=now)
    return promise


@transaction.atomic
def close_promise(promise: Promise, state: PromiseState, *, note: str, by: User, now: datetime) -> Promise:
    """Say that a promise was kept, or why it is dropped. A second answer is refused."""
    fresh = Promise.objects.select_for_update(of=("self",)).select_related("client").get(pk=promise.pk)
    if not (may_call(fresh.group_id, by) or (fresh.person_id == by.pk and by.may_work)):
        raise forbidden()
    if fresh.state != PromiseState.OPEN:
        raise Moved(_("It is settled already."))
    if state not in (PromiseState.KEPT, PromiseState.DROPPED):
        raise Refused(_("This does not follow."), field="state", code="invalid")
    fresh.note = require(note, "note")
    fresh.state, fresh.closed_at, fresh.closed_by = PromiseState(state), now, by
    fresh.save()
    kind = EventKind.KEPT if state == PromiseState.KEPT else EventKind.DROPPED
    log(fresh, kind, by=by, now=now, text=fresh.note)
    return fresh


def tell_of_promise(promise: Promise, people: list[User], kind: str, what: str, *, now: datetime) -> None:
    notify(
        people,
        kind,
        {
            "what": what,
            "text": promise.text,
            "client": promise.client.name,
            "client_en": promise.client.name_en,
            "person": promise.person.name,
            "person_en": promise.person.name_en,
            "due_on": promise.due_on.isoformat(),
        },
        url=f"{reverse('visits:promises')}?promise={promise.pk}",
        key=f"promise:{promise.pk}:{what}",
        now=now,
    )


def tell_of_need(
    need: Need, people: list[User], kind: str, what: str, *, now: datetime, turn: int = 0
) -> None:
    notify(
        people,
        kind,
        {
            "what": what,
            "number": need.number,
            "text": need.title,
            "client": need.client.name,
            "client_en": need.client.name_en,
            "due_on": need.due_on.isoformat() if need.due_on else "",
        },
        url=reverse("visits:need", args=[need.pk]),
        key=f"need:{need.pk}:{what}:{turn}",
        now=now,
    )


def _tell_owner(need: Need, by: User, now: datetime) -> None:
    if need.owner is not None and need.owner != by:
        tell_of_need(need, [need.owner], "need", "given", now=now, turn=need.version)


def _check_may(group: int, by: User, callback: Callback | None = None) -> None:
    is_his = callback is not None and callback.person_id == by.pk and by.may_work
    if not (may_call(group, by) or is_his):
        raise forbidden()


def _check_person(person: User | None, client: Client, field: str) -> None:
    if person is not None and not works_for(person, client.group_id):
        raise Refused(
            _("%(name)s does not work in the client's group.") % {"name": person.label},
            field=field,
            code="invalid",
        )


def _check_due(due_on: date | None, now: datetime) -> None:
    if due_on is not None and due_on < now.astimezone(tz()).date():
        raise Refused(_("Choose a day from today on."), field="due_on", code="past")


def _word(value: object) -> object:
    if isinstance(value, User):
        return value.name
    return value.isoformat() if isinstance(value, date) else value

"""Two months of callbacks, and those of today in every state they can have (§5.3).

Planned week by week by the planner itself, as it would have been. What was made since is written in bulk,
with rows equal to what the actions write but for the notices, which are long read; the last ones by actions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load
from staff.models import User
from tickets.models import Status
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, Present, ProblemSaid, PromiseSaid, Said
from visits.actions.plans import load_defaults
from visits.kinds import EventKind, Kind, Method, NeedState, PromiseState, Result, Side, State, Tone
from visits.models import Attempt, Callback, CallbackEvent

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BACK = 56 * DAY
MADE = 0.9  # of those whose day is over; the others were left out or are still owed


def call_back(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Call clients back for two months, and leave today's to do."""
    for week in range(BACK // (7 * DAY) + 1):
        then = now - BACK + 7 * week * DAY
        if week == 0:
            load_defaults(now=then)
        while actions.draw_faults(now=then):
            pass
        actions.plan_callbacks(now=then)
    while actions.withdraw_reopened(now=now):
        pass
    home = next(team for team in staff.teams if team.group.code == HOME)
    today = timezone.localtime(now).date()
    midnight = datetime.combine(today, time(0), timezone.get_default_timezone())
    past = list(
        Callback.objects.open()
        .filter(due_at__lt=midnight)
        .select_related("contact", "person", "group", "ticket")
        .order_by("due_at", "pk")
    )
    calls = [row for row in past if row.group_id == home.group.pk and row.is_phone]
    overdue = [row for row in calls if row.limit_at <= now][-1:]
    stuck = [row for row in calls if row not in overdue][-1:]
    _make(rng, home, [row for row in past if row not in (*overdue, *stuck)], now)
    _try_in_vain(home, stuck, now)
    _collect(home, now)
    _today(home, now)
    actions.tend_callbacks(now=now)


def _make(rng: random.Random, home: Team, rows: Sequence[Callback], now: datetime) -> None:
    """Those whose day is over were made, mostly in time."""
    attempts, events = [], []
    for row in rows:
        by = row.person or home.engineers[0]
        done_at = row.due_at + rng.randrange(2, 90) * MINUTE
        if rng.random() > MADE:
            done_at = min(row.limit_at + rng.randrange(1, 20) * 60 * MINUTE, now)  # late
        _say(rng, row, by, done_at)
        attempts += [Attempt(callback=row, at=done_at, by=by, result=Result.REACHED)]
        events += [
            CallbackEvent(callback=row, kind=EventKind.DONE, at=done_at, by=by, text=row.summary),
        ]
    Callback.objects.bulk_update(
        rows,
        [
            *("state", "done_at", "done_by", "channel", "spoke_with", "summary", "is_solved"),
            *("satisfaction", "tried_at", "version"),
        ],
    )
    Attempt.objects.bulk_create(attempts)
    CallbackEvent.objects.bulk_create(events)


def _say(rng: random.Random, row: Callback, by: User, done_at: datetime) -> None:
    words = load("callbacks")
    row.summary, row.satisfaction = rng.choice(words["solved" if row.is_after_fault else "said"])
    row.is_solved = True if row.is_after_fault else None
    row.spoke_with = row.contact.name if row.contact else words["others"][0]
    row.state, row.done_at, row.done_by = State.DONE, done_at, by
    row.channel, row.tried_at = row.method, done_at
    row.version += 1


def _try_in_vain(home: Team, rows: Sequence[Callback], now: datetime) -> None:
    """A client was not reached in three half-days: the supervisor decides."""
    words = load("callbacks")
    for row in rows:
        by = row.person or home.engineers[0]
        day = timezone.localtime(row.due_at)
        morning, afternoon = day.replace(hour=9, minute=40), day.replace(hour=15, minute=0)
        tried = (morning, "busy"), (afternoon, "no_answer"), (now, "busy")
        for at, note in tried:
            row = actions.record_not_reached(row, note=words[note], by=by, now=at)


def _collect(home: Team, now: datetime) -> None:
    """Needs in every state, promises kept, open and overdue, opinions; one expectation was not met."""
    words, engineers = load("callbacks"), home.engineers
    done = list(
        Callback.objects.filter(group=home.group, state=State.DONE)
        .select_related("client", "group", "contact", "person")
        .order_by("-done_at")[:12]
    )
    if not done:
        return
    for place, need in enumerate(words["needs"]):
        _need(need, done[place % len(done)], engineers[place % len(engineers)], now)
    for place, (tone, text) in enumerate(words["opinions"]):
        row = done[-1 - place % len(done)]
        said = OpinionSaid(text, Tone(tone))
        actions.add_opinion(row.client, said, callback=row, by=_by(row), now=row.done_at or now)
    for place, promise in enumerate(words["promises"]):
        _promise(promise, done[place % len(done)], engineers[place % len(engineers)], now)
    unhappy = next((row for row in done if row.is_after_fault), done[0])
    facts = words["disappointed"]
    Callback.objects.filter(pk=unhappy.pk).update(
        expectation_not_met=True,
        expectation_words=facts["words"],
        summary=facts["summary"],
        satisfaction="2",
        version=F("version") + 1,
    )
    if site := next((row for row in done if not row.is_phone), None):
        _attend(site, home, now)


def _need(words: dict[str, Any], row: Callback, owner: User, now: datetime) -> None:
    said = NeedSaid(words["title"], words["details"])
    need = actions.raise_need(row.client, said, callback=row, by=_by(row), now=row.done_at or now)
    state = NeedState(words["state"])
    if state == NeedState.NEW:
        return
    more = {name: words[name] for name in ("note", "answer") if name in words}
    if "answer" in more:
        more["answer_channel"] = "phone"
    due_on = timezone.localdate(now) + 20 * DAY
    actions.change_need(need, state=state, owner=owner, due_on=due_on, **more, by=owner, now=now - DAY)


def _promise(words: dict[str, Any], row: Callback, person: User, now: datetime) -> None:
    due_on = timezone.localdate(now) + words["days"] * DAY
    made_at = now - 8 * DAY
    promise = actions.make_promise(
        row.client, PromiseSaid(words["text"], due_on, person), callback=row, by=person, now=made_at
    )
    if words["state"] != PromiseState.OPEN:
        state = PromiseState(words["state"])
        actions.close_promise(promise, state, note=words["note"], by=person, now=made_at + DAY)


def _attend(row: Callback, home: Team, now: datetime) -> None:
    words, done_at = load("callbacks"), row.done_at or now
    name, title = words["others"]
    people = [Present(Side.OURS, user=_by(row)), Present(Side.THEIRS, name=name, job_title=title)]
    if row.contact is not None:
        contact = row.contact
        people.append(Present(Side.THEIRS, name=contact.name, job_title=contact.job_title, contact=contact))
    began_at = done_at - 90 * MINUTE
    actions.write_attendance(
        row,
        place=words["place"],
        began_at=began_at,
        ended_at=done_at,
        people=people,
        by=_by(row),
        now=done_at,
    )
    Callback.objects.filter(pk=row.pk).update(summary=words["on_site"])


def _today(home: Team, now: datetime) -> None:
    """Two by arrangement for today; one refused, one left out, one not solved and one with a new record."""
    words = load("callbacks")
    clients = list(home.group.clients.filter(is_active=True).order_by("code")[:6])
    today = timezone.localdate(now)
    for place, note in enumerate(words["today"]):
        actions.arrange(
            clients[place],
            method=Method.PHONE,
            on=today,
            note=note,
            person=home.engineers[place],
            by=home.operators[0],
            now=now,
        )
    waiting = iter(_waiting(home, Kind.PERIODIC, now))
    if row := next(waiting, None):
        actions.record_refused(row, note=words["no_time"], by=_by(row, home), now=now)
    if row := next(waiting, None):
        actions.skip(row, reason=words["skip"], by=home.supervisors[0], now=now)
    if row := next(waiting, None):
        need = words["needs"][0]["title"]
        said = Said(
            row.contact.name if row.contact else words["others"][0],
            summary=words["said"][2][0],
            satisfaction="3",
            problems=[ProblemSaid(words["not_solved"])],
            next_wish_on=today + 14 * DAY,
            next_wish=words["wish"],
            needs=[NeedSaid(need)],
        )
        actions.record_reached(row, said, by=_by(row, home), now=now)
    solved = (row for row in _waiting(home, Kind.AFTER_FAULT, now) if row.ticket and _is_solved(row))
    if row := next(solved, None):
        said = Said(
            row.contact.name if row.contact else words["others"][0],
            summary=words["not_solved"],
            is_solved=False,
            satisfaction="2",
        )
        actions.record_reached(row, said, by=_by(row, home), now=now)


def _waiting(home: Team, kind: Kind, now: datetime) -> Iterator[Callback]:
    """What is planned and not overdue: that one stays as it is."""
    rows = Callback.objects.open().filter(group=home.group, kind=kind, state=State.PLANNED)
    related = ("client", "group", "contact", "person", "ticket__contact")
    yield from (
        rows.filter(method=Method.PHONE, limit_at__gt=now).select_related(*related).order_by("due_at", "pk")
    )


def _is_solved(row: Callback) -> bool:
    """Solved still, and not by somebody who looks at the portal of the demo."""
    ticket = row.ticket
    if ticket is None or ticket.status not in (Status.RESOLVED, Status.CLOSED):
        return False
    return ticket.contact is None or ticket.contact.user_id is None


def _by(row: Callback, home: Team | None = None) -> User:
    found = row.person or row.done_by or (home.engineers[0] if home else None)
    assert found is not None
    return found

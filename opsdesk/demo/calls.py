"""When the phone rings, who calls, and about what: the year's, the week's and the day's rhythm."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from clients.models import Channel, Contact, System
from duty.calendar import exceptions
from duty.hours import Day, is_open
from opsdesk.demo import texts
from opsdesk.demo.clients import Served
from opsdesk.demo.life import Life
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import Staff, mobile
from opsdesk.demo.story import Story
from opsdesk.demo.texts import ZONE
from staff.models import User
from tickets.actions import Call
from tickets.models import Grade, Kind

HOUR = timedelta(hours=1)
# Against an ordinary month, weekday and hour: busy at year's end and in the heat, quiet at Spring Festival.
MONTHS = (1.05, 0.75, 1.0, 0.95, 0.95, 1.1, 1.2, 1.15, 1.0, 0.9, 1.05, 1.15)
WEEKDAYS = (1.3, 1.1, 1.02, 1.0, 1.05, 0.42, 0.33)
HOURS = (
    *(0.14, 0.10, 0.08, 0.07, 0.08, 0.12, 0.25, 0.75),
    *(2.1, 2.6, 2.4, 1.8, 0.95, 1.3, 2.1, 2.2, 1.8, 1.2),
    *(0.65, 0.5, 0.42, 0.36, 0.28, 0.2),
)
HOLIDAY, MAKEUP = 0.28, 0.9
GROWTH = 0.25  # from the first month to the last
LAST_CALL = timedelta(minutes=10)  # before now; later ones are today's work
CLOSED_CALLS = 0.04  # a client outside his service hours seldom calls

KINDS = [(Kind.FAULT, 75), (Kind.REQUEST, 22), (Kind.COMPLAINT, 3)]
GRADES = [(Grade.ONE, 6), (Grade.TWO, 22), (Grade.THREE, 72)]
CHANNELS = [
    *((Channel.PHONE, 70), (Channel.WEB, 10), (Channel.EMAIL, 8), (Channel.ON_SITE, 5)),
    *((Channel.API, 4), (Channel.FAX, 2), (Channel.LETTER, 1)),
]


def stories(
    rng: random.Random,
    lookup: Lookup,
    staff: Staff,
    served: list[Served],
    *,
    count: int,
    since: datetime,
    until: datetime,
) -> Iterator[Story]:
    """Yield the story of each call, in the order in which they were reported."""
    timetables = {one.client.hours_id: lookup.hours(one.client.hours, False) for one in served}
    for at in _instants(rng, count, since, until):
        openness = {pk: 1.0 if is_open(at, hours) else CLOSED_CALLS for pk, hours in timetables.items()}
        who = rng.choices(served, [one.busyness * openness[one.client.hours_id] for one in served])[0]
        # Nobody asks for a training course at night.
        kind = _draw(rng, KINDS) if openness[who.client.hours_id] == 1 else Kind.FAULT
        grade = _draw(rng, GRADES) if kind == Kind.FAULT else None
        yield begin(rng, lookup, staff, who, reported_at=at, kind=kind, grade=grade).tell()


def begin(
    rng: random.Random,
    lookup: Lookup,
    staff: Staff,
    who: Served,
    *,
    reported_at: datetime,
    kind: Kind,
    grade: Grade | None,
    system: tuple[str, System] | None = None,
    caller: tuple[Contact, list[str]] | None = None,
    is_prompt: bool = False,
    words: str = "",
) -> Life:
    """Draw one call of that client, with whoever took it. What is not given is drawn.

    `words` names what the caller says in other.json.
    """
    of_kind, called_about = system or rng.choice(who.systems)
    contact, numbers = caller or rng.choices(who.contacts, [3, 1, 1, 1][: len(who.contacts)])[0]
    is_contact = caller is not None or rng.random() < 0.85
    name = contact.name if is_contact else rng.choice(texts.load("other")["callers"])
    if words:
        wording = texts.named(words, rng, of_kind, name, reported_at)
    else:
        wording = texts.draw(rng, kind, grade, of_kind, name, reported_at)
    team = staff.team_of(who.client.group)
    channel = _draw(rng, CHANNELS) if grade != Grade.ONE else Channel.PHONE
    call = Call(
        client=who.client,
        system=called_about,
        contact=contact if is_contact else None,
        caller_name=name,
        callback_number=rng.choice(numbers) if is_contact else mobile(rng),
        title=wording.title,
        details=wording.details,
        kind=kind,
        channel=channel,
        reported_at=reported_at,
    )
    is_quick = is_prompt or channel == Channel.PHONE
    logged_at = reported_at + timedelta(seconds=rng.randrange(30, 150 if is_quick else 300))
    taken_by = _receiver(rng, staff, team.operators)
    return Life(rng, lookup, call, wording, grade, team, taken_by, logged_at, is_prompt=is_prompt)


def _receiver(rng: random.Random, staff: Staff, operators: list[User]) -> User:
    """Mostly an operator of the client's own group; any other takes the call as well (§5.1)."""
    return rng.choice(operators if rng.random() < 0.95 else rng.choice(staff.teams).operators)


def _instants(rng: random.Random, count: int, since: datetime, until: datetime) -> list[datetime]:
    """Draw the instants of that many calls, in order, to the second."""
    since = since.replace(minute=0, second=0, microsecond=0)
    starts = [since + n * HOUR for n in range((until - LAST_CALL - since) // HOUR)]
    days = exceptions(since.date())
    weights = []
    for number, start in enumerate(starts):
        local = start.astimezone(ZONE)
        day = {Day.OFF: HOLIDAY, Day.MAKEUP: MAKEUP, None: WEEKDAYS[local.weekday()]}[days.get(local.date())]
        growth = 1 - GROWTH / 2 + GROWTH * number / len(starts)
        weights.append(MONTHS[local.month - 1] * day * HOURS[local.hour] * growth)
    chosen = rng.choices(starts, cum_weights=list(accumulate(weights)), k=count)
    return sorted(start + timedelta(seconds=rng.randrange(3600)) for start in chosen)


def _draw(rng: random.Random, weighted: list[tuple]):  # type: ignore[no-untyped-def]
    return rng.choices([value for value, _weight in weighted], [weight for _value, weight in weighted])[0]

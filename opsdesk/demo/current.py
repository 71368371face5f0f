"""Today's work: records still open, brought to where they stand by the actions themselves.

Beside what history has left open there are some whose clocks are about to run out, so that the first minutes
show marks, report-ups and notices appearing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from opsdesk.demo import files, history
from opsdesk.demo.calls import begin
from opsdesk.demo.clients import Served
from opsdesk.demo.families import Families
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import ACCOUNTS, HOME, Staff
from opsdesk.demo.story import Story, perform
from staff.models import Role
from tickets.actions import convene_due, enforce_deadlines, tend_overruns
from tickets.models import Grade, Kind, Ticket

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# How long it takes from here until somebody can look: the rest of the writing, and the servers' start.
HEAD_START = 20 * SECOND

REQUEST, COMPLAINT = Kind.REQUEST, Kind.COMPLAINT
ONE, TWO, THREE = Grade.ONE, Grade.TWO, Grade.THREE

# What is about to happen: grade or kind, which clock's offset is reached, and how soon after the head start.
# Offsets are those of the default limits; the clients are served round the clock, so all are wall time.
IMMINENT: list[tuple[Grade | Kind, str, timedelta, timedelta]] = [
    (THREE, "logged", 12 * MINUTE, 20 * SECOND),  # not graded yet: near
    (TWO, "graded", 24 * MINUTE, 35 * SECOND),  # nobody has answered: near
    (THREE, "logged", 15 * MINUTE, 1 * MINUTE),  # not graded yet: too late
    (ONE, "acknowledged", 30 * MINUTE, 80 * SECOND),  # unsolved: technical lead
    (TWO, "graded", 30 * MINUTE, 2 * MINUTE),  # nobody has answered: too late
    (ONE, "acknowledged", 60 * MINUTE, 3 * MINUTE),  # not diagnosed: too late; department manager
    (THREE, "waiting", 22 * HOUR, 150 * SECOND),  # to be looked at again
    (REQUEST, "logged", 15 * MINUTE, 4 * MINUTE),  # nobody has answered: too late
    (TWO, "diagnosed", 24 * HOUR, 5 * MINUTE),  # not solved: too late; general manager
    (TWO, "diagnosed", 8 * HOUR, 7 * MINUTE),  # unsolved: department manager
    (ONE, "diagnosed", 2 * HOUR, 9 * MINUTE),  # unsolved: general manager
    (THREE, "graded", 4 * HOUR, 12 * MINUTE),  # nobody has answered: too late
    (THREE, "acknowledged", 8 * HOUR, 15 * MINUTE),  # not diagnosed: too late
]
# What else lies on the desk, whatever history has left: what, how far it has come, and when it was reported.
ON_THE_DESK: list[tuple[Grade | Kind, str, timedelta]] = [
    (THREE, "waiting", 6 * DAY),
    (REQUEST, "waiting", 4 * DAY),
    (THREE, "waiting", 3 * DAY),
    (REQUEST, "acknowledged", 52 * HOUR),
    (THREE, "diagnosed", 50 * HOUR),
    (THREE, "resolved", 2 * DAY),
    (REQUEST, "resolved", 2 * DAY),
    (THREE, "diagnosed", 45 * HOUR),
    (THREE, "resolved", 30 * HOUR),
    (THREE, "waiting", 29 * HOUR),
    (COMPLAINT, "acknowledged", 26 * HOUR),
    (THREE, "diagnosed", 23 * HOUR),
    (REQUEST, "acknowledged", 21 * HOUR),
    (TWO, "waiting", 20 * HOUR),
    (TWO, "resolved", 14 * HOUR),
    (TWO, "diagnosed", 11 * HOUR),
    (THREE, "resolved", 10 * HOUR),
    (ONE, "resolved", 9 * HOUR),
    (TWO, "diagnosed", 5 * HOUR),
    (THREE, "diagnosed", 5 * HOUR),
    (REQUEST, "acknowledged", 5 * HOUR),
    (THREE, "acknowledged", 3 * HOUR),
    (TWO, "acknowledged", 2 * HOUR),
    (THREE, "acknowledged", 100 * MINUTE),
    (THREE, "graded", 50 * MINUTE),
    (THREE, "graded", 20 * MINUTE),
    (REQUEST, "logged", 6 * MINUTE),
    (THREE, "logged", 3 * MINUTE),
]
# The contact who can sign in has all of his own: something new, something to watch, to confirm, to answer.
OF_THE_CONTACT: list[tuple[Grade | Kind, str, timedelta]] = [
    (REQUEST, "waiting", 2 * DAY),
    (THREE, "diagnosed", 21 * HOUR),
    (TWO, "resolved", 9 * HOUR),
    (THREE, "acknowledged", 7 * HOUR),
    (THREE, "graded", 25 * MINUTE),
]
# No call of today's work is older.
OLDEST = max(age for _what, _stage, age in [*ON_THE_DESK, *OF_THE_CONTACT]) + HOUR


def write(
    stories: Sequence[Story],
    rng: random.Random,
    lookup: Lookup,
    staff: Staff,
    served: list[Served],
    *,
    now: datetime,
) -> int:
    """Write the last stretch of history with what it leaves open, and what is about to happen at `now`.

    Returns how many records are open. All are written in the order in which they were reported.
    """
    families = Families(rng, lookup, staff, served)
    todays = [*_todays(rng, lookup, staff, served, now), *families.stories(now)]
    written: dict[int, Ticket] = {}
    closed: list[Story] = []
    for each in sorted([*stories, *todays], key=lambda story: story.reported_at):
        if each.is_over(now):
            closed.append(each)
            continue
        history.write(closed, lookup)
        closed = []
        written[id(each)] = perform(each, now=now)
        lookup.remember(written[id(each)])
    history.write(closed, lookup)
    families.tie(written, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # written in one go: Postgres cannot know yet how much it is
    enforce_deadlines(now=now)
    convene_due(now=now)
    tend_overruns(now=now)
    return Ticket.objects.open().count()


def _todays(
    rng: random.Random, lookup: Lookup, staff: Staff, served: list[Served], now: datetime
) -> Iterator[Story]:
    around_the_clock = [one for one in served if one.client.hours.round_the_clock]
    at_home = [one for one in around_the_clock if one.client.group.code == HOME]
    [contact] = [one for one in at_home if any(contact.user for contact, _numbers in one.contacts)]
    engineer = next(user for user in staff.everyone if user.username == ACCOUNTS[Role.ENGINEER])
    own = [(one, pair) for one in at_home for pair in one.systems if pair[1].maintainer == engineer]

    def told(
        what: Grade | Kind, stage: str, at: datetime, until: datetime, who: Served, **more: Any
    ) -> Story:
        kind, grade = (Kind.FAULT, what) if isinstance(what, Grade) else (what, None)
        at = at.replace(microsecond=0)
        life = begin(rng, lookup, staff, who, reported_at=at, kind=kind, grade=grade, is_prompt=True, **more)
        return life.tell_until(stage, until=until)

    def later() -> datetime:
        return now + rng.randrange(30, 3000) * MINUTE

    for number, (what, stage, offset, soon) in enumerate(IMMINENT):
        who, system = rng.choice(own) if own and number % 2 else (rng.choice(at_home), None)
        instant = now + HEAD_START + soon
        yield told(what, stage, instant - offset, instant, who, system=system)
    for number, (what, stage, age) in enumerate(ON_THE_DESK):
        story = told(what, stage, now - age, later(), rng.choice(around_the_clock))
        yield files.with_files(story, number, before=now) if number % 2 else story
    for number, (what, stage, age) in enumerate(OF_THE_CONTACT):
        caller = contact.contacts[0]
        story = told(what, stage, now - age, later(), contact, caller=caller)
        yield story if number else files.with_screen(story, number, by=caller[0].user)

"""Twenty people change one roster at once, again and again: nobody's shift lies over another's.

By actions and through the REST interface. `script/drill race` lets them come round a hundred times.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.utils import timezone

from duty.actions import end_override, place_override, raise_all, tell_news
from duty.models import DutyRole, HoleAlarm, Override, OverrideKind, Shift, ShiftChange
from duty.roster import Span
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, Cast, at, build_cast
from opsdesk.tests.rest import caller
from staff.models import Notice, User
from staff.refused import Refused

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
PEOPLE, ROUNDS = 20, 100 if IS_DRILL else 3
SEED = os.environ.get("OPSDESK_SEED", "20261126")
HOUR = timedelta(hours=1)
GAP = at("2026-12-05 18:00")
OVERLAPS = """
SELECT count(*) FROM duty_shift a JOIN duty_shift b
    ON a.group_id = b.group_id AND a.role = b.role AND a.id < b.id
   AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""


@dataclass
class Race:
    """A group's roster that people change; each change answers `placed`, `taken back` or `refused`."""

    cast: Cast
    now: datetime = MONDAY

    def place(self, kind: OverrideKind, role: DutyRole, span: Span, person: User) -> str:
        facts: dict[str, Any] = {"user": person, "by": self.cast.wang, "now": self.now}
        try:
            place_override(self.cast.south, kind, role, span.starts_at, span.ends_at, **facts)
        except Refused:
            return "refused"
        return "placed"

    def take_back(self, change: Override) -> str:
        try:
            end_override(change, by=self.cast.wang, now=self.now)
        except Refused:
            return "refused"
        return "taken back"


@dataclass
class RestRace(Race):
    """The same from outside, where it is always now."""

    now: datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        self.caller = caller(self.cast.wang)

    def place(self, kind: OverrideKind, role: DutyRole, span: Span, person: User) -> str:
        ends = {"starts_at": span.starts_at.isoformat(), "ends_at": span.ends_at.isoformat()}
        body = {"group": "south", "kind": kind.value, "duty": role.value, "person": person.username}
        return self._told(self.caller.post("/duty/changes/", body | ends), "placed")

    def take_back(self, change: Override) -> str:
        return self._told(self.caller.post(f"/duty/changes/{change.pk}/end/"), "taken back")

    def _told(self, answer: HttpResponse, done: str) -> str:
        assert answer.status_code in (200, 201, 409, 422), answer.content
        return done if answer.status_code < 300 else "refused"


@pytest.mark.drill("race")
@pytest.mark.parametrize("way", [Race, RestRace])
@pytest.mark.django_db(transaction=True)
def test_people_who_change_a_roster_at_once_never_make_two_shifts_overlap(way, record_property):
    race = way(cast := build_cast())
    defined(cast, people=[cast.chen, cast.li], since=race.now + HOUR, now=race.now)
    people = [
        User.objects.create_user(f"e{number}", name="x", role="engineer", group=cast.south)
        for number in range(PEOPLE)
    ]
    done: Counter[str] = Counter()
    unexpected: list[BaseException] = []
    together = threading.Barrier(PEOPLE)

    def change(number: int) -> None:
        rng = random.Random(f"{SEED}-{number}")
        try:
            for _round in range(ROUNDS):
                together.wait(timeout=60)
                done[_one_change(rng, race, people[number])] += 1
        except BaseException as error:
            unexpected.append(error)
            together.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change, args=[number]) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        (overlaps,) = cursor.fetchone()
    record_property("changes", sum(done.values()))
    record_property("refused", done["refused"])
    record_property("overlaps", overlaps)
    assert not unexpected, unexpected[0]
    assert overlaps == 0 and sum(done.values()) == PEOPLE * ROUNDS
    assert done["placed"] and done["refused"]
    held = Shift.objects.filter(user__in=people).values_list("source_id", flat=True)
    live = Override.objects.filter(ended_at=None, user__in=people, ends_at__gt=race.now)
    assert set(held) <= set(live.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_sweeps_that_look_at_once_tell_of_a_gap_once():
    cast = build_cast()
    defined(cast, people=[cast.chen])
    ShiftChange.objects.all().delete()
    place_override(
        cast.south, OverrideKind.REMOVE, DutyRole.PRIMARY, GAP, GAP + 3 * HOUR, by=cast.wang, now=MONDAY
    )
    together = threading.Barrier(4)

    def look() -> None:
        try:
            together.wait(timeout=60)
            for hours in (1, 2, 3):
                now = MONDAY + hours * HOUR
                raise_all(now=now)
                tell_news(now=now)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _sweep in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = Counter(Notice.objects.values_list("recipient__username", "kind"))
    assert told == {("wang", "holes"): 1, ("chen", "roster_changed"): 1}
    assert HoleAlarm.objects.count() == 1 and not ShiftChange.objects.exists()


def _one_change(rng: random.Random, race: Race, person: User) -> str:
    """Place a span of one to twelve hours in the next two days, or take one's last back."""
    own = Override.objects.filter(user=person, ended_at=None).last()
    starts_at = race.now + rng.randint(1, 48) * HOUR
    kind = rng.choice([OverrideKind.ADD, OverrideKind.REPLACE])
    if own and rng.random() < 0.5:
        return race.take_back(own)
    role = rng.choice([DutyRole.PRIMARY, DutyRole.BACKUP])
    return race.place(kind, role, Span(starts_at, starts_at + rng.randint(1, 12) * HOUR), person)

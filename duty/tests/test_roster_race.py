"""Twenty people change one roster at once, again and again: nobody's shift lies over another's.

`script/drill race` lets them come round a hundred times.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections

from duty.actions import end_override, place_override, raise_all, tell_news
from duty.models import DutyRole, HoleAlarm, Override, OverrideKind, Shift, ShiftChange
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, at, build_cast
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


@pytest.mark.drill("race")
@pytest.mark.django_db(transaction=True)
def test_people_who_change_a_roster_at_once_never_make_two_shifts_overlap(record_property):
    cast = build_cast()
    defined(cast, people=[cast.chen, cast.li])
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
                done[_one_change(rng, cast, people[number])] += 1
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
    live = Override.objects.filter(ended_at=None, user__in=people, ends_at__gt=MONDAY)
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
    # Nobody is on duty before the roster begins this evening either: that is urgent, and in the same notice.
    assert told == {("wang", "holes"): 1, ("zhao", "holes"): 1, ("chen", "roster_changed"): 1}
    assert HoleAlarm.objects.count() == 2 and not ShiftChange.objects.exists()


def _one_change(rng: random.Random, cast, person: User) -> str:
    """Place a span of one to twelve hours in the next two days, or take one's last back."""
    own = Override.objects.filter(user=person, ended_at=None).last()
    starts_at = MONDAY + rng.randint(1, 48) * HOUR
    kind = rng.choice([OverrideKind.ADD, OverrideKind.REPLACE])
    try:
        if own and rng.random() < 0.5:
            end_override(own, by=cast.wang, now=MONDAY)
            return "taken back"
        place_override(
            cast.south,
            kind,
            rng.choice([DutyRole.PRIMARY, DutyRole.BACKUP]),
            starts_at,
            starts_at + rng.randint(1, 12) * HOUR,
            user=person,
            by=cast.wang,
            now=MONDAY,
        )
    except Refused:
        return "refused"
    return "placed"

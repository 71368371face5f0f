"""The time that a record took, by person, and what of it one may still correct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from staff.models import User
from tickets.actions.timespent import is_correctable
from tickets.models import Entry


@dataclass(frozen=True, slots=True)
class Effort:
    """Minutes by person, the largest first; `own` are the entries whose time one may still correct."""

    people: list[tuple[User, int]]
    own: list[tuple[Entry, int]]

    @property
    def total(self) -> int:
        return sum(minutes for _person, minutes in self.people)


def effort_of(entries: Iterable[Entry], user: User, now: datetime) -> Effort:
    """Sum up the time of these entries; each must come with `by` and `time_spent`."""
    timed = [entry for entry in entries if hasattr(entry, "time_spent")]
    people = {entry.by_id: entry.by for entry in timed}
    by_person: Counter[int] = Counter()
    stands: Counter[int] = Counter()
    for entry in timed:
        spent = entry.time_spent
        by_person[spent.person_id] += spent.minutes
        stands[spent.corrects_id or spent.pk] += spent.minutes
    own = [
        (entry, stands[entry.time_spent.pk])
        for entry in timed
        if entry.by_id == user.pk and is_correctable(entry.time_spent, now)
    ]
    return Effort([(people[pk], minutes) for pk, minutes in by_person.most_common()], own)

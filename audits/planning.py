"""The year's audits are spread over its working days (§4.1.1). Pure: what is to be audited in, days out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audits.kinds import AuditKind


@dataclass(frozen=True, slots=True)
class Subject:
    """What is audited: a group's own work, or one system of its clients; by their ids."""

    group: int
    system: int | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """One audit of the proposal; `turn` counts those of one subject and kind in the year, from 1."""

    kind: AuditKind
    subject: Subject
    turn: int
    day: date


def spread(
    subjects: Mapping[AuditKind, Sequence[Subject]],
    times: Mapping[AuditKind, int],
    workdays: Sequence[date],
) -> list[Proposed]:
    """Spread each kind evenly over the working days, and the turns of one subject as far apart as they go.

    `workdays` are those of the whole year, in order. No day has more audits than the mean rounded up, so
    neither a week nor a person is buried. The same facts always give the same proposal.
    """
    wanted = sorted(
        (
            ((turn + (place + 0.5) / len(found)) / times[kind], number, place, turn)
            for number, (kind, found) in enumerate(subjects.items())
            for place in range(len(found))
            for turn in range(times.get(kind, 0))
        ),
    )
    if not wanted or not workdays:
        return []
    kinds = list(subjects)
    most = -(-len(wanted) // len(workdays))
    load = [0] * len(workdays)
    proposed = []
    for share, number, place, turn in wanted:
        at = _nearest_free(min(int(share * len(workdays)), len(workdays) - 1), load, most)
        load[at] += 1
        kind = kinds[number]
        proposed.append(Proposed(kind, subjects[kind][place], turn + 1, workdays[at]))
    return sorted(proposed, key=lambda one: (one.day, one.kind, one.subject.group, one.subject.system or 0))


def next_workday(day: date, workdays: Sequence[date]) -> date:
    """Return the day itself where it is a working day, else the next one; the last where none follows."""
    place = bisect_left(workdays, day)
    return workdays[min(place, len(workdays) - 1)]


def _nearest_free(wanted: int, load: Sequence[int], most: int) -> int:
    for distance in range(len(load)):
        for at in (wanted + distance, wanted - distance):
            if 0 <= at < len(load) and load[at] < most:
                return at
    raise AssertionError("there is room for the mean rounded up")

"""What a changed scheme would have made of past months: each score before and after. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

from django.db.models import Q

from reports.assessment.gathering import (
    Found,
    Subject,
    Whose,
    found_of,
    readings,
    readings_of_people,
    scope_of,
)
from reports.assessment.once import counted_once, items_of, taken
from reports.assessment.scheme import Content
from reports.assessment.scoring import Reading, score
from reports.models import Assessment, AssessmentItem, SchemeVersion
from reports.periods import Period
from staff.models import GROUP_ROLES, Group, User


@dataclass(frozen=True, slots=True)
class Came:
    """What somebody came to: None where nothing could be measured, or no scheme was in force."""

    score: Decimal | None
    grade: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """One subject (a group where there is no person) and month."""

    group: Group
    person: User | None
    month: Period
    before: Came
    after: Came

    @property
    def change(self) -> Decimal | None:
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @property
    def changes_grade(self) -> bool:
        return self.before.grade != self.after.grade


def simulate(content: Content, group: Group, months: Sequence[Period], *, now: datetime) -> list[Simulated]:
    """Return the group and its people of today, month by month.

    Before: as it was assessed; where it never was, as the scheme then in force counts it now. After: by the
    changed scheme, with the figures of now, what was entered by hand then, and what its own rules find. What
    was excused, struck or left out by a ruling stays so, a line by its name.
    """
    people = list(User.objects.in_group(group).filter(role__in=GROUP_ROLES).order_by("pk"))
    subjects: list[User | None] = [None, *people]
    past = _past(group, people, months)
    in_force = _contents(months)
    keys = {key for one in (content, *in_force.values()) if one for key in one.kpis()}
    of_group = readings(keys, scope_of(group, None), months, now=now)
    of_people = readings_of_people(keys, people, months, now=now)
    lines = []
    for person in subjects:
        read = of_people[person.pk] if person else of_group
        for month in months:
            lines.append(_line(content, in_force[month], group, person, month, read[month], past))
    return lines


@dataclass(frozen=True, slots=True)
class _Past:
    """What there is of all subjects and months, asked for at once."""

    kept: Mapping[tuple[int | None, date], Assessment]
    found: Mapping[Subject, list[Found]]
    items: Mapping[int | None, list[AssessmentItem]]  # of these rows, by person, in whichever month


def _line(
    content: Content,
    in_force: Content | None,
    group: Group,
    person: User | None,
    month: Period,
    read: Mapping[str, Reading],
    past: _Past,
) -> Simulated:
    who = person.pk if person else None
    was = past.kept.get((who, month.first))
    by_hand = _by_hand(was)
    excused = {item.key for item in was.items.all() if item.out_at is not None} if was else set()
    rows = [row for row in past.found[who, month] if row.key not in excused]
    held = taken(past.items.get(who, ()), month.first)
    lines_out = {was.scheme.says.lines[place].name for place in was.left_out} if was else set()

    def came(scheme: Content) -> Came:
        codes = [item.code for item, _row in counted_once(scheme, rows, held).values()]
        left_out = [place for place, line in enumerate(scheme.lines) if line.name in lines_out]
        result = score(scheme, read, [*codes, *by_hand], left_out=left_out)
        return Came(result.score, result.grade)

    before = _before(was) or (came(in_force) if in_force else Came(None, ""))
    return Simulated(group, person, month, before, came(content))


def _before(was: Assessment | None) -> Came | None:
    return Came(was.score, was.grade) if was is not None else None


def _by_hand(was: Assessment | None) -> list[str]:
    return [item.code for item in _counted(was.items.all()) if item.by_id is not None] if was else []


def _counted(items: Iterable[AssessmentItem]) -> list[AssessmentItem]:
    return [item for item in items if item.out_at is None]


def _past(group: Group, people: Sequence[User], months: Sequence[Period]) -> _Past:
    """A person's assessments wherever he was then, the group's own, and the rows of both."""
    rows = Assessment.objects.filter(
        Q(group=group, person=None) | Q(person__in=people), month__in=[month.first for month in months]
    )
    kept = {
        (one.person_id, one.month): one
        for one in rows.select_related("scheme").prefetch_related("items").order_by("pk")
    }
    found = found_of(Whose(group, people), months)
    items = defaultdict(list)
    for item in items_of(group, people, chain.from_iterable(found.values())):
        items[item.assessment.person_id].append(item)
    return _Past(kept, found, items)


def _contents(months: Sequence[Period]) -> Mapping[Period, Content | None]:
    """The scheme that was in force in each month."""
    last = max(month.first for month in months)
    versions = list(SchemeVersion.objects.in_force(last))
    by_month = {
        month: next((one for one in versions if one.from_month and one.from_month <= month.first), None)
        for month in months
    }
    return {month: one.says if one else None for month, one in by_month.items()}

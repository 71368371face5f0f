"""What a changed scheme would have made of past months: each score before and after. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reports.assessment.gathering import found, readings, scope_of
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
    people = User.objects.in_group(group).filter(role__in=GROUP_ROLES).order_by("pk")
    subjects: list[User | None] = [None, *people]
    kept = _kept(group, months)
    in_force = {month: _content(month) for month in months}
    keys = {key for one in (content, *in_force.values()) if one for key in one.kpis()}
    lines = []
    for person in subjects:
        read = readings(keys, scope_of(group, person), months, now=now)
        for month in months:
            was = kept.get((month.first, person.pk if person else None))
            lines.append(_line(content, in_force[month], group, person, month, read[month], was))
    return lines


def _line(
    content: Content,
    in_force: Content | None,
    group: Group,
    person: User | None,
    month: Period,
    read: Mapping[str, Reading],
    was: Assessment | None,
) -> Simulated:
    rows = found(group, person, month)
    by_hand = _by_hand(was)
    excused = {item.key for item in was.items.all() if item.out_at is not None} if was else set()
    keys = [row for row in rows if row.key not in excused]
    lines_out = {was.scheme.says.lines[place].name for place in was.left_out} if was else set()

    def came(scheme: Content) -> Came:
        codes = [item.code for row in keys if (item := scheme.item_found_by(row.source)) is not None]
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


def _kept(group: Group, months: Sequence[Period]) -> Mapping[tuple[date, int | None], Assessment]:
    rows = Assessment.objects.filter(group=group, month__in=[month.first for month in months])
    return {
        (one.month, one.person_id): one for one in rows.select_related("scheme").prefetch_related("items")
    }


def _content(month: Period) -> Content | None:
    version = SchemeVersion.objects.in_force(month.first).first()
    return version.says if version else None

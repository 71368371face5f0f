"""Rotations: defined, changed from an instant on, ended. What was held by an older version stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from duty.actions.common import begin, check_between, check_near, check_near_day, check_works_in, note
from duty.actions.publishing import publish
from duty.models import (
    DutyRole,
    RosterEventKind,
    RosterTerms,
    Rotation,
    RotationPlace,
    TurnUnit,
)
from duty.models.events import LONGEST_STRETCH, MOST_REST
from duty.models.rotation import EARLIEST_DAY, HIGHEST_PRIORITY, LONGEST_TURN
from staff.models import Group, User
from staff.refused import Refused


@dataclass(frozen=True, slots=True)
class Turns:
    """What is said about a rotation: who takes which shift, in which order, on which days."""

    name: str
    role: DutyRole
    people: Sequence[User]
    starts: time
    ends: time
    first_day: date
    every: int = 1
    unit: TurnUnit = TurnUnit.SHIFT
    weekdays: Sequence[int] = ()
    kinds: Sequence[str] = ()
    priority: int = 0
    for_holidays: bool = False


@transaction.atomic
def define_rotation(group: Group, turns: Turns, *, since: datetime, by: User, now: datetime) -> Rotation:
    """Let people take a duty in turn from an instant on (§5.1). Raises `Refused` naming the field."""
    begin(group, by)
    _check(group, turns, since, now)
    rotation = _write(group, turns, since=since)
    _log(rotation, RosterEventKind.ROTATION_DEFINED, by, now)
    publish(group, now=now)
    return rotation


@transaction.atomic
def change_rotation(
    rotation: Rotation, turns: Turns, *, since: datetime, by: User, now: datetime
) -> Rotation:
    """Write a new version that holds from an instant on; the older one holds until then."""
    group = rotation.group
    begin(group, by)
    rotation = _fresh(rotation, now)
    _check(group, turns, since, now)
    if since < rotation.since or (rotation.until is not None and since >= rotation.until):
        raise Refused(_("This version of the rotation does not hold then."), field="since")
    first, until = rotation.first or rotation, rotation.until
    if since > rotation.since:
        rotation.until = since
        rotation.save(update_fields=["until"])
        version = _write(group, turns, since=since, until=until, first=first)
    else:  # it never held anybody
        version = _write(group, turns, since=since, until=until, over=rotation)
    _log(version, RosterEventKind.ROTATION_CHANGED, by, now)
    publish(group, now=now)
    return version


@transaction.atomic
def end_rotation(rotation: Rotation, *, by: User, now: datetime) -> None:
    """End a rotation now, with the versions planned for later; one that never began leaves no trace."""
    group = rotation.group
    begin(group, by)
    rotation = _fresh(rotation, now)
    _log(rotation, RosterEventKind.ROTATION_ENDED, by, now)
    line = Rotation.objects.filter(group=group).unfinished(now)
    for version in [one for one in line.order_by("-since") if one.line == rotation.line]:
        if version.has_begun(now):
            version.until = now
            version.save(update_fields=["until"])
        else:
            version.delete()
    publish(group, now=now)


@transaction.atomic
def set_terms(
    group: Group, *, rest_hours: int, longest_hours: int | None, by: User, now: datetime
) -> RosterTerms:
    """Set how long people rest between shifts, and how long a stretch may last. Asked of later changes."""
    begin(group, by)
    check_between(rest_hours, 0, MOST_REST, "rest_hours")
    if longest_hours is not None:
        check_between(longest_hours, 1, LONGEST_STRETCH, "longest_hours")
    terms, _created = RosterTerms.objects.update_or_create(
        group=group, defaults={"rest_hours": rest_hours, "longest_hours": longest_hours}
    )
    words = f"{rest_hours} h / {longest_hours or '-'} h"
    note(group, RosterEventKind.TERMS_CHANGED, by=by, now=now, note=words)
    return terms


def _fresh(rotation: Rotation, now: datetime) -> Rotation:
    rotation = Rotation.objects.select_related("group", "first").get(pk=rotation.pk)
    if rotation.until is not None and rotation.until <= now:
        raise Refused(_("This version is over: the past does not change."), code="moved")
    return rotation


def _check(group: Group, turns: Turns, since: datetime, now: datetime) -> None:
    if since < now:
        raise Refused(_("The past does not change: choose an instant from now on."), field="since")
    check_near(since, now, "since")
    check_between(turns.every, 1, LONGEST_TURN, "every")
    check_between(turns.priority, 0, HIGHEST_PRIORITY, "priority")
    if turns.first_day < EARLIEST_DAY:  # turns are counted day by day from there
        raise Refused(_("This is too long ago to be right."), field="first_day", code="too_far")
    if turns.first_day > timezone.localdate(now):
        check_near_day(turns.first_day, now, "first_day")
    if not turns.people:
        raise Refused(_("A rotation needs people."), field="people", code="required")
    for person in turns.people:
        check_works_in(group, person, field="people")
        if turns.people.count(person) > 1:
            message = _("%(name)s has two places in the order.")
            raise Refused(message % {"name": person.label}, field="people")


def _write(
    group: Group,
    turns: Turns,
    *,
    since: datetime,
    until: datetime | None = None,
    first: Rotation | None = None,
    over: Rotation | None = None,
) -> Rotation:
    rotation = over or Rotation(group=group, first=first)
    facts = {
        "name": turns.name.strip(),
        "role": turns.role,
        "starts": turns.starts,
        "ends": turns.ends,
        "first_day": turns.first_day,
        "every": turns.every,
        "unit": turns.unit,
        "weekdays": sorted(turns.weekdays),
        "kinds": list(turns.kinds),
        "priority": turns.priority,
        "for_holidays": turns.for_holidays,
        "since": since,
        "until": until,
    }
    for name, value in facts.items():
        setattr(rotation, name, value)
    rotation.save()
    rotation.places.all().delete()
    RotationPlace.objects.bulk_create(
        RotationPlace(rotation=rotation, number=number, user=person)
        for number, person in enumerate(turns.people)
    )
    return rotation


def _log(rotation: Rotation, kind: RosterEventKind, by: User, now: datetime) -> None:
    starts_at = now if kind == RosterEventKind.ROTATION_ENDED else rotation.since
    note(rotation.group, kind, by=by, now=now, role=rotation.role, starts_at=starts_at, note=rotation.name)

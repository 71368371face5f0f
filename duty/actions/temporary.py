"""Temporary schedules: the plan of a block of days, set as a whole (§5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.common import begin, check_works_in, look, note
from duty.actions.publishing import in_sight_until, note_duties, publish
from duty.models import DutyRole, RosterEventKind, TemporarySchedule, TemporaryShift
from duty.resolving import Claim, Source
from duty.roster import Span
from staff.models import Group, User
from staff.refused import Refused

UNSAVED = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """One person's span in the block; `field` names where it was typed."""

    user: User
    role: DutyRole
    starts_at: datetime
    ends_at: datetime
    field: str | None = None


@transaction.atomic
def set_temporary(
    group: Group,
    name: str,
    first_day: date,
    last_day: date,
    placed: Sequence[Placed],
    *,
    by: User,
    now: datetime,
) -> TemporarySchedule:
    """Plan a block of days; where it has nobody, the plan below holds. Raises `Refused` naming the field."""
    begin(group, by)
    if last_day < first_day:
        raise Refused(_("The end must come after the start."), field="last_day")
    ahead = [one for one in placed if one.ends_at > now]
    if not ahead:
        raise Refused(_("Put somebody on duty on a day that is not over."), code="required")
    claims = [
        Claim(max(one.starts_at, now), one.ends_at, one.role, one.user.pk, Source.TEMPORARY, UNSAVED, UNSAVED)
        for one in ahead
    ]
    whole = Span(min(one.starts_at for one in claims), max(one.ends_at for one in claims))
    around = look(group, whole)
    for one, claim in zip(ahead, claims, strict=True):
        check_works_in(group, one.user, field=one.field or "user")
        _check_free(group, one, claim, claims)
        span = Span(claim.starts_at, claim.ends_at)
        around.check_suits(one.user, span, claims=claims, field=one.field or "user")
    schedule = TemporarySchedule.objects.create(
        group=group, name=name.strip(), first_day=first_day, last_day=last_day
    )
    TemporaryShift.objects.bulk_create(
        TemporaryShift(
            schedule=schedule,
            user_id=claim.person,
            role=claim.role,
            starts_at=claim.starts_at,
            ends_at=claim.ends_at,
        )
        for claim in claims
    )
    _log(schedule, RosterEventKind.TEMPORARY_SET, by, now)
    publish(group, now=now)
    _note_far(schedule, is_given=True, now=now)
    return schedule


@transaction.atomic
def end_temporary(schedule: TemporarySchedule, *, by: User, now: datetime) -> None:
    """Take a temporary schedule back: from now on the plan below it holds again."""
    begin(schedule.group, by)
    schedule = TemporarySchedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    if schedule.ended_at is not None:
        raise Refused(_("It has been taken back already."))
    if not schedule.shifts.filter(ends_at__gt=now).exists():
        raise Refused(_("The past does not change."))
    schedule.ended_at = now
    schedule.save(update_fields=["ended_at"])
    _log(schedule, RosterEventKind.TEMPORARY_ENDED, by, now)
    publish(schedule.group, now=now)
    _note_far(schedule, is_given=False, now=now)


def _note_far(schedule: TemporarySchedule, *, is_given: bool, now: datetime) -> None:
    """People hear of what is too far ahead to be written out as well: it will only come into sight."""
    far = schedule.shifts.filter(starts_at__gte=in_sight_until(now))
    duties = [((one.role, one.user_id, one.starts_at), one.ends_at) for one in far]
    note_duties(schedule.group, duties, is_given=is_given, now=now)


def _check_free(group: Group, one: Placed, claim: Claim, claims: Sequence[Claim]) -> None:
    """Two plans for the same block would hide each other."""
    there = TemporaryShift.objects.filter(
        schedule__group=group,
        schedule__ended_at=None,
        role=claim.role,
        starts_at__lt=claim.ends_at,
        ends_at__gt=claim.starts_at,
    )
    among = any(
        other is not claim
        and other.role == claim.role
        and other.starts_at < claim.ends_at
        and other.ends_at > claim.starts_at
        for other in claims
    )
    if among or there.exists():
        raise Refused(_("Another temporary schedule has this duty in that span."), field=one.field)


def _log(schedule: TemporarySchedule, kind: RosterEventKind, by: User, now: datetime) -> None:
    note(schedule.group, kind, by=by, now=now, note=schedule.name)

"""Temporary schedules: the plan of a block of days, set as a whole (§5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from duty.actions.common import begin, check_near_day, check_works_in, look, note
from duty.actions.publishing import in_sight_until, note_duties, publish
from duty.models import DutyRole, RosterEventKind, TemporarySchedule, TemporaryShift
from duty.resolving import Claim, Source
from duty.roster import Span, day_span
from staff.models import Group, User
from staff.refused import Refused

UNSAVED = 0
MOST_DAYS = 92


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
    _check_days(first_day, last_day, now)
    for one in placed:
        _check_within(first_day, last_day, one)
    ahead = [one for one in placed if one.ends_at > now]
    if not ahead:
        raise Refused(_("Put somebody on duty on a day that is not over."), code="required")
    for refused in objections(group, ahead, now=now):
        raise refused
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
        for claim in _claims(ahead, now)
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
        raise Refused(_("It has been taken back already."), code="moved")
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


def _check_days(first_day: date, last_day: date, now: datetime) -> None:
    if last_day < first_day:
        raise Refused(_("The end must come after the start."), field="last_day")
    check_near_day(first_day, now, "first_day")
    if (last_day - first_day).days >= MOST_DAYS:
        message = _("A block lasts 1 to %(most)s days.") % {"most": MOST_DAYS}
        raise Refused(message, field="last_day", code="out_of_range")


def _check_within(first_day: date, last_day: date, one: Placed) -> None:
    """A shift begins on a day of the block and ends on the day after it at the latest."""
    tz = timezone.get_default_timezone()
    opens, closes = day_span(first_day, tz).starts_at, day_span(last_day, tz).ends_at
    if one.ends_at <= one.starts_at:
        raise Refused(_("The end must come after the start."), field=one.field)
    if not opens <= one.starts_at < closes:
        raise Refused(_("This shift does not begin on a day of the block."), field=one.field)
    if one.ends_at > closes + timedelta(days=1):
        raise Refused(_("This shift reaches beyond the day after the block."), field=one.field)


def objections(group: Group, placed: Sequence[Placed], *, now: datetime) -> Iterator[Refused]:
    """Yield what stands against each of the spans, in their order, at most one for each; nothing is written.

    They are looked at together, as they would be then, in a fixed number of questions.
    """
    claims = _claims(placed, now)
    if not claims:
        return
    whole = Span(min(one.starts_at for one in claims), max(one.ends_at for one in claims))
    around = look(group, whole)
    there = TemporaryShift.objects.filter(
        schedule__group=group,
        schedule__ended_at=None,
        starts_at__lt=whole.ends_at,
        ends_at__gt=whole.starts_at,
    )
    taken: list[Claim | TemporaryShift] = [*there, *claims]
    for one, claim in zip(placed, claims, strict=True):
        field = one.field or "user"
        try:
            check_works_in(group, one.user, field=field)
            _check_free(one, claim, taken)
            around.check_suits(one.user, Span(claim.starts_at, claim.ends_at), claims=claims, field=field)
        except Refused as refused:
            yield refused


def _claims(placed: Sequence[Placed], now: datetime) -> list[Claim]:
    """The spans as the plan would have them, of each what lies ahead."""
    return [
        Claim(max(one.starts_at, now), one.ends_at, one.role, one.user.pk, Source.TEMPORARY, UNSAVED, UNSAVED)
        for one in placed
    ]


def _check_free(one: Placed, claim: Claim, taken: Sequence[Claim | TemporaryShift]) -> None:
    """Two plans for the same block would hide each other."""
    among = any(
        other is not claim
        and other.role == claim.role
        and other.starts_at < claim.ends_at
        and other.ends_at > claim.starts_at
        for other in taken
    )
    if among:
        raise Refused(_("Another temporary schedule has this duty in that span."), field=one.field)


def _log(schedule: TemporarySchedule, kind: RosterEventKind, by: User, now: datetime) -> None:
    note(schedule.group, kind, by=by, now=now, note=schedule.name)

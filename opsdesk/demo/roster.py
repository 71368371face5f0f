"""Who is on duty: five engineers a group in turn, from eight weeks ago to four weeks ahead (§5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from duty.models import DutyRole, Shift
from opsdesk.demo.people import Staff, Team
from opsdesk.demo.texts import ZONE

DAY = timedelta(days=1)
BACK, AHEAD = timedelta(weeks=8), timedelta(weeks=4)
MORNING, EVENING = time(8, 30), time(17, 30)


def publish(staff: Staff, *, now: datetime) -> int:
    """Write the rosters around now; return how many shifts. Nobody has a day shift after a night shift."""
    today = now.astimezone(ZONE).date()
    first = today - BACK - timedelta(days=today.weekday())
    days = [first + n * DAY for n in range((today + AHEAD - first).days)]
    shifts = [shift for team in staff.teams for day in days for shift in _day(team, day)]
    Shift.objects.bulk_create(shifts, batch_size=1000)
    return len(shifts)


def _day(team: Team, day: date) -> Iterator[Shift]:
    """One day of a group. An engineer's five days: day shift, on call as backup, night shift, free, free."""
    turn = day.toordinal() % len(team.engineers)
    on_day, on_call, on_night, _free, rested = (
        team.engineers[(turn - n) % len(team.engineers)] for n in range(5)
    )
    supervisor = team.supervisors[0] if day.weekday() < 5 else rested
    yield _shift(team, on_day, DutyRole.PRIMARY, day, MORNING, day, EVENING)
    yield _shift(team, on_night, DutyRole.PRIMARY, day, EVENING, day + DAY, MORNING)
    yield _shift(team, on_call, DutyRole.BACKUP, day, MORNING, day + DAY, MORNING)
    yield _shift(team, supervisor, DutyRole.SUPERVISOR, day, MORNING, day + DAY, MORNING)


def _shift(team: Team, user, role: DutyRole, since: date, starts: time, until: date, ends: time) -> Shift:  # type: ignore[no-untyped-def]
    return Shift(
        group=team.group,
        user=user,
        role=role,
        starts_at=datetime.combine(since, starts, ZONE),
        ends_at=datetime.combine(until, ends, ZONE),
    )

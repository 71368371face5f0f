"""Who is on duty: five engineers a group in turn, since eight weeks ago, and what changes it now (§5.1).

Lived like any roster: the rotations were defined when they began and have been written out since. In
the first group a shift is covered by a colleague, another waits for one, one is replaced, one is away, a
month ahead is drafted, and calendars subscribe. Every group covers the next holiday, but for the second:
there somebody is away, and one who is on duty has no phone number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction

from duty import actions
from duty.actions import Duty, Turns, Wanted
from duty.coverplans import blocks_ahead
from duty.models import BoardTheme, DutyRole, FeedKind, OverrideKind, Shift, WishKind
from opsdesk.demo.people import Staff, Team
from opsdesk.demo.texts import ZONE, load
from staff.models import User

DAY = timedelta(days=1)
BACK = timedelta(weeks=8)
# The rotations are written out sixty days ahead: now and then somebody has to come by.
STRIDE = timedelta(days=50)
MORNING, EVENING = time(8, 30), time(17, 30)
WEEKDAYS = range(5)
LEAVE_IN, LEAVE_LASTS = 24 * DAY, 3 * DAY  # far enough for somebody still to be found
DRAFT_IN, FAR = 62 * DAY, 200 * DAY


@transaction.atomic
def publish(staff: Staff, *, now: datetime) -> int:
    """Plan the rosters around now; return how many shifts. Nobody has a day shift after a night shift."""
    today = now.astimezone(ZONE).date()
    first = today - BACK - timedelta(days=today.weekday())
    began = datetime.combine(first, MORNING, ZONE)
    for team in staff.teams:
        _turn(team, first, began)
    then = began + STRIDE
    while then < now:
        actions.publish_all(now=then)
        then += STRIDE
    actions.publish_all(now=now)
    actions.tell_news(now=began + DAY)
    _subscribe(staff.teams[0], now)
    _change(staff.teams[0], today, now)
    _draft(staff.teams[0], today, now)
    _uncover(staff.teams[1], today, now)
    actions.raise_all(now=now)
    actions.raise_holiday_alarms(now=now)
    actions.remind(now=now)
    return Shift.objects.count()


def _turn(team: Team, first: date, began: datetime) -> None:
    """An engineer's five days: day shift, on call, night shift, free, and supervisor at weekends."""
    names = load("roster")["names"]
    who = {"since": began, "by": team.supervisors[0], "now": began}

    def turns(name: str, role: DutyRole, people: Sequence[User], starts: time, ends: time, **more) -> Turns:  # type: ignore[no-untyped-def]
        return Turns(names[name], role, people, starts, ends, first, **more)

    for plan in (
        turns("day", DutyRole.PRIMARY, _from(team, 0), MORNING, EVENING),
        turns("night", DutyRole.PRIMARY, _from(team, 2), EVENING, MORNING),
        turns("call", DutyRole.BACKUP, _from(team, 1), MORNING, MORNING),
        turns("weekend", DutyRole.SUPERVISOR, _from(team, 4), MORNING, MORNING),
        turns(
            "weekday",
            DutyRole.SUPERVISOR,
            team.supervisors[:1],
            MORNING,
            MORNING,
            weekdays=WEEKDAYS,
            priority=1,
        ),
    ):
        actions.define_rotation(team.group, plan, **who)


def _from(team: Team, days_behind: int) -> list[User]:
    """The engineers in turn, beginning with the one whose own turn began so many days ago."""
    count = len(team.engineers)
    return [team.engineers[(number - days_behind) % count] for number in range(count)]


def _change(team: Team, today: date, now: datetime) -> None:
    """What changes the plan: a covered shift, one that waits for cover, a replacement, leave."""
    words, supervisor = load("roster"), team.supervisors[0]
    covered = _duty(team, DutyRole.PRIMARY, _weekday(today + 4 * DAY))
    rested = _duty(team, DutyRole.PRIMARY, _day_of(covered) + DAY).user
    swap = actions.ask_swap(_span(covered), reason=words["cover"], by=covered.user, now=now)
    actions.take_swap(swap, by=rested, now=now)
    waiting = _duty(team, DutyRole.BACKUP, today + 6 * DAY)
    actions.ask_swap(_span(waiting), reason=words["open"], by=waiting.user, now=now)
    replaced = _duty(team, DutyRole.BACKUP, today + 2 * DAY)
    actions.place_override(
        team.group,
        OverrideKind.REPLACE,
        DutyRole.BACKUP,
        replaced.starts_at,
        replaced.ends_at,
        user=team.operators[0],
        instead_of=replaced.user,
        reason=words["change"],
        by=supervisor,
        now=now,
    )
    off = datetime.combine(today, time(0), ZONE) + LEAVE_IN
    for person, reason in zip(team.engineers[:2], (words["leave"], words["second"]), strict=True):
        leave = actions.ask_leave(person, off, off + LEAVE_LASTS, reason=reason, by=person, now=now)
        if person == team.engineers[0]:
            actions.approve_leave(leave, by=supervisor, now=now)


def _subscribe(team: Team, now: datetime) -> None:
    """Addresses in force, though nobody knows them: they are shown once."""
    for person, kind in (
        (team.engineers[0], FeedKind.MINE),
        (team.supervisors[0], FeedKind.GROUP),
        (team.supervisors[0], FeedKind.REPORTS),
        (team.supervisors[0], FeedKind.WALL),
    ):
        actions.open_feed(kind, by=person, now=now)
    look = {"language": "zh-hans", "theme": BoardTheme.DARK}
    actions.open_board(team.group, **look, by=team.supervisors[0], now=now)


def _draft(team: Team, today: date, now: datetime) -> None:
    """The operators share being on call in a month ahead: proposed, not published yet; two have wishes."""
    first = (today + DRAFT_IN).replace(day=1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    for person, day, kind in (
        (team.operators[0], first + 5 * DAY, WishKind.AVOIDED),
        (team.operators[1], first + 11 * DAY, WishKind.WANTED),
    ):
        actions.wish_for(day, kind, by=person, today=today)
    shifts = {DutyRole.BACKUP: [(MORNING, MORNING)]}
    takers = {DutyRole.BACKUP: team.operators}
    wanted = Wanted(f"{load('roster')['draft']} {first:%Y-%m}", first, last, shifts, takers)
    actions.make_draft(team.group, wanted, by=team.supervisors[0], now=now)


def _uncover(team: Team, today: date, now: datetime) -> None:
    """The holiday after next week is not covered: leave was approved before anybody saw what day it was."""
    block = next(one for one in blocks_ahead(today, today + FAR) if one.first > today + 10 * DAY)
    starts_at = datetime.combine(block.first, MORNING, ZONE)
    on_that_day = Shift.objects.filter(group=team.group, starts_at__lte=starts_at, ends_at__gt=starts_at)
    away = on_that_day.filter(role=DutyRole.BACKUP).first()
    if away is None:  # so far ahead that no shift is written out yet
        return
    off = datetime.combine(block.first, time(0), ZONE)
    leave = actions.ask_leave(
        away.user, off, off + DAY, reason=load("roster")["leave"], by=away.user, now=now
    )
    actions.approve_leave(leave, by=team.supervisors[0], now=now)
    User.objects.filter(pk=on_that_day.get(role=DutyRole.PRIMARY).user_id).update(phone="")


def _duty(team: Team, role: DutyRole, day: date) -> Shift:
    starts_at = datetime.combine(day, MORNING, ZONE)
    return Shift.objects.select_related("user").get(group=team.group, role=role, starts_at=starts_at)


def _span(shift: Shift) -> Duty:
    return Duty(DutyRole(shift.role), shift.starts_at, shift.ends_at)


def _day_of(shift: Shift) -> date:
    return shift.starts_at.astimezone(ZONE).date()


def _weekday(day: date) -> date:
    """The day itself, or the Monday after."""
    return day + (7 - day.weekday()) * DAY if day.weekday() >= 5 else day

"""Who is on duty now and in the next two weeks, and where nobody is in the next thirty days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.actions import may_roster
from duty.calendar import unknown_years
from duty.holes import Hole, holes, watched_until
from duty.models import CalendarDay, DutyRole, EmptyShift, Shift
from duty.roster import Span, day_span, part_within
from duty.views.groups import groups_of
from staff.models import Group, User
from staff.views.access import house_only

DAYS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Piece:
    """What falls on one day of a shift, or of a hole where there is none; `whole` is all of it."""

    starts_at: datetime
    ends_at: datetime
    whole: Span
    shift: Shift | None = None
    hole: Hole | None = None


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    special: CalendarDay | None
    primary: Sequence[Piece]
    backup: Sequence[Piece]
    supervisor: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Board:
    """One group's duty: who has it now, when that ends, the days ahead, and the holes in a month."""

    group: Group
    now: Mapping[str, Shift | None]
    days: Sequence[Day]
    holes: Sequence[Hole]
    may_roster: bool

    @property
    def has_gap_now(self) -> bool:
        return self.now[DutyRole.PRIMARY] is None


@house_only
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    today = timezone.localdate(at)
    days = [today + timedelta(days=n) for n in range(DAYS_SHOWN)]
    special = CalendarDay.objects.filter(date__range=(days[0], days[-1])).in_bulk()
    until = watched_until(at)
    shifts, empty = (_by_group(model, request.user, at, until) for model in (Shift, EmptyShift))
    boards = [
        _board(
            group,
            shifts[group.pk],
            holes(shifts[group.pk], empty[group.pk], at, until),
            days,
            special,
            at,
            request.user,
        )
        for group in groups_of(request.user)
    ]
    context = {"boards": boards, "unknown_years": unknown_years(today), "today": today}
    return render(request, "duty/now.html", context)


def _by_group(model: type, user: User, since: datetime, until: datetime) -> Mapping[int, list]:
    visible = model.objects.visible_to(user).filter(ends_at__gt=since, starts_at__lt=until)
    found: dict[int, list] = defaultdict(list)
    for row in visible.select_related("user").order_by("starts_at", "role"):
        found[row.group_id].append(row)
    return found


def _board(
    group: Group,
    shifts: list[Shift],
    open_spans: list[Hole],
    days: list[date],
    special: Mapping[date, CalendarDay],
    at: datetime,
    user: User,
) -> Board:
    tz = timezone.get_current_timezone()
    holding = [shift for shift in shifts if shift.user.is_active]

    def pieces(window: Span, role: str) -> list[Piece]:
        found = [
            Piece(part.starts_at, part.ends_at, span, **what)
            for one, what in (
                *((shift, {"shift": shift}) for shift in holding),
                *((hole, {"hole": hole}) for hole in open_spans),
            )
            if one.role == role and (part := part_within(span := Span(one.starts_at, one.ends_at), window))
        ]
        return sorted(found, key=lambda piece: piece.starts_at)

    windows = [(day, day_span(day, tz)) for day in days]
    return Board(
        group=group,
        now={
            role: next(
                (shift for shift in holding if shift.role == role and shift.starts_at <= at < shift.ends_at),
                None,
            )
            for role in DutyRole.values
        },
        days=[
            Day(day, special.get(day), *(pieces(window, role) for role in DutyRole.values))
            for day, window in windows
        ],
        holes=open_spans,
        may_roster=may_roster(group, user),
    )

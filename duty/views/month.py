"""The month board of a group: its people × the days of a month, in a fixed number of queries."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from duty.actions import may_roster, published_until
from duty.calendar import unknown_years
from duty.holes import Hole, holes
from duty.models import CalendarDay, DayKind, DutyRole, EmptyShift, Leave, Shift, ShiftSource
from duty.plans import pieces_of
from duty.resolving import Piece
from duty.roster import Span, day_span, is_night
from duty.views.calendar import WEEK
from duty.views.groups import group_seen
from staff.models import Group, User
from staff.views.access import house_only

YEARS = range(2000, 2101)
LETTERS: Mapping[DutyRole, str | Promise] = {
    DutyRole.PRIMARY: pgettext_lazy("letter of a duty in the month", "D"),
    DutyRole.BACKUP: pgettext_lazy("letter of a duty in the month", "B"),
    DutyRole.SUPERVISOR: pgettext_lazy("letter of a duty in the month", "S"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """One shift in a cell: in full on the day on which it starts."""

    role: DutyRole
    starts_at: datetime
    ends_at: datetime
    why: str
    is_empty: bool = False
    is_changed: bool = False

    @property
    def letter(self) -> str | Promise:
        return LETTERS[self.role]

    @property
    def is_night(self) -> bool:
        return is_night(Span(self.starts_at, self.ends_at), timezone.get_current_timezone())


@dataclass(frozen=True, slots=True)
class Column:
    date: date
    kind: str
    name: str
    is_today: bool
    holes: Sequence[Hole]

    @property
    def letter(self) -> str | Promise:
        return WEEK[self.date.weekday()]


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    held: Sequence[Held]
    is_away: bool


@dataclass(frozen=True, slots=True)
class Row:
    person: User
    cells: Sequence[Cell]
    count: int


@house_only
@require_safe
def this_month(request: HttpRequest, code: str) -> HttpResponse:
    group, today = group_seen(code, request.user), timezone.localdate()
    return redirect("duty:month", group.code, today.year, today.month)


@house_only
@require_safe
def month(request: HttpRequest, code: str, year: int, month: int) -> HttpResponse:
    if year not in YEARS or not 1 <= month <= 12:
        raise Http404
    group, now = group_seen(code, request.user), timezone.now()
    first = date(year, month, 1)
    days = [first + timedelta(days=number) for number in range(monthrange(year, month)[1])]
    tz = timezone.get_current_timezone()
    span = Span(day_span(days[0], tz).starts_at, day_span(days[-1], tz).ends_at)
    people, held, open_spans = _read(group, span, now)
    columns = columns_of(days, open_spans, timezone.localdate(now))
    away = _away(people, span)
    context = {
        "group": group,
        "first": first,
        "columns": columns,
        "rows": [_row(person, columns, held[person.pk], away[person.pk]) for person in people],
        "roles": LETTERS.items(),
        "has_nights": any(one.is_night for own in held.values() for one in own),
        "holes": open_spans,
        "may_roster": may_roster(group, request.user),
        "earlier": (first - timedelta(days=1)).replace(day=1),
        "later": (days[-1] + timedelta(days=1)),
        "unknown_years": [one for one in unknown_years(timezone.localdate(now)) if one == year],
        "is_now": (year, month) == (timezone.localdate(now).year, timezone.localdate(now).month),
        "published_until": published_until(now) if span.ends_at > published_until(now) else None,
    }
    return render(request, "duty/month.html", context)


def _read(group: Group, span: Span, now: datetime) -> tuple[list[User], Mapping[int, list[Held]], list[Hole]]:
    """Shifts as they are written out and, beyond that, as the plan has them."""
    within = {"group": group, "starts_at__lt": span.ends_at, "ends_at__gt": span.starts_at}
    shifts = list(Shift.objects.filter(**within).select_related("user", "instead_of"))
    empty = list(EmptyShift.objects.filter(**within).select_related("user"))
    people = list(User.objects.working().in_group(group).order_by("role", "name", "pk"))
    by_pk = {one.pk: one for one in [*people, *(row.user for row in (*shifts, *empty))]}
    beyond = _beyond(group, span, published_until(now))
    shifts += [_shift_of(piece, group, by_pk) for piece in beyond if piece.person in by_pk]
    held: dict[int, list[Held]] = defaultdict(list)
    for shift in shifts:
        is_changed = shift.source in (ShiftSource.SWAP, ShiftSource.OVERRIDE)
        held[shift.user_id].append(
            Held(DutyRole(shift.role), shift.starts_at, shift.ends_at, shift.why, is_changed=is_changed)
        )
    for row in empty:
        held[row.user_id].append(Held(DutyRole(row.role), row.starts_at, row.ends_at, "", is_empty=True))
    since = max(span.starts_at, now)
    open_spans = holes(shifts, empty, since, span.ends_at) if since < span.ends_at else []
    strangers = [one for pk, one in by_pk.items() if pk in held and one not in people]
    return [*people, *strangers], held, open_spans


def _beyond(group: Group, span: Span, written: datetime) -> list[Piece]:
    since = max(span.starts_at, written)
    return pieces_of(group, since, span.ends_at) if since < span.ends_at else []


def _shift_of(piece: Piece, group: Group, people: Mapping[int, User]) -> Shift:
    return Shift(
        group=group,
        user=people[piece.person or piece.planned],
        role=piece.role,
        starts_at=piece.starts_at,
        ends_at=piece.ends_at,
        source=piece.source.value,
    )


def columns_of(days: Sequence[date], open_spans: Sequence[Hole], today: date) -> list[Column]:
    """The columns of a board of days, each with the holes that touch it."""
    special = CalendarDay.objects.filter(date__range=(days[0], days[-1])).in_bulk()
    tz = timezone.get_current_timezone()
    found = []
    for day in days:
        row, whole = special.get(day), day_span(day, tz)
        kind = row.kind if row else DayKind.usual(day)
        here = [
            hole for hole in open_spans if hole.starts_at < whole.ends_at and hole.ends_at > whole.starts_at
        ]
        found.append(Column(day, kind, row.label if row else "", day == today, here))
    return found


def _away(people: Sequence[User], span: Span) -> Mapping[int, set[date]]:
    found: dict[int, set[date]] = defaultdict(set)
    for leave in Leave.objects.held(span.starts_at, span.ends_at).filter(user__in=people):
        day = timezone.localdate(max(leave.starts_at, span.starts_at))
        last = timezone.localdate(min(leave.ends_at, span.ends_at) - timedelta(microseconds=1))
        while day <= last:
            found[leave.user_id].add(day)
            day += timedelta(days=1)
    return found


def _row(person: User, columns: Sequence[Column], held: list[Held], away: set[date]) -> Row:
    by_day: dict[date, list[Held]] = defaultdict(list)
    for one in sorted(held, key=lambda one: one.starts_at):
        # What began in the month before shows on the first day.
        by_day[max(timezone.localdate(one.starts_at), columns[0].date)].append(one)
    cells = [Cell(column, by_day[column.date], column.date in away) for column in columns]
    count = sum(1 for one in held if not one.is_empty and one.role == DutyRole.PRIMARY)
    return Row(person, cells, count)

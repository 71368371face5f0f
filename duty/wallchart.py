"""A group's roster over months, in a fixed number of questions: what is held, what is planned, who is away.

Shifts as they are written out and, beyond that, as the plan has them now, like the month board; read as plain
rows, because a quarter of forty people is near a thousand of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import CharField, Value
from django.utils.translation import get_language

from duty.actions import published_until
from duty.models import CalendarDay, DayKind, DutyRole, EmptyShift, Leave, Shift, ShiftSource
from duty.plans import Known, pieces_of
from duty.roster import Span, day_span, gaps
from staff.models import Group, User

CHANGED = {ShiftSource.SWAP.value, ShiftSource.OVERRIDE.value}
PLAIN = (DayKind.WORKDAY, DayKind.WEEKEND)
MARGIN = timedelta(days=9)  # so far around the days shown a shift may begin or end
MOST_PATTERNS = 4  # spans of a duty that have a number of their own
ROW = ("role", "user_id", "starts_at", "ends_at", "source")


@dataclass(frozen=True, slots=True)
class Held:
    """One shift on the day on which it starts; `is_empty` where the person planned is away."""

    role: str
    person: int
    starts_at: datetime
    ends_at: datetime
    is_changed: bool
    is_empty: bool


Pattern = tuple[str, time, time]  # a duty from one time of the day to another


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The days of a span in order, the people, and what each has on which day.

    `patterns` numbers the times at which a duty is usually held, where there are several; `holes` are days on
    which at some time nobody is on duty; of `unknown_years` no holiday plan is known.
    """

    days: Sequence[Day]
    people: Sequence[User]
    held: Mapping[int, Mapping[date, Sequence[Held]]]
    away: Mapping[int, Collection[date]]
    holes: Collection[date]
    patterns: Mapping[Pattern, int | None]
    unknown_years: Sequence[int]


def chart_of(group: Group, first: date, last: date, *, now: datetime) -> Chart:
    """Read a span of a group's roster, both days included. Seven questions at the most, whatever is in it."""
    tz = ZoneInfo(settings.TIME_ZONE)
    span = Span(day_span(first, tz).starts_at, day_span(last, tz).ends_at)
    people = list(User.objects.working().in_group(group).order_by("role", "name", "pk"))
    special = _special_days()
    away = Leave.objects.held(span.starts_at - MARGIN, span.ends_at + MARGIN)
    leaves = list(away.filter(user__group=group))
    held, strangers = _written(group, span, {one.pk for one in people})
    planned = _planned(group, span, published_until(now), people, special, leaves)
    whole = {_key(one) for one in planned}  # what is written out ends where that ends
    held = [*(one for one in held if _key(one) not in whole), *planned]
    held.sort(key=lambda one: (one.starts_at, one.role))
    days = [_day(first + timedelta(days=number), special) for number in range((last - first).days + 1)]
    return Chart(
        days=days,
        people=[*people, *strangers],
        held=_by_day(held, first, tz),
        away=_days_away(leaves, span, tz),
        holes=set(_holes(held, Span(max(span.starts_at, now), span.ends_at), tz)),
        patterns=_patterns(held, tz),
        unknown_years=_unknown(days, special),
    )


def pattern_of(held: Held, tz: ZoneInfo) -> Pattern:
    return held.role, held.starts_at.astimezone(tz).time(), held.ends_at.astimezone(tz).time()


def _special_days() -> dict[date, Day]:
    """All days that are not what their place in the week says: some thirty a year."""
    english = (get_language() or "").startswith("en")
    days = CalendarDay.objects.exclude(kind__in=PLAIN, name="").values_list("date", "kind", "name", "name_en")
    return {on: Day(on, kind, english and name_en or name) for on, kind, name, name_en in days.order_by()}


def _day(on: date, special: Mapping[date, Day]) -> Day:
    return special.get(on) or Day(on, DayKind.usual(on).value, "")


def _unknown(days: Sequence[Day], special: Mapping[date, Day]) -> list[int]:
    """The years of which only weekends and statutory days are known: every official plan moves some days."""
    moved = {
        on.year for on, day in special.items() if day.kind in (DayKind.MAKEUP_WORKDAY, DayKind.DAY_IN_LIEU)
    }
    return sorted({day.date.year for day in days} - moved)


def _written(group: Group, span: Span, working: set[int]) -> tuple[list[Held], list[User]]:
    """What is written out, and who has some of it and works in the group no more."""
    within = {"group": group, "starts_at__lt": span.ends_at, "ends_at__gt": span.starts_at}
    names = ("user__username", "user__name", "user__name_en", "user__is_active")
    shifts = Shift.objects.filter(**within).order_by().values_list(*ROW, *names)
    nothing = Value("", output_field=CharField())
    empty = EmptyShift.objects.filter(**within).order_by().values_list(*ROW[:-1], nothing, *names)
    found, strangers = [], {}
    for role, person, starts_at, ends_at, source, *named, is_active in shifts.union(empty, all=True):
        is_empty = not source or not is_active
        found.append(Held(role, person, starts_at, ends_at, source in CHANGED, is_empty))
        if person not in working and person not in strangers:
            username, name, name_en = named
            strangers[person] = User(pk=person, username=username, name=name, name_en=name_en)
    return found, list(strangers.values())


def _planned(
    group: Group,
    span: Span,
    written_until: datetime,
    people: Sequence[User],
    special: Mapping[date, Day],
    leaves: Sequence[Leave],
) -> list[Held]:
    since = max(span.starts_at, written_until)
    if since >= span.ends_at:
        return []

    known = Known(lambda day: _day(day, special).kind, {one.pk for one in people}, leaves)
    look = Span(since - MARGIN, span.ends_at + MARGIN)
    return [
        Held(
            piece.role,
            piece.planned,
            piece.starts_at if piece.starts_at > look.starts_at else since,
            piece.ends_at,
            piece.source.value in CHANGED,
            piece.person is None,
        )
        for piece in pieces_of(group, look.starts_at, look.ends_at, known)
        if piece.ends_at > since and piece.starts_at < span.ends_at
    ]


def _key(held: Held) -> tuple[str, int, datetime]:
    return held.role, held.person, held.starts_at


def _by_day(held: Sequence[Held], first: date, tz: ZoneInfo) -> Mapping[int, Mapping[date, list[Held]]]:
    found: dict[int, dict[date, list[Held]]] = defaultdict(dict)
    for one in held:
        # What began before the span shows on its first day.
        day = max(one.starts_at.astimezone(tz).date(), first)
        found[one.person].setdefault(day, []).append(one)
    return found


def _days_away(leaves: Sequence[Leave], span: Span, tz: ZoneInfo) -> Mapping[int, set[date]]:
    found: dict[int, set[date]] = defaultdict(set)
    for leave in leaves:
        within = Span(max(leave.starts_at, span.starts_at), min(leave.ends_at, span.ends_at))
        found[leave.user_id].update(_days_of(within, tz))
    return found


def _holes(held: Sequence[Held], ahead: Span, tz: ZoneInfo) -> Iterator[date]:
    """The days ahead with a gap, or with a duty that the person planned is away from."""
    planned = [Span(one.starts_at, one.ends_at) for one in held if one.role == DutyRole.PRIMARY]
    empty = [Span(one.starts_at, one.ends_at) for one in held if one.is_empty]
    for hole in (*gaps(planned, ahead.starts_at, ahead.ends_at), *empty):
        yield from _days_of(Span(max(hole.starts_at, ahead.starts_at), min(hole.ends_at, ahead.ends_at)), tz)


def _days_of(span: Span, tz: ZoneInfo) -> Iterator[date]:
    if span.starts_at >= span.ends_at:
        return
    day = span.starts_at.astimezone(tz).date()
    last = (span.ends_at - timedelta(microseconds=1)).astimezone(tz).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _patterns(held: Sequence[Held], tz: ZoneInfo) -> dict[Pattern, int | None]:
    """The usual times of each duty, the commonest first; numbered where a duty has more than one."""
    common = Counter(pattern_of(one, tz) for one in held)
    found: dict[Pattern, int | None] = {}
    for role in DutyRole.values:
        own = [pattern for pattern, _count in common.most_common() if pattern[0] == role][:MOST_PATTERNS]
        numbered = enumerate(sorted(own), start=1) if len(own) > 1 else ((None, one) for one in own)
        found |= {pattern: number for number, pattern in numbered}
    return found

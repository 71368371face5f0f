"""Working-time arithmetic: a client's service hours laid over the company's working calendar (§2.3, §5.5).

Pure: no ORM, no settings, no reading of the clock. One sentence defines it all: **an instant is working time
when a clock on the wall in `tz` then shows a time inside a span of that day.** Everything else follows, also
where clocks are changed: an hour that is skipped is not worked, an hour that is repeated is worked twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NOTHING = timedelta(0)
MINUTES_A_DAY = 24 * 60

# Hours that have not been open long enough by then never will be, as far as a service desk is concerned.
HORIZON = timedelta(days=50 * 366)


class NeverOpen(ValueError):
    """The hours are not open at all, or not open long enough within the horizon of 50 years."""


class Day(Enum):
    """A day that does not follow the weekly pattern. Only what matters to arithmetic: two kinds."""

    OFF = "off"  # a statutory holiday or a day off in lieu
    MAKEUP = "makeup"  # a day of the weekend that is worked for a day off elsewhere


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Minutes after local midnight, half-open: 540 to 720 is open at 09:00 and closed at 12:00."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"Not a span of one day: {self.start} to {self.end} minutes after midnight.")


Spans = tuple[Span, ...]


def _merge(spans: Spans) -> Spans:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When somebody works: seven days' spans (Monday first), the calendar's exceptions, and the time zone.

    Spans may come in any order and may touch or overlap; they are merged, so that two ways of writing the
    same hours are equal. A span that passes midnight is written as two. Raises ValueError for anything else.
    """

    weekly: tuple[Spans, ...]
    days: Mapping[date, Day] = field(hash=False)
    tz: ZoneInfo
    open_on_holidays: bool = False
    _minutes: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError(f"A week has seven days, not {len(self.weekly)}.")
        for day, kind in self.days.items():
            if type(day) is not date or not isinstance(kind, Day):  # a datetime is a date that never matches
                raise ValueError(f"Not an exception of the calendar: {day!r}: {kind!r}.")
        merged = tuple(_merge(spans) for spans in self.weekly)
        object.__setattr__(self, "weekly", merged)
        object.__setattr__(self, "days", dict(self.days))
        object.__setattr__(self, "_minutes", tuple(sum(s.end - s.start for s in spans) for spans in merged))

    @property
    def is_ever_open(self) -> bool:
        return any(self.weekly)

    def spans_on(self, day: date) -> Spans:
        """Return the spans of a day; a make-up day keeps its weekday's own, else it follows Monday."""
        return self.weekly[self._pattern_of(day)] if self.minutes_on(day) else ()

    def minutes_on(self, day: date) -> int:
        """Return how many minutes of a day are working time, by the clock on the wall."""
        if not self.open_on_holidays and self.days.get(day) is Day.OFF:
            return 0
        return self._minutes[self._pattern_of(day)]

    def _pattern_of(self, day: date) -> int:
        weekday = day.weekday()
        is_stand_in = self.days.get(day) is Day.MAKEUP and not self.weekly[weekday]
        return 0 if is_stand_in else weekday


Hours = WorkingTime
"""The type to name in signatures: any working time, `ROUND_THE_CLOCK` included."""

ROUND_THE_CLOCK = WorkingTime(weekly=((Span(0, MINUTES_A_DAY),),) * 7, days={}, tz=ZoneInfo("UTC"))
"""Wall-clock time: seven whole days in a zone that changes no clocks, and no holiday."""


def add(start: datetime, amount: timedelta, hours: Hours) -> datetime:
    """Return the earliest instant by which `amount` of working time has passed since `start`, in UTC.

    An amount that ends with a span gives the closing hour, not the next opening. Nothing added gives `start`.
    Always `elapsed(start, add(start, amount, hours), hours) == amount`, to the microsecond. Raises ValueError
    for a naive datetime or a negative amount, `NeverOpen` where so much working time never comes (§5.4).
    """
    start = to_utc(start)
    if amount < NOTHING:
        raise ValueError(f"Working time cannot be taken back: {amount}.")
    if amount == NOTHING:
        return start
    if not hours.is_ever_open:
        raise NeverOpen("These hours have no span on any day.")
    left = amount
    for since, until, offset in _stretches(start, start + HORIZON, hours.tz):
        left += _worked_by(since, hours)  # from here on counted from that day's midnight
        for day in _days(since, until):
            worked = timedelta(minutes=hours.minutes_on(day))
            if left <= worked:
                return (_reach(day, left, hours) - offset).replace(tzinfo=UTC)
            left -= worked
        worked = _worked_by(until, hours)
        if left <= worked:
            return (_reach(until.date(), left, hours) - offset).replace(tzinfo=UTC)
        left -= worked
    raise NeverOpen(f"These hours are not open for {amount} within {HORIZON.days // 366} years.")


def elapsed(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Return the working time in [start, end), to the microsecond; none where `end` is not after `start`.

    Raises ValueError for a naive datetime.
    """
    total = NOTHING
    for since, until, _offset in _stretches(to_utc(start), to_utc(end), hours.tz):
        minutes = sum(hours.minutes_on(day) for day in _days(since, until))
        total += timedelta(minutes=minutes) + _worked_by(until, hours) - _worked_by(since, hours)
    return total


def is_open(at: datetime, hours: Hours) -> bool:
    """Say whether an instant is working time. A span is half-open: not at its end. Naive: ValueError."""
    local = to_utc(at).astimezone(hours.tz)
    sought = _since_midnight(local)
    return any(
        timedelta(minutes=span.start) <= sought < timedelta(minutes=span.end)
        for span in hours.spans_on(local.date())
    )


def opening(at: datetime, hours: Hours) -> datetime:
    """Return the earliest instant from `at` on that is working time, in UTC; `at` itself where it is.

    Raises ValueError for a naive datetime, `NeverOpen` where none comes.
    """
    at = to_utc(at)
    if is_open(at, hours):
        return at
    # The first microsecond of working time after `at` begins at the opening.
    moment = timedelta.resolution
    return add(at, moment, hours) - moment


# The clock on the wall -------------------------------------------------------------------------------------


def _stretches(start: datetime, end: datetime, tz: tzinfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut [start, end) into stretches of one offset from UTC each; yield (since, until, offset), naive local.

    Inside a stretch the wall clock runs evenly: nothing below needs to know that there are time zones.
    """
    while start < end:
        for since, until, offset in _year_of_offsets(start.year, tz):
            if until > start and since < end:
                since, until = max(since, start), min(until, end)
                yield _naive(since, offset), _naive(until, offset), offset
        start = datetime(start.year + 1, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=512)
def _year_of_offsets(year: int, tz: tzinfo) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return a year of UTC as stretches of one offset each. Two changes in one week are seen as one."""
    new_year, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    cuts, at = [new_year], new_year
    while at < end:
        after = min(at + WEEK, end)
        if _offset(at, tz) != _offset(after, tz):
            cuts.append(_change_between(at, after, tz))
        at = after
    return tuple(
        (since, until, _offset(since, tz)) for since, until in zip(cuts, [*cuts[1:], end], strict=True)
    )


def _change_between(before: datetime, after: datetime, tz: tzinfo) -> datetime:
    """Return the second at which the offset changes, by halving."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, tz) == _offset(before, tz):
            before = middle
        else:
            after = middle
    return after


def _offset(at: datetime, tz: tzinfo) -> timedelta:
    return at.astimezone(tz).utcoffset() or NOTHING


# One day, naive local time ---------------------------------------------------------------------------------


def _worked_by(at: datetime, hours: Hours) -> timedelta:
    """Return the working time between the midnight before `at` and `at`."""
    sought, total = _since_midnight(at), NOTHING
    for span in hours.spans_on(at.date()):
        opens, closes = timedelta(minutes=span.start), timedelta(minutes=span.end)
        if sought <= opens:
            break
        total += min(sought, closes) - opens
    return total


def _reach(day: date, amount: timedelta, hours: Hours) -> datetime:
    """Return the earliest time of a day by which `amount` has been worked that day, which is that long."""
    for span in hours.spans_on(day):
        opens, length = timedelta(minutes=span.start), timedelta(minutes=span.end - span.start)
        if amount <= length:
            return datetime.combine(day, time.min) + opens + amount
        amount -= length
    raise AssertionError(f"{day} is not open that long.")


def _days(since: datetime, until: datetime) -> Iterator[date]:
    """Yield the days from that of `since` to that of `until`, the latter not included."""
    return map(date.fromordinal, range(since.toordinal(), until.toordinal()))


def _since_midnight(at: datetime) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _naive(at: datetime, offset: timedelta) -> datetime:
    return (at + offset).replace(tzinfo=None)


def to_utc(at: datetime) -> datetime:
    """Return the instant in UTC, where comparing is safe. Raises ValueError for a naive datetime.

    Within one zone Python compares what the wall shows, and takes a repeated hour for the same hour.
    """
    if at.utcoffset() is None:
        raise ValueError(f"A naive datetime names no instant: {at!r}.")
    return at.astimezone(UTC)

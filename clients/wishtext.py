"""Hours for contact and quiet periods as people type them, and as they are shown. Pure but for translation.

A line of hours is `Mon-Fri 09:00-11:30, 14:00-17:00`; of quiet periods `2026-12-25..2027-01-05 reason`, where
days without a year come again every year: `12-25..01-05`. Weekdays are understood in English and Chinese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, time
from itertools import groupby
from typing import Protocol

from django.utils.translation import gettext as _

from clients.quiet import Hours, Period, faults

ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# "yi" to "liu", then "ri" and "tian" for Sunday; before them "zhou", "xingqi" or "libai".
CHINESE = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5"
HEAVEN, UNTIL = "\u5929", "\u81f3\u5230"
PREFIX = re.compile("\u5468|\u661f\u671f|\u793c\u62dc")
TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
DAYS = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
BETWEEN = re.compile(rf"\s*(?:\.\.|~|\u2013|\u2014|[{UNTIL}]|\bto\b)\s*")
LEAP = 2000  # days without a year are kept in a leap year, so that 29 February has a place
MOST = 40


class Unreadable(ValueError):
    """A line that is not understood; `message` says which and why, in the reader's language."""

    def __init__(self, line: str, why: str) -> None:
        super().__init__(why)
        self.message = f"{line}: {why}"


class AnyHours(Protocol):
    """`Hours` of the rule, or a row of the database."""

    @property
    def weekday(self) -> int: ...
    @property
    def starts(self) -> time: ...
    @property
    def ends(self) -> time: ...


class AnyPeriod(Protocol):
    """A `Period` of the rule, or a row of the database."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def every_year(self) -> bool: ...
    @property
    def reason(self) -> str: ...


def read_hours(text: str) -> list[Hours]:
    """Return the spans that a text names, by weekday. Raises `Unreadable`."""
    found: list[Hours] = []
    for line in _lines(text):
        matches = list(TIMES.finditer(_plain(line)))
        if not matches:
            raise Unreadable(line, _("Write weekdays and times like Mon-Fri 09:00-11:30."))
        weekdays = _weekdays(_plain(line)[: matches[0].start()], line)
        for match in matches:
            starts, ends = _time(match[1], match[2], line), _time(match[3], match[4], line)
            found += [Hours(day, starts, ends) for day in weekdays]
            if faults(found):
                raise Unreadable(line, _("The end must come after the start, and spans must not overlap."))
    if len(found) > MOST:
        raise Unreadable(text[:20], _("These are too many lines."))
    return sorted(found, key=lambda span: (span.weekday, span.starts))


def read_periods(text: str) -> list[Period]:
    """Return the quiet periods that a text names. Raises `Unreadable`."""
    lines = _lines(text)
    if len(lines) > MOST:
        raise Unreadable(text[:20], _("These are too many lines."))
    return [_period(line) for line in lines]


def hours_text(hours: Iterable[AnyHours]) -> str:
    """Write spans as they can be typed: weekdays with the same times on one line."""
    by_day: dict[int, list[str]] = {}
    for span in sorted(hours, key=lambda span: (span.weekday, span.starts)):
        by_day.setdefault(span.weekday, []).append(f"{span.starts:%H:%M}-{_end(span.ends)}")
    lines = []
    for times, days in groupby(by_day, key=lambda day: by_day[day]):
        lines += [f"{_run(run)} {', '.join(times)}" for run in _runs(list(days))]
    return "\n".join(lines)


def periods_text(periods: Iterable[AnyPeriod]) -> str:
    """Write quiet periods as they can be typed, one a line."""
    lines = []
    for period in periods:
        shape = "%m-%d" if period.every_year else "%Y-%m-%d"
        days = f"{period.starts_on:{shape}}..{period.ends_on:{shape}}"
        lines.append(f"{days} {period.reason}".strip())
    return "\n".join(lines)


def weekday_names() -> list[str]:
    """The seven short names of the reader's language."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;]", text.replace("\uff1b", ";")) if line.strip()]


def _plain(line: str) -> str:
    text = unicodedata.normalize("NFKC", line).lower()
    return BETWEEN.sub("-", text)


def _weekdays(text: str, line: str) -> Sequence[int]:
    days: list[int] = []
    for part in re.split(r"[,\s\u3001]+", text.strip(" :")):
        ends = [_weekday(name, line) for name in part.split("-") if name]
        if len(ends) == 2:
            first, last = ends
            days += range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
        else:
            days += ends
    return days or range(7)


def _weekday(name: str, line: str) -> int:
    bare = PREFIX.sub("", name).replace(HEAVEN, CHINESE[6])
    if len(bare) == 1 and bare in CHINESE:
        return CHINESE.index(bare)
    if bare[:3] in ENGLISH:
        return ENGLISH.index(bare[:3])
    raise Unreadable(line, _("“%(name)s” is no weekday.") % {"name": name})


def _time(hour: str, minute: str, line: str) -> time:
    try:
        return time(0 if (hour, minute) == ("24", "00") else int(hour), int(minute))
    except ValueError:
        raise Unreadable(line, _("There is no such time of day.")) from None


def _period(line: str) -> Period:
    text = unicodedata.normalize("NFKC", line).replace("/", "-")
    first = DAYS.match(text)
    if first is None:
        raise Unreadable(line, _("Write days like 2026-12-25..2027-01-05, or 12-25..01-05 for every year."))
    rest = text[first.end() :]
    between = BETWEEN.match(rest)
    last = DAYS.match(rest, between.end()) if between else None
    reason = rest[last.end() :] if last else rest
    last = last or first
    if bool(first[1]) != bool(last[1]):
        raise Unreadable(line, _("Write the year on both days, or on neither."))
    starts_on, ends_on = _date(first, line), _date(last, line)
    every_year = not first[1]
    if every_year and ends_on < starts_on:
        ends_on = ends_on.replace(year=LEAP + 1) if (ends_on.month, ends_on.day) != (2, 29) else ends_on
    if ends_on < starts_on:
        raise Unreadable(line, _("The end must come after the start."))
    return Period(starts_on, ends_on, every_year, reason.strip(" :,-")[:120])


def _date(match: re.Match[str], line: str) -> date:
    try:
        return date(int(match[1] or LEAP), int(match[2]), int(match[3]))
    except ValueError:
        raise Unreadable(line, _("There is no such day.")) from None


def _end(ends: time) -> str:
    return "24:00" if ends == time(0) else f"{ends:%H:%M}"


def _runs(days: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _run(days: list[int]) -> str:
    names = weekday_names()
    return names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}"

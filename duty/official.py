"""The government's plan of a year's working days, as two libraries know it. The only module that asks them.

Used by the command that writes the calendar's rows: from then on the rows are the truth, and people may edit
them. In a request only where somebody lets an edited day follow the plan again. A plan for the next year
comes out around November, and may still move the last days of the year before: load that year again too.

How the five kinds are told apart:

- `workday`, `weekend`: Monday to Friday, Saturday and Sunday, where the plan says nothing else.
- `makeup_workday`: a day of the weekend that the plan makes a working day.
- `statutory`: a festival's own day by law: 1 to 3 October, the eve and first three days of the lunar year ...
- `day_in_lieu`: every other day of a break that the plan announces, whether it was won by a make-up day,
  stands in for a statutory day that fell on a weekend, or is a Saturday or Sunday inside the break. For all
  of these the announcement says "closed", and work on them is paid alike, less than on a statutory day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import Literal

import chinese_calendar
import holidays

Kind = Literal["workday", "weekend", "makeup_workday", "statutory", "day_in_lieu"]

# What the law itself names (§5.5 names four of them). What `holidays` calls otherwise is a day won elsewhere.
FESTIVALS = frozenset(
    {
        "New Year's Day",
        "Chinese New Year's Eve",
        "Chinese New Year (Spring Festival)",
        "Tomb-Sweeping Day",
        "Labor Day",
        "Dragon Boat Festival",
        "Mid-Autumn Festival",
        "National Day",
    }
)


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One day of the plan. The names are empty on ordinary days; a make-up day bears its festival's name."""

    date: date
    kind: Kind
    name_zh: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class OfficialPlan:
    """Every day of a year. Not official: the statutory days by law alone, no make-up days, no breaks."""

    year: int
    is_official: bool
    days: tuple[PlannedDay, ...]

    @property
    def source(self) -> str:
        return self.days[0].source

    def day(self, on: date) -> PlannedDay:
        return self.days[on.timetuple().tm_yday - 1]


def plan_of(year: int) -> OfficialPlan:
    """Return the plan of a year, official where the government's own is known, else derived from the law.

    Raises ValueError for a year outside 1950 to 2100, where neither library knows anything.
    """
    known = holidays.country_holidays("CN")
    if not known.start_year <= year <= known.end_year:
        raise ValueError(f"No calendar is known for the year {year}.")
    is_official = _is_known(year)
    statutory = _statutory(year)
    day_of = _official_day if is_official else _lawful_day
    new_year = date(year, 1, 1)
    dates = [new_year + timedelta(n) for n in range((date(year + 1, 1, 1) - new_year).days)]
    return OfficialPlan(year, is_official, tuple(day_of(day, statutory) for day in dates))


def _is_known(year: int) -> bool:
    """Say whether the plan is known to its end: the last notice may have reached into January only."""
    try:
        return chinese_calendar.get_holiday_detail(date(year, 10, 1)) != (False, None)
    except NotImplementedError:
        return False


def _official_day(day: date, statutory: dict[date, tuple[str, str]]) -> PlannedDay:
    source = f"chinesecalendar {version('chinesecalendar')}"
    is_off, festival = chinese_calendar.get_holiday_detail(day)
    if festival is None:
        return PlannedDay(day, _ordinary(day), "", "", source)
    kind: Kind = "makeup_workday"
    if is_off:
        kind = "statutory" if day in statutory else "day_in_lieu"
    name = chinese_calendar.Holiday(festival)
    return PlannedDay(day, kind, name.chinese, name.value, source)


def _lawful_day(day: date, statutory: dict[date, tuple[str, str]]) -> PlannedDay:
    source = f"holidays {version('holidays')} (statutory days only)"
    if day in statutory:
        return PlannedDay(day, "statutory", *statutory[day], source)
    return PlannedDay(day, _ordinary(day), "", "", source)


def _ordinary(day: date) -> Kind:
    return "workday" if day.weekday() < 5 else "weekend"


def _statutory(year: int) -> dict[date, tuple[str, str]]:
    """Return the festivals' own days with their Chinese and English names.

    Days observed for a festival on a weekend are left out: where they fall is the government's to say.
    """
    chinese = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
    return {
        day: (chinese[day], names)
        for day, names in english.items()
        if FESTIVALS.intersection(names.split("; "))
    }

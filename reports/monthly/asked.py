"""What every section is told: whose month it is about, and the figures of the KPI dictionary for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.functional import Promise

from clients.models import Client
from reports.figures import figures
from reports.kpis import KPIS, Kpi
from reports.kpis.figure import Figure
from reports.monthly.kinds import EVERYBODY, Edition
from reports.periods import Period, period_of
from reports.scope import Scope
from staff.models import Group
from tickets.documents.structure import Part

MOST = 30  # lines of a list; of the others how many there are is said
TREND = 12  # months


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures of the month, of the one before, and of the year up to the month's end, by KPI."""

    kpis: Mapping[str, Kpi]
    month: Mapping[str, Figure]
    before: Mapping[str, Figure]
    year: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class About:
    """Whose report of which month; `now` is when it is counted: what came later is not known to it."""

    edition: Edition
    month: Period
    now: datetime
    tz: ZoneInfo
    numbers: Numbers
    group: Group | None = None
    client: Client | None = None
    headlines: Sequence[str] = ()

    @property
    def start(self) -> datetime:
        return self.month.span(self.tz)[0]

    @property
    def end(self) -> datetime:
        return self.month.span(self.tz)[1]

    @property
    def days(self) -> tuple[date, date]:
        return self.month.first, self.month.until

    @property
    def is_for_client(self) -> bool:
        return self.edition == Edition.CLIENT

    @property
    def scope(self) -> Scope:
        return scope_of(self.group, self.client)

    def of(self, rows: QuerySet[Any], *, group: str = "group", client: str = "client") -> Any:
        """Those of the rows that belong to whose report it is; the lookups say how a row names both."""
        if self.client is not None:
            return rows.filter(**{client: self.client.pk})
        return rows.filter(**{group: self.group.pk}) if self.group is not None else rows

    def months(self) -> list[Period]:
        """The twelve months that end with this one, the oldest first."""
        return [self.month.plus(number - TREND + 1) for number in range(TREND)]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the report: `gather` asks the database for its facts, `parts` puts them into words.

    `parts` is pure. A chapter that says nothing says so in one line. `is_restricted`: it concerns persons.
    """

    title: str | Promise
    gather: Callable[[About], Any]
    parts: Callable[[Any, About], Iterable[Part]]
    editions: Sequence[Edition] = EVERYBODY
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of a list, and how many there are in all."""

    rows: Sequence[Any] = ()
    total: int = 0
    more: Mapping[Any, Any] = field(default_factory=dict)

    @property
    def left_off(self) -> int:
        return self.total - len(self.rows)


def first_of(rows: QuerySet[Any], most: int = MOST) -> Rows:
    """Ask for the first rows; how many there are is counted only where there are more."""
    found = list(rows[: most + 1])
    if len(found) <= most:
        return Rows(found, len(found))
    return Rows(found[:most], rows.count())


def scope_of(group: Group | None, client: Client | None) -> Scope:
    return Scope(group=group.pk if group else None, client=client.pk if client else None)


def numbers_of(scope: Scope, month: Period, *, now: datetime, tz: ZoneInfo) -> Numbers:
    """Ask the dictionary for all its figures of a scope."""
    kpis = {key: kpi for key, kpi in KPIS.items() if kpi.measures(scope)}
    before = month.plus(-1)
    found = figures(kpis.values(), scope, [month, before], now=now)
    year = period_of(month.first, "year")
    # Of the year so far: what lies after the month's end has not come yet.
    so_far = figures(kpis.values(), scope, [year], now=min(now, month.span(tz)[1]))
    return Numbers(
        kpis,
        {key: found.get((key, month)) or nothing(kpi) for key, kpi in kpis.items()},
        {key: found.get((key, before)) or nothing(kpi) for key, kpi in kpis.items()},
        {key: so_far.get((key, year)) or nothing(kpi) for key, kpi in kpis.items()},
    )


def nothing(kpi: Kpi) -> Figure:
    """The figure of a period into which nothing fell."""
    return kpi.figure(dict.fromkeys(("numerator", "denominator", "squares", "median", "p90")))

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
from reports.kpis import SUBJECTS, Kpi
from reports.kpis.figure import Figure
from reports.monthly.kinds import EVERYBODY, Edition
from reports.periods import Period, period_of
from reports.scope import Scope
from reports.targets import Aim, targets_for
from staff.models import Group
from tickets.documents.structure import Part

MOST = 20  # lines of a list; of the others how many there are is said
TREND = 12  # months
# How the house works inside is no figure of a client's: he gets what concerns his records and systems.
INSIDE = (
    {"quality", "telephone"},
    {
        "complete",
        "work_hours",
        "per_engineer",
        "abnormal_without_record",
        "shifts",
        "handovers",
        "empty_shifts",
        "callbacks_moot",
        "corrective_dropped",
    },
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures of the month, of the one before, and of the year up to the month's end, by KPI.

    `aims` is what was aimed at in the month; `trend` has the figures of the first page in the twelve months
    that end with this one, by KPI and month.
    """

    kpis: Mapping[str, Kpi]
    aims: Mapping[str, Aim]
    month: Mapping[str, Figure]
    before: Mapping[str, Figure]
    year: Mapping[str, Figure]
    trend: Mapping[tuple[str, str], Figure]

    def share(self, key: str) -> tuple[int, int] | None:
        """How many of how many in the month; None where whose report it is has no such figure."""
        figure = self.month.get(key)
        return None if figure is None else (int(figure.numerator), figure.denominator or 0)


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
        return months_to(self.month)


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


def months_to(month: Period) -> list[Period]:
    return [month.plus(number - TREND + 1) for number in range(TREND)]


def numbers_of(
    edition: Edition, scope: Scope, month: Period, headlines: Sequence[str], *, now: datetime, tz: ZoneInfo
) -> Numbers:
    """Ask the dictionary for all the figures that an edition shows."""
    kpis = {
        kpi.key: kpi
        for subject in SUBJECTS
        for kpi in subject.kpis
        if kpi.measures(scope) and not (edition == Edition.CLIENT and _is_inside(subject.key, kpi.key))
    }
    before, year = month.plus(-1), period_of(month.first, "year")
    found = figures(kpis.values(), scope, [month, before], now=now)
    # Of the year so far: what lies after the month's end has not come yet.
    so_far = figures(kpis.values(), scope, [year], now=min(now, month.span(tz)[1]))
    shown = [kpis[key] for key in headlines if key in kpis]
    course = figures(shown, scope, months_to(month), now=now)
    return Numbers(
        kpis,
        targets_for(month),
        {key: found[key, month] for key in kpis},
        {key: found[key, before] for key in kpis},
        {key: so_far[key, year] for key in kpis},
        {(key, str(period)): figure for (key, period), figure in course.items()},
    )


def _is_inside(subject: str, key: str) -> bool:
    subjects, keys = INSIDE
    return subject in subjects or key in keys

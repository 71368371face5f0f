"""What is on the wall-board of operations: what is late, what breaks next, who is on duty, today, this month.

It is read by whoever passes by. Names of clients and of people are on it only where it is asked for by
somebody who has signed in; titles of records never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value
from django.utils import timezone
from django.utils.functional import Promise

from duty.holes import DAYS_WATCHED, Hole, by_group, holes
from duty.inspecting import Standing
from duty.models import DutyRole, EmptyShift, Inspection, Shift
from reports.ageing import Row, by_grade_and_age, standing_of
from reports.figures import figures
from reports.kpis.figure import Figure
from reports.kpis.records import ARRIVAL, DIAGNOSIS, RESOLUTION, RESPONSE
from reports.kpis.volume import REPORTED, SOLVED_RECORDS
from reports.periods import period_of
from reports.scope import Scope
from reports.targets import Aim, targets_for
from staff.models import Group
from tickets.faces import ClockFace, next_clocks
from tickets.models import Ticket

BREAKING_NEXT = 8
MOST_WATCHES = 4
# In-time rates of the month, in the order in which a record meets them.
RATES = (RESPONSE, DIAGNOSIS, ARRIVAL, RESOLUTION)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A record whose next deadline is still to come; `client` is empty where no names are shown."""

    number: str
    grade: int | None
    clock: ClockFace | None
    due_at: datetime
    client: str

    @property
    def near_at(self) -> datetime:
        return (self.clock and self.clock.near_at) or self.due_at


@dataclass(frozen=True, slots=True)
class Watch:
    """Who answers in a group now; `person` is empty where no names are shown. `holes`: those of a month."""

    group: Group
    is_covered: bool
    person: str
    until: datetime | None
    holes: Sequence[Hole]


@dataclass(frozen=True, slots=True)
class Rate:
    """An in-time rate of the month so far."""

    name: str | Promise
    figure: Figure
    aim: Aim

    @property
    def light(self) -> str:
        """Return green or red; empty without a value or a target. Of few rows nothing is concluded either."""
        is_reached = None if self.aim.is_small(self.figure) else self.aim.is_reached(self.figure)
        return "" if is_reached is None else "green" if is_reached else "red"


@dataclass(frozen=True, slots=True)
class Today:
    """What has come of a day so far: records reported and solved, inspections by how they stand."""

    reported: int
    solved: int
    inspections: int
    inspected: int
    missed: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the board, of one group or of all."""

    standing: Mapping[str, int]
    ageing: Sequence[Row]
    deadlines: Sequence[Deadline]
    watches: Sequence[Watch]
    today: Today
    month: str
    rates: Sequence[Rate]

    @property
    def has_gap_now(self) -> bool:
        return any(not watch.is_covered for watch in self.watches)

    @property
    def shown_watches(self) -> Sequence[Watch]:
        """As many as there is room for; those where nobody answers come first."""
        return self.watches if len(self.watches) <= MOST_WATCHES else self.watches[: MOST_WATCHES - 1]

    @property
    def more_watches(self) -> tuple[int, int]:
        """How many groups more there are, and in how many of them nobody answers."""
        more = self.watches[len(self.shown_watches) :]
        return len(more), sum(not watch.is_covered for watch in more)

    @property
    def holes(self) -> Sequence[Hole]:
        """All holes of a month, the soonest first."""
        found = [hole for watch in self.watches for hole in watch.holes]
        return sorted(found, key=lambda hole: hole.starts_at)


def board(
    groups: Sequence[Group], rostered: Collection[int], scope: Scope, *, has_names: bool, now: datetime
) -> Board:
    """Return the board of a scope, whose groups these are, as it is now. Days and months are the house's.

    `rostered` are the ids of groups that have a roster, were it one that has come to its end.
    """
    ageing = by_grade_and_age(scope, now)
    month = period_of(timezone.localdate(now), "month")
    found, aims = figures(RATES, scope, [month], now=now), targets_for(month)
    return Board(
        standing=standing_of(ageing),
        ageing=ageing,
        deadlines=_deadlines(scope, has_names, now),
        watches=_watches(groups, rostered, has_names, now),
        today=_today(groups, scope, now),
        month=str(month),
        rates=[Rate(kpi.name, found[kpi.key, month], aims[kpi.key]) for kpi in RATES],
    )


def _deadlines(scope: Scope, has_names: bool, now: datetime) -> list[Deadline]:
    """The open records whose next deadline is still to come, the soonest first."""
    records = Ticket.objects.all() if scope.group is None else Ticket.objects.filter(group=scope.group)
    coming = records.open().filter(next_due_at__gte=now).order_by("next_due_at", "pk")
    wanted = ["grade", "status", "next_due_at"]
    if has_names:
        coming = coming.select_related("client")
        wanted += ["client__code", "client__name", "client__name_en"]
    tickets = list(coming.only(*wanted)[:BREAKING_NEXT])
    clocks = next_clocks(tickets, now)
    return [
        Deadline(
            ticket.number,
            ticket.grade,
            clocks.get(ticket.pk),
            due_at,
            ticket.client.label if has_names else "",
        )
        for ticket in tickets
        if (due_at := ticket.next_due_at)
    ]


def _watches(
    groups: Sequence[Group], rostered: Collection[int], has_names: bool, now: datetime
) -> list[Watch]:
    """Who answers now, those groups first where nobody does; groups that never had a roster are left out."""
    until = now + timedelta(days=DAYS_WATCHED)
    keys = [group.pk for group in groups if group.pk in rostered]
    shifts, empty = (by_group(model, keys, now, until) for model in (Shift, EmptyShift))
    found = []
    for group in groups:
        if group.pk not in rostered:
            continue
        running = _running(shifts[group.pk], now)
        found.append(
            Watch(
                group,
                running is not None,
                running.user.label if running and has_names else "",
                running.ends_at if running else None,
                holes(shifts[group.pk], empty[group.pk], now, until),
            )
        )
    return sorted(found, key=lambda watch: watch.is_covered)


def _running(shifts: Sequence[Shift], now: datetime) -> Shift | None:
    answering = (
        shift
        for shift in shifts
        if shift.role == DutyRole.PRIMARY and shift.starts_at <= now and shift.user.is_active
    )
    return next(answering, None)


def _today(groups: Sequence[Group], scope: Scope, now: datetime) -> Today:
    midnight = datetime.combine(timezone.localdate(now), time(0), timezone.get_default_timezone())
    inspections = Inspection.objects.filter(
        group__in=groups, day=midnight.date(), due_at__gte=midnight, due_at__lt=midnight + 2 * DAY
    )
    rows: dict[str, QuerySet[Any]] = {
        "reported": REPORTED.cohort(scope, midnight, now, now=now),
        "solved": SOLVED_RECORDS.cohort(scope, midnight, now, now=now),
        **{standing: inspections.standing(standing, now) for standing in Standing},
    }
    counts = _counts(rows)
    return Today(
        reported=counts["reported"],
        solved=counts["solved"],
        inspections=sum(counts[standing] for standing in Standing),
        inspected=counts[Standing.FINISHED] + counts[Standing.LATE],
        missed=counts[Standing.MISSED],
    )


def _counts(rows: Mapping[str, QuerySet[Any]]) -> Mapping[str, int]:
    """How many rows there are of each name: one query."""
    first, *others = (
        some.order_by()
        .values(what=Value(str(name), CharField()))
        .annotate(number=Count("pk"))
        .values_list("what", "number")
        for name, some in rows.items()
    )
    return Counter(dict(first.union(*others, all=True)))

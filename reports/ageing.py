"""Open records by grade and age, and how they stand now: counted in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from reports.kpis.records import OF_TICKET
from reports.scope import Scope, narrowed
from staff.prepared import prepared
from tickets.ages import AGES, BOUNDS, bounds, reported_between
from tickets.models import Grade, Status, Ticket

NEAR = timedelta(minutes=30)
STANDING = ("overdue", "near", "unacknowledged", "to_confirm")
GRADES: Sequence[int | None] = (*Grade.values, None)


@dataclass(frozen=True, slots=True)
class Row:
    """The open records of one grade; None are those without a grade, requests and complaints among them.

    `counts` are pairs of (age, count); `standing`: how many are overdue, near, unacknowledged, to_confirm.
    """

    grade: int | None
    counts: Sequence[tuple[str, int]]
    standing: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(count for _age, count in self.counts)


def by_grade_and_age(scope: Scope, now: datetime) -> list[Row]:
    """Return a row for each grade, with (age, count) for each age of `AGES`."""
    asked = scope.group, scope.person, scope.client, now, now + NEAR, *bounds(now).values()
    counted = {row["grade"]: row for row in _counted(*asked)}
    return [
        Row(
            grade,
            [(age, counted.get(grade, {}).get(f"age_{number}", 0)) for number, age in enumerate(AGES)],
            {name: counted.get(grade, {}).get(name, 0) for name in STANDING},
        )
        for grade in GRADES
    ]


@prepared
def _counted(
    group: int | None,
    person: int | None,
    client: int | None,
    now: datetime,
    soon: datetime,
    first: datetime,
    second: datetime,
    third: datetime,
) -> QuerySet[Ticket, dict[str, Any]]:
    """Count by grade; the last three are the instants between the classes of age."""
    ends = dict(zip(BOUNDS, (first, second, third), strict=True))
    columns = {f"age_{number}": Q(**reported_between(age, ends)) for number, age in enumerate(AGES)}
    columns |= {
        "overdue": Q(next_due_at__lt=now),
        "near": Q(next_due_at__gte=now, next_due_at__lt=soon),
        "unacknowledged": Q(status=Status.LOGGED),
        "to_confirm": Q(status=Status.RESOLVED),
    }
    rows = narrowed(Ticket.objects.all(), Scope(group, person, client), OF_TICKET)
    counts = {name: Count("pk", filter=condition) for name, condition in columns.items()}
    return rows.open().order_by().values("grade").annotate(**counts)


def standing_of(rows: Sequence[Row]) -> dict[str, int]:
    """Return how all open records stand together: how many are open, overdue and so on."""
    names = rows[0].standing
    return {"open": sum(row.total for row in rows)} | {
        name: sum(row.standing[name] for row in rows) for name in names
    }

"""Open records by grade and age, and how they stand now: counted in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from tickets.ages import AGES, reported_within
from tickets.models import Grade, Status
from tickets.models.ticket import TicketQuerySet

NEAR = timedelta(minutes=30)
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


def by_grade_and_age(tickets: TicketQuerySet, now: datetime) -> list[Row]:
    """Return a row for each grade, with (age, count) for each age of `AGES`."""
    ages = {f"age_{number}": Q(**reported_within(age, now)) for number, age in enumerate(AGES)}
    standing = {
        "overdue": Q(next_due_at__lt=now),
        "near": Q(next_due_at__gte=now, next_due_at__lt=now + NEAR),
        "unacknowledged": Q(status=Status.LOGGED),
        "to_confirm": Q(status=Status.RESOLVED),
    }
    columns = {name: Count("pk", filter=condition) for name, condition in (ages | standing).items()}
    counted = {row["grade"]: row for row in tickets.open().order_by().values("grade").annotate(**columns)}
    return [
        Row(
            grade,
            [(age, counted.get(grade, {}).get(f"age_{number}", 0)) for number, age in enumerate(AGES)],
            {name: counted.get(grade, {}).get(name, 0) for name in standing},
        )
        for grade in GRADES
    ]


def standing_of(rows: Sequence[Row]) -> dict[str, int]:
    """Return how all open records stand together: how many are open, overdue and so on."""
    names = rows[0].standing
    return {"open": sum(row.total for row in rows)} | {
        name: sum(row.standing[name] for row in rows) for name in names
    }

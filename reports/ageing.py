"""Open records by grade and age, counted in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from tickets.ages import AGES, reported_within
from tickets.models import Grade
from tickets.models.ticket import TicketQuerySet

GRADES: Sequence[int | None] = (*Grade.values, None)


@dataclass(frozen=True, slots=True)
class Row:
    """The open records of one grade; None are those without a grade, requests and complaints among them."""

    grade: int | None
    counts: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(count for _age, count in self.counts)


def by_grade_and_age(tickets: TicketQuerySet, now: datetime) -> list[Row]:
    """Return a row for each grade, with (age, count) for each age of `AGES`."""
    columns = {
        f"age_{number}": Count("pk", filter=Q(**reported_within(age, now))) for number, age in enumerate(AGES)
    }
    counted = {row["grade"]: row for row in tickets.open().order_by().values("grade").annotate(**columns)}
    return [
        Row(grade, [(age, counted.get(grade, {}).get(f"age_{number}", 0)) for number, age in enumerate(AGES)])
        for grade in GRADES
    ]

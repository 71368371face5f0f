"""Open records by grade and age, counted in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from tickets.models import Grade
from tickets.models.ticket import TicketQuerySet
from tickets.views.listing import AGES

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
    columns = {f"age_{number}": Count("pk", filter=_aged(age, now)) for number, age in enumerate(AGES)}
    counted = {row["grade"]: row for row in tickets.open().order_by().values("grade").annotate(**columns)}
    return [
        Row(grade, [(age, counted.get(grade, {}).get(f"age_{number}", 0)) for number, age in enumerate(AGES)])
        for grade in GRADES
    ]


def _aged(age: str, now: datetime) -> Q:
    """The same bounds as the filter of the list that the figure leads to."""
    more_than, at_most = AGES[age]
    condition = Q()
    if more_than is not None:
        condition &= Q(reported_at__lt=now - timedelta(days=more_than))
    if at_most is not None:
        condition &= Q(reported_at__gte=now - timedelta(days=at_most))
    return condition

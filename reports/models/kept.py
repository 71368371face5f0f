"""What the figures of days, weeks, months, quarters and years come to, kept so that no page counts them.

How it is kept true stands in docs/decisions/0030. Nobody reads these tables but `reports.figures`.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from staff.models import Group


class Exact(models.DecimalField):
    """A number with as many digits as it has: a sum is the same in whatever order its parts come."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more | {"max_digits": 200, "decimal_places": 60})

    def db_type(self, connection: Any) -> str:
        return "numeric"


class KeptCount(models.Model):
    """What the rows of one figure come to in one period: the department's without a group, or a group's.

    `unit` is day, week, month, quarter or year, and `first_on` its first day. Of a period that is kept the
    department has a row even where nothing fell into it; a group has none where nothing of its own did.
    The period in which `Reckoning.until` lies is counted up to there.
    """

    kpi = models.CharField(max_length=40)
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    unit = models.CharField(max_length=7)
    first_on = models.DateField()
    numerator = Exact(null=True)
    denominator = Exact(null=True)
    squares = Exact(null=True)
    median = models.FloatField(null=True)
    p90 = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reports_kept_once", fields=["kpi", "unit", "first_on", "group"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.unit} {self.first_on}"


class StaleSpan(models.Model):
    """Rows that fall into [since, until] have changed since they were counted; without an end, all later.

    Written by triggers (migrations 0002, 0007, 0008), always as a new row, in the transaction of what changes
    them: so nobody waits for anybody, and what is kept is never believed beyond what it was counted from.
    `source` names a table and the instant by which its rows fall into periods (`Piece.source`). `noted_at` is
    by the clock of the database.
    """

    source = models.CharField(max_length=80)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.source} {self.since}"


class Reckoning(models.Model):
    """How far one figure is counted: every period of [since, until), by the definition of that `fingerprint`.

    `is_whole`: nothing lies before `since`. `next_at` is the first instant from `until` on by which a row
    falls into a period, as known then: up to it, time alone changes nothing.
    """

    kpi = models.CharField(max_length=40, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    is_whole = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kpi} {self.since} to {self.until}"

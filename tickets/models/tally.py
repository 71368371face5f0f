"""How many records were reported and how many clocks fell due, added up by spans of four hours.

A dashboard that counted a year's records and clocks each time would take seconds at a million of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import models

from staff.models import Group, User

# Spans begin at multiples of this in UTC, and so do days and months wherever the offset is such a multiple.
SPAN = timedelta(hours=4)
REPORTED = "reported"


def span_of(instant: datetime) -> datetime:
    """Return the beginning of the span in which an instant (aware) lies, as the database's triggers do."""
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    return epoch + (instant - epoch) // SPAN * SPAN


class Tally(models.Model):
    """So many more (or, negative, fewer) of a kind in a span; together the rows of a span are its count.

    Written by triggers on records and clocks (migration 0011), in the transaction of what changes them:
    always a new row, so that two people never wait for each other at a counter. `kind` is REPORTED (by
    grade, `since` its span of `reported_at`) or the kind of a clock that counts (by the span of `due_at`,
    with how many of them `stopped_in_time`).
    """

    kind = models.CharField(max_length=12)
    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    grade = models.PositiveSmallIntegerField(null=True)
    since = models.DateTimeField()
    number = models.IntegerField()
    stopped_in_time = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                name="tickets_tally_since",
                fields=["kind", "group", "since"],
                include=["grade", "number", "stopped_in_time"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since}: {self.number}"


class OpenTallyQuerySet(models.QuerySet["OpenTally"]):
    def visible_to(self, user: User) -> OpenTallyQuerySet:
        """Those of one's group; who sees everything sees those of every group."""
        if user.sees_everything:
            return self
        return self.none() if user.is_contact or user.group_id is None else self.filter(group=user.group_id)


class OpenTally(models.Model):
    """So many more (or fewer) open records of a group and status that are next due in a span.

    Written by triggers on records (migration 0024) as `Tally` is.
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    status = models.CharField(max_length=12)
    since = models.DateTimeField()
    number = models.IntegerField()

    objects = OpenTallyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                name="tickets_opentally_since", fields=["group", "status", "since"], include=["number"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.since}: {self.number}"

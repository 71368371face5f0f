"""How a client stands with the house: what he reported lately and what came of it (§5.3), in six queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from clients.models import Client
from staff.models import User
from tickets.models import GRADED_CLOCKS, IN_TIMELINE, Clock, Entry, Grade, Status, Ticket
from tickets.models.link import repeat_faults

SPANS = (30, 90)  # days


@dataclass(frozen=True, slots=True)
class Span:
    """What the last days brought. Clocks are counted by their deadline: so many of them were met."""

    days: int
    records: int
    by_grade: Sequence[tuple[str, int]]
    met: int
    due: int
    repeats: int

    @property
    def percent(self) -> int | None:
        """Limits met of 100; None where none fell due. What is not all never reads 100."""
        if not self.due:
            return None
        return min(99, round(100 * self.met / self.due)) if self.met < self.due else 100


@dataclass(frozen=True, slots=True)
class Health:
    open: int
    overdue: int
    spans: Sequence[Span]
    last_contact: datetime | None


def health_of(client: Client, viewer: User, now: datetime) -> Health:
    """Figures of the client's records, as far as the viewer may see them."""
    records = Ticket.objects.visible_to(viewer).filter(client=client)
    open_ = records.open().aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(next_due_at__lt=now)))
    since = now - timedelta(days=max(SPANS))
    recent = records.filter(reported_at__gte=since).exclude(status=Status.MERGED)
    wanted = {
        f"{grade}_{days}": Count("pk", filter=_in(days, now) & Q(grade=grade))
        if grade
        else Count("pk", filter=_in(days, now) & Q(grade__isnull=True))
        for days in SPANS
        for grade in (*Grade.values, 0)
    }
    counts = recent.aggregate(**wanted)
    repeats = repeat_faults(recent).aggregate(
        **{f"n_{days}": Count("pk", filter=_in(days, now)) for days in SPANS}
    )
    clocks = Clock.objects.current().filter(
        ticket__in=records, kind__in=GRADED_CLOCKS, due_at__gte=since, due_at__lte=now
    )
    limits = clocks.aggregate(
        **{f"due_{days}": Count("pk", filter=_due_in(days, now)) for days in SPANS},
        **{
            f"met_{days}": Count("pk", filter=_due_in(days, now) & Q(stopped_at__lte=F("due_at")))
            for days in SPANS
        },
    )
    return Health(
        open=open_["open"],
        overdue=open_["overdue"],
        spans=[
            Span(
                days=days,
                records=sum(counts[f"{grade}_{days}"] for grade in (*Grade.values, 0)),
                by_grade=[
                    (str(Grade(grade).label), counts[f"{grade}_{days}"])
                    for grade in Grade.values
                    if counts[f"{grade}_{days}"]
                ],
                met=limits[f"met_{days}"],
                due=limits[f"due_{days}"],
                repeats=repeats[f"n_{days}"],
            )
            for days in SPANS
        ],
        last_contact=_last_contact(client, viewer),
    )


def _last_contact(client: Client, viewer: User) -> datetime | None:
    """When he last called, wrote or was written to; a call is one even before anybody has answered."""
    records = Ticket.objects.visible_to(viewer).filter(client=client)
    called = records.order_by("-reported_at", "-pk").values_list("reported_at", flat=True).first()
    if called is None:
        return None
    newest = records.order_by("-reported_at", "-pk").values("pk")[:20]
    said = Entry.objects.filter(ticket__in=list(newest.values_list("pk", flat=True)), kind__in=IN_TIMELINE)
    last = said.order_by("-at").values_list("at", flat=True).first()
    return max(called, last) if last else called


def _in(days: int, now: datetime) -> Q:
    return Q(reported_at__gte=now - timedelta(days=days))


def _due_in(days: int, now: datetime) -> Q:
    return Q(due_at__gte=now - timedelta(days=days))

"""The register of complaints: how each was answered, ruled and followed up, and what is counted (§4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User
from surveys.models import ComplaintRuling, CorrectiveAction, Verdict, complaints
from surveys.statistics import Share
from tickets.models import Clock, ClockKind, Status, Ticket

OPEN, TO_RULE, FOUNDED, UNFOUNDED, LATE, ALL = "open", "to_rule", "founded", "unfounded", "late", "all"
QUEUES: dict[str, str | Promise] = {
    ALL: _("All"),
    OPEN: _("Not closed"),
    TO_RULE: _("To be ruled on"),
    FOUNDED: _("Founded"),
    UNFOUNDED: _("Not founded"),
    LATE: _("Answered too late"),
}
ANSWERED_LATE = Q(stopped_at__gt=F("due_at"))
IN_TIME = Q(stopped_at__lte=F("due_at"))


@dataclass(frozen=True, slots=True)
class Line:
    """One complaint as the register shows it."""

    ticket: Ticket
    clock: Clock | None
    ruling: ComplaintRuling | None
    action: CorrectiveAction | None

    def is_late(self, now: datetime) -> bool:
        """Whether it was answered after its limit, or is not answered and past it."""
        clock = self.clock
        return clock is not None and clock.due_at is not None and (clock.stopped_at or now) > clock.due_at


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a period: all complaints reported in it, but for those merged into another."""

    complaints: int
    founded: int
    unfounded: int
    in_time: Share
    closed_loop: Share

    @property
    def not_ruled(self) -> int:
        return self.complaints - self.founded - self.unfounded


@dataclass(frozen=True, slots=True)
class Asked:
    rows: QuerySet[Ticket]
    queue: str
    chosen: Mapping[str, str]

    @property
    def queues(self) -> list[tuple[str, str, str]]:
        kept = {name: value for name, value in self.chosen.items() if name != "queue"}
        return [(key, str(label), urlencode(kept | {"queue": key})) for key, label in QUEUES.items()]


def asked_for(query: Mapping[str, str], user: User, now: datetime) -> Asked:
    """Read an address; a queue that there is not is a 404."""
    names = ("queue", "group", "client")
    chosen = {name: value for name in names if (value := query.get(name, "").replace("\0", ""))}
    queue = chosen.get("queue", ALL)
    if queue not in QUEUES:
        raise Http404
    rows = _queue(complaints(user).exclude(status=Status.MERGED), queue, now)
    if "group" in chosen:
        rows = rows.filter(group__code=chosen["group"])
    if "client" in chosen:
        rows = rows.filter(client__code=chosen["client"])
    return Asked(rows.select_related("client", "group", "owner"), queue, chosen)


def lines(tickets: Iterable[Ticket]) -> list[Line]:
    """The rows of the register: three queries, however many."""
    found = list(tickets)
    pks = [ticket.pk for ticket in found]
    clocks = {clock.ticket_id: clock for clock in _responses().filter(ticket__in=pks).order_by("-cycle")}
    rulings = {
        one.ticket_id: one for one in ComplaintRuling.objects.filter(ticket__in=pks).select_related("by")
    }
    actions = {one.complaint_id: one for one in CorrectiveAction.objects.filter(complaint__in=pks)}
    return [
        Line(ticket, clocks.get(ticket.pk), rulings.get(ticket.pk), actions.get(ticket.pk))
        for ticket in found
    ]


def counted(start: datetime, end: datetime, *, user: User, group: Group | None = None) -> Counts:
    """Count the complaints reported in [start, end) that a person may see; for the KPIs too (§5.2).

    Answered in time: of those whose limit has come by `end`, or that are answered. Followed up: of the
    founded ones, those whose corrective action is closed.
    """
    rows = complaints(user).exclude(status=Status.MERGED).filter(reported_at__gte=start, reported_at__lt=end)
    if group is not None:
        rows = rows.filter(group=group)
    clocks = _responses().filter(ticket__in=rows, cycle=1)
    due = clocks.filter(Q(due_at__lt=end) | Q(stopped_at__isnull=False))
    rulings = ComplaintRuling.objects.filter(ticket__in=rows)
    founded = rulings.filter(verdict=Verdict.FOUNDED)
    closed = CorrectiveAction.objects.filter(complaint__in=founded.values("ticket"), state="closed")
    of_founded = founded.count()
    return Counts(
        complaints=rows.count(),
        founded=of_founded,
        unfounded=rulings.filter(verdict=Verdict.UNFOUNDED).count(),
        in_time=Share(due.filter(IN_TIME).count(), due.count()),
        closed_loop=Share(closed.count(), of_founded),
    )


def _queue(rows: QuerySet[Ticket], queue: str, now: datetime) -> QuerySet[Ticket]:
    ruling = ComplaintRuling.objects.filter(ticket=OuterRef("pk"))
    if queue == OPEN:
        return rows.exclude(status=Status.CLOSED)
    if queue == TO_RULE:
        return rows.filter(~Exists(ruling))
    if queue in (FOUNDED, UNFOUNDED):
        return rows.filter(Exists(ruling.filter(verdict=queue)))
    if queue == LATE:
        late = ANSWERED_LATE | Q(stopped_at__isnull=True, due_at__lt=now)
        return rows.filter(Exists(_responses().filter(late, ticket=OuterRef("pk"))))
    return rows


def _responses() -> QuerySet[Clock]:
    return Clock.objects.current().filter(kind=ClockKind.RESPONSE)

"""What was recorded, read for a what-if run: some hundred records in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache

from django.db.models import Min
from django.utils import timezone

from clients.models import Contract, ServiceHours
from duty.calendar import working_time
from duty.hours import ROUND_THE_CLOCK, Hours
from tickets import terms
from tickets.clocks import Interval
from tickets.models import (
    LIMITED_BY_GRADE,
    PAUSING,
    Clock,
    Entry,
    EntryKind,
    Kind,
    Pause,
    PolicyVersion,
    Ticket,
)
from tickets.whatif import History, Ran


def terms_of(version: PolicyVersion) -> terms.Terms:
    """What a version says, in the order of its rows; rules that are switched off say nothing."""
    limits = version.limits.order_by("id")
    rules = version.rules.filter(is_active=True).order_by("id")
    return terms.Terms(
        tuple(terms.copy_of(row, terms.Limit) for row in limits),
        tuple(terms.copy_of(row, terms.Rule) for row in rules),
    )


class Archive:
    """Contracts and hours, read once for all records from `since` on."""

    def __init__(self, *, since: datetime) -> None:
        self._contracts: dict[int, list[tuple[Contract, set[int]]]] = defaultdict(list)
        for contract in Contract.objects.prefetch_related("systems"):
            covered = {system.pk for system in contract.systems.all()}
            self._contracts[contract.client_id].append((contract, covered))
        services = {service.pk: service for service in ServiceHours.objects.prefetch_related("spans")}
        self._hours = cache(lambda pk: working_time(services[pk], since=since.date()))

    def histories(self, tickets: Sequence[Ticket]) -> Iterator[History]:
        """The recorded facts of these records, which have their clients."""
        its = {"ticket__in": [ticket.pk for ticket in tickets]}
        clocks: dict[int, list[Clock]] = defaultdict(list)
        for clock in Clock.objects.filter(**its).order_by("pk"):
            clocks[clock.ticket_id].append(clock)
        pauses: dict[int, list[Interval]] = defaultdict(list)
        spans = Pause.objects.filter(**its).values_list("ticket_id", "started_at", "ended_at")
        for pk, started_at, ended_at in spans:
            pauses[pk].append(Interval(started_at, ended_at))
        gradings = Entry.objects.filter(**its, kind=EntryKind.GRADED).order_by().values("ticket")
        graded_at = dict(gradings.annotate(first=Min("at")).values_list("ticket_id", "first"))
        for ticket in tickets:
            ran = self._ran(ticket, clocks[ticket.pk], tuple(pauses[ticket.pk]), graded_at.get(ticket.pk))
            yield History(
                number=ticket.pk,
                work=ticket.kind,
                acknowledged_at=ticket.acknowledged_at,
                diagnosed_at=ticket.diagnosed_at,
                ran=ran,
                hours=self._hours_of(ticket.client.hours_id),
            )

    def _ran(
        self, ticket: Ticket, clocks: list[Clock], pauses: tuple[Interval, ...], graded_at: datetime | None
    ) -> list[Ran]:
        found = []
        replaced: dict[tuple[str, int], datetime] = {}
        for clock in clocks:
            written_at = max(clock.started_at, ticket.logged_at)
            if ticket.kind == Kind.FAULT and clock.grade is not None and graded_at is not None:
                written_at = max(written_at, graded_at)
            if (earlier := replaced.get((clock.kind, clock.cycle))) is not None:
                written_at = max(written_at, earlier)
            if clock.superseded_at is not None:
                replaced[clock.kind, clock.cycle] = clock.superseded_at
            contracts = self._covering(ticket, clock.started_at)
            found.append(
                Ran(
                    kind=clock.kind,
                    grade=clock.grade if clock.kind in LIMITED_BY_GRADE else None,
                    started_at=clock.started_at,
                    written_at=written_at,
                    ended_at=clock.stopped_at or clock.superseded_at,
                    own=terms.Limit(
                        kind=clock.kind,
                        grade=clock.grade,
                        work="",
                        contract_id=None,
                        limit=clock.limit,
                        round_the_clock=clock.round_the_clock,
                        near_percent=clock.near_percent,
                    ),
                    contracts=tuple(contract.pk for contract in contracts),
                    contracts_say=tuple(contract.grade_two_round_the_clock for contract in contracts),
                    pauses=pauses if clock.kind in PAUSING else (),
                )
            )
        return found

    def _covering(self, ticket: Ticket, at: datetime) -> list[Contract]:
        """Contracts in force on the day of that instant, as `ContractQuerySet.covering` finds them."""
        on = timezone.localdate(at)
        return [
            contract
            for contract, covered in self._contracts[ticket.client_id]
            if contract.starts_on <= on <= contract.ends_on
            and (ticket.system_id is None or not covered or ticket.system_id in covered)
        ]

    def _hours_of(self, service: int):  # type: ignore[no-untyped-def]
        def hours(round_the_clock: bool) -> Hours:
            return ROUND_THE_CLOCK if round_the_clock else self._hours(service)

        return hours

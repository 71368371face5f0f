"""Mark what has come due on a locked record and report it up (§5.4). Called by the sweep and by every verb.

An instant has passed when it lies strictly before `now`: what is done at the very instant is in time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Case, F, OuterRef, Q, Subquery, When, prefetch_related_objects
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone

from duty.actions import raise_alarms
from duty.holes import watched
from staff.actions import Occasion, notify_of
from staff.models import User
from tickets import escalation
from tickets.actions import people
from tickets.coordination import graver
from tickets.escalation import Needs
from tickets.models import (
    Clock,
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Overrun,
    Target,
    Ticket,
)
from tickets.quiet import not_before

# What fires later than this after its instant is marked late. It is a promise of the product (two sweeps of
# the slowest guard), not a limit of the process.
LATE_AFTER = timedelta(seconds=10)
# Who is told that a fault which was not solved in time deserves a graver grade.
DECIDE_THE_GRADE = (Target.OWNER, Target.SUPERVISOR)


def fire_due(ticket: Ticket, *, now: datetime) -> int:
    """Mark and report all that came due on a locked record's clocks before `now`; return how much it was."""
    return sum(fire_all([ticket], now=now).values())


def fire_all(tickets: Sequence[Ticket], *, now: datetime) -> Counter[int]:
    """Do so for many locked records, in as many statements as for one; return how much fired, by record.

    Steps of one record fire in the order of their instants. Each is written at most once, whoever calls.
    """
    ringing = list(Clock.objects.running().filter(ticket__in=[t.pk for t in tickets], next_at__lt=now))
    if not ringing:
        return Counter()
    steps: dict[int, list[escalation.Step]] = defaultdict(list)
    report_ups = _report_ups(ringing, now)
    for clock in ringing:
        steps[clock.ticket_id] += _due_steps(clock, report_ups[clock.pk], now)
    log = _Log(now)
    for ticket in tickets:
        for step in escalation.in_order(steps[ticket.pk]):
            log.fire(ticket, step)
    log.write()
    _mark(ringing, now)
    return Counter({pk: len(due) for pk, due in steps.items()})


def _report_ups(clocks: Sequence[Clock], now: datetime) -> dict[int, list[Escalation]]:
    """The report-ups that came due on these clocks, by clock."""
    found: dict[int, list[Escalation]] = defaultdict(list)
    due = list(Escalation.objects.planned().filter(clock__in=[c.pk for c in clocks], due_at__lt=now))
    prefetch_related_objects(due, "rule__person")
    for planned in due:
        found[planned.clock_id].append(planned)
    return found


def _due_steps(clock: Clock, report_ups: Sequence[Escalation], now: datetime) -> list[escalation.Step]:
    return escalation.due_steps(
        clock,
        near_at=None if clock.near_marked_at else clock.near_at,
        due_at=None if clock.breached_marked_at else clock.due_at,
        planned=[(planned.due_at, planned) for planned in report_ups if planned.due_at],
        now=now,
    )


def _mark(clocks: Sequence[Clock], now: datetime) -> None:
    """Mark what came due on these clocks, and set when they ring next, as `timing.next_instant` does."""
    near, due = Q(near_marked_at__isnull=True), Q(breached_marked_at__isnull=True)
    planned = Escalation.objects.planned().filter(clock=OuterRef("pk")).values("due_at")
    Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(
        near_marked_at=Case(When(near & Q(near_at__lt=now), then=now), default=F("near_marked_at")),
        breached_marked_at=Case(When(due & Q(due_at__lt=now), then=now), default=F("breached_marked_at")),
        next_at=Least(  # of those that there are
            Case(When(near & Q(near_at__gte=now), then=F("near_at"))),
            Case(When(due & Q(due_at__gte=now), then=F("due_at"))),
            Subquery(planned[:1]),
        ),
        failures=0,
    )


class _Log:
    """What fires at one instant, gathered to be written together: history, overruns, report-ups, notices."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.entries: list[Entry] = []
        self.overruns: list[Overrun] = []
        self.fired: list[tuple[Escalation, list[User]]] = []
        self.found_nobody: list[int] = []
        self.occasions: list[Occasion] = []
        self.without_duty: set[int] = set()
        self.reach = people.Reach(now)
        self.address = reverse("tickets:detail", args=[0]).replace("/0/", "/{}/")

    def fire(self, ticket: Ticket, step: escalation.Step) -> None:
        if step.kind == escalation.NEAR:
            self._enter(ticket, EntryKind.NEAR, step)
        elif step.kind == escalation.BREACH:
            self._enter(ticket, EntryKind.BREACHED, step)
            self._open_overrun(ticket, step)
        else:
            self._report_up(ticket, step)

    def write(self) -> None:
        Entry.objects.bulk_create(self.entries)
        Overrun.objects.bulk_create(self.overruns)
        Escalation.objects.filter(pk__in=[planned.pk for planned, _told in self.fired]).update(
            fired_at=self.now,
            is_late=Case(When(due_at__lt=self.now - LATE_AFTER, then=True), default=False),
            found_nobody=Case(When(pk__in=self.found_nobody, then=True), default=False),
        )
        told_of = Escalation.told.through
        told_of.objects.bulk_create(
            told_of(escalation_id=planned.pk, user_id=person.pk)
            for planned, told in self.fired
            for person in told
        )
        notify_of(self.occasions, now=self.now)
        self._raise_alarms()

    def _raise_alarms(self) -> None:
        """Whoever answers for a roster hears at once that nobody was there to be told, once (§5.1)."""
        if self.without_duty:
            for group in watched().filter(pk__in=self.without_duty).order_by("pk"):
                raise_alarms(group, now=self.now)

    def _enter(self, ticket: Ticket, kind: EntryKind, step: escalation.Step, **more: object) -> None:
        facts = {
            "clock": step.clock.kind,
            "due_at": step.at.isoformat(),
            "late": is_late(step.at, self.now),
        }
        self.entries.append(Entry(ticket=ticket, kind=kind, by=None, at=self.now, changes=facts | more))

    def _open_overrun(self, ticket: Ticket, step: escalation.Step) -> None:
        """Somebody answers for it: the owner, else the group's supervisor, where there is one (§3.2)."""
        person = ticket.owner if ticket.owner and ticket.owner.is_active else None
        if person is None:
            told, reached = self.reach.at(Target.SUPERVISOR, ticket)
            person = told[0] if reached == Target.SUPERVISOR else None
        self.overruns.append(overrun_of(step.clock, ticket, person, due_at=step.at, now=self.now))

    def _report_up(self, ticket: Ticket, step: escalation.Step) -> None:
        planned: Escalation = step.report_up
        told, reached = self.reach.of(planned, ticket)
        self.fired.append((planned, told))
        if reached != planned.target:
            self.found_nobody.append(planned.pk)
        if escalation.passes_over_duty(planned.target, reached):
            self.without_duty.add(ticket.group_id)
        names = [person.name for person in told]
        self._enter(ticket, EntryKind.REPORTED_UP, step, target=planned.target, reached=reached, told=names)
        self.occasions.append(_occasion(told, ticket, step, self.address.format(ticket.pk), self.now))


def overrun_of(
    clock: Clock, ticket: Ticket, person: User | None, *, due_at: datetime, now: datetime
) -> Overrun:
    """The case that a breach opens, not written yet."""
    return Overrun(
        ticket=ticket,
        clock=clock,
        kind=clock.kind,
        grade=clock.grade,
        group_id=ticket.group_id,
        person=person,
        due_at=due_at,
        opened_at=now,
    )


def _occasion(told: list[User], ticket: Ticket, step: escalation.Step, url: str, now: datetime) -> Occasion:
    clock: Clock = step.clock
    planned: Escalation = step.report_up
    return Occasion(
        told,
        "report_up",
        {
            "number": ticket.number,
            "title": ticket.title,
            "client": ticket.client.name,
            "client_en": ticket.client.name_en,
            "grade": ticket.grade,
            "clock": clock.kind,
            "clock_due_at": clock.due_at.isoformat() if clock.due_at else None,
            "breached": bool(clock.due_at and clock.due_at < now),
            "upgrade": planned.target in DECIDE_THE_GRADE and _deserves_more(ticket, clock, now),
            "is_next_step": clock.kind == ClockKind.NEXT_STEP,
            "due_at": step.at.isoformat(),
            "late": is_late(step.at, now),
            "turn": planned.turn,
            "report_up": planned.pk if planned.rule.needs_ack != Needs.NONE else None,
        },
        url=url,
        key=f"escalation:{planned.pk}",
        group_id=ticket.group_id,
        not_before=leaves_at(planned.rule, ticket.grade, now),
        channels=planned.rule.channels,
    )


def _deserves_more(ticket: Ticket, clock: Clock, now: datetime) -> bool:
    """Whether a fault has not been solved within the limit of a grade that can be raised."""
    overdue = clock.due_at is not None and clock.due_at < now
    return clock.kind == ClockKind.RESOLUTION and overdue and graver(ticket.grade) is not None


def leaves_at(rule: EscalationRule, grade: int | None, at: datetime) -> datetime | None:
    """Return until when the copies of a report-up at `at` are held back; None where they leave at once.

    A grade-1 fault is told of at night too, whatever rule its clock follows (§2.3).
    """
    if grade == Grade.ONE:
        return None
    return not_before(at, rule.quiet_from, rule.quiet_until, timezone.get_default_timezone())


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """Say whether something due at `due_at` and done at `now` came later than the product promises."""
    return due_at is not None and now - due_at > LATE_AFTER

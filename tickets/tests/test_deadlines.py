"""The sweep: once each, in order, late rather than never (§5.4)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast, build_cast
from staff.models import ManagementLevel, Notice, User
from tickets import actions
from tickets.actions import deadlines, firing, timing
from tickets.actions.deadlines import Pace
from tickets.models import Clock, ClockKind, Entry, EntryKind, Escalation, EscalationRule, Grade, Ticket

MIN, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def grade_one(cast: Cast) -> Ticket:
    return actions.grade(cast.ticket(), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)


def told(ticket: Ticket) -> list[tuple[str, str]]:
    """Who was told, in the order in which it happened: (clock, user name)."""
    fired = Escalation.objects.fired().filter(ticket=ticket).order_by("fired_at", "due_at", "id")
    return [(step.clock.kind, person.username) for step in fired for person in step.told.all()]


def test_a_grade_one_call_left_alone_is_reported_up_every_level(cast: Cast, grade_one: Ticket) -> None:
    for minute in range(0, 13 * 60, 5):
        actions.enforce_deadlines(now=MONDAY + minute * MIN + SECOND)
    reached = {name for _clock, name in told(grade_one)}
    assert reached == {"chen", "wang", "liu", "zhao", "qian"}
    kinds = grade_one.entries.values_list("kind", flat=True)
    assert list(kinds).count(EntryKind.BREACHED) == 3
    assert list(kinds).count(EntryKind.NEAR) == 3
    assert not Escalation.objects.filter(ticket=grade_one, fired_at__isnull=True).exists()
    assert Notice.objects.filter(kind="report_up").count() == len(told(grade_one))


def test_a_second_sweep_changes_nothing(cast: Cast, grade_one: Ticket) -> None:
    first = actions.enforce_deadlines(now=MONDAY + 2 * HOUR)
    state = (grade_one.entries.count(), Notice.objects.count(), told(grade_one))
    assert first > 0
    assert actions.enforce_deadlines(now=MONDAY + 2 * HOUR) == 0
    assert (grade_one.entries.count(), Notice.objects.count(), told(grade_one)) == state


def test_after_an_outage_every_step_fires_late_in_order_and_marked_late(
    cast: Cast, grade_one: Ticket
) -> None:
    actions.enforce_deadlines(now=MONDAY + 5 * HOUR)
    fired = list(Escalation.objects.fired().filter(ticket=grade_one))
    assert all(step.is_late for step in fired)
    instants = [
        entry.changes["due_at"]
        for entry in grade_one.entries.filter(kind__in=["near", "breached", "reported_up"]).order_by("pk")
    ]
    assert len(instants) > 10
    assert instants == sorted(instants)


def test_nothing_fires_early(cast: Cast, grade_one: Ticket) -> None:
    actions.enforce_deadlines(now=MONDAY + 2 * SECOND)  # only the report-up "at once"
    assert told(grade_one) == [("diagnosis", "wang")]
    assert actions.enforce_deadlines(now=MONDAY + 7 * MIN) == 0


def test_acknowledging_does_not_stop_the_report_up(cast: Cast, grade_one: Ticket) -> None:
    actions.acknowledge(grade_one, by=cast.chen, now=MONDAY + MIN)
    actions.enforce_deadlines(now=MONDAY + 31 * MIN)
    assert ("resolution", "liu") in told(grade_one)


def test_what_is_solved_is_reported_no_further(cast: Cast, grade_one: Ticket) -> None:
    ticket = actions.acknowledge(grade_one, by=cast.chen, now=MONDAY + MIN)
    actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=MONDAY + 10 * MIN)
    actions.enforce_deadlines(now=MONDAY + 5 * HOUR)
    assert {name for _clock, name in told(grade_one)} <= {"wang", "chen"}


def test_the_target_is_resolved_when_it_fires(cast: Cast, grade_one: Ticket) -> None:
    cast.liu.is_active = False
    cast.liu.save()
    User.objects.filter(pk=cast.zhou.pk).update(management_level=ManagementLevel.TECHNICAL_LEAD)
    actions.enforce_deadlines(now=MONDAY + 31 * MIN)
    assert ("resolution", "zhou") in told(grade_one)


def test_where_nobody_is_found_the_next_level_is_told_at_once(cast: Cast, grade_one: Ticket) -> None:
    User.objects.filter(pk=cast.liu.pk).update(is_active=False)
    actions.enforce_deadlines(now=MONDAY + 31 * MIN)
    step = Escalation.objects.get(ticket=grade_one, target="technical_lead", clock__kind="resolution")
    assert step.found_nobody
    assert [person.username for person in step.told.all()] == ["zhao"]


def test_editing_a_rule_leaves_what_is_planned_as_it_is(cast: Cast, grade_one: Ticket) -> None:
    EscalationRule.objects.update(is_active=False)
    actions.enforce_deadlines(now=MONDAY + 31 * MIN)
    assert ("resolution", "liu") in told(grade_one)


def test_a_poisoned_record_does_not_starve_the_others(
    cast: Cast, grade_one: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cast.ticket()
    real = firing.fire_all

    def poisoned(tickets: list[Ticket], *, now):
        if grade_one in tickets:
            raise ZeroDivisionError("poison")
        return real(tickets, now=now)

    monkeypatch.setattr(deadlines, "fire_all", poisoned)
    assert actions.enforce_deadlines(now=MONDAY + HOUR) > 0
    assert other.entries.filter(kind=EntryKind.BREACHED).exists()
    assert not grade_one.entries.filter(kind=EntryKind.BREACHED).exists()
    failing = grade_one.clocks.running().get(kind=ClockKind.RESOLUTION)
    assert failing.failures == 1
    assert failing.next_at > MONDAY + HOUR
    monkeypatch.undo()
    actions.enforce_deadlines(now=MONDAY + 2 * HOUR)
    assert grade_one.entries.filter(kind=EntryKind.BREACHED).exists()


def test_after_every_sweep_a_clock_rings_when_its_own_rows_say(cast: Cast, grade_one: Ticket) -> None:
    """What one statement sets for many clocks is what `next_instant` says of each."""
    cast.ticket()
    for minutes in (1, 14, 16, 31, 61, 121, 241, 13 * 60):
        actions.enforce_deadlines(now=MONDAY + minutes * MIN)
        for clock in Clock.objects.running():
            assert clock.next_at == timing.next_instant(clock), (minutes, clock)


def test_of_many_records_only_the_poisoned_one_is_put_off(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [cast.ticket() for _number in range(9)]
    real, tried = firing.fire_all, []

    def poisoned(chosen: list[Ticket], *, now):
        tried.append(len(chosen))
        if tickets[5] in chosen:
            raise ZeroDivisionError("poison")
        return real(chosen, now=now)

    monkeypatch.setattr(deadlines, "fire_all", poisoned)
    actions.enforce_deadlines(now=MONDAY + HOUR)
    breached = Entry.objects.filter(kind=EntryKind.BREACHED).values_list("ticket_id", flat=True)
    assert set(breached) == {ticket.pk for ticket in tickets} - {tickets[5].pk}
    assert {clock.ticket_id for clock in Clock.objects.filter(failures=1)} == {tickets[5].pk}
    assert len(tried) < len(tickets)  # by halves, not one by one


def test_what_the_page_announces_is_what_then_fires(cast: Cast, grade_one: Ticket) -> None:
    announced = [(step.due_at, step.target) for step in grade_one.escalations.planned()]
    actions.enforce_deadlines(now=MONDAY + 13 * HOUR)
    fired = [(step.due_at, step.target) for step in grade_one.escalations.fired().order_by("due_at", "id")]
    assert fired == announced


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_write_everything_once() -> None:
    cast = build_cast()
    now = timezone.now()
    tickets = [cast.ticket(now - HOUR, reported_at=None) for _ in range(30)]
    fired: list[int] = []

    def sweep() -> None:
        try:
            fired.append(actions.enforce_deadlines(now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.enforce_deadlines(now=now)
    steps = Escalation.objects.fired().count()
    assert steps == 30 * 3  # 80 % to the owner, 100 % to the owner and the supervisor
    assert sum(fired) == steps + 30 * 2  # and a near and a breach mark each
    assert all(t.entries.filter(kind=EntryKind.BREACHED).count() == 1 for t in tickets)


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_report_up_never_cross() -> None:
    """I8: whichever comes first, nothing is reported up after the answer that met it."""
    cast = build_cast()
    for round_ in range(10):
        start = timezone.now()
        ticket = cast.ticket(start)
        now = start + 15 * MIN + SECOND
        barrier = threading.Barrier(2)

        def answer(ticket: Ticket = ticket, barrier=barrier, now=now) -> None:
            barrier.wait()
            actions.acknowledge(ticket, by=cast.chen, now=now)
            connection.close()

        def sweep(barrier=barrier, now=now) -> None:
            barrier.wait()
            actions.enforce_deadlines(now=now)
            connection.close()

        threads = [threading.Thread(target=answer), threading.Thread(target=sweep)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kinds = list(ticket.entries.order_by("pk").values_list("kind", flat=True))
        assert kinds.count(EntryKind.BREACHED) == 1, round_
        assert kinds.index(EntryKind.BREACHED) < kinds.index(EntryKind.ACKNOWLEDGED)


def test_a_batch_is_what_a_fifth_of_a_second_can_do() -> None:
    pace = Pace(size=50, fewest=20, most=400, aim=0.2)
    pace.learn(50, 0.04)
    assert pace.size == 100  # never more than twice as many at once
    pace.learn(100, 0.16)
    assert pace.size == 125
    pace.learn(3, 0.15)
    assert pace.size == 125  # a few say nothing about many
    pace.learn(125, 1.0)
    assert pace.size == 25  # a busy machine
    pace.learn(25, 5.0)
    assert pace.size == 20
    for _batch in range(10):
        pace.learn(pace.size, 0.01)
    assert pace.size == 400

"""Known defects of other service desks in what runs on its own: rules, levels, repeats, outages, crowds.

The table of all classes stands in `test_peers.py`.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from opsdesk.testing import MONDAY, SHANGHAI, Cast, at, build_cast, sunk
from staff.models import Notice
from tickets import actions
from tickets.actions import deadlines
from tickets.models import (
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Kind,
    Target,
    Ticket,
)
from tickets.tests.test_peers import DAY, HOUR, MIN, SEC, clock, fired, in_progress, pause, resolve


def test_every_rule_of_the_policy_is_alive(cast: Cast) -> None:
    """Whatever kind of record is left alone in whatever state: no rule is there that never fires."""
    cast.ticket()
    cast.ticket(kind=Kind.REQUEST)
    for grade in Grade:
        actions.grade(cast.ticket(), grade, reason="clause", by=cast.li, now=MONDAY)
    actions.acknowledge(cast.ticket(), by=cast.chen, now=MONDAY)  # ungraded: the grading clock
    resolve(in_progress(cast, Grade.THREE), cast, now=MONDAY)
    pause(in_progress(cast, Grade.THREE), cast, now=MONDAY)
    for outcome, grade in (
        (None, Grade.ONE),
        (None, Grade.TWO),
        ("remote_cannot", Grade.ONE),
        ("on_site", Grade.TWO),
    ):
        ticket = actions.convene(in_progress(cast, grade), reason="x", by=cast.chen, now=MONDAY)
        if outcome:
            actions.decide(ticket, outcome=outcome, reason="x", by=cast.liu, now=MONDAY)
    actions.grade(ticket, Grade.THREE, reason="x", by=cast.wang, now=MONDAY)  # he who is sent has longer
    ticket = actions.convene(in_progress(cast, Grade.TWO), reason="x", by=cast.chen, now=MONDAY)
    actions.decide(ticket, outcome="on_site", reason="x", by=cast.liu, now=MONDAY)
    request = actions.acknowledge(cast.ticket(kind=Kind.REQUEST), by=cast.chen, now=MONDAY)
    way = {"engineer": cast.chen, "address": "x", "contact_name": "x"}
    actions.dispatch(request, **way, by=cast.wang, now=MONDAY)
    actions.enforce_deadlines(now=MONDAY + 60 * DAY)
    alive = set(Escalation.objects.fired().values_list("rule_id", flat=True))
    assert alive == set(EscalationRule.objects.filter(is_active=True).values_list("pk", flat=True))
    assert sunk(MONDAY + 60 * DAY) == []


@pytest.mark.parametrize("every", [MIN, 13 * HOUR])  # a worker that is there, and one that was away
def test_level_two_and_above_run(cast: Cast, every: timedelta) -> None:
    ticket = in_progress(cast, Grade.ONE)
    now = MONDAY
    while now < MONDAY + 13 * HOUR:
        now += every
        actions.enforce_deadlines(now=now + SEC)
    ladder = [target for kind, target in fired(ticket) if kind == ClockKind.RESOLUTION]
    assert ladder[:4] == [
        *(Target.TECHNICAL_LEAD, Target.DEPARTMENT_MANAGER),
        *(Target.GENERAL_MANAGER, Target.GENERAL_MANAGER),
    ]
    entries = Entry.objects.filter(kind=EntryKind.REPORTED_UP).order_by("pk")
    instants = [entry.changes["due_at"] for entry in entries]
    assert instants == sorted(instants)


def test_nothing_is_repeated_endlessly(cast: Cast) -> None:
    in_progress(cast, Grade.ONE)
    actions.enforce_deadlines(now=MONDAY + 13 * HOUR)
    counts = (Notice.objects.count(), Entry.objects.count(), Escalation.objects.fired().count())
    for hours in range(14, 24 * 10, 6):
        assert actions.enforce_deadlines(now=MONDAY + hours * HOUR) == 0
    assert (Notice.objects.count(), Entry.objects.count(), Escalation.objects.fired().count()) == counts


def test_office_hours_are_quiet_at_night_and_grade_one_is_not(cast: Cast) -> None:
    evening = at("2026-11-20 20:00")  # Friday
    quiet = actions.grade(cast.ticket(evening), Grade.THREE, reason="clause", by=cast.li, now=evening)
    loud = actions.grade(cast.ticket(evening), Grade.ONE, reason="clause", by=cast.li, now=evening)
    for quarter in range(1, 60 * 4):  # up to Monday 08:00
        actions.enforce_deadlines(now=evening + quarter * 15 * MIN)
    assert fired(quiet) == []
    assert len(fired(loud)) > 10
    for quarter in range(60 * 4, 24 * 4 * 16):
        actions.enforce_deadlines(now=evening + quarter * 15 * MIN)
    rang = [step.fired_at.astimezone(SHANGHAI) for step in quiet.escalations.fired()]
    assert rang
    assert all(9 <= when.hour <= 18 and when.weekday() < 5 for when in rang)


def test_a_lagging_worker_changes_nothing_that_is_written(cast: Cast) -> None:
    """An hour with a punctual sweep and one with the verbs alone: the same history, with later stamps."""

    def hour(sweeps: list[timedelta]) -> list[tuple[str, str]]:
        ticket = actions.grade(cast.ticket(), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
        for after in sweeps:
            actions.enforce_deadlines(now=MONDAY + after)
        actions.acknowledge(ticket, by=cast.chen, now=MONDAY + HOUR + SEC)
        history = ticket.entries.order_by("pk").values_list("kind", "changes")
        return [(kind, changes.get("due_at")) for kind, changes in history]

    punctual = hour([minutes * MIN + SEC for minutes in range(60)])
    lagging = hour([])
    assert punctual == lagging
    late = [entry.changes["late"] for entry in Entry.objects.filter(kind=EntryKind.BREACHED).order_by("pk")]
    assert late == [False, False, True, False]  # response and diagnosis; the diagnosis was 1 s ago


def test_alarms_are_rows_and_survive_a_long_outage(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        in_progress(cast, Grade.ONE)
        raise ZeroDivisionError("the process dies before it commits")
    assert not Ticket.objects.exists()
    assert not Escalation.objects.exists()
    ticket = in_progress(cast, Grade.ONE)
    planned = ticket.escalations.planned().count()
    assert planned > 10  # all of them are there with the record, none waits for another to fire
    assert actions.enforce_deadlines(now=MONDAY + 3 * DAY) >= planned
    steps = list(ticket.escalations.all())
    assert all(step.fired_at and step.is_late and step.told.exists() for step in steps)
    assert Notice.objects.filter(kind="report_up").count() == sum(step.told.count() for step in steps)


def test_the_sweep_starves_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "pace", deadlines.Pace(size=5, fewest=5, most=5))
    tickets = [cast.ticket(MONDAY - number * 10 * MIN) for number in range(17)]
    for ticket in tickets:  # three clocks each: what is due of one record must not fill the batch either
        actions.grade(ticket, Grade.ONE, reason="clause", by=cast.li, now=ticket.reported_at)
    actions.enforce_deadlines(now=MONDAY + 13 * HOUR)
    assert not Escalation.objects.filter(fired_at__isnull=True).exists()
    marks = (
        Entry.objects.filter(kind=EntryKind.REPORTED_UP).order_by("pk").values_list("ticket_id", flat=True)
    )
    first_come = list(dict.fromkeys(marks))
    assert first_come == [ticket.pk for ticket in reversed(tickets)]  # the soonest due first


def test_a_caller_in_a_hurry_gets_the_soonest_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "pace", deadlines.Pace(size=2, fewest=2, most=2))
    late, later = cast.ticket(MONDAY - MIN), cast.ticket(MONDAY)
    other = cast.ticket(MONDAY + MIN)
    actions.enforce_deadlines(now=MONDAY + HOUR, batches=1)
    swept = Entry.objects.filter(kind=EntryKind.BREACHED).values_list("ticket_id", flat=True)
    assert set(swept) == {late.pk, later.pk}
    actions.enforce_deadlines(now=MONDAY + HOUR, batches=1)
    assert clock(other, ClockKind.RESPONSE).breached_marked_at == MONDAY + HOUR


@pytest.mark.django_db(transaction=True)
def test_a_sweep_goes_round_what_another_worker_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "pace", deadlines.Pace(size=3, fewest=3, most=3))
    cast = build_cast()
    tickets = [cast.ticket(MONDAY + number * SEC) for number in range(8)]
    held, swept = threading.Event(), threading.Event()

    def hold_the_soonest() -> None:
        with transaction.atomic():
            list(Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets[:4]]).select_for_update())
            held.set()
            swept.wait(10)
        connection.close()

    other = threading.Thread(target=hold_the_soonest)
    other.start()
    held.wait(10)
    actions.enforce_deadlines(now=MONDAY + HOUR)
    breached = Entry.objects.filter(kind=EntryKind.BREACHED).values_list("ticket_id", flat=True)
    assert set(breached) == {ticket.pk for ticket in tickets[4:]}
    swept.set()
    other.join()
    actions.enforce_deadlines(now=MONDAY + HOUR)
    assert Entry.objects.filter(kind=EntryKind.BREACHED).count() == 8


def test_a_record_that_keeps_failing_is_not_hidden_by_being_put_off(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(tickets: list[Ticket], *, now) -> int:
        raise ZeroDivisionError("poison")

    monkeypatch.setattr(deadlines, "fire_all", poisoned)
    ticket, now = cast.ticket(), MONDAY + HOUR
    for _attempt in range(8):
        actions.enforce_deadlines(now=now)
        now += 6 * MIN
    row = clock(ticket, ClockKind.RESPONSE)
    assert row.failures == 8
    assert row.next_at - now <= deadlines.LAST_RETRY
    alarm = Notice.objects.get(recipient=cast.admin)  # once, not with every attempt
    assert alarm.params == {"number": ticket.number, "code": "deadline_keeps_failing"}
    monkeypatch.undo()
    actions.enforce_deadlines(now=now)
    row.refresh_from_db()
    assert (row.failures, row.breached_marked_at) == (0, now)

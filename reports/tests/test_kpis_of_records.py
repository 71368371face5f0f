"""KPIs of records as vectors: what counts, what does not, and in which period."""

from datetime import timedelta

import pytest

from opsdesk.testing import at
from reports.scope import Scope
from reports.tests.making import clock, closed, entry, figure, measured, record
from tickets.actions import (
    acknowledge,
    confirm,
    diagnose,
    grade,
    merge,
    pause,
    reopen,
    repeat_contact,
    resolve,
    resume,
)
from tickets.models import (
    ClockKind,
    Dispatch,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Link,
    Pause,
    TimeSpent,
)


@pytest.mark.parametrize(
    ("due", "stopped", "expected"),
    [
        pytest.param("2026-11-10 10:00", "2026-11-10 10:00", (1, 1), id="stopped on the deadline: kept"),
        pytest.param("2026-11-10 10:00", "2026-11-10 10:01", (0, 1), id="stopped a minute late: failed"),
        pytest.param("2026-11-10 10:00", None, (0, 1), id="open and overdue: failed"),
        pytest.param("2026-11-23 12:30", "2026-11-23 11:00", (0, 0), id="done early: not counted yet"),
        pytest.param(None, None, (0, 0), id="stands still: not counted"),
        pytest.param("2026-11-01 00:00", "2026-10-31 23:00", (1, 1), id="the first instant, in Shanghai"),
        pytest.param("2026-10-31 23:59", "2026-11-02 00:00", (0, 0), id="due in October"),
        pytest.param("2026-12-01 00:00", "2026-11-02 00:00", (0, 0), id="due on the first of December"),
    ],
)
def test_a_limit_counts_in_the_month_in_which_it_ends(cast, due, stopped, expected):
    ticket = record(cast)
    for kind in (ClockKind.RESPONSE, ClockKind.ARRIVAL, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION):
        clock(ticket, due, stopped, kind=kind)
    for key in ("response", "arrival", "diagnosis", "resolution"):
        assert measured(key) == expected


def test_what_a_regrade_or_a_merge_set_aside_does_not_count(cast):
    clock(record(cast), "2026-11-10 10:00", superseded_at=at("2026-11-10 09:00"))
    assert measured("response") == (0, 0) and figure("response").value is None


def test_report_ups_count_when_sent_at_once_to_somebody(cast):
    ticket = record(cast)
    running, rule = clock(ticket, "2026-11-10 10:00"), EscalationRule.objects.first()

    def planned(turn, due, fired=None, **more):
        Escalation.objects.create(
            ticket=ticket,
            clock=running,
            rule=rule,
            turn=turn,
            target=rule.target,
            offset=timedelta(hours=1),
            due_at=due and at(due),
            fired_at=fired and at(fired),
            **more,
        )

    planned(0, "2026-11-10 10:00", "2026-11-10 10:00")
    planned(1, "2026-11-10 11:00", "2026-11-10 11:05", is_late=True)
    planned(2, "2026-11-10 12:00", "2026-11-10 12:00", found_nobody=True)
    planned(3, "2026-11-10 13:00")
    planned(4, None)
    planned(5, "2026-11-24 10:00")
    assert measured("report_up") == (1, 4)


def test_a_record_through_its_life(cast):
    """Paused, solved, reopened, solved again; another one merged into it; by the actions alone."""
    first = cast.ticket(now=at("2026-11-03 09:30"))
    acknowledge(first, by=cast.chen, now=at("2026-11-03 09:40"))
    grade(first, Grade.THREE, reason="§5.4.1.1", by=cast.chen, now=at("2026-11-03 09:41"))
    diagnose(first, diagnosis="内存", cause="hardware", by=cast.chen, now=at("2026-11-03 10:00"))
    twin = cast.ticket(now=at("2026-11-03 10:05"))
    merge(twin, into=first, by=cast.li, now=at("2026-11-03 10:10"))
    assert measured("merged") == (1, None) and measured("reported") == (1, None)
    pause(
        first,
        reason="client",
        text="等窗口",
        until=at("2026-11-04 09:00"),
        by=cast.chen,
        now=at("2026-11-03 11:00"),
    )
    assert measured("waiting", now=at("2026-11-03 12:00")) == (1, None)
    resume(first, by=cast.chen, now=at("2026-11-03 13:30"))
    assert measured("waiting") == (0, None) and measured("paused_hours") == (2.5, None)
    resolve(first, solution="加内存", cause="hardware", by=cast.chen, now=at("2026-11-03 15:30"))
    assert measured("mttr") == (6 * 3600, 1) and measured("mtta") == (600, 1)
    reopen(first, reason="又慢", by=cast.li, now=at("2026-11-05 10:00"))
    assert measured("mttr") == (0, 0) and measured("backlog") == (1, None)
    resolve(first, solution="换内存", cause="hardware", by=cast.chen, now=at("2026-11-05 12:00"))
    confirm(first, confirmed_by="孙主任", channel="phone", by=cast.li, now=at("2026-11-05 13:00"))
    # Both solutions are a week old by now: the first one did not hold.
    assert measured("reopened") == (1, 2)
    assert measured("reopened", now=at("2026-11-10 15:30:01")) == (1, 1)
    assert measured("solved") == (0, 1) and measured("first_time") == (0, 1)
    assert measured("second_calls") == (1, 1)  # the duplicate
    assert measured("closed") == (1, None) and measured("backlog") == (0, None)
    assert measured("resolution") == (2, 2) and measured("response") == (1, 1)


def test_first_attempts_and_second_calls(cast):
    closed(cast)
    entry(closed(cast), EntryKind.ASSIGNED, "2026-11-09 09:00", owner=["李敏", "陈工"])
    entry(closed(cast), EntryKind.ASSIGNED, "2026-11-09 09:00", owner=[None, "陈工"])
    entry(closed(cast), EntryKind.ASSIGNED, "2026-11-09 09:00", group=["华南", "华北"], owner=[None, "外人"])
    entry(closed(cast), EntryKind.ASSIGNED, "2026-11-09 09:00", owner=["陈工", None])  # undone
    entry(closed(cast), EntryKind.REPEAT_CONTACT, "2026-11-09 09:00")
    entry(closed(cast), EntryKind.MAIL, "2026-11-11 09:00")  # after it was closed
    closed(cast, reopened_count=1)
    closed(cast, "2026-10-31 23:59")
    closed(cast, kind="change")
    assert measured("first_time") == (4, 8)
    assert measured("second_calls") == (1, 8)
    assert measured("solved") == (7, 8)


def test_a_second_call_is_counted_by_the_action(cast):
    ticket = cast.ticket(now=at("2026-11-03 09:30"))
    said = {"text": "?", "caller_name": "孙主任", "callback_number": "1", "channel": "phone"}
    repeat_contact(ticket, **said, by=cast.li, now=at("2026-11-03 09:50"))
    acknowledge(ticket, by=cast.chen, now=at("2026-11-03 10:00"))
    grade(ticket, Grade.THREE, reason="§", by=cast.chen, now=at("2026-11-03 10:01"))
    resolve(ticket, solution="好", cause="software", by=cast.chen, now=at("2026-11-03 11:00"))
    confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=at("2026-11-03 12:00"))
    assert measured("second_calls") == (1, 1) and measured("first_time") == (0, 1)


def test_repeat_faults_are_linked_ones_of_the_solved(cast):
    earlier, later = closed(cast), closed(cast)
    closed(cast, kind="request")
    Link.objects.create(record=later, other=earlier, kind="repeat", at=later.resolved_at)
    assert measured("repeat_faults") == (1, 2)


def test_complete_records_name_what_they_have_to(cast):
    closed(cast, grade=3, grade_reason="§")
    closed(cast, kind="request")
    closed(cast)  # a fault without a grade
    closed(cast, kind="request", system=None)
    closed(cast, kind="request", contact=None, callback_number="")
    closed(cast, kind="request", contact=None, callback_number="123")
    assert measured("complete") == (3, 6)


def test_open_records_at_the_end_of_a_month_by_age(cast):
    record(cast, reported="2026-11-22 09:00")
    record(cast, reported="2026-11-18 09:00")
    record(cast, reported="2026-11-01 09:00")
    record(cast, reported="2026-10-01 09:00", kind="change")
    closed(cast, "2026-11-02 09:00", reported="2026-10-20 09:00")
    assert measured("backlog") == (4, None)
    assert measured("backlog", period="2026-10") == (2, None)  # one of them was closed later
    found = [measured(key)[0] for key in ("open_0_3", "open_4_7", "open_8_30", "open_over_30")]
    assert found == [1, 1, 1, 1]


def test_a_pause_counts_its_hours_when_it_ends(cast):
    ticket = record(cast)
    begun = {"ticket": ticket, "reason": "client", "text": "?", "until": at("2026-11-30 09:00")}
    Pause.objects.create(**begun, started_at=at("2026-10-31 22:00"), ended_at=at("2026-11-01 01:30"))
    Pause.objects.create(**begun, started_at=at("2026-11-20 09:00"))
    at_the_end = {"started_at": at("2026-10-31 23:00"), "ended_at": at("2026-11-01 00:00")}
    Pause.objects.create(**begun | {"ticket": record(cast)}, **at_the_end)  # October
    assert measured("paused_hours") == (4.5, None)
    assert measured("waiting") == (1, None) and measured("waiting", period="2026-10") == (2, None)


def test_hours_belong_to_their_day_and_today_counts(cast):
    ticket = record(cast)
    days = (("2026-10-31", 60), ("2026-11-01", 30), ("2026-11-23", 45), ("2026-11-24", 20))
    for number, (on, minutes) in enumerate(days):
        note = entry(ticket, EntryKind.NOTE, f"2026-11-0{number + 1} 09:00")
        TimeSpent.objects.create(ticket=ticket, entry=note, person=cast.chen, minutes=minutes, on=on)
    assert measured("work_hours") == (1.25, None)
    assert measured("work_hours", scope=Scope(person=cast.li.pk)) == (0, None)


def test_records_for_each_engineer(cast):
    for owner in (cast.chen, cast.chen, cast.li, None):
        record(cast, resolved="2026-11-05 09:00", owner=owner)
    assert measured("per_engineer") == (3, 2) and figure("per_engineer").value == 1.5
    assert measured("per_engineer", scope=Scope(person=cast.chen.pk)) == (2, 1)


def test_the_first_visit_decides(cast):
    def visit(ticket, left, outcome, **more):
        ordered = at("2026-11-02 09:00")
        times = {"departed_at": ordered, "arrived_at": ordered, "left_at": at(left)}
        Dispatch.objects.create(
            ticket=ticket,
            engineer=cast.chen,
            ordered_by=cast.wang,
            ordered_at=ordered,
            address="深圳",
            contact_name="孙主任",
            outcome=outcome,
            reason="" if outcome == "solved" else "缺件",
            **times | more,
        )

    first, second = record(cast), record(cast)
    visit(first, "2026-11-03 09:00", "solved")
    visit(second, "2026-11-03 09:00", "not_solved")
    visit(second, "2026-11-04 09:00", "solved")
    Dispatch.objects.create(
        ticket=first,
        engineer=cast.li,
        ordered_at=at("2026-11-02 09:00"),
        address="深圳",
        contact_name="孙主任",
        called_off_at=at("2026-11-02 10:00"),
        called_off_by=cast.wang,
        called_off_reason="远程解决",
    )
    assert measured("first_dispatch") == (1, 2)
    assert measured("called_off") == (1, None)


def test_complaints_are_a_share_of_what_was_reported(cast):
    for kind in ("complaint", "request", "fault", "change"):
        clock(record(cast, kind=kind), "2026-11-10 10:00", "2026-11-10 09:00")
    assert measured("complaints") == (1, 3)
    assert measured("complaints_answered") == (1, 1)


def test_a_closed_month_does_not_depend_on_now(cast):
    clock(record(cast), "2026-11-10 10:00")
    for key in ("response", "backlog", "reported"):
        assert measured(key, now=at("2026-12-05 00:00")) == measured(key, now=at("2028-01-01 00:00"))


def test_medians_of_durations(cast):
    for hours in (1, 2, 9):
        record(cast, reported="2026-11-02 09:00", resolved=f"2026-11-02 {9 + hours:02}:00")
    found = figure("mttr")
    assert (found.value, found.median) == (4 * 3600, 2 * 3600) and found.p90 > 7 * 3600

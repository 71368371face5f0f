"""Known defects of other service desks, each class with the test that would have caught it here.

E is test_peers_engine.py, C test_clocks.py, H duty/tests/test_hours.py, F opsdesk/tests/faults/.

| class of defect                        | held by                                                        |
|----------------------------------------|----------------------------------------------------------------|
| pending time lost at a change of grade | test_pending_time_survives_a_change_of_grade                   |
|                                        | C test_however_often_it_is_regraded_the_time_used_stays        |
| breach while paused                    | test_no_breach_while_paused, C test_a_pause_never_breaches     |
| pause across a weekend                 | test_a_pause_across_a_weekend_credits_its_working_time         |
| solved time counted after a reopening  | test_solved_time_counts_for_nobody_after_reopening             |
| escalation instant wrong, due right    | test_every_escalation_instant_is_right_like_the_due_date       |
| lunch breaks, several spans a day      | test_lunch_breaks_are_not_working_time, H test_adding_...      |
| response and resolution collide        | test_response_and_resolution_clocks_do_not_collide             |
| the client's note restarts no clock    | test_a_clients_note_reaches_the_owner_of_a_waiting_record      |
| closing figures never stored           | test_closing_figures_are_stored                                |
| rules silently dead after a release    | E test_every_rule_of_the_policy_is_alive                       |
| level 2 and above never runs           | E test_level_two_and_above_run                                 |
| endless repeats                        | E test_nothing_is_repeated_endlessly                           |
| reminders at night                     | E test_office_hours_are_quiet_at_night_and_grade_one_is_not    |
| calendar or limit edited, open records | test_a_calendar_edited_under_open_records                      |
| default limit not applied, or reversed | test_the_default_limit_holds_unless_a_contract_says_otherwise  |
| timer late because the worker lags     | E test_a_lagging_worker_changes_nothing_that_is_written        |
|                                        | F test_celery.py, with real processes and figures              |
| alarms lost with store or process      | E test_alarms_are_rows_and_survive_a_long_outage               |
|                                        | F test_sweep_kills.py (processes), test_guard.py (the broker)  |
| holiday inverted                       | test_a_holiday_makes_nothing_earlier, H test_a_holiday_...     |
| a preview that changes things          | test_looking_writes_nothing                                    |
| the sweep starves                      | E test_the_sweep_starves_nobody,                               |
|                                        | E test_a_sweep_goes_round_what_another_worker_holds            |
| make-up workdays not expressible       | test_make_up_workdays_are_worked, duty/tests/test_official.py  |
| requests skip the response clock       | test_requests_have_a_response_clock                            |
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Channel
from duty import hours as working
from duty.actions import edit_day
from duty.models import DayKind
from opsdesk.testing import MONDAY, SHANGHAI, Cast, at, sunk
from staff.models import Notice
from tickets import actions
from tickets.actions import deadlines, timing
from tickets.clocks import ClockState
from tickets.lifecycle import Refused
from tickets.models import (
    Cause,
    Clock,
    ClockKind,
    EntryKind,
    Escalation,
    Grade,
    Kind,
    PauseReason,
    PolicyVersion,
    Status,
    Target,
    Ticket,
    TimeLimit,
)

SEC, MIN, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FRIDAY = at("2026-11-20 16:00")  # office hours are 09:00 to 12:00 and 13:30 to 18:00


def clock(ticket: Ticket, kind: ClockKind) -> Clock:
    return ticket.clocks.current().filter(kind=kind).latest("pk")


def in_progress(cast: Cast, grade: Grade, now=MONDAY) -> Ticket:
    ticket = actions.grade(cast.ticket(now), grade, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def pause(ticket: Ticket, cast: Cast, *, now, until=None) -> Ticket:
    until = until or now + 20 * DAY
    return actions.pause(
        ticket, reason=PauseReason.CLIENT, text="等客户回电", until=until, by=cast.chen, now=now
    )


def resolve(ticket: Ticket, cast: Cast, *, now) -> Ticket:
    return actions.resolve(ticket, solution="重启服务", cause=Cause.SOFTWARE, by=cast.chen, now=now)


def fired(ticket: Ticket) -> list[tuple[str, str]]:
    rows = Escalation.objects.fired().filter(ticket=ticket).order_by("due_at", "id")
    return list(rows.values_list("clock__kind", "target"))


@pytest.mark.parametrize("resume_first", [True, False])
def test_pending_time_survives_a_change_of_grade(cast: Cast, resume_first: bool) -> None:
    ticket = pause(in_progress(cast, Grade.THREE), cast, now=MONDAY + HOUR)
    if resume_first:
        ticket = actions.resume(ticket, by=cast.chen, now=MONDAY + 49 * HOUR)
        ticket = actions.grade(ticket, Grade.TWO, reason="worse", by=cast.li, now=MONDAY + 50 * HOUR)
    else:
        ticket = actions.grade(ticket, Grade.TWO, reason="worse", by=cast.li, now=MONDAY + 2 * HOUR)
        assert clock(ticket, ClockKind.RESOLUTION).due_at is None  # it waits still
        ticket = actions.resume(ticket, by=cast.chen, now=MONDAY + 49 * HOUR)
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 24 * HOUR + 48 * HOUR
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == MONDAY + 4 * HOUR + 48 * HOUR


def test_no_breach_while_paused(cast: Cast) -> None:
    due = MONDAY + 4 * HOUR
    ticket = pause(in_progress(cast, Grade.TWO), cast, now=due - SEC)
    before = fired(ticket)
    for days in range(19):
        actions.enforce_deadlines(now=due + days * DAY)
    assert fired(ticket) == before
    assert not ticket.entries.filter(kind=EntryKind.BREACHED).exists()
    assert clock(ticket, ClockKind.DIAGNOSIS).state(due + 19 * DAY) == ClockState.PAUSED
    actions.resume(ticket, by=cast.chen, now=due + 19 * DAY)
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == due + 19 * DAY + SEC


def test_a_pause_across_a_weekend_credits_its_working_time(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.THREE, FRIDAY)
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == at("2026-11-23 16:30")  # 8 h: 2, then 3, then 3
    ticket = pause(ticket, cast, now=FRIDAY + HOUR)
    ticket = actions.resume(ticket, by=cast.chen, now=at("2026-11-23 10:00"))
    # One hour of Friday and one of Monday were waited for; Saturday and Sunday were nobody's.
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == at("2026-11-24 09:30")


def test_solved_time_counts_for_nobody_after_reopening(cast: Cast) -> None:
    ticket = resolve(in_progress(cast, Grade.TWO), cast, now=MONDAY + HOUR)
    again = MONDAY + 30 * DAY
    ticket = actions.reopen(ticket, reason="又出现", by=cast.li, now=again)
    first, second = ticket.clocks.current().filter(kind=ClockKind.RESOLUTION).order_by("cycle")
    assert first.state(again + DAY) == ClockState.MET
    assert second.due_at == again + 24 * HOUR
    actions.enforce_deadlines(now=again + 3 * HOUR)
    assert (ClockKind.RESOLUTION, Target.TECHNICAL_LEAD) not in fired(ticket)
    actions.enforce_deadlines(now=again + 5 * HOUR)
    assert (ClockKind.RESOLUTION, Target.TECHNICAL_LEAD) in fired(ticket)


@pytest.mark.parametrize("grade", Grade)
@pytest.mark.parametrize("start", [FRIDAY, at("2026-09-29 17:59"), at("2026-11-21 03:00")])
def test_every_escalation_instant_is_right_like_the_due_date(cast: Cast, grade: Grade, start) -> None:
    ticket = actions.grade(cast.ticket(start), grade, reason="clause", by=cast.li, now=start)
    planned = list(ticket.escalations.select_related("clock"))
    for step in planned:
        hours = timing.hours_for(ticket, step.clock.round_the_clock, start)
        assert working.elapsed(start, step.due_at, hours) == step.offset
        assert step.due_at.astimezone(SHANGHAI).hour or step.clock.round_the_clock  # never "next midnight"
        if step.offset == step.clock.limit:
            assert step.due_at == step.clock.due_at
    for instant in sorted({step.due_at for step in planned}):
        here = ticket.escalations.filter(due_at=instant)
        actions.enforce_deadlines(now=instant)
        assert not here.fired().exists()  # not yet at the instant itself
        actions.enforce_deadlines(now=instant + SEC)
        assert not here.filter(fired_at__isnull=True).exists()


def test_lunch_breaks_are_not_working_time(cast: Cast) -> None:
    start = at("2026-11-23 11:30")
    ticket = actions.grade(cast.ticket(start), Grade.THREE, reason="clause", by=cast.li, now=start)
    response = clock(ticket, ClockKind.RESPONSE)
    assert response.due_at == at("2026-11-23 17:00")  # 4 h: half an hour, lunch, then three and a half
    assert response.near_at == at("2026-11-23 16:12")


def test_response_and_resolution_clocks_do_not_collide(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.TWO, MONDAY)  # answered at once
    actions.enforce_deadlines(now=MONDAY + 30 * HOUR)
    assert clock(ticket, ClockKind.RESPONSE).state(MONDAY + 30 * HOUR) == ClockState.MET
    assert clock(ticket, ClockKind.RESOLUTION).state(MONDAY + 30 * HOUR) == ClockState.BREACHED
    assert ClockKind.RESPONSE not in {kind for kind, _target in fired(ticket)}
    late = cast.ticket(MONDAY)
    late = actions.grade(late, Grade.TWO, reason="clause", by=cast.li, now=MONDAY)
    late = actions.acknowledge(late, by=cast.chen, now=MONDAY + HOUR)  # answered late, solved in time
    late = resolve(late, cast, now=MONDAY + 2 * HOUR)
    assert clock(late, ClockKind.RESPONSE).state(MONDAY + 3 * HOUR) == ClockState.MISSED
    assert clock(late, ClockKind.RESOLUTION).state(MONDAY + 3 * HOUR) == ClockState.MET


def test_a_clients_note_reaches_the_owner_of_a_waiting_record(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast, now=MONDAY + HOUR)
    actions.add_note(ticket, text="已按要求重启，仍不行", by=cast.sun, now=MONDAY + 2 * HOUR)
    ticket.refresh_from_db()
    told = Notice.objects.filter(recipient=cast.chen, created_at=MONDAY + 2 * HOUR)
    assert ticket.status == Status.IN_PROGRESS
    assert told.get().kind == "client_note"


def test_closing_figures_are_stored(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast, now=MONDAY + HOUR)
    ticket = resolve(ticket, cast, now=MONDAY + 30 * HOUR)  # solved while it waited
    ticket = actions.confirm(
        ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY + 31 * HOUR
    )
    stamps = [ticket.acknowledged_at, ticket.diagnosed_at, ticket.resolved_at, ticket.closed_at]
    assert stamps == [MONDAY, MONDAY + 30 * HOUR, MONDAY + 30 * HOUR, MONDAY + 31 * HOUR]
    rows = ticket.clocks.current()
    assert {row.kind for row in rows} == {
        *(ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION),
        *(ClockKind.NEXT_STEP, ClockKind.CONFIRMATION),
    }
    assert all(row.stopped_at and row.due_at and row.next_at is None for row in rows)
    states = {row.kind: row.state(MONDAY + 40 * DAY) for row in rows}
    assert set(states.values()) == {ClockState.MET}  # 29 hours of 30 were waited
    assert not ticket.escalations.filter(fired_at__isnull=True).exists()


def test_a_calendar_edited_under_open_records(cast: Cast) -> None:
    """Nothing is reckoned anew behind people's backs; what is resumed follows the calendar of today."""
    still = in_progress(cast, Grade.THREE, FRIDAY)
    waiting = pause(in_progress(cast, Grade.THREE, FRIDAY), cast, now=FRIDAY + HOUR)
    was = clock(still, ClockKind.DIAGNOSIS).due_at
    monday = at("2026-11-23 00:00").date()
    edit_day(monday, kind=DayKind.STATUTORY, name="停工", name_en="", by=cast.wang, now=FRIDAY)
    TimeLimit.objects.update(limit=HOUR)
    actions.add_note(still, text="x", by=cast.chen, now=FRIDAY + 2 * HOUR)
    assert clock(still, ClockKind.DIAGNOSIS).due_at == was == at("2026-11-23 16:30")
    actions.resume(waiting, by=cast.chen, now=at("2026-11-24 09:00"))
    # 8 h of limit as it was: one on Friday before the pause, seven on Tuesday. Monday is off now.
    assert clock(waiting, ClockKind.DIAGNOSIS).due_at == at("2026-11-24 17:30")
    new = in_progress(cast, Grade.THREE, at("2026-11-22 12:00"))
    assert clock(new, ClockKind.DIAGNOSIS).due_at == at("2026-11-24 10:00")


def test_the_default_limit_holds_unless_a_contract_says_otherwise(cast: Cast) -> None:
    def resolution_limit(now=MONDAY) -> timedelta:
        return clock(in_progress(cast, Grade.TWO, now), ClockKind.RESOLUTION).limit

    assert resolution_limit() == 24 * HOUR
    contract = cast.hospital.contracts.get()
    TimeLimit.objects.create(
        version=PolicyVersion.objects.adopted().get(),
        contract=contract,
        kind=ClockKind.RESOLUTION,
        grade=2,
        limit=6 * HOUR,
        round_the_clock=True,
        source="x",
    )
    assert resolution_limit() == 6 * HOUR
    assert clock(cast.ticket(), ClockKind.RESPONSE).limit == 15 * MIN  # of what it does not say: the default
    contract.ends_on = "2026-11-30"
    contract.save()
    assert resolution_limit(MONDAY + 30 * DAY) == 24 * HOUR
    TimeLimit.objects.filter(kind=ClockKind.RESPONSE).delete()
    with pytest.raises(Refused) as refused:  # aloud: never a record without its clock
        cast.ticket()
    assert refused.value.code == "no_time_limit"
    assert not Ticket.objects.filter(clocks=None).exists()


def test_a_holiday_makes_nothing_earlier(cast: Cast) -> None:
    before = in_progress(cast, Grade.THREE, FRIDAY)
    round_the_clock = in_progress(cast, Grade.TWO, FRIDAY)
    for day in (23, 24):
        on = at(f"2026-11-{day} 00:00").date()
        edit_day(on, kind=DayKind.STATUTORY, name="停工", name_en="", by=cast.wang, now=FRIDAY)
    after = in_progress(cast, Grade.THREE, FRIDAY)
    for old, new in zip(before.clocks.running(), after.clocks.running(), strict=True):
        assert (new.due_at, new.near_at) > (old.due_at, old.near_at)
    days_and_nights = in_progress(cast, Grade.TWO, FRIDAY)
    assert [row.due_at for row in days_and_nights.clocks.running()] == [
        row.due_at for row in round_the_clock.clocks.running()
    ]


def test_looking_writes_nothing(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.ONE)
    with CaptureQueriesContext(connection) as queries:
        assert list(ticket.escalations.planned())
        assert [row.state(MONDAY + DAY) for row in ticket.clocks.running()]
        sunk(MONDAY + DAY)
        deadlines.next_deadline()
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert fired(ticket) == []


def test_make_up_workdays_are_worked(cast: Cast) -> None:
    start = at("2026-10-09 17:00")  # the Saturday after is worked for the October holiday
    ticket = actions.grade(cast.ticket(start), Grade.THREE, reason="clause", by=cast.li, now=start)
    assert clock(ticket, ClockKind.RESPONSE).due_at == at("2026-10-10 12:00")
    other = at("2026-11-20 17:00")  # the Saturday after is not
    ticket = actions.grade(cast.ticket(other), Grade.THREE, reason="clause", by=cast.li, now=other)
    assert clock(ticket, ClockKind.RESPONSE).due_at == at("2026-11-23 12:00")


@pytest.mark.parametrize(("kind", "limit"), [(Kind.REQUEST, 15 * MIN), (Kind.COMPLAINT, 2 * HOUR)])
def test_requests_have_a_response_clock(cast: Cast, kind: Kind, limit: timedelta) -> None:
    ticket = cast.ticket(kind=kind)
    assert clock(ticket, ClockKind.RESPONSE).due_at == MONDAY + limit
    actions.enforce_deadlines(now=MONDAY + limit + HOUR)
    assert (ClockKind.RESPONSE, Target.SUPERVISOR) in fired(ticket)

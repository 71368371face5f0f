"""The verbs, one sentence of the process a test."""

from datetime import UTC, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast, at, sunk
from staff.models import Notice
from tickets import actions
from tickets.lifecycle import Moved, Refused
from tickets.models import Cause, Clock, ClockKind, Entry, EntryKind, Grade, Kind, PauseReason, Status, Ticket

MIN, HOUR = timedelta(minutes=1), timedelta(hours=1)


def clock(ticket: Ticket, kind: ClockKind) -> Clock:
    return ticket.clocks.current().filter(kind=kind).latest("pk")


def graded(cast: Cast, grade: Grade, now=MONDAY) -> Ticket:
    ticket = cast.ticket(now)
    return actions.grade(ticket, grade, reason="clause", by=cast.li, now=now)


def in_progress(cast: Cast, grade: Grade, now=MONDAY) -> Ticket:
    return actions.acknowledge(graded(cast, grade, now), by=cast.chen, now=now)


def resolved(cast: Cast, grade: Grade = Grade.THREE, now=MONDAY) -> Ticket:
    ticket = in_progress(cast, grade, now)
    return actions.resolve(ticket, solution="重启服务", cause=Cause.SOFTWARE, by=cast.chen, now=now + HOUR)


def test_a_logged_call_has_an_owner_a_first_receiver_and_a_running_clock(cast: Cast) -> None:
    ticket = cast.ticket()
    assert ticket.owner == cast.chen  # the system's dedicated maintainer (§5.1)
    assert ticket.taken_by == cast.li
    assert ticket.group == cast.south
    assert ticket.next_due_at == MONDAY + 15 * MIN == clock(ticket, ClockKind.RESPONSE).due_at
    assert ticket.in_coverage
    assert [entry.kind for entry in ticket.entries.all()] == [EntryKind.LOGGED]
    assert Notice.objects.get(recipient=cast.chen).kind == "assigned"
    assert sunk(MONDAY) == []


def test_a_call_of_an_unknown_system_goes_to_who_is_on_duty(cast: Cast) -> None:
    cast.south.shifts.create(user=cast.wang, starts_at=MONDAY, ends_at=MONDAY + HOUR)
    assert cast.ticket(system=None).owner == cast.wang
    assert cast.ticket(MONDAY + HOUR, system=None).owner is None  # the group answers; a shift is half-open


def test_a_call_outside_the_coverage_is_recorded_and_marked(cast: Cast) -> None:
    cast.hospital.contracts.update(ends_on="2026-01-01")
    assert not cast.ticket().in_coverage


def test_a_contract_covers_its_days_as_the_client_counts_them(cast: Cast) -> None:
    cast.hospital.contracts.update(starts_on="2026-11-23")
    early = at("2026-11-23 07:00").astimezone(UTC)  # still the day before in UTC, in which the house stores
    assert cast.ticket(early).in_coverage


@pytest.mark.parametrize("field", ["caller_name", "title"])
def test_the_mandatory_fields_are_refused_by_name(cast: Cast, field: str) -> None:
    with pytest.raises(Refused) as refused:
        cast.ticket(**{field: "  "})
    assert refused.value.field == field
    assert not Ticket.objects.exists()


def test_grading_starts_diagnosis_and_resolution_from_the_instant_of_the_call(cast: Cast) -> None:
    ticket = cast.ticket()
    ticket = actions.grade(ticket, Grade.ONE, reason="clause", by=cast.li, now=MONDAY + 5 * MIN)
    assert clock(ticket, ClockKind.RESPONSE).due_at == MONDAY + 15 * MIN
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == MONDAY + HOUR
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 12 * HOUR


def test_grade_three_runs_in_the_clients_working_hours(cast: Cast) -> None:
    ticket = graded(cast, Grade.THREE, at("2026-11-20 17:00"))  # Friday, closing at 18:00
    assert clock(ticket, ClockKind.RESPONSE).due_at == at("2026-11-23 12:00")
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == at("2026-11-23 17:30")


def test_lowering_a_grade_needs_a_supervisor(cast: Cast) -> None:
    ticket = graded(cast, Grade.ONE)
    with pytest.raises(Refused) as refused:
        actions.grade(ticket, Grade.TWO, reason="milder", by=cast.li, now=MONDAY)
    assert refused.value.code == "forbidden"
    assert actions.grade(ticket, Grade.TWO, reason="milder", by=cast.wang, now=MONDAY).grade == Grade.TWO


def test_a_regrade_restarts_nothing_and_keeps_the_old_clocks_as_history(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.TWO)
    ticket = actions.grade(ticket, Grade.ONE, reason="worse", by=cast.li, now=MONDAY + 2 * HOUR)
    assert clock(ticket, ClockKind.RESOLUTION).started_at == MONDAY
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 12 * HOUR
    old = ticket.clocks.filter(superseded_at__isnull=False, grade=Grade.TWO)
    assert {c.kind for c in old} == {ClockKind.DIAGNOSIS, ClockKind.RESOLUTION, ClockKind.PROGRESS}


def test_acknowledging_stops_the_response_clock_and_makes_the_owner(cast: Cast) -> None:
    ticket = graded(cast, Grade.TWO)
    ticket = actions.acknowledge(ticket, by=cast.wang, now=MONDAY + 30 * MIN)
    assert ticket.status == Status.IN_PROGRESS
    assert ticket.owner == cast.wang
    response = clock(ticket, ClockKind.RESPONSE)
    assert response.stopped_at == response.due_at  # at the very instant is in time
    assert response.breached_marked_at is None


def test_an_ungraded_call_that_is_acknowledged_must_be_graded_next(cast: Cast) -> None:
    ticket = actions.acknowledge(cast.ticket(), by=cast.chen, now=MONDAY)
    assert ticket.next_due_at == MONDAY + 15 * MIN == clock(ticket, ClockKind.GRADING).due_at
    with pytest.raises(Refused, match="Grade the fault first|先"):
        actions.resolve(ticket, solution="x", cause=Cause.OTHER, by=cast.chen, now=MONDAY)


def test_a_late_acknowledgement_marks_the_breach_before_it_stops_the_clock(cast: Cast) -> None:
    ticket = graded(cast, Grade.ONE)
    actions.acknowledge(ticket, by=cast.chen, now=MONDAY + 16 * MIN)
    assert clock(ticket, ClockKind.RESPONSE).breached_marked_at == MONDAY + 16 * MIN
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds.index(EntryKind.BREACHED) < kinds.index(EntryKind.ACKNOWLEDGED)


def test_grade_one_never_waits(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.ONE)
    with pytest.raises(Refused) as refused:
        pause(ticket, cast)
    assert refused.value.code == "grade_one"


def pause(ticket: Ticket, cast: Cast, now=MONDAY + HOUR, until=MONDAY + 24 * HOUR) -> Ticket:
    return actions.pause(
        ticket, reason=PauseReason.CLIENT, text="等客户回电", until=until, by=cast.chen, now=now
    )


def test_a_pause_stops_the_clocks_and_leaves_a_dated_next_step(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast)
    assert ticket.status == Status.WAITING
    assert ticket.next_due_at == MONDAY + 24 * HOUR
    assert clock(ticket, ClockKind.RESOLUTION).due_at is None
    assert sunk(MONDAY + HOUR) == []


def test_resuming_runs_the_clocks_on_from_where_they_stood(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast)
    ticket = actions.resume(ticket, by=cast.chen, now=MONDAY + 6 * HOUR)
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == MONDAY + 9 * HOUR  # 4 h limit, 5 h waited
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 29 * HOUR


def test_nothing_breaches_while_it_waits_but_the_next_step_is_reported(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast)
    actions.enforce_deadlines(now=MONDAY + 23 * HOUR)
    assert not ticket.entries.filter(kind=EntryKind.BREACHED).exists()
    actions.enforce_deadlines(now=MONDAY + 25 * HOUR)
    breached = ticket.entries.get(kind=EntryKind.BREACHED)
    assert breached.changes["clock"] == ClockKind.NEXT_STEP


@pytest.mark.parametrize("until", [MONDAY, MONDAY + timedelta(days=32)])
def test_a_pause_needs_a_sensible_time_to_look_again(cast: Cast, until) -> None:
    with pytest.raises(Refused) as refused:
        pause(in_progress(cast, Grade.TWO), cast, until=until)
    assert refused.value.field == "until"


def test_raising_a_waiting_record_to_grade_one_ends_the_pause(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast)
    ticket = actions.grade(ticket, Grade.ONE, reason="worse", by=cast.li, now=MONDAY + 2 * HOUR)
    assert ticket.status == Status.IN_PROGRESS
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 13 * HOUR  # one hour of pause is credited


def test_a_diagnosis_stops_its_clock_and_no_other(cast: Cast) -> None:
    ticket = in_progress(cast, Grade.ONE)
    ticket = actions.diagnose(
        ticket, diagnosis="磁盘满", cause=Cause.HARDWARE, by=cast.chen, now=MONDAY + MIN
    )
    assert clock(ticket, ClockKind.DIAGNOSIS).stopped_at == MONDAY + MIN
    assert clock(ticket, ClockKind.RESOLUTION).is_running


def test_a_diagnosis_found_while_waiting_keeps_its_deadline_for_the_figures(cast: Cast) -> None:
    ticket = pause(in_progress(cast, Grade.TWO), cast)
    actions.diagnose(ticket, diagnosis="磁盘满", cause=Cause.HARDWARE, by=cast.chen, now=MONDAY + 3 * HOUR)
    diagnosed = clock(ticket, ClockKind.DIAGNOSIS)
    assert diagnosed.stopped_at == MONDAY + 3 * HOUR
    assert diagnosed.due_at == MONDAY + 6 * HOUR  # 4 h limit, 2 h of pause so far


def test_only_the_clients_word_closes_a_record(cast: Cast) -> None:
    ticket = resolved(cast)
    assert ticket.status == Status.RESOLVED
    assert ticket.next_due_at == clock(ticket, ClockKind.CONFIRMATION).due_at
    ticket = actions.confirm(
        ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY + 2 * HOUR
    )
    assert (ticket.status, ticket.next_due_at, ticket.confirmed_by) == (Status.CLOSED, None, "孙主任")
    assert not ticket.clocks.running().exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(confirmed_by="")


def test_the_contact_himself_may_confirm_or_reopen_his_own_record_and_nothing_else(cast: Cast) -> None:
    ticket = resolved(cast)
    with pytest.raises(Refused):
        actions.assign(ticket, owner=cast.wang, by=cast.sun, now=MONDAY + 2 * HOUR)
    ticket = actions.reopen(ticket, reason="还是登不上", by=cast.sun, now=MONDAY + 2 * HOUR)
    assert ticket.status == Status.IN_PROGRESS


def test_reopening_starts_a_new_cycle_and_the_first_result_stands(cast: Cast) -> None:
    ticket = resolved(cast, Grade.TWO)
    ticket = actions.reopen(ticket, reason="又出现", by=cast.li, now=MONDAY + 50 * HOUR)
    first, second = ticket.clocks.current().filter(kind=ClockKind.RESOLUTION).order_by("cycle")
    assert first.stopped_at == MONDAY + HOUR
    assert first.breached_marked_at is None  # solved time counts for nobody
    assert (second.cycle, second.started_at, second.due_at) == (2, MONDAY + 50 * HOUR, MONDAY + 74 * HOUR)
    assert ticket.reopened_count == 1


def test_somebody_faster_is_noticed(cast: Cast) -> None:
    mine, his = graded(cast, Grade.TWO), None
    his = Ticket.objects.get(pk=mine.pk)
    actions.acknowledge(mine, by=cast.chen, now=MONDAY + MIN)
    with pytest.raises(Moved):
        actions.acknowledge(his, by=cast.wang, now=MONDAY + MIN)


def test_an_assignment_made_on_an_old_page_is_noticed(cast: Cast) -> None:
    ticket = graded(cast, Grade.TWO)
    old_page = Ticket.objects.get(pk=ticket.pk)
    actions.assign(ticket, owner=cast.wang, by=cast.li, now=MONDAY)
    with pytest.raises(Moved):
        actions.assign(old_page, owner=cast.li, by=cast.li, now=MONDAY)


def test_a_record_goes_to_another_group_and_to_its_person_on_duty(cast: Cast) -> None:
    cast.north.shifts.create(user=cast.outsider, starts_at=MONDAY, ends_at=MONDAY + HOUR)
    ticket = actions.assign(cast.ticket(), group=cast.north, by=cast.li, now=MONDAY)
    assert (ticket.group, ticket.owner) == (cast.north, cast.outsider)
    assert Ticket.objects.visible_to(cast.outsider).filter(pk=ticket.pk).exists()


def test_a_person_of_another_group_cannot_be_made_the_owner(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.assign(cast.ticket(), owner=cast.outsider, by=cast.li, now=MONDAY)
    assert refused.value.field == "owner"


@pytest.mark.parametrize("who", ["zhou", "zhao", "qian"])
def test_auditors_and_leaders_read_and_change_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_note(cast.ticket(), text="x", by=getattr(cast, who), now=MONDAY)
    assert refused.value.code == "forbidden"


def test_a_request_is_not_graded_and_has_a_resolution_clock_from_the_start(cast: Cast) -> None:
    ticket = cast.ticket(kind=Kind.REQUEST)
    assert {c.kind for c in ticket.clocks.running()} == {ClockKind.RESPONSE, ClockKind.RESOLUTION}
    with pytest.raises(Refused):
        actions.grade(ticket, Grade.ONE, reason="x", by=cast.li, now=MONDAY)


def test_the_history_refuses_to_be_rewritten(cast: Cast) -> None:
    entry = cast.ticket().entries.get()
    with pytest.raises(InternalError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(text="x")
    with pytest.raises(InternalError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).delete()


def test_an_open_record_without_a_next_due_time_is_refused_by_the_database(cast: Cast) -> None:
    ticket = cast.ticket()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(next_due_at=None)


def test_the_auditor_finds_what_the_constraints_cannot(cast: Cast) -> None:
    ticket = cast.ticket()
    Clock.objects.filter(ticket=ticket).update(stopped_at=MONDAY, next_at=None)
    assert {problem.code for problem in sunk(MONDAY)} == {"no_running_clock"}
    other = cast.ticket()
    assert "deadline_not_enforced" in {p.code for p in sunk(MONDAY + HOUR) if p.ticket == other.pk}


def test_limits_edited_later_leave_running_clocks_as_they_are(cast: Cast) -> None:
    from tickets.models import TimeLimit

    ticket = graded(cast, Grade.ONE)
    TimeLimit.objects.filter(kind=ClockKind.RESOLUTION).update(limit=HOUR)
    actions.acknowledge(ticket, by=cast.chen, now=MONDAY)
    assert clock(ticket, ClockKind.RESOLUTION).due_at == MONDAY + 12 * HOUR


def test_a_contract_that_says_so_runs_grade_two_in_service_hours(cast: Cast) -> None:
    cast.hospital.contracts.update(grade_two_round_the_clock=False)
    ticket = graded(cast, Grade.TWO, at("2026-11-20 17:30"))
    assert clock(ticket, ClockKind.DIAGNOSIS).due_at == at("2026-11-23 14:00")

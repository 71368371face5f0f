"""Engineers on site: who may be sent, what they report, and what the arrival clock makes of it (§5.4.1.2)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from opsdesk.testing import MONDAY, Cast, at, sunk
from staff.files import Upload
from staff.models import Notice
from staff.refused import Refused
from staff.tests.hostile import SCRIPT, picture
from tickets import actions
from tickets.actions import timing
from tickets.actions.policy import load_defaults
from tickets.clocks import ClockState
from tickets.dispatching import SKEW, OnSiteStep, accepted_at, need_remains, next_step, refuse_order
from tickets.models import (
    Attachment,
    Clock,
    ClockKind,
    CoordinationMeeting,
    Dispatch,
    EntryKind,
    EscalationRule,
    Grade,
    Kind,
    OnSiteOutcome,
    OnSiteReport,
    Outcome,
    Overrun,
    Status,
    Target,
    Ticket,
    TimeLimit,
    WrittenReport,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def faulty(cast: Cast, grade: Grade | None = Grade.ONE, now: datetime = MONDAY) -> Ticket:
    """A record in work."""
    ticket = cast.ticket(now)
    if grade:
        ticket = actions.grade(ticket, grade, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.li, now=now)


def sent(cast: Cast, ticket: Ticket, now: datetime = MONDAY, **more: object) -> Dispatch:
    facts = {"engineer": cast.chen, "address": "罗湖区1号", "contact_name": "孙主任", "by": cast.wang}
    return actions.dispatch(ticket, **(facts | more), now=now)  # type: ignore[arg-type]


def arrival(ticket: Ticket) -> Clock:
    return ticket.clocks.current().filter(kind=ClockKind.ARRIVAL).latest("pk")


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.entries.order_by("pk").values_list("kind", flat=True))


def png(name: str = "a.png") -> Upload:
    return Upload(name, BytesIO(picture()))


# Rules


@pytest.mark.parametrize(
    ("grade", "has_report", "code"),
    [
        (None, True, "ungraded"),
        (3, False, "no_written_report"),
        (3, True, ""),
        (1, False, ""),
        (2, False, ""),
    ],
)
def test_who_may_be_sent(grade: int | None, has_report: bool, code: str) -> None:
    if not code:
        return refuse_order(is_fault=True, grade=grade, has_written_report=has_report)
    with pytest.raises(Refused) as refused:
        refuse_order(is_fault=True, grade=grade, has_written_report=has_report)
    assert refused.value.code == code
    assert ("§5.4.1.2" in str(refused.value)) is (grade == 3)


def test_a_request_has_no_grade_and_needs_none() -> None:
    refuse_order(is_fault=False, grade=None, has_written_report=False)


def test_steps_follow_each_other() -> None:
    def after(*said: datetime | None) -> OnSiteStep | None:
        return next_step(departed_at=said[0], arrived_at=said[1], left_at=said[2])

    assert after(None, None, None) == OnSiteStep.DEPART
    assert after(MONDAY, None, None) == OnSiteStep.ARRIVE
    assert after(None, MONDAY, None) == OnSiteStep.LEAVE
    assert after(MONDAY, MONDAY, MONDAY) is None


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        (None, HOUR),  # without a word, on receipt
        (30 * MINUTE, 30 * MINUTE),
        (timedelta(0), timedelta(0)),  # the very instant of the order
        (HOUR + SKEW, HOUR),  # a phone that goes fast
        (-SKEW, timedelta(0)),  # and one that goes slow
        (HOUR + SKEW + MINUTE, None),
        (-SKEW - MINUTE, None),
    ],
)
def test_what_time_is_believed(said: timedelta | None, believed: timedelta | None) -> None:
    """The order was given on Monday, and the report comes in an hour later."""
    told = None if said is None else MONDAY + said
    if believed is not None:
        assert accepted_at(told, received_at=MONDAY + HOUR, not_before=MONDAY) == MONDAY + believed
        return
    with pytest.raises(Refused) as refused:
        accepted_at(told, received_at=MONDAY + HOUR, not_before=MONDAY)
    assert refused.value.field == "happened_at"


def test_a_step_lies_before_the_next_one_that_is_known() -> None:
    bounds = {"received_at": MONDAY + HOUR, "not_before": MONDAY, "not_after": MONDAY + 20 * MINUTE}
    assert accepted_at(None, **(bounds | {"received_at": MONDAY + 22 * MINUTE})) == MONDAY + 20 * MINUTE
    with pytest.raises(Refused):
        accepted_at(MONDAY + 30 * MINUTE, **bounds)


def test_the_need_outlasts_the_engineer() -> None:
    assert not need_remains(others_on_the_way=False, decided=False)
    assert need_remains(others_on_the_way=True, decided=False)
    assert need_remains(others_on_the_way=False, decided=True)


# Sending


def test_a_grade_one_has_24_hours_from_the_order_and_the_engineer_is_told(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket, MONDAY + HOUR, bring=["硬盘 2TB", " ", "验收单"], note="走西门")
    clock = arrival(ticket)
    assert (clock.due_at, clock.limit, clock.round_the_clock) == (MONDAY + 25 * HOUR, DAY, True)
    assert order.bring == ["硬盘 2TB", "验收单"]
    notice = Notice.objects.get(recipient=cast.chen, kind="dispatched")
    assert notice.url == "/records/dispatches/" and notice.params["address"] == "罗湖区1号"
    entry = ticket.entries.get(kind=EntryKind.DISPATCHED)
    assert (entry.text, entry.changes["engineer"]) == ("走西门", [None, "陈工"])
    assert not sunk(MONDAY + HOUR)


def test_a_grade_three_needs_the_clients_written_report(cast: Cast) -> None:
    ticket = faulty(cast, Grade.THREE)
    with pytest.raises(Refused) as refused:
        sent(cast, ticket)
    assert refused.value.code == "no_written_report"
    report = actions.file_written_report(
        ticket, written_by="孙主任", files=[png("传真.png")], by=cast.li, now=MONDAY
    )
    assert (report.attachment.name, report.received_at) == ("传真.png", MONDAY)
    sent(cast, ticket)
    # 5 days of 8 working hours, from Monday half past nine in office hours
    assert (arrival(ticket).limit, arrival(ticket).round_the_clock) == (40 * HOUR, False)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"written_by": " ", "text": "x"}, "written_by"),
        ({"written_by": "x"}, "text"),
        ({"written_by": "x", "text": "x", "received_at": MONDAY + HOUR}, "received_at"),
    ],
)
def test_a_written_report_says_something_of_the_past(cast: Cast, facts: dict, field: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.file_written_report(faulty(cast, Grade.THREE), **facts, by=cast.li, now=MONDAY)
    assert refused.value.field == field
    assert not WrittenReport.objects.exists()


def test_a_fault_that_nobody_has_graded_sends_nobody(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        sent(cast, faulty(cast, None))
    assert refused.value.code == "ungraded"
    assert not Dispatch.objects.exists()


def test_a_request_sends_an_engineer_in_working_time(cast: Cast) -> None:
    ticket = cast.ticket(kind=Kind.REQUEST)
    sent(cast, ticket)
    assert arrival(ticket).limit == 40 * HOUR


def test_who_can_be_sent(cast: Cast) -> None:
    ticket = faulty(cast)
    for engineer in (cast.outsider, cast.zhou):
        with pytest.raises(Refused) as refused:
            sent(cast, ticket, engineer=engineer)
        assert refused.value.field == "engineer"
    sent(cast, ticket)
    with pytest.raises(Refused) as refused:
        sent(cast, ticket)
    assert refused.value.code == "taken"
    sent(cast, ticket, engineer=cast.liu)  # of the technical team
    assert Dispatch.objects.count() == 2 and arrival(ticket).cycle == 1


def test_the_clock_of_a_verdict_is_not_started_anew(cast: Cast) -> None:
    ticket = faulty(cast)
    timing.start(ticket, ClockKind.ARRIVAL, at=MONDAY)
    sent(cast, ticket, MONDAY + 3 * HOUR)
    assert arrival(ticket).due_at == MONDAY + DAY


def test_no_clock_runs_for_a_second_engineer_while_the_first_is_there(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.arrive(order, by=cast.chen, now=MONDAY + HOUR)
    sent(cast, ticket, MONDAY + 2 * HOUR, engineer=cast.liu)
    assert arrival(ticket).cycle == 1 and not arrival(ticket).is_running


def test_a_regrade_computes_the_arrival_clock_anew_from_its_own_start(cast: Cast) -> None:
    ticket = faulty(cast, Grade.TWO)
    sent(cast, ticket, MONDAY + HOUR)
    assert arrival(ticket).due_at == MONDAY + 49 * HOUR
    actions.grade(ticket, Grade.ONE, reason="恶化", by=cast.li, now=MONDAY + 5 * HOUR)
    assert arrival(ticket).due_at == MONDAY + 25 * HOUR
    assert arrival(ticket).started_at == MONDAY + HOUR


# On the way


def test_the_whole_way(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket, bring=["硬盘", "验收单"])
    actions.depart(order, packed=[1, 7], by=cast.chen, now=MONDAY + HOUR)
    actions.arrive(order, photos=[png()], by=cast.chen, now=MONDAY + 3 * HOUR)
    actions.leave(
        order,
        outcome=OnSiteOutcome.SOLVED,
        signed_by="孙主任",
        signature=png("signature.png"),
        by=cast.chen,
        now=MONDAY + 4 * HOUR,
    )
    order.refresh_from_db()
    assert [order.departed_at, order.arrived_at, order.left_at] == [MONDAY + n * HOUR for n in (1, 3, 4)]
    assert (order.packed, order.signature.name, order.signed_by) == ([1], "signature.png", "孙主任")
    assert order.signature.entry.kind == EntryKind.LEFT
    assert Attachment.objects.get(name="a.png").entry.kind == EntryKind.ARRIVED
    assert ticket.entries.get(kind=EntryKind.DEPARTED).changes["left_behind"] == [None, "硬盘"]
    assert arrival(ticket).state(MONDAY + DAY) == ClockState.MET
    assert arrival(ticket).stopped_at == MONDAY + 3 * HOUR
    assert {notice.recipient for notice in Notice.objects.filter(kind="arrived")} == {cast.li, cast.wang}
    assert not Notice.objects.filter(kind="not_solved_on_site").exists()
    assert Ticket.objects.get().status == Status.IN_PROGRESS  # what he did there is still to be written


def test_not_solved_needs_a_reason_and_goes_up(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.arrive(order, by=cast.chen, now=MONDAY + HOUR)
    said = {"outcome": OnSiteOutcome.NOT_SOLVED, "by": cast.chen, "now": MONDAY + 2 * HOUR}
    with pytest.raises(Refused) as refused:
        actions.leave(order, **said)
    assert refused.value.field == "reason"
    actions.leave(order, reason="缺备件", **said)
    told = Notice.objects.filter(kind="not_solved_on_site")
    assert {notice.recipient for notice in told} == {cast.li, cast.wang}
    sent(cast, ticket, MONDAY + 3 * HOUR)  # he may be sent again, and has his 24 hours again
    assert (arrival(ticket).cycle, arrival(ticket).due_at) == (2, MONDAY + 27 * HOUR)


def test_who_has_not_arrived_has_not_left_and_a_signature_has_a_name(cast: Cast) -> None:
    order = sent(cast, faulty(cast))
    said = {"outcome": OnSiteOutcome.SOLVED, "by": cast.chen, "now": MONDAY + HOUR}
    with pytest.raises(Refused) as refused:
        actions.leave(order, **said)
    assert refused.value.code == "not_arrived"
    actions.arrive(order, by=cast.chen, now=MONDAY)
    with pytest.raises(Refused) as refused:
        actions.leave(order, signature=png(), **said)
    assert refused.value.field == "signed_by"
    assert not Attachment.objects.exists()


def test_the_desk_reports_for_an_engineer_who_phones_in(cast: Cast) -> None:
    order = sent(cast, faulty(cast))
    actions.arrive(order, happened_at=MONDAY + HOUR, by=cast.li, now=MONDAY + 2 * HOUR)
    entry = order.ticket.entries.get(kind=EntryKind.ARRIVED)
    assert entry.changes["engineer"] == [None, "陈工"]
    assert entry.changes["happened_at"] == [None, (MONDAY + HOUR).isoformat()]
    assert Dispatch.objects.get().departed_at is None


# Late, and exactly once


def test_an_arrival_in_time_that_is_heard_of_late_was_in_time(cast: Cast) -> None:
    """The phone had no network: the limit was reported up meanwhile, and the history says what was true."""
    ticket = faulty(cast)
    order = sent(cast, ticket)
    came, heard = MONDAY + 23 * HOUR, MONDAY + 26 * HOUR
    actions.enforce_deadlines(now=MONDAY + 25 * HOUR)
    report = actions.arrive(order, happened_at=came, by=cast.chen, now=heard)
    assert (report.happened_at, report.received_at) == (came, heard)
    clock = arrival(ticket)
    assert (clock.stopped_at, clock.state(heard)) == (came, ClockState.MET)
    assert clock.breached_marked_at is not None
    entry = ticket.entries.get(kind=EntryKind.ARRIVED)
    assert entry.at == heard and entry.changes["why"] == [None, "in_time_after_all"]
    assert not sunk(heard)
    case = Overrun.objects.get(kind=ClockKind.ARRIVAL)  # opened meanwhile: nobody has to answer for it now
    assert case.is_set_aside and case.late_by(heard) == timedelta(0)
    assert case in Overrun.objects.set_aside() and case not in Overrun.objects.standing()
    assert Overrun.objects.standing().exists()  # others of the record


@pytest.mark.parametrize("swept", [True, False])
def test_the_history_is_the_same_whether_the_sweep_came_round_or_not(cast: Cast, swept: bool) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    heard = MONDAY + 26 * HOUR
    if swept:
        actions.enforce_deadlines(now=heard)
    actions.arrive(order, happened_at=MONDAY + 25 * HOUR, by=cast.chen, now=heard)
    of_the_clock = [
        entry.kind for entry in ticket.entries.order_by("pk") if entry.changes.get("clock") == "arrival"
    ]
    assert of_the_clock[:3] == [EntryKind.NEAR, EntryKind.REPORTED_UP, EntryKind.BREACHED]
    assert kinds(ticket)[-1] == EntryKind.ARRIVED
    assert arrival(ticket).state(heard) == ClockState.MISSED
    reached = ticket.escalations.fired().filter(clock=arrival(ticket))
    assert {step.target for step in reached} == {
        Target.OWNER,
        Target.SUPERVISOR,
        Target.TECHNICAL_LEAD,
        Target.DEPARTMENT_MANAGER,
    }


def test_the_same_report_sent_again_is_one_report(cast: Cast) -> None:
    ticket = faulty(cast)
    order, key = sent(cast, ticket), uuid.uuid4()
    said = {"key": key, "happened_at": MONDAY + HOUR, "by": cast.chen}
    first = actions.arrive(order, photos=[png()], **said, now=MONDAY + HOUR)
    version = Ticket.objects.get().version
    again = actions.arrive(order, photos=[png()], **said, now=MONDAY + 2 * HOUR)
    assert first == again and OnSiteReport.objects.count() == 1
    assert Attachment.objects.count() == 1 and Ticket.objects.get().version == version
    assert kinds(ticket).count(EntryKind.ARRIVED) == 1
    assert Notice.objects.filter(kind="arrived", recipient=cast.wang).count() == 1


def test_a_key_belongs_to_one_step_and_one_person(cast: Cast) -> None:
    order, key = sent(cast, faulty(cast)), uuid.uuid4()
    actions.depart(order, key=key, by=cast.chen, now=MONDAY)
    for verb, by in ((actions.arrive, cast.chen), (actions.depart, cast.li)):
        with pytest.raises(Refused) as refused:
            verb(order, key=key, by=by, now=MONDAY)
        assert refused.value.field == "key"


def test_a_step_that_the_desk_wrote_down_already_keeps_its_time_and_gains_the_photo(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.arrive(order, by=cast.li, now=MONDAY + HOUR)
    report = actions.arrive(
        order, photos=[png()], happened_at=MONDAY + 50 * MINUTE, by=cast.chen, now=MONDAY + 2 * HOUR
    )
    assert not report.counts and Dispatch.objects.get().arrived_at == MONDAY + HOUR
    assert Attachment.objects.get().entry == report.entry
    assert "also_reported" in report.entry.changes
    assert Notice.objects.filter(kind="arrived", recipient=cast.wang).count() == 1
    late = actions.depart(order, happened_at=MONDAY + 10 * MINUTE, by=cast.chen, now=MONDAY + 2 * HOUR)
    assert late.counts and Dispatch.objects.get().departed_at == MONDAY + 10 * MINUTE


def test_a_signature_that_comes_after_the_desks_word_is_kept(cast: Cast) -> None:
    order = sent(cast, faulty(cast))
    actions.arrive(order, by=cast.li, now=MONDAY)
    actions.leave(order, outcome=OnSiteOutcome.SOLVED, by=cast.li, now=MONDAY + HOUR)
    actions.leave(
        order,
        outcome=OnSiteOutcome.SOLVED,
        signed_by="孙主任",
        signature=png(),
        by=cast.chen,
        now=MONDAY + 2 * HOUR,
    )
    order.refresh_from_db()
    assert (order.left_at, order.signed_by, order.signature is not None) == (MONDAY + HOUR, "孙主任", True)


def test_a_picture_that_cannot_be_taken_is_named_and_the_arrival_counts(cast: Cast) -> None:
    order = sent(cast, faulty(cast))
    photos = [Upload("sham.png", BytesIO(SCRIPT)), png("good.png")]
    report = actions.arrive(order, photos=photos, by=cast.chen, now=MONDAY + HOUR)
    assert len(report.not_taken) == 1 and "sham.png" in report.not_taken[0]
    assert Attachment.objects.get().name == "good.png"
    assert Dispatch.objects.get().arrived_at == MONDAY + HOUR


# Called off


def test_the_clock_ends_with_the_only_engineer_and_counts_for_nothing(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.call_off(order, reason="电话已解决", by=cast.wang, now=MONDAY + HOUR)
    assert not ticket.clocks.current().filter(kind=ClockKind.ARRIVAL).exists()
    assert Notice.objects.get(kind="called_off").recipient == cast.chen
    with pytest.raises(Refused):
        actions.call_off(order, reason="x", by=cast.wang, now=MONDAY + HOUR)
    assert not sunk(MONDAY + HOUR)


def test_the_clock_runs_on_for_another_engineer(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    other = sent(cast, ticket, engineer=cast.liu)
    actions.call_off(order, reason="x", by=cast.wang, now=MONDAY + HOUR)
    assert arrival(ticket).is_running
    actions.call_off(other, reason="x", by=cast.wang, now=MONDAY + HOUR)
    assert not ticket.clocks.running().filter(kind=ClockKind.ARRIVAL).exists()


def verdict(cast: Cast, ticket: Ticket, outcome: Outcome, now: datetime) -> None:
    if not CoordinationMeeting.objects.filter(ticket=ticket).exists():
        actions.convene(ticket, reason="x", by=cast.wang, now=now)
    actions.decide(ticket, outcome=outcome, reason="x", by=cast.liu, now=now)


@pytest.mark.parametrize("ordered_first", [True, False])
def test_a_verdict_that_demands_somebody_on_site_keeps_the_clock(cast: Cast, ordered_first: bool) -> None:
    """§5.4.1.2: calling one engineer off does not free the house from being there within 24 hours."""
    ticket = faulty(cast)
    if not ordered_first:
        verdict(cast, ticket, Outcome.REMOTE_CANNOT, MONDAY)
    order = sent(cast, ticket)
    if ordered_first:
        verdict(cast, ticket, Outcome.REMOTE_CANNOT, MONDAY + HOUR)
    actions.call_off(order, reason="车坏了", by=cast.wang, now=MONDAY + 2 * HOUR)
    assert arrival(ticket).is_running and arrival(ticket).due_at == MONDAY + DAY


@pytest.mark.parametrize("demanded_first", [True, False])
def test_who_is_on_his_way_is_waited_for_whatever_the_verdict_until_he_is_called_off(
    cast: Cast, demanded_first: bool
) -> None:
    ticket = faulty(cast)
    if demanded_first:
        verdict(cast, ticket, Outcome.REMOTE_CANNOT, MONDAY)
    order = sent(cast, ticket)
    verdict(cast, ticket, Outcome.REMOTE_CAN, MONDAY + HOUR)
    assert arrival(ticket).is_running and arrival(ticket).due_at == MONDAY + DAY
    actions.call_off(order, reason="远程解决", by=cast.wang, now=MONDAY + 2 * HOUR)
    assert not ticket.clocks.running().filter(kind=ClockKind.ARRIVAL).exists()
    assert not sunk(MONDAY + 2 * HOUR)


def test_an_overdue_clock_that_ends_by_calling_off_stays_too_late(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.call_off(order, reason="x", by=cast.wang, now=MONDAY + 30 * HOUR)
    assert arrival(ticket).state(MONDAY + 30 * HOUR) == ClockState.MISSED


@pytest.mark.parametrize("stage", ["demanded", "on his way", "there"])
def test_a_record_is_not_merged_away_from_its_engineer(cast: Cast, stage: str) -> None:
    """The record that would answer knows nothing of him, and nothing of the clock."""
    ticket, other = faulty(cast), faulty(cast)
    if stage == "demanded":
        verdict(cast, ticket, Outcome.REMOTE_CANNOT, MONDAY)
    else:
        order = sent(cast, ticket)
    if stage == "there":
        actions.arrive(order, by=cast.chen, now=MONDAY + HOUR)
    who = {"by": cast.li, "now": MONDAY + 2 * HOUR}
    with pytest.raises(Refused) as refused:
        actions.merge(ticket, into=other, **who)
    assert (refused.value.code, refused.value.field) == ("engineer_out", "into")
    assert Ticket.objects.get(pk=ticket.pk).status == Status.IN_PROGRESS
    merged = actions.merge(other, into=ticket, **who)  # the other way round nothing is lost
    before = list(Clock.objects.filter(ticket=ticket).values_list("kind", "due_at", "stopped_at"))
    actions.unmerge(merged, reason="x", by=cast.li, now=MONDAY + 2 * HOUR)
    assert list(Clock.objects.filter(ticket=ticket).values_list("kind", "due_at", "stopped_at")) == before


def test_who_is_back_or_was_called_off_holds_up_no_merge(cast: Cast) -> None:
    for name in ("back", "called_off"):
        ticket, other = faulty(cast), faulty(cast)
        order = sent(cast, ticket)
        if name == "back":
            actions.arrive(order, by=cast.chen, now=MONDAY + HOUR)
            actions.leave(order, outcome=OnSiteOutcome.SOLVED, by=cast.chen, now=MONDAY + 2 * HOUR)
        else:
            actions.call_off(order, reason="x", by=cast.wang, now=MONDAY + HOUR)
        merged = actions.merge(ticket, into=other, by=cast.li, now=MONDAY + 3 * HOUR)
        ticket = actions.unmerge(merged, reason="x", by=cast.li, now=MONDAY + 26 * HOUR)
        assert not ticket.clocks.running().filter(kind=ClockKind.ARRIVAL).exists()
        assert not sunk(MONDAY + 26 * HOUR)


def test_a_solution_calls_off_whoever_is_on_his_way(cast: Cast) -> None:
    ticket = faulty(cast)
    going, there = sent(cast, ticket), sent(cast, ticket, engineer=cast.liu)
    actions.arrive(there, by=cast.liu, now=MONDAY)
    actions.resolve(ticket, solution="x", cause="other", by=cast.li, now=MONDAY + HOUR)
    going.refresh_from_db()
    there.refresh_from_db()
    assert going.called_off_at == MONDAY + HOUR and there.is_open
    assert Notice.objects.get(kind="called_off").recipient == cast.chen
    assert not sunk(MONDAY + HOUR)


def test_what_happened_before_he_knew_that_he_was_called_off_is_kept(cast: Cast) -> None:
    ticket = faulty(cast)
    order = sent(cast, ticket)
    actions.call_off(order, reason="x", by=cast.wang, now=MONDAY + HOUR)
    actions.arrive(
        order, photos=[png()], happened_at=MONDAY + 50 * MINUTE, by=cast.chen, now=MONDAY + 3 * HOUR
    )
    order.refresh_from_db()
    assert (order.arrived_at, Attachment.objects.count()) == (MONDAY + 50 * MINUTE, 1)


# The database and the defaults


@pytest.mark.parametrize(
    "facts",
    [
        {"departed_at": MONDAY - HOUR},
        {"departed_at": MONDAY + HOUR, "arrived_at": MONDAY},
        {"arrived_at": MONDAY - HOUR},
        {"left_at": MONDAY, "outcome": "solved"},
        {"arrived_at": MONDAY + HOUR, "left_at": MONDAY, "outcome": "solved"},
        {"arrived_at": MONDAY, "left_at": MONDAY},
        {"arrived_at": MONDAY, "left_at": MONDAY, "outcome": "not_solved"},
        {"called_off_at": MONDAY - HOUR},
    ],
)
def test_the_database_refuses_times_out_of_order(cast: Cast, facts: dict) -> None:
    order = sent(cast, faulty(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.objects.filter(pk=order.pk).update(**facts)


def test_an_installation_of_before_gets_the_limits_of_the_new_clock_and_keeps_its_own(cast: Cast) -> None:
    EscalationRule.objects.filter(kind=ClockKind.ARRIVAL).delete()
    TimeLimit.objects.filter(kind=ClockKind.ARRIVAL).delete()
    TimeLimit.objects.filter(kind=ClockKind.RESPONSE, grade=Grade.ONE).update(limit=HOUR)
    TimeLimit.objects.filter(kind=ClockKind.RESPONSE, grade=Grade.TWO).delete()
    load_defaults()
    load_defaults()
    limits = {row.grade: row for row in TimeLimit.objects.filter(kind=ClockKind.ARRIVAL)}
    assert limits[1].limit == DAY and "§5.4.1.2" in limits[1].source
    assert limits[2].source == limits[3].source == "default, not from the process document"
    assert EscalationRule.objects.filter(kind=ClockKind.ARRIVAL, grade=1).count() == 5
    assert TimeLimit.objects.get(kind=ClockKind.RESPONSE, grade=Grade.ONE).limit == HOUR
    assert not TimeLimit.objects.filter(kind=ClockKind.RESPONSE, grade=Grade.TWO).exists()


def test_arrival_never_pauses(cast: Cast) -> None:
    ticket = faulty(cast, Grade.TWO)
    sent(cast, ticket)
    until = MONDAY + 3 * DAY
    actions.pause(ticket, reason="parts", text="x", until=until, by=cast.li, now=MONDAY + HOUR)
    assert arrival(ticket).due_at == MONDAY + 48 * HOUR


def test_a_dispatch_on_friday_evening_is_due_on_sunday(cast: Cast) -> None:
    friday = at("2026-11-27 18:00")
    ticket = faulty(cast, Grade.TWO, friday)
    sent(cast, ticket, friday)
    assert arrival(ticket).due_at == at("2026-11-29 18:00")

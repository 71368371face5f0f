"""The ladder of service and the coordination meeting (§4.2, §5.4.1.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from duty.models import Shift
from opsdesk.testing import MONDAY, Cast, at, sunk
from opsdesk.tests.rest import with_authorisation
from staff.models import Notice, Role, User
from tickets import actions
from tickets.actions import coordination, ladder
from tickets.actions.people import specialists_on_duty
from tickets.lifecycle import Moved, Refused
from tickets.models import (
    Clock,
    ClockKind,
    CoordinationMeeting,
    EntryKind,
    EscalationRule,
    Grade,
    Outcome,
    PauseReason,
    ServiceStep,
    Ticket,
    TimeLimit,
    Way,
)

M, H = timedelta(minutes=1), timedelta(hours=1)
ONE, TWO, THREE = Grade.ONE, Grade.TWO, Grade.THREE


def in_work(cast: Cast, grade: Grade | None = ONE, now=MONDAY, **more) -> Ticket:
    ticket = cast.ticket(now, **more)
    if grade is not None:
        ticket = actions.grade(ticket, grade, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def convened(cast: Cast, grade: Grade = ONE, now=MONDAY + H, **more) -> Ticket:
    return actions.convene(in_work(cast, grade), reason="查不出原因", by=cast.chen, now=now, **more)


def decided(cast: Cast, outcome: Outcome, grade: Grade = ONE, now=MONDAY + 2 * H) -> Ticket:
    return actions.decide(convened(cast, grade), outcome=outcome, reason="日志不足", by=cast.liu, now=now)


def clock(ticket: Ticket, kind: ClockKind) -> Clock:
    return ticket.clocks.filter(kind=kind).latest("pk")


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.entries.order_by("pk").values_list("kind", flat=True))


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


# The ladder (§4.2)


def test_each_rung_is_left_with_a_reason_and_stands_in_the_history(cast: Cast) -> None:
    ticket = in_work(cast)
    assert ladder.current_way(ticket) == Way.GUIDANCE
    ticket = actions.step_up(ticket, way=Way.REMOTE, reason="电话指导无效", by=cast.chen, now=MONDAY + M)
    actions.step_up(ticket, way=Way.ON_SITE, reason="主机不通", by=cast.chen, now=MONDAY + 2 * M)
    steps = [(step.way, step.reason, step.by) for step in ticket.steps.all()]
    assert steps == [("remote", "电话指导无效", cast.chen), ("on_site", "主机不通", cast.chen)]
    entries = ticket.entries.filter(kind=EntryKind.STEPPED)
    assert [entry.changes for entry in entries] == [
        {"way": ["guidance", "remote"]},
        {"way": ["remote", "on_site"]},
    ]


def test_going_straight_on_site_needs_its_reason_and_says_that_a_rung_was_left_out(cast: Cast) -> None:
    ticket = in_work(cast)
    with pytest.raises(Refused) as refused:
        actions.step_up(ticket, way=Way.ON_SITE, reason="  ", by=cast.chen, now=MONDAY)
    assert refused.value.field == "reason"
    actions.step_up(ticket, way=Way.ON_SITE, reason="硬盘冒烟", by=cast.chen, now=MONDAY)
    entry = ticket.entries.get(kind=EntryKind.STEPPED)
    assert entry.changes == {"way": ["guidance", "on_site"], "why": [None, "rung_skipped"]}
    with pytest.raises(Refused) as refused:
        actions.step_up(ticket, way=Way.ON_SITE, reason="再说一遍", by=cast.chen, now=MONDAY)
    assert refused.value.code == "unchanged"
    assert ServiceStep.objects.count() == 1


def test_nobody_steps_up_before_the_record_is_taken_up(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.step_up(cast.ticket(), way=Way.REMOTE, reason="x", by=cast.chen, now=MONDAY)
    assert refused.value.code == "wrong_status"
    with pytest.raises(Refused) as refused:
        actions.step_up(in_work(cast), way=Way.REMOTE, reason="x", by=cast.sun, now=MONDAY)
    assert refused.value.code == "forbidden"


# Convening (§5.4.1.2)


def test_the_group_cannot_solve_it_so_everybody_concerned_is_told_at_once(cast: Cast) -> None:
    ticket = convened(cast, place="https://meet.example.test/1")
    [meeting] = ticket.meetings.all()
    assert (meeting.convened_by, meeting.reason, meeting.cycle) == (cast.chen, "查不出原因", 1)
    assert set(meeting.invited.all()) == {cast.liu, cast.wang, cast.chen}
    assert told("convened") == ["liu", "wang"]  # he himself knows
    verdict = clock(ticket, ClockKind.VERDICT)
    assert (verdict.started_at, verdict.due_at) == (MONDAY + H, MONDAY + 5 * H)
    assert verdict.escalations.filter(target="technical_lead", due_at=verdict.due_at).exists()


def test_whoever_is_mentioned_in_the_reason_is_invited_too(cast: Cast) -> None:
    ticket = actions.convene(in_work(cast), reason="@李敏 接的电话", by=cast.chen, now=MONDAY)
    assert cast.li in ticket.meetings.get().invited.all()
    with pytest.raises(Refused) as refused:
        actions.convene(in_work(cast), reason="@外人 请来", by=cast.chen, now=MONDAY)
    assert refused.value.field == "reason"


def test_a_grade_two_has_one_working_day_for_its_verdict(cast: Cast) -> None:
    late = at("2026-11-23 16:30")
    ticket = actions.convene(in_work(cast, TWO), reason="不稳定", by=cast.chen, now=late)
    assert clock(ticket, ClockKind.VERDICT).due_at == at("2026-11-24 17:00")  # 8 hours of service


@pytest.mark.parametrize(
    ("grade", "more", "code"),
    [(THREE, {}, "grade_three"), (None, {}, "ungraded"), (None, {"kind": "request"}, "not_a_fault")],
)
def test_what_has_no_coordination_meeting(cast: Cast, grade: Grade, more: dict, code: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.convene(in_work(cast, grade, **more), reason="x", by=cast.wang, now=MONDAY)
    assert refused.value.code == code
    assert not CoordinationMeeting.objects.exists()


def test_one_meeting_at_a_time(cast: Cast) -> None:
    ticket = convened(cast)
    with pytest.raises(Refused) as refused:
        actions.convene(ticket, reason="再开", by=cast.wang, now=MONDAY + H)
    assert refused.value.code == "taken"


def test_the_specialists_on_duty_are_asked_before_the_others(cast: Cast) -> None:
    more = [
        User.objects.create_user(name, password=None, name=name, role=Role.SPECIALIST)
        for name in ("he", "lu")
    ]
    assert specialists_on_duty(MONDAY) == [cast.liu, *more]
    Shift.objects.create(group=cast.south, user=more[1], starts_at=MONDAY, ends_at=MONDAY + 8 * H)
    assert specialists_on_duty(MONDAY) == [more[1]]
    assert specialists_on_duty(MONDAY + 8 * H) == [cast.liu, *more]


# Convened by itself


def test_the_meeting_is_convened_by_itself_where_the_report_up_reaches_the_technical_lead(cast: Cast) -> None:
    ticket = in_work(cast)
    fires = MONDAY + 30 * M
    actions.enforce_deadlines(now=fires)
    assert actions.convene_due(now=fires) == 0  # at the very instant nothing has fired yet
    actions.enforce_deadlines(now=fires + M)
    assert actions.convene_due(now=fires + M) == 1
    [meeting] = ticket.meetings.all()
    assert meeting.convened_by is None
    assert meeting.escalation.target == "technical_lead"
    assert told("convened") == ["chen", "liu", "wang"]
    assert clock(ticket, ClockKind.VERDICT).started_at == fires + M
    entry = ticket.entries.get(kind=EntryKind.CONVENED)
    assert entry.by is None
    assert entry.changes["why"] == [None, "report_up_resolution"]
    assert actions.convene_due(now=fires + 2 * M) == 0
    # Not diagnosed after an hour either: one meeting is enough, and after its verdict none is convened anew.
    ticket = actions.decide(
        ticket, outcome=Outcome.REMOTE_CAN, reason="可远程", by=cast.liu, now=fires + 3 * M
    )
    actions.enforce_deadlines(now=MONDAY + 2 * H)
    assert actions.convene_due(now=MONDAY + 2 * H) == 0
    assert sunk(MONDAY + 2 * H) == []


def test_nothing_is_convened_on_what_is_solved_lowered_or_of_grade_two(cast: Cast) -> None:
    solved, lowered, two = in_work(cast), in_work(cast), in_work(cast, TWO)
    later = MONDAY + 5 * H
    actions.enforce_deadlines(now=later)
    actions.resolve(solved, solution="重启", cause="software", by=cast.chen, now=later)
    actions.grade(lowered, TWO, reason="可用", by=cast.wang, now=later)
    assert actions.convene_due(now=later) == 0
    # Grade 2's own report-up is a row that can be switched on.
    EscalationRule.objects.filter(grade=TWO, target="technical_lead").update(convenes=True)
    assert actions.convene_due(now=later) == 1
    assert CoordinationMeeting.objects.get().ticket == two


def test_a_fault_that_comes_back_has_a_meeting_of_its_own(cast: Cast) -> None:
    ticket = convened(cast)
    ticket = actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=MONDAY + 2 * H)
    again = MONDAY + 26 * H
    ticket = actions.reopen(ticket, reason="又坏了", by=cast.li, now=again)
    actions.enforce_deadlines(now=again + 31 * M)
    assert actions.convene_due(now=again + 31 * M) == 1
    assert [meeting.cycle for meeting in ticket.meetings.all()] == [1, 2]


def test_one_that_fails_holds_up_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = in_work(cast), in_work(cast)
    actions.enforce_deadlines(now=MONDAY + H)
    start = coordination.timing.start

    def fail(ticket, *args, **more):
        if ticket == first:
            raise RuntimeError
        return start(ticket, *args, **more)

    monkeypatch.setattr(coordination.timing, "start", fail)
    assert actions.convene_due(now=MONDAY + H) == 1
    assert CoordinationMeeting.objects.get().ticket == second
    monkeypatch.undo()
    assert actions.convene_due(now=MONDAY + H) == 1


# The verdict


def test_remote_cannot_starts_the_24_hours_at_that_instant_even_on_may_day(cast: Cast) -> None:
    may_day = at("2026-05-01 20:15")
    ticket = actions.convene(in_work(cast, now=may_day), reason="x", by=cast.chen, now=may_day)
    verdict_at = may_day + 3 * H
    ticket = actions.decide(
        ticket, outcome=Outcome.REMOTE_CANNOT, reason="阵列损坏", by=cast.liu, now=verdict_at
    )
    assert clock(ticket, ClockKind.VERDICT).stopped_at == verdict_at
    arrival = clock(ticket, ClockKind.ARRIVAL)
    assert (arrival.started_at, arrival.due_at) == (verdict_at, verdict_at + 24 * H)
    assert told("verdict") == ["chen", "wang"]
    assert ladder.current_way(ticket) == Way.ON_SITE
    assert kinds(ticket)[-2:] == [EntryKind.DECIDED, EntryKind.STEPPED]
    limit = TimeLimit.objects.get(kind=ClockKind.ARRIVAL, grade=ONE)
    assert "§5.4.1.2" in limit.source


@pytest.mark.parametrize(
    ("grade", "outcome", "way", "sends"),
    [
        (ONE, Outcome.REMOTE_CAN, Way.REMOTE, False),
        (TWO, Outcome.GUIDE, Way.GUIDANCE, False),
        (TWO, Outcome.REMOTE, Way.REMOTE, False),
        (TWO, Outcome.ON_SITE, Way.ON_SITE, True),
    ],
)
def test_what_follows_from_a_verdict(
    cast: Cast, grade: Grade, outcome: Outcome, way: Way, sends: bool
) -> None:
    ticket = decided(cast, outcome, grade)
    assert ladder.current_way(ticket) == way
    arrivals = ticket.clocks.running().filter(kind=ClockKind.ARRIVAL)
    assert [row.due_at for row in arrivals] == ([MONDAY + 50 * H] if sends else [])
    assert told("verdict") == (["chen", "wang"] if sends else ["chen"])
    assert not ticket.meetings.get().is_open


def test_the_ladder_follows_a_session_and_an_engineer_and_never_back(cast: Cast) -> None:
    ticket = in_work(cast)
    access = with_authorisation(ticket, cast)
    now = access.window_from + H
    actions.close_remote(
        actions.open_remote(access, by=cast.chen, now=now), summary="x", by=cast.chen, now=now
    )
    assert ladder.current_way(ticket) == Way.REMOTE
    facts = {"address": "罗湖区1号", "contact_name": "孙主任", "by": cast.wang}
    actions.dispatch(ticket, engineer=cast.liu, **facts, now=now)
    assert ladder.current_way(ticket) == Way.ON_SITE
    actions.open_remote(access, by=cast.chen, now=now + M)
    assert ladder.current_way(ticket) == Way.ON_SITE
    assert [step.reason != "" for step in ticket.steps.all()] == [True, True]


def test_nobody_has_to_arrive_where_an_engineer_is_already(cast: Cast) -> None:
    ticket = convened(cast)
    facts = {"address": "罗湖区1号", "contact_name": "孙主任", "by": cast.wang}
    order = actions.dispatch(ticket, engineer=cast.chen, **facts, now=MONDAY + H)
    actions.arrive(order, by=cast.chen, now=MONDAY + 2 * H)
    actions.decide(ticket, outcome=Outcome.REMOTE_CANNOT, reason="x", by=cast.liu, now=MONDAY + 3 * H)
    assert not ticket.clocks.running().filter(kind=ClockKind.ARRIVAL).exists()


@pytest.mark.parametrize(("grade", "outcome"), [(ONE, Outcome.GUIDE), (TWO, Outcome.REMOTE_CANNOT)])
def test_each_grade_has_its_own_verdicts(cast: Cast, grade: Grade, outcome: Outcome) -> None:
    with pytest.raises(Refused) as refused:
        decided(cast, outcome, grade)
    assert (refused.value.field, refused.value.code) == ("outcome", "invalid")


def test_a_verdict_needs_a_meeting_and_a_reason(cast: Cast) -> None:
    facts = {"outcome": Outcome.REMOTE_CAN, "by": cast.liu, "now": MONDAY + H}
    with pytest.raises(Refused) as refused:
        actions.decide(in_work(cast), reason="x", **facts)
    assert refused.value.code == "no_meeting"
    with pytest.raises(Refused) as refused:
        actions.decide(convened(cast), reason=" ", **facts)
    assert refused.value.field == "reason"


def test_a_verdict_that_changes_keeps_the_older_one_readable(cast: Cast) -> None:
    ticket = decided(cast, Outcome.REMOTE_CANNOT)
    again = MONDAY + 4 * H
    ticket = actions.decide(ticket, outcome=Outcome.REMOTE_CAN, reason="已恢复专线", by=cast.liu, now=again)
    meeting = ticket.meetings.get()
    assert [verdict.outcome for verdict in meeting.verdicts.all()] == ["remote_cannot", "remote_can"]
    assert ticket.entries.filter(kind=EntryKind.DECIDED).last().changes == {
        "outcome": ["remote_cannot", "remote_can"]
    }
    arrival = clock(ticket, ClockKind.ARRIVAL)  # nobody has to arrive any more: it counts for nothing
    assert (arrival.superseded_at, arrival.stopped_at) == (again, None)
    with pytest.raises(Refused) as refused:
        actions.decide(ticket, outcome=Outcome.REMOTE_CAN, reason="x", by=cast.liu, now=again)
    assert refused.value.code == "unchanged"
    verdict = clock(ticket, ClockKind.VERDICT)
    assert verdict.stopped_at == MONDAY + 2 * H  # the first verdict stopped it, for good
    back = MONDAY + 5 * H
    ticket = actions.decide(ticket, outcome=Outcome.REMOTE_CANNOT, reason="又断了", by=cast.liu, now=back)
    assert clock(ticket, ClockKind.ARRIVAL).due_at == back + 24 * H
    assert sunk(back) == []


# What ends it otherwise


def test_a_solution_before_the_verdict_is_due_counts_for_nothing(cast: Cast) -> None:
    ticket = convened(cast)
    solved = MONDAY + 2 * H
    ticket = actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=solved)
    verdict = clock(ticket, ClockKind.VERDICT)
    assert (verdict.superseded_at, verdict.stopped_at) == (solved, None)
    assert ticket.meetings.get().closed_at == solved
    with pytest.raises(Refused):
        actions.decide(ticket, outcome=Outcome.REMOTE_CAN, reason="x", by=cast.liu, now=solved)


def test_a_solution_after_the_verdict_was_due_leaves_it_too_late(cast: Cast) -> None:
    ticket, solved = convened(cast), MONDAY + 6 * H
    ticket = actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=solved)
    verdict = clock(ticket, ClockKind.VERDICT)
    assert (verdict.superseded_at, verdict.stopped_at) == (None, solved)
    assert verdict.stopped_at > verdict.due_at


def test_a_fault_found_to_be_a_grade_three_needs_no_verdict(cast: Cast) -> None:
    ticket = convened(cast)
    ticket = actions.grade(ticket, THREE, reason="可用", by=cast.wang, now=MONDAY + 2 * H)
    assert not ticket.meetings.get().is_open
    assert not ticket.clocks.running().filter(kind=ClockKind.VERDICT).exists()
    with pytest.raises(Refused) as refused:
        actions.decide(ticket, outcome=Outcome.GUIDE, reason="x", by=cast.liu, now=MONDAY + 3 * H)
    assert refused.value.code == "no_meeting"


def test_a_regrade_gives_verdict_and_arrival_new_limits_from_their_own_start(cast: Cast) -> None:
    open_one = convened(cast, TWO)
    open_one = actions.grade(open_one, ONE, reason="恶化", by=cast.wang, now=MONDAY + 2 * H)
    assert clock(open_one, ClockKind.VERDICT).due_at == MONDAY + 5 * H
    sent = decided(cast, Outcome.ON_SITE, TWO)
    sent = actions.grade(sent, ONE, reason="恶化", by=cast.wang, now=MONDAY + 3 * H)
    assert clock(sent, ClockKind.ARRIVAL).due_at == MONDAY + 2 * H + 24 * H
    sent = actions.grade(sent, THREE, reason="可用", by=cast.wang, now=MONDAY + 4 * H)
    arrival = clock(sent, ClockKind.ARRIVAL)  # he is still to come, within 5 days of service
    assert (arrival.started_at, arrival.is_running) == (MONDAY + 2 * H, True)
    assert arrival.due_at > MONDAY + 4 * 24 * H


def test_a_verdict_and_an_arrival_do_not_wait_while_the_record_does(cast: Cast) -> None:
    ticket = decided(cast, Outcome.ON_SITE, TWO)
    due = clock(ticket, ClockKind.ARRIVAL).due_at
    now = MONDAY + 3 * H
    ticket = actions.pause(
        ticket, reason=PauseReason.PARTS, text="备件", until=now + 9 * H, by=cast.chen, now=now
    )
    assert clock(ticket, ClockKind.ARRIVAL).due_at == due
    actions.resume(ticket, by=cast.chen, now=now + H)
    assert clock(ticket, ClockKind.ARRIVAL).due_at == due


def test_a_record_is_not_merged_away_from_its_open_meeting(cast: Cast) -> None:
    ticket, other = convened(cast), in_work(cast)
    now = MONDAY + 2 * H
    with pytest.raises(Refused) as refused:
        actions.merge(ticket, into=other, by=cast.chen, now=now)
    assert (refused.value.code, refused.value.field) == ("in_meeting", "into")
    assert clock(ticket, ClockKind.VERDICT).is_running
    actions.decide(ticket, outcome=Outcome.REMOTE_CAN, reason="x", by=cast.liu, now=now)
    merged = actions.merge(ticket, into=other, by=cast.chen, now=now + M)
    ticket = actions.unmerge(merged, reason="两件事", by=cast.chen, now=now + 2 * M)
    assert clock(ticket, ClockKind.VERDICT).stopped_at == now
    assert sunk(now + 2 * M) == []


def test_who_decides_after_it_was_solved_hears_who_was_faster(cast: Cast) -> None:
    seen = convened(cast)
    actions.resolve(seen, solution="重启", cause="software", by=cast.chen, now=MONDAY + 2 * H)
    with pytest.raises(Moved):
        actions.decide(seen, outcome=Outcome.REMOTE_CAN, reason="x", by=cast.liu, now=MONDAY + 2 * H)

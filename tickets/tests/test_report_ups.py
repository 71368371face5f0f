"""Report-ups that repeat, hold for a state, are quiet at night, name a person, are acknowledged (§5.4)."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duty.models import DutyRole, Shift
from opsdesk.testing import MONDAY, Cast, at
from opsdesk.tests.rest import caller
from staff.models import Delivery, Notice, User
from tickets import actions
from tickets.actions import timing
from tickets.escalation import Needs, While, holds, is_settled, ladder_from, passes_over_duty
from tickets.lifecycle import Refused
from tickets.models import (
    Clock,
    ClockKind,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Kind,
    PolicyVersion,
    Target,
    Ticket,
)
from tickets.preview import announced
from tickets.quiet import not_before

MIN, HOUR, SEC = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def rule(**facts: object) -> EscalationRule:
    """The only rule of grade-2 diagnosis clocks, unless `kind` and `grade` say otherwise."""
    version = PolicyVersion.objects.adopted().get()
    facts = {"kind": ClockKind.DIAGNOSIS, "grade": 2, "target": Target.SUPERVISOR} | facts
    others = version.rules.filter(kind=facts["kind"], grade=facts["grade"])
    others.exclude(pk__in=Escalation.objects.values("rule")).delete()
    others.update(is_active=False)
    facts.setdefault("after", HOUR if "percent" not in facts else None)
    return EscalationRule.objects.create(version=version, **facts)


def fault(cast: Cast, grade: Grade = Grade.TWO, now=MONDAY) -> Ticket:
    return actions.grade(cast.ticket(now), grade, reason="clause", by=cast.li, now=now)


def steps(ticket: Ticket, made: EscalationRule) -> list[timedelta]:
    """After how much time this rule has reported up."""
    fired = ticket.escalations.fired().filter(rule=made).order_by("turn")
    return [step.due_at - MONDAY for step in fired]


# Rules


@pytest.mark.parametrize(
    ("now", "since", "until", "leaves"),
    [
        ("2026-11-23 21:59", "22:00", "07:00", None),
        ("2026-11-23 22:00", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-24 06:59", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-24 07:00", "22:00", "07:00", None),
        ("2026-11-23 12:30", "12:00", "13:30", "2026-11-23 13:30"),
        ("2026-11-23 13:30", "12:00", "13:30", None),
        ("2026-12-31 23:00", "22:00", "07:00", "2027-01-01 07:00"),
    ],
)
def test_quiet_hours_are_half_open_and_pass_midnight(now, since, until, leaves) -> None:
    span = time.fromisoformat(since), time.fromisoformat(until)
    assert not_before(at(now), *span, SHANGHAI) == (at(leaves) if leaves else None)
    assert not_before(at(now), None, None, SHANGHAI) is None


@pytest.mark.parametrize(
    ("target", "reached", "level", "passed_over"),
    [
        ("on_duty", "on_duty", 0, False),
        ("on_duty", "supervisor", 0, True),
        ("on_duty", "administrator", 0, True),
        ("owner", "owner", 0, False),
        ("owner", "on_duty", 0, False),
        ("owner", "supervisor", 0, True),
        ("supervisor", "general_manager", 0, False),
        ("supervisor", "administrator", 0, False),
        ("person", "supervisor", 0, False),
    ],
)
def test_whoever_should_be_on_duty_is_passed_over_where_people_are_found_further_up(
    target, reached, level, passed_over
) -> None:
    assert passes_over_duty(target, reached, level) is passed_over


def test_whose_word_is_enough() -> None:
    assert not is_settled(Needs.NONE, [1], [1])
    assert is_settled(Needs.ONE, [1, 2], [2])
    assert not is_settled(Needs.ONE, [1, 2], [3])
    assert not is_settled(Needs.ALL, [1, 2], [2])
    assert is_settled(Needs.ALL, [1, 2, 2], [2, 1])
    assert not is_settled(Needs.ALL, [], [])


def test_a_state_holds_until_it_is_left() -> None:
    for acknowledged, diagnosed in product([False, True], repeat=2):
        facts = {"is_acknowledged": acknowledged, "is_diagnosed": diagnosed}
        assert holds(While.ANY, **facts)
        assert holds(While.UNACKNOWLEDGED, **facts) is not acknowledged
        assert holds(While.UNDIAGNOSED, **facts) is not diagnosed


def test_after_a_person_comes_the_level_above_his_own() -> None:
    assert ladder_from("person", 0)[1] == "supervisor"
    assert ladder_from("person", 2)[1] == "department_manager"
    assert ladder_from("person", 4) == ("person",)


# Repeats


@pytest.mark.parametrize("every", [MIN, 4 * HOUR])  # a worker that is there, and one that was away
def test_a_report_up_is_repeated_as_often_as_the_rule_says(cast: Cast, every: timedelta) -> None:
    made = rule(repeat_every=20 * MIN, repeat_times=3)
    ticket, now = fault(cast), MONDAY
    while now < MONDAY + 4 * HOUR:
        now += every
        actions.enforce_deadlines(now=now + SEC)
    assert steps(ticket, made) == [HOUR, HOUR + 20 * MIN, HOUR + 40 * MIN, 2 * HOUR]
    keys = [f"escalation:{step.pk}" for step in ticket.escalations.filter(rule=made)]
    assert Notice.objects.filter(recipient=cast.wang, key__in=keys).count() == 4
    assert actions.enforce_deadlines(now=now + HOUR) <= 2  # near and breach at 4 h at the most


def test_repeats_stop_with_the_clock_and_stand_still_in_a_pause(cast: Cast) -> None:
    made = rule(repeat_every=20 * MIN, repeat_times=5)
    ticket = actions.acknowledge(fault(cast), by=cast.chen, now=MONDAY)
    who = {"by": cast.chen, "now": MONDAY + 70 * MIN}
    waiting = actions.pause(ticket, reason="client", text="x", until=MONDAY + 9 * HOUR, **who)
    actions.enforce_deadlines(now=MONDAY + 3 * HOUR)
    assert steps(ticket, made) == [HOUR]
    ticket = actions.resume(waiting, by=cast.chen, now=MONDAY + 3 * HOUR)
    planned = ticket.escalations.planned().filter(rule=made)
    assert planned.first().due_at == MONDAY + 3 * HOUR + 10 * MIN
    actions.diagnose(ticket, diagnosis="x", cause="software", by=cast.chen, now=MONDAY + 3 * HOUR + 15 * MIN)
    actions.enforce_deadlines(now=MONDAY + 9 * HOUR)
    assert ticket.escalations.filter(rule=made).count() == 2


def test_a_clock_rings_when_its_rows_say_also_after_what_was_dropped(cast: Cast) -> None:
    rule(repeat_every=20 * MIN, repeat_times=3, only_while=While.UNACKNOWLEDGED)
    rule(kind=ClockKind.RESOLUTION, repeat_every=20 * MIN, repeat_times=3, needs_ack=Needs.ONE)
    ticket = fault(cast)
    for minutes in (61, 81, 95, 121):
        actions.enforce_deadlines(now=MONDAY + minutes * MIN)
        if minutes == 81:
            actions.acknowledge(ticket, by=cast.chen, now=MONDAY + 82 * MIN)
        if minutes == 95:
            step = ticket.escalations.fired().get(clock__kind=ClockKind.RESOLUTION, turn=0)
            actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 96 * MIN)
        for clock in Clock.objects.running():
            assert clock.next_at == timing.next_instant(clock), (minutes, clock)
    assert not ticket.escalations.planned().exclude(clock__kind=ClockKind.PROGRESS).exists()


# Only while it is in a state


def test_only_while_nobody_has_acknowledged_it(cast: Cast) -> None:
    made = rule(kind=ClockKind.RESOLUTION, only_while=While.UNACKNOWLEDGED, repeat_every=HOUR, repeat_times=2)
    left, taken, at_the_instant = (fault(cast) for _number in range(3))
    actions.acknowledge(taken, by=cast.chen, now=MONDAY + 90 * MIN)
    actions.acknowledge(at_the_instant, by=cast.chen, now=MONDAY + HOUR)
    actions.enforce_deadlines(now=MONDAY + 5 * HOUR)
    assert steps(left, made) == [HOUR, 2 * HOUR, 3 * HOUR]
    assert steps(taken, made) == [HOUR]
    assert steps(at_the_instant, made) == []  # what is done at the very instant is in time
    late = actions.acknowledge(cast.ticket(), by=cast.chen, now=MONDAY)
    actions.grade(late, Grade.TWO, reason="clause", by=cast.li, now=MONDAY + MIN)
    assert not late.escalations.filter(rule=made).exists()


def test_only_while_it_is_not_diagnosed(cast: Cast) -> None:
    made = rule(kind=ClockKind.RESOLUTION, only_while=While.UNDIAGNOSED)
    ticket = actions.acknowledge(fault(cast), by=cast.chen, now=MONDAY)
    assert ticket.escalations.planned().filter(rule=made).exists()
    actions.diagnose(ticket, diagnosis="x", cause="software", by=cast.chen, now=MONDAY + 30 * MIN)
    assert not ticket.escalations.filter(rule=made).exists()


# Quiet hours


def deliveries(ticket: Ticket, person: User) -> list[Delivery]:
    notices = [f"escalation:{step.pk}" for step in ticket.escalations.fired()]
    return list(Delivery.objects.filter(notice__recipient=person, notice__key__in=notices))


def test_quiet_hours_hold_back_the_copy_and_nothing_else(cast: Cast) -> None:
    night = at("2026-11-23 22:00")
    made = rule(quiet_from=time(22), quiet_until=time(7))
    ticket = fault(cast, now=night)
    fires = night + HOUR + SEC
    actions.enforce_deadlines(now=fires)
    step = ticket.escalations.fired().get(rule=made)
    notice = Notice.objects.get(key=f"escalation:{step.pk}")
    assert (step.fired_at, notice.created_at) == (fires, fires)  # punctual
    held = {copy.notice_id: copy.next_try_at for copy in deliveries(ticket, cast.wang)}
    assert held.pop(notice.pk) == at("2026-11-24 07:00")
    assert held and set(held.values()) == {fires}  # what another rule says leaves at once


def test_a_rule_of_every_grade_is_not_quiet_for_grade_one(cast: Cast) -> None:
    """The next step's clock has one set of rules; a fault that has become a grade 1 meanwhile is told of."""
    night = at("2026-11-23 22:00")
    rule(kind=ClockKind.GRADING, grade=None, percent=100, quiet_from=time(21), quiet_until=time(7))
    ticket = actions.acknowledge(cast.ticket(night), by=cast.chen, now=night)
    Ticket.objects.filter(pk=ticket.pk).update(grade=1)
    actions.enforce_deadlines(now=night + HOUR)
    copies = deliveries(ticket, cast.wang)
    assert copies and all(copy.next_try_at == night + HOUR for copy in copies)


def test_channels_are_those_of_the_rule(cast: Cast) -> None:
    made = rule(channels=["sms"])
    ticket = fault(cast)
    actions.enforce_deadlines(now=MONDAY + 2 * HOUR)
    step = ticket.escalations.fired().get(rule=made)
    assert Notice.objects.filter(key=f"escalation:{step.pk}", deliveries=None).exists()  # by no e-mail


# A named person, and what is announced


def test_a_person_who_is_gone_gives_way_to_the_next_level(cast: Cast) -> None:
    made = rule(target=Target.PERSON, person=cast.zhao)
    reached = {}
    for name, change in {"there": {}, "gone": {"is_active": False}}.items():
        User.objects.filter(pk=cast.zhao.pk).update(**change)
        ticket = fault(cast)
        actions.enforce_deadlines(now=MONDAY + 2 * HOUR)
        step = ticket.escalations.fired().get(rule=made)
        reached[name] = ([person.username for person in step.told.all()], step.found_nobody)
    assert reached == {"there": (["zhao"], False), "gone": (["qian"], True)}


def test_a_person_who_may_not_read_the_record_is_not_told(cast: Cast) -> None:
    made = rule(target=Target.PERSON, person=cast.outsider)
    ticket = fault(cast)
    actions.enforce_deadlines(now=MONDAY + 2 * HOUR)
    assert [person.username for person in ticket.escalations.fired().get(rule=made).told.all()] == ["wang"]


HOUSES = {
    "everybody is there": {},
    "nobody owns it": {"owner": None},
    "somebody is on duty": {"owner": None, "shift": True},
    "the supervisor is gone": {"gone": ["wang"]},
    "the owner and the supervisor are gone": {"gone": ["chen", "wang"]},
    "all levels are gone": {"gone": ["chen", "wang", "liu", "zhao", "qian"]},
    "he wants no e-mail": {"no_mail": ["wang", "chen", "zhao"]},
}


@pytest.mark.parametrize("house", HOUSES)
def test_what_is_announced_is_what_then_happens(cast: Cast, house: str) -> None:
    facts, fires = HOUSES[house], MONDAY + HOUR + SEC
    if "shift" in facts:
        Shift.objects.create(
            group=cast.south,
            user=cast.li,
            role=DutyRole.PRIMARY,
            starts_at=MONDAY - HOUR,
            ends_at=MONDAY + 9 * HOUR,
        )
    tickets = {}
    for target in Target:
        rule(target=target, person=cast.zhao if target == Target.PERSON else None)
        tickets[target] = fault(cast)
    if "owner" in facts:
        Ticket.objects.update(owner=None)
    User.objects.filter(username__in=facts.get("gone", [])).update(is_active=False)
    User.objects.filter(username__in=facts.get("no_mail", [])).update(email_notices=False)
    said = {}
    for target, ticket in tickets.items():
        ticket.refresh_from_db()
        every = announced(ticket, now=fires, most=9)
        (said[target],) = [each for each in every if each.step.clock.kind == ClockKind.DIAGNOSIS]
    actions.enforce_deadlines(now=fires)
    for each in said.values():
        step = Escalation.objects.get(pk=each.step.pk)
        assert {reached.person for reached in each.people} == set(step.told.all())
        assert (each.reached != step.target) == step.found_nobody
        out = Delivery.objects.filter(notice__key=f"escalation:{step.pk}").select_related("notice__recipient")
        assert {to.person for to in each.people if to.ways} == {copy.notice.recipient for copy in out}


def test_the_page_says_whom_the_next_steps_would_reach(cast: Cast, client: Browser) -> None:
    ticket = fault(cast, Grade.ONE)
    Ticket.objects.filter(pk=ticket.pk).update(group=cast.south)
    client.force_login(cast.wang)
    page = client.get(reverse("tickets:reached", args=[ticket.pk])).content.decode()
    assert "王强" in page and "陈工" in page
    assert page.count("<li>") == 3
    client.force_login(cast.outsider)
    assert client.get(reverse("tickets:reached", args=[ticket.pk])).status_code == 404
    client.force_login(cast.sun)
    assert client.get(reverse("tickets:reached", args=[ticket.pk])).status_code == 403


# Acknowledging


def told(cast: Cast, **facts: object) -> tuple[Ticket, Escalation]:
    made = rule(repeat_every=20 * MIN, repeat_times=3, **facts)
    ticket = fault(cast)
    actions.enforce_deadlines(now=MONDAY + HOUR + SEC)
    return ticket, ticket.escalations.fired().get(rule=made)


def test_one_word_ends_the_repeats_and_nothing_else(cast: Cast) -> None:
    ticket, step = told(cast, needs_ack=Needs.ONE)
    others = ticket.escalations.planned().exclude(rule=step.rule).count()
    ticket = actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 70 * MIN)
    assert ticket.status == "logged"  # acknowledged is not taken up
    assert not ticket.escalations.planned().filter(rule=step.rule).exists()
    assert ticket.escalations.planned().exclude(rule=step.rule).count() == others > 0
    assert ticket.clocks.running().count() == 3
    (entry,) = ticket.entries.filter(kind=EntryKind.ACKED)
    assert (entry.by, entry.changes["repeats_dropped"]) == (cast.wang, 3)
    again = actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 71 * MIN)
    assert again.entries.filter(kind=EntryKind.ACKED).count() == 1


def test_where_all_are_asked_the_last_word_ends_it(cast: Cast) -> None:
    User.objects.filter(pk=cast.li.pk).update(management_level=1)
    ticket, step = told(cast, needs_ack=Needs.ALL)
    assert step.told.count() == 2
    actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 70 * MIN)
    actions.enforce_deadlines(now=MONDAY + 81 * MIN)
    second = ticket.escalations.fired().get(rule=step.rule, turn=1)  # told again, for one has not answered
    actions.acknowledge_report_up(ticket, second, by=cast.li, now=MONDAY + 82 * MIN)
    actions.enforce_deadlines(now=MONDAY + 4 * HOUR)
    assert steps(ticket, step.rule) == [HOUR, HOUR + 20 * MIN]


def test_a_turn_that_reached_nobody_asks_nobody(cast: Cast) -> None:
    """All are asked; the first time there was nobody at all, the second time somebody, and he answers."""
    everybody = User.objects.exclude(role="contact")
    everybody.update(is_active=False)
    ticket, first = told(cast, needs_ack=Needs.ALL)
    assert first.told.count() == 0
    User.objects.filter(pk=cast.wang.pk).update(is_active=True)
    actions.enforce_deadlines(now=MONDAY + 81 * MIN)
    second = ticket.escalations.fired().get(rule=first.rule, turn=1)
    wang = User.objects.get(pk=cast.wang.pk)
    actions.acknowledge_report_up(ticket, second, by=wang, now=MONDAY + 82 * MIN)
    actions.enforce_deadlines(now=MONDAY + 4 * HOUR)
    assert steps(ticket, first.rule) == [HOUR, HOUR + 20 * MIN]


def test_what_fell_due_before_the_word_was_still_told(cast: Cast) -> None:
    ticket, step = told(cast, needs_ack=Needs.ONE)
    actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 90 * MIN)  # no sweep since 60 min
    assert steps(ticket, step.rule) == [HOUR, HOUR + 20 * MIN]


@pytest.mark.parametrize(
    ("who", "needs", "code"),
    [("liu", "one", "not_told"), ("wang", "none", "not_asked"), ("sun", "one", "forbidden")],
)
def test_who_was_not_told_or_not_asked_is_refused(cast: Cast, who: str, needs: str, code: str) -> None:
    ticket, step = told(cast, needs_ack=needs)
    with pytest.raises(Refused) as refused:
        actions.acknowledge_report_up(ticket, step, by=getattr(cast, who), now=MONDAY + 70 * MIN)
    assert refused.value.code == code
    assert ticket.escalations.planned().filter(rule=step.rule).count() == 3


def test_a_leader_acknowledges_on_the_page_and_in_his_inbox(cast: Cast, client: Browser) -> None:
    ticket, step = told(cast, needs_ack=Needs.ALL, target=Target.DEPARTMENT_MANAGER)
    url = reverse("tickets:acknowledge_report_up", args=[step.pk])
    client.force_login(cast.zhao)
    for page in (reverse("tickets:detail", args=[ticket.pk]), reverse("staff:inbox")):
        assert url in client.get(page).content.decode()
    assert client.get(url).status_code == 405
    assert client.post(url, {"back": "inbox"}).url == reverse("staff:inbox")
    for page in (reverse("tickets:detail", args=[ticket.pk]), reverse("staff:inbox")):
        assert url not in client.get(page).content.decode()
    client.force_login(cast.outsider)
    assert client.post(url).status_code == 404


def test_a_record_without_a_report_up_to_acknowledge_costs_no_query(cast: Cast, client: Browser) -> None:
    ticket, step = told(cast, needs_ack=Needs.ONE)
    client.force_login(cast.wang)
    page = reverse("tickets:detail", args=[ticket.pk])
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        client.get(page)
    actions.acknowledge_report_up(ticket, step, by=cast.wang, now=MONDAY + 70 * MIN)
    with CaptureQueriesContext(connection) as answered:
        client.get(page)
    assert len(answered) == len(asked) - 1


def test_the_number_of_statements_does_not_grow_with_the_records(cast: Cast) -> None:
    rule(target=Target.PERSON, person=cast.zhao, repeat_every=MIN, repeat_times=5, needs_ack=Needs.ONE)

    def statements(count: int) -> int:
        for _number in range(count):
            fault(cast)
        with CaptureQueriesContext(connection) as queries:
            actions.enforce_deadlines(now=MONDAY + 3 * HOUR)
        return len(queries)

    assert statements(1) == statements(6)


def test_through_the_rest_interface(cast: Cast) -> None:
    ticket, step = told(cast, needs_ack=Needs.ONE, target=Target.GENERAL_MANAGER)
    qian, path = caller(cast.qian), f"/tickets/{ticket.number}/"
    rows = qian.get(path + "report_ups/").json()["results"]
    (mine,) = [row for row in rows if row["id"] == step.pk]
    assert (mine["target"], mine["turn"], mine["needs_ack"]) == ("general_manager", 0, "one")
    assert [person["id"] for person in mine["told"]] == ["qian"]
    assert mine["acknowledged"] == []
    answer = qian.post(path + "acknowledge_report_up/", {"report_up": step.pk})
    assert answer.status_code == 200, answer.json()
    (mine,) = [row for row in qian.get(path + "report_ups/").json()["results"] if row["id"] == step.pk]
    assert [each["by"]["id"] for each in mine["acknowledged"]] == ["qian"]
    assert caller(cast.wang).post(path + "acknowledge_report_up/", {"report_up": step.pk}).status_code == 422
    assert caller(cast.sun).get(path + "report_ups/").json()["results"] == []


def test_a_request_follows_the_limit_of_its_kind_of_work(cast: Cast) -> None:
    version = PolicyVersion.objects.adopted().get()
    general = version.limits.get(kind=ClockKind.RESOLUTION, grade=None)
    general.pk, general.work, general.limit = None, Kind.COMPLAINT, 2 * HOUR
    general._state.adding = True
    general.save()
    limits = {
        kind: cast.ticket(kind=kind).clocks.get(kind=ClockKind.RESOLUTION).limit
        for kind in (Kind.REQUEST, Kind.COMPLAINT)
    }
    assert limits == {Kind.REQUEST: 24 * HOUR, Kind.COMPLAINT: 2 * HOUR}


# Nobody on duty at the instant at which it fires (§5.1)


def holes_told(person: User) -> list[Notice]:
    return list(Notice.objects.filter(kind="holes", recipient=person).order_by("pk"))


def test_with_nobody_on_duty_the_next_level_is_told_at_once_and_the_gap_once(cast: Cast) -> None:
    made = rule(target=Target.ON_DUTY)
    for starts, ends in ((-48, 0), (6, 24 * 40)):  # nobody from half past nine to half past three
        Shift.objects.create(
            group=cast.south,
            user=cast.chen,
            role=DutyRole.PRIMARY,
            starts_at=MONDAY + starts * HOUR,
            ends_at=MONDAY + ends * HOUR,
        )
    for minutes in (0, 10):
        ticket = fault(cast, now=MONDAY + minutes * MIN)
        actions.enforce_deadlines(now=MONDAY + HOUR + minutes * MIN + SEC)
        (step,) = ticket.escalations.fired().filter(rule=made)
        assert step.found_nobody and list(step.told.all()) == [cast.wang]
        assert not step.is_late
    (gap,) = holes_told(cast.wang)
    assert gap.params["nobody_now"] and gap.created_at == MONDAY + HOUR + SEC
    assert len(holes_told(cast.zhao)) == 1


def test_with_somebody_on_duty_or_without_a_roster_no_gap_is_told_of(cast: Cast) -> None:
    rule(target=Target.ON_DUTY)
    fault(cast)
    actions.enforce_deadlines(now=MONDAY + HOUR + SEC)
    span = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=40)}
    Shift.objects.create(group=cast.south, user=cast.chen, role=DutyRole.PRIMARY, **span)
    fault(cast, now=MONDAY + HOUR)
    actions.enforce_deadlines(now=MONDAY + 2 * HOUR + SEC)
    assert not Notice.objects.filter(kind="holes").exists()

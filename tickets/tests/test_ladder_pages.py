"""The ladder, the meeting and the suggested grade on pages, in notices, in the portal, through REST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from staff.models import Notice
from staff.notices import render
from tickets import actions
from tickets.coordination import LADDER, OUTCOMES, Way, graver, skips
from tickets.grading import EXAMPLES
from tickets.models import CoordinationMeeting, EntryKind, Grade, Outcome, Ticket
from tickets.plain import State, state_of
from tickets.tests.test_ladder import H, in_work
from tickets.tests.test_views import act, detail, signed_in

ONE, TWO, THREE = Grade.ONE, Grade.TWO, Grade.THREE


@pytest.fixture
def chen(cast: Cast) -> Browser:
    return signed_in(cast.chen)


def now_in_work(cast: Cast, grade: Grade = ONE) -> Ticket:
    return in_work(cast, grade, now=timezone.now())


def page(browser: Browser, ticket: Ticket, query: str = "") -> str:
    answer = browser.get(detail(ticket) + query)
    assert answer.status_code == 200
    return answer.content.decode()


# Rules


def test_the_ladder_has_three_rungs_and_each_verdict_leads_to_one() -> None:
    assert LADDER == (Way.GUIDANCE, Way.REMOTE, Way.ON_SITE)
    assert [skips(before, after) for before, after in zip(LADDER, LADDER[1:], strict=False)] == [False, False]
    assert skips(Way.GUIDANCE, Way.ON_SITE)
    assert not skips(Way.ON_SITE, Way.GUIDANCE)
    assert {outcome for outcomes in OUTCOMES.values() for outcome in outcomes} == set(Outcome)
    assert [outcome for outcome in Outcome if outcome.sends_an_engineer] == ["remote_cannot", "on_site"]
    assert [graver(grade) for grade in (ONE, TWO, THREE, None)] == [None, ONE, TWO, None]


@pytest.mark.parametrize(
    ("status", "facts", "state"),
    [
        ("in_progress", {"in_meeting": True}, State.TEAM),
        ("logged", {"in_meeting": True}, State.TEAM),
        ("in_progress", {"in_meeting": True, "way": "on_site"}, State.ENGINEER),
        ("in_progress", {"way": "remote"}, State.WORKING),
        ("resolved", {"way": "on_site"}, State.SOLVED),
    ],
)
def test_the_client_reads_who_works_on_it(status: str, facts: dict, state: State) -> None:
    assert state_of(status, None, **facts) == state


# On the record's page


def test_the_page_shows_the_rungs_the_meeting_and_its_verdicts(cast: Cast, chen: Browser) -> None:
    ticket = now_in_work(cast)
    assert 'data-stands="now"' in page(chen, ticket)
    act(chen, ticket, "step_up", way="on_site", reason="机房断电")
    text = page(chen, ticket)
    assert 'data-stands="skipped"' in text and "机房断电" in text
    assert "a rung of the ladder is left out" in text
    answer = act(chen, ticket, "convene", reason="查不出原因", place="https://meet.example.test/1")
    assert answer.status_code == 302
    text = page(chen, ticket)
    assert 'href="https://meet.example.test/1"' in text
    assert 'id="verb-convene"' not in text and 'id="verb-decide"' in text
    act(chen, ticket, "decide", outcome="remote_cannot", reason="阵列损坏")
    act(chen, ticket, "decide", outcome="remote_can", reason="专线恢复")
    text = page(chen, ticket)
    assert "阵列损坏" in text and "专线恢复" in text and "data-replaced" in text
    assert 'id="verb-convene"' in text  # another one may be convened


def test_what_is_refused_comes_back_with_what_was_typed(cast: Cast, chen: Browser) -> None:
    ticket = now_in_work(cast)
    answer = act(chen, ticket, "step_up", way="on_site", reason="")
    assert answer.status_code == 422
    assert answer.context["forms"]["step_up"]["way"].value() == "on_site"
    actions.convene(ticket, reason="x", by=cast.chen, now=timezone.now())
    answer = act(chen, ticket, "decide", outcome="guide", reason="不适用于一级")
    assert answer.status_code == 422
    assert "不适用于一级" in answer.content.decode()


def test_a_grade_three_has_neither_button_nor_meeting(cast: Cast, chen: Browser) -> None:
    ticket = now_in_work(cast, THREE)
    text = page(chen, ticket)
    assert 'id="verb-convene"' not in text and 'id="verb-step_up"' in text
    answer = act(chen, ticket, "convene", reason="请开会")
    assert answer.status_code == 422
    assert "5.4.1.2" in answer.content.decode() and "请开会" in answer.content.decode()


def test_two_who_decide_at_once_do_not_overwrite_each_other(cast: Cast, chen: Browser) -> None:
    ticket = now_in_work(cast)
    actions.convene(ticket, reason="x", by=cast.chen, now=timezone.now())
    seen = chen.get(detail(ticket)).context["seen_entry"]
    actions.decide(ticket, outcome=Outcome.REMOTE_CANNOT, reason="阵列损坏", by=cast.liu, now=timezone.now())
    answer = chen.post(
        reverse("tickets:act", args=[ticket.pk, "decide"]),
        {"decide-outcome": "remote_can", "decide-reason": "我的理由", "seen_entry": seen},
    )
    assert answer.status_code == 409
    assert "我的理由" in answer.content.decode()
    assert ticket.meetings.get().verdicts.count() == 1


def test_the_ladder_is_the_houses_own(cast: Cast) -> None:
    ticket = now_in_work(cast)
    actions.convene(ticket, reason="组内无人懂", by=cast.chen, now=timezone.now())
    assert CoordinationMeeting.objects.visible_to(cast.liu).exists()
    assert not CoordinationMeeting.objects.visible_to(cast.outsider).exists()
    assert not CoordinationMeeting.objects.visible_to(cast.sun).exists()
    assert act(signed_in(cast.outsider), ticket, "decide", outcome="remote_can").status_code == 404
    assert act(signed_in(cast.sun), ticket, "convene", reason="x").status_code == 403
    text = signed_in(cast.sun).get(reverse("portal:report", args=[ticket.pk])).content.decode()
    assert "Our technical team has been called in" in text
    assert "组内无人懂" not in text


def test_the_client_reads_that_an_engineer_comes_and_what_he_was_told(cast: Cast, chen: Browser) -> None:
    ticket = now_in_work(cast, TWO)
    act(chen, ticket, "convene", reason="x")
    act(chen, ticket, "decide", outcome="on_site", reason="y")
    act(chen, ticket, "tell_client", text="工程师明早到", told="孙主任", how="phone")
    text = signed_in(cast.sun).get(reverse("portal:report", args=[ticket.pk])).content.decode()
    assert "An engineer comes to you" in text and "An engineer is with you by" in text
    assert "工程师明早到" in text and "told 孙主任 (Phone)" in text
    entry = ticket.entries.get(kind=EntryKind.MESSAGE)
    assert entry.changes == {"told": [None, "孙主任"], "how": [None, "phone"]}
    assert not hasattr(entry, "outgoing_mail")


# Open meetings


def test_the_open_meetings_are_listed_the_soonest_verdict_first(cast: Cast) -> None:
    two, one = now_in_work(cast, TWO), now_in_work(cast)
    address = reverse("tickets:coordination")
    wang = signed_in(cast.wang)
    assert "No meeting is open" in wang.get(address).content.decode()
    for ticket in (two, one):
        actions.convene(ticket, reason="x", by=cast.chen, now=timezone.now())
    decided = now_in_work(cast)
    actions.convene(decided, reason="x", by=cast.chen, now=timezone.now())
    actions.decide(decided, outcome=Outcome.REMOTE_CAN, reason="y", by=cast.liu, now=timezone.now())
    lines = wang.get(address).context["lines"]
    assert [line.meeting.ticket for line in lines] == [one, two]
    assert signed_in(cast.outsider).get(address).context["lines"] == []
    assert signed_in(cast.sun).get(address).status_code == 403
    assert wang.post(address).status_code == 405


# Not solved in its limit


def test_a_fault_that_is_not_solved_in_time_suggests_a_graver_grade(cast: Cast, chen: Browser) -> None:
    late = in_work(cast, TWO, now=timezone.now() - 25 * H)
    actions.enforce_deadlines(now=timezone.now())
    assert "?upgrade=1#verb-grade" in page(chen, late)
    answer = chen.get(detail(late) + "?upgrade=1")
    assert answer.context["open_verb"] == "grade"
    form = answer.context["forms"]["grade"]
    assert form["to"].value() == 1
    assert form["reason"].value() == "Not solved within the limit of Grade 2."
    said = {
        notice.recipient.username: render(notice, language="en")[1]
        for notice in Notice.objects.filter(kind="report_up", params__clock="resolution")
        if notice.params["breached"]
    }
    assert "consider a graver grade" in said["chen"] and "consider a graver grade" in said["wang"]
    assert "consider a graver grade" not in said["qian"]  # he was told something else
    fresh, grave = now_in_work(cast, TWO), in_work(cast, ONE, now=timezone.now() - 25 * H)
    for ticket in (fresh, grave):
        assert "?upgrade=1" not in page(chen, ticket)
        assert chen.get(detail(ticket) + "?upgrade=1").context["open_verb"] == ""
    assert "?upgrade=1" not in page(signed_in(cast.zhao), late)  # he reads


def test_each_grade_has_its_examples_on_the_forms(cast: Cast) -> None:
    assert set(EXAMPLES) == set(Grade)
    li = signed_in(cast.li)
    graded_later = page(li, cast.ticket(timezone.now()), "?do=grade")
    for text in (li.get(reverse("tickets:create")).content.decode(), graded_later):
        for examples in EXAMPLES.values():
            assert all(str(example) in text for example in examples)


# Notices


def test_the_notices_say_what_to_do(cast: Cast) -> None:
    ticket = now_in_work(cast)
    actions.convene(ticket, reason="查不出原因", place="3 号会议室", by=cast.chen, now=timezone.now())
    actions.decide(ticket, outcome=Outcome.REMOTE_CANNOT, reason="阵列损坏", by=cast.liu, now=timezone.now())
    words = {
        notice.kind: "\n".join(render(notice, language="en"))
        for notice in Notice.objects.filter(recipient=cast.wang)
    }
    assert "you are invited" in words["convened"] and "3 号会议室" in words["convened"]
    assert "Send an engineer" in words["verdict"] and "阵列损坏" in words["verdict"]


# REST


def test_the_steps_and_meetings_are_read_through_rest(cast: Cast) -> None:
    ticket, chen = now_in_work(cast), caller(cast.chen)
    address = f"/tickets/{ticket.number}"
    assert chen.post(f"{address}/step_up/", {"way": "remote", "reason": "电话无效"}).status_code == 200
    assert chen.post(f"{address}/convene/", {"reason": "查不出原因"}).status_code == 200
    answer = chen.post(f"{address}/decide/", {"outcome": "guide", "reason": "x"})
    assert (answer.status_code, faults(answer)) == (422, {"#/outcome": "invalid"})
    chen.post(f"{address}/decide/", {"outcome": "remote_can", "reason": "专线可用"})
    [step] = chen.get(f"{address}/steps/").json()["results"]
    assert (step["way"], step["reason"]) == ("remote", "电话无效")
    [meeting] = chen.get(f"{address}/meetings/").json()["results"]
    assert [verdict["outcome"] for verdict in meeting["verdicts"]] == ["remote_can"]
    assert {person["id"] for person in meeting["invited"]} == {"liu", "wang", "chen"}
    sun = caller(cast.sun)
    assert sun.get(f"{address}/meetings/").json()["results"] == []
    assert sun.post(f"{address}/convene/", {"reason": "x"}).status_code == 403
    outsider = caller(cast.outsider)
    assert outsider.get(f"{address}/steps/").status_code == 404
    kinds = {clock["kind"] for clock in sun.get(f"{address}/").json()["clocks"]}
    assert "verdict" not in kinds


def test_the_guard_convenes_where_no_worker_does(cast: Cast) -> None:
    ticket = in_work(cast, now=timezone.now() - timedelta(minutes=40))
    call_command("guard", once=True)
    assert ticket.meetings.count() == 1

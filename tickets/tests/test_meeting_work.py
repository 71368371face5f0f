"""Who came to a coordination meeting when, and what it leaves to be done (§5.4.1.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller
from staff.models import Notice
from staff.refused import Refused
from tickets import actions
from tickets.coordination import FollowUpKind, FollowUpState, Joined, Outcome
from tickets.lifecycle import Moved
from tickets.models import EntryKind, FollowUp, MeetingGuest, Ticket
from tickets.tests.test_ladder import H, M, convened, kinds, told
from tickets.tests.test_ladder_pages import now_in_work, page
from tickets.tests.test_views import signed_in

AT = MONDAY + H + 10 * M


def owed(cast: Cast, **more: object) -> tuple[Ticket, FollowUp]:
    facts = {"text": "订购控制器", "owner": cast.chen, "due_at": AT + H, "kind": FollowUpKind.MEASURE}
    ticket = actions.follow_up(convened(cast), **(facts | more), by=cast.liu, now=AT)
    return ticket, FollowUp.objects.get()


def refusal(verb, *args: object, **facts: object) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        verb(*args, **facts)
    return refused.value.code, refused.value.field


# Called, and joined


def test_each_is_noted_as_he_joins_with_his_instant_and_way(cast: Cast) -> None:
    ticket = convened(cast)
    ticket = actions.join_meeting(ticket, how=Joined.PHONE, by=cast.liu, now=AT)
    ticket = actions.join_meeting(ticket, person=cast.wang, at=AT - 5 * M, by=cast.liu, now=AT + M)
    rows = [(g.person.username, g.called_at, g.joined_at, g.how, g.noted_by.username) for g in guests(ticket)]
    began = MONDAY + H
    assert rows == [("liu", began, AT, "phone", "liu"), ("wang", began, AT - 5 * M, "room", "liu")]
    entries = list(ticket.entries.filter(kind=EntryKind.JOINED).order_by("pk"))
    assert entries[0].changes == {"joined": [None, "刘工"], "joined_how": [None, "phone"]}
    assert entries[1].changes["happened_at"] == [None, (AT - 5 * M).isoformat()]
    assert refusal(actions.join_meeting, ticket, by=cast.liu, now=AT + H) == ("taken", "person")


def guests(ticket: Ticket) -> list[MeetingGuest]:
    return list(MeetingGuest.objects.filter(meeting__ticket=ticket).select_related("person", "noted_by"))


def test_somebody_from_outside_is_called_and_joins(cast: Cast) -> None:
    ticket = actions.call_in(convened(cast), name=" 厂商高工 ", by=cast.liu, now=AT)
    assert refusal(actions.call_in, ticket, name="厂商高工", by=cast.liu, now=AT) == ("taken", "name")
    actions.join_meeting(ticket, name="厂商高工", how=Joined.VIDEO, by=cast.liu, now=AT + M)
    [guest] = guests(ticket)
    assert (guest.person, guest.name, guest.called_at, guest.joined_at) == (None, "厂商高工", AT, AT + M)


def test_one_more_is_called_and_told_at_once(cast: Cast) -> None:
    ticket = convened(cast)
    before = told("convened")
    ticket = actions.call_in(ticket, person=cast.li, by=cast.liu, now=AT)
    assert sorted([*before, "li"]) == told("convened")
    assert kinds(ticket)[-1] == EntryKind.CALLED_IN
    for twice in (cast.li, cast.wang):  # called by name, invited at once
        assert refusal(actions.call_in, ticket, person=twice, by=cast.liu, now=AT) == ("taken", "person")
    assert refusal(actions.call_in, ticket, by=cast.liu, now=AT) == ("required", "name")


def test_nobody_is_called_who_may_not_read_the_record(cast: Cast) -> None:
    ticket = convened(cast)
    for stranger in (cast.outsider, cast.sun):
        for verb in (actions.call_in, actions.join_meeting):
            assert refusal(verb, ticket, person=stranger, by=cast.liu, now=AT) == ("invalid", "person")
    for reader in (cast.zhou, cast.sun):
        assert refusal(actions.join_meeting, ticket, by=reader, now=AT)[0] == "forbidden"


def test_when_somebody_joined_lies_within_the_meeting(cast: Cast) -> None:
    ticket = convened(cast)
    ticket = actions.decide(ticket, outcome=Outcome.REMOTE_CAN, reason="可远程", by=cast.liu, now=AT)
    who = {"person": cast.wang, "by": cast.liu, "now": AT + H}
    for wrong in (MONDAY, AT + 2 * H, AT + M, None):  # before, ahead, after the verdict: now
        assert refusal(actions.join_meeting, ticket, at=wrong, **who) == ("invalid", "at")
    actions.join_meeting(ticket, at=AT - M, **who)
    assert refusal(actions.call_in, ticket, person=cast.li, by=cast.liu, now=AT + H)[0] == "no_meeting"


def test_without_a_meeting_nobody_joins(cast: Cast) -> None:
    ticket = cast.ticket()
    assert refusal(actions.join_meeting, ticket, by=cast.liu, now=AT)[0] == "no_meeting"


# Measures and follow-ups


def test_a_measure_is_given_settled_and_stands_in_the_history(cast: Cast) -> None:
    ticket, one = owed(cast)
    assert told("follow_up") == ["chen"] and kinds(ticket)[-1] == EntryKind.FOLLOW_UP
    done = actions.settle_follow_up(
        one, state=FollowUpState.DONE, result="已到货", by=cast.chen, now=AT + 20 * M
    )
    assert (done.state, done.result, done.closed_by) == ("done", "已到货", cast.chen)
    assert ticket.entries.latest("pk").text == "已到货"
    with pytest.raises(Moved):
        actions.settle_follow_up(one, state=FollowUpState.DONE, result="又", by=cast.wang, now=AT + H)
    actions.tend_follow_ups(now=AT + 3 * H)
    assert told("follow_up_overdue") == []


def test_what_is_overdue_is_told_once_to_its_owner_and_the_supervisor(cast: Cast) -> None:
    owed(cast)
    assert actions.tend_follow_ups(now=AT + H - M) == 0
    assert actions.tend_follow_ups(now=AT + H) == 1
    assert actions.tend_follow_ups(now=AT + 2 * H) == 0
    assert told("follow_up_overdue") == ["chen", "wang"]
    assert "follow_up=" in Notice.objects.filter(kind="follow_up_overdue").first().url


def test_who_may_own_settle_and_drop_one(cast: Cast) -> None:
    ticket = convened(cast)
    facts = {"text": "x", "due_at": AT + H, "by": cast.liu, "now": AT}
    for nobody in (cast.outsider, cast.zhou, cast.sun):
        assert refusal(actions.follow_up, ticket, owner=nobody, **facts) == ("invalid", "owner")
    assert refusal(actions.follow_up, ticket, owner=cast.chen, **facts | {"text": " "})[1] == "text"
    assert refusal(actions.follow_up, ticket, owner=cast.chen, **facts | {"due_at": AT})[1] == "due_at"
    actions.follow_up(ticket, owner=cast.chen, **facts)
    one = FollowUp.objects.get()
    settle = {"result": "x", "now": AT}
    done, dropped = {"state": FollowUpState.DONE}, {"state": FollowUpState.DROPPED}
    for nobody in (cast.outsider, cast.zhou):
        assert refusal(actions.settle_follow_up, one, by=nobody, **settle, **done)[0] == "forbidden"
    assert refusal(actions.settle_follow_up, one, by=cast.chen, **settle, **dropped) == ("forbidden", "state")
    assert (
        refusal(actions.settle_follow_up, one, by=cast.chen, **settle | {"result": ""}, **done)[1] == "result"
    )
    actions.settle_follow_up(one, by=cast.wang, **settle, **dropped)


def test_one_outlives_its_record_and_is_seen_by_whoever_sees_that(cast: Cast) -> None:
    _ticket, one = owed(cast)
    seers = (cast.chen, cast.li, cast.wang, cast.zhou, cast.outsider, cast.sun)
    seen = {p.username for p in seers if FollowUp.objects.visible_to(p).filter(pk=one.pk)}
    assert seen == {"chen", "li", "wang", "zhou"}


# The pages


def met_now(cast: Cast) -> Ticket:
    now = timezone.now()
    ticket = actions.convene(now_in_work(cast), reason="查不出原因", by=cast.chen, now=now)
    return actions.follow_up(
        ticket, text="备份配置", owner=cast.chen, due_at=now + timedelta(hours=1), by=cast.chen, now=now
    )


def test_i_have_joined_is_one_button(cast: Cast) -> None:
    ticket, wang = met_now(cast), signed_in(cast.wang)
    before = page(wang, ticket)
    assert before.count('name="join_meeting-how"') == 3 and "备份配置" in before
    act = reverse("tickets:act", args=[ticket.pk, "join_meeting"])
    sent = {"join_meeting-person": cast.wang.pk, "join_meeting-how": "phone"}
    assert wang.post(act, sent).status_code == 302
    after = page(wang, ticket)
    assert 'name="join_meeting-how"' not in after
    assert MeetingGuest.objects.get().how == "phone"
    twice = wang.post(act, sent)
    assert twice.status_code == 422 and 'name="join_meeting-name"' in twice.content.decode()


def test_the_record_with_a_meeting_asks_no_more_questions_for_its_people(cast: Cast) -> None:
    ticket, wang = met_now(cast), signed_in(cast.wang)
    page(wang, ticket)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(wang, ticket)
        return len(asked)

    before = count()
    for person in (cast.liu, cast.wang, cast.li):
        ticket = actions.join_meeting(ticket, person=person, by=cast.liu, now=timezone.now())
    assert count() == before


def test_what_is_refused_comes_back_as_it_was_typed(cast: Cast) -> None:
    ticket, chen = met_now(cast), signed_in(cast.chen)
    act = reverse("tickets:act", args=[ticket.pk, "follow_up"])
    sent = {"kind": "measure", "text": "更换电源", "owner": cast.chen.pk, "due_at": "2020-01-01T08:00"}
    answer = chen.post(act, {f"follow_up-{name}": value for name, value in sent.items()})
    assert answer.status_code == 422 and "更换电源" in answer.content.decode()
    assert FollowUp.objects.count() == 1


def test_the_list_settles_them(cast: Cast) -> None:
    ticket, chen = met_now(cast), signed_in(cast.chen)
    one, address = FollowUp.objects.get(), reverse("tickets:follow_ups")
    listed = chen.get(address).content.decode()
    assert "备份配置" in listed and ticket.number in listed
    settle = reverse("tickets:settle_follow_up", args=[one.pk])
    empty = chen.post(settle, {"state": "done", "result": ""})
    assert empty.status_code == 422
    refused = chen.post(settle, {"state": "dropped", "result": "不需要"})
    assert refused.status_code == 302  # whoever wrote it down may
    assert "备份配置" not in chen.get(address).content.decode()
    assert "不需要" in chen.get(f"{address}?state=all&record={ticket.number}").content.decode()
    late = chen.post(settle, {"state": "done", "result": "后来的话"})
    assert late.status_code == 409 and "后来的话" in late.content.decode()
    assert signed_in(cast.outsider).post(settle, {"state": "done", "result": "x"}).status_code == 404
    assert signed_in(cast.sun).get(address).status_code == 403
    assert "备份配置" not in signed_in(cast.outsider).get(f"{address}?state=all").content.decode()


def test_the_list_of_many_asks_as_few_questions(cast: Cast) -> None:
    ticket, now = met_now(cast), timezone.now()
    for number in range(20):
        facts = {"text": f"第{number}项", "owner": cast.chen, "due_at": now + timedelta(hours=2)}
        ticket = actions.follow_up(ticket, **facts, by=cast.chen, now=now)
    chen = signed_in(cast.chen)
    with CaptureQueriesContext(connection) as asked:
        assert chen.get(reverse("tickets:follow_ups")).status_code == 200
    assert len(asked) <= 12


def test_rest_notes_and_shows_it_all(cast: Cast) -> None:
    ticket, li = met_now(cast), caller(cast.li)
    path = f"/tickets/{ticket.number}/"
    assert li.post(f"{path}join_meeting/", {"person": "liu", "how": "video"}).status_code == 200
    assert li.post(f"{path}join_meeting/", {"person": "nobody"}).status_code in (400, 422)
    shown = li.get(f"{path}meetings/").json()["results"][0]
    assert shown["guests"][0]["how"] == "video" and shown["follow_ups"][0]["text"] == "备份配置"
    stranger = caller(cast.outsider)
    assert stranger.post(f"{path}settle_follow_up/", {"follow_up": 1, "result": "x"}).status_code == 404

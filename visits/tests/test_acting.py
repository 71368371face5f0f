"""Callbacks moved, handed over, tried, decided on; what they collect goes where it belongs; who may what."""

from __future__ import annotations

import pytest

from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice
from staff.refused import Refused
from tickets.models import EntryKind, Ticket
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, ProblemSaid, PromiseSaid, Said
from visits.kinds import EventKind, Method, NeedState, PromiseState, State
from visits.models import Callback, CallbackEvent, CallbackPlan, CallbackProblem, Need, Promise
from visits.tests.callbacks import DAY, HOUR, after_fault, arranged, planned

TOMORROW = MONDAY + DAY


def test_what_the_client_says_goes_where_it_belongs(cast: Cast) -> None:
    callback = arranged(cast)
    said = Said(
        "孙主任",
        summary="运行正常",
        satisfaction="3",
        expectation_not_met=True,
        expectation_words="希望两小时内到场",
        problems=[ProblemSaid("打印机卡纸", system=cast.his)],
        needs=[NeedSaid("增加报表", owner=cast.chen, due_on=(MONDAY + 20 * DAY).date())],
        opinions=[OpinionSaid("态度很好")],
        promises=[PromiseSaid("周五前给出方案", due_on=(MONDAY + 4 * DAY).date(), person=cast.chen)],
        next_wish_on=(MONDAY + 14 * DAY).date(),
        next_wish="看报表",
    )
    done = actions.record_reached(callback, said, by=cast.li, now=TOMORROW)
    assert (done.state, done.done_by, done.channel) == (State.DONE, cast.li, "phone")
    ticket = CallbackProblem.objects.get(callback=done).ticket
    assert (ticket.title, ticket.channel, ticket.caller_name) == ("打印机卡纸", "phone", "孙主任")
    assert ticket.entries.get(kind=EntryKind.LOGGED).changes["callback"] == [None, done.number]
    assert Need.objects.get().owner == cast.chen
    assert Promise.objects.get().person == cast.chen
    assert done.opinions.get().text == "态度很好"
    next_one = Callback.objects.exclude(pk=done.pk).get()
    assert (next_one.note, next_one.due_at.date().isoformat()) == ("看报表", "2026-12-07")
    assert {"need", "promise"} <= {*Notice.objects.filter(recipient=cast.chen).values_list("kind", flat=True)}
    assert Callback.objects.disappointed().get() == done


def test_what_is_refused_in_a_list_is_at_its_place_and_nothing_has_happened(cast: Cast) -> None:
    callback = arranged(cast)
    needs = [NeedSaid("一"), NeedSaid("二", owner=cast.outsider)]
    with pytest.raises(Refused) as refused:
        actions.record_reached(callback, Said("孙主任", needs=needs), by=cast.li, now=TOMORROW)
    assert refused.value.field == "needs/1/owner"
    assert not Need.objects.exists()
    assert Callback.objects.get().state == State.PLANNED


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(""), "spoke_with"),
        (Said("孙", is_solved=None), "is_solved"),
        (Said("孙", is_solved=False), "summary"),
        (Said("孙", is_solved=True, satisfaction="3", confirms=True), "confirms"),
        (Said("孙", is_solved=True, expectation_not_met=True), "expectation_words"),
        (Said("孙", is_solved=True, expectation_words="x"), "expectation_not_met"),
        (Said("孙", is_solved=True, promises=[PromiseSaid("x", None)]), "promises/0/due_on"),
        (Said("孙", is_solved=True, problems=[ProblemSaid(" ")]), "problems/0/title"),
        (Said("孙", is_solved=True, next_wish_on=at("2026-01-01 00:00").date()), "next_wish_on"),
    ],
)
def test_what_is_missing_is_said_at_its_field(cast: Cast, said: Said, field: str) -> None:
    planned()
    callback = after_fault(cast)
    with pytest.raises(Refused) as refused:
        actions.record_reached(callback, said, by=cast.li, now=TOMORROW)
    assert refused.value.field == field


def test_a_second_save_of_the_same_page_changes_nothing(cast: Cast) -> None:
    callback = arranged(cast)
    said = Said("孙主任", problems=[ProblemSaid("打印机卡纸")])
    actions.record_reached(callback, said, by=cast.li, now=TOMORROW)
    with pytest.raises(Refused) as refused:
        actions.record_reached(callback, said, by=cast.li, now=TOMORROW)
    assert refused.value.code == "moved"
    assert Ticket.objects.count() == 1


def test_after_three_half_days_the_supervisor_decides(cast: Cast) -> None:
    callback = arranged(cast)
    callback = actions.record_not_reached(callback, note="占线", by=cast.li, now=at("2026-11-24 09:30"))
    assert callback.due_at == at("2026-11-24 14:00")
    # Twice in one half-day is one.
    callback = actions.record_not_reached(callback, by=cast.li, now=at("2026-11-24 10:30"))
    callback = actions.record_not_reached(callback, by=cast.li, now=at("2026-11-24 15:00"))
    assert (callback.state, callback.due_at) == (State.PLANNED, at("2026-11-25 09:30"))
    callback = actions.record_not_reached(callback, by=cast.li, now=at("2026-11-25 09:40"))
    assert callback.state == State.UNREACHED
    assert Notice.objects.get(recipient=cast.wang, kind="callback_overdue").params["what"] == "unreached"
    with pytest.raises(Refused):
        actions.record_not_reached(callback, by=cast.li, now=at("2026-11-25 16:00"))
    facts = {"method": Method.ON_SITE, "on": at("2026-11-26 00:00").date(), "reason": "上门去"}
    with pytest.raises(Refused) as refused:
        actions.decide(callback, **facts, by=cast.li, now=at("2026-11-25 16:00"))
    assert refused.value.code == "forbidden"
    callback = actions.decide(callback, **facts, by=cast.wang, now=at("2026-11-25 16:00"))
    assert (callback.state, callback.method, callback.person) == (State.PLANNED, Method.ON_SITE, cast.chen)
    assert callback.due_at == at("2026-11-26 10:00")
    assert Notice.objects.filter(recipient=cast.chen, kind="callback").exists()


def test_reached_after_all_though_the_supervisor_was_to_decide(cast: Cast) -> None:
    callback = arranged(cast)
    for when in ("2026-11-24 09:30", "2026-11-24 15:00", "2026-11-25 09:30"):
        callback = actions.record_not_reached(callback, by=cast.li, now=at(when))
    done = actions.record_reached(callback, Said("孙主任"), by=cast.li, now=at("2026-11-25 15:00"))
    assert done.state == State.DONE


def test_who_does_not_want_to_talk_is_left_alone(cast: Cast) -> None:
    callback = actions.record_refused(arranged(cast), note="没空", by=cast.li, now=TOMORROW)
    assert (callback.state, callback.summary, callback.done_by) == (State.REFUSED, "没空", cast.li)


def test_a_callback_is_moved_within_its_limit_and_past_it_by_the_supervisor(cast: Cast) -> None:
    planned()
    callback = after_fault(cast)
    with pytest.raises(Refused) as refused:
        actions.move(callback, at("2026-11-24 15:00"), reason=" ", by=cast.li, now=MONDAY)
    assert refused.value.field == "reason"
    for when, code in (
        ("2026-11-25 10:00", "past_limit"),
        ("2026-11-28 10:00", "day_off"),
        ("2026-11-20 10:00", "past"),
        ("2036-11-20 10:00", "too_far"),
    ):
        with pytest.raises(Refused) as refused:
            actions.move(callback, at(when), reason="x", by=cast.li, now=MONDAY)
        assert (refused.value.field, refused.value.code) == ("due_at", code)
    callback = actions.move(callback, at("2026-11-24 15:00"), reason="下午方便", by=cast.chen, now=MONDAY)
    assert callback.limit_at == at("2026-11-25 00:00")
    assert Notice.objects.filter(recipient=cast.li, kind="callback").exists()
    callback = actions.move(callback, at("2026-11-26 15:00"), reason="出差", by=cast.wang, now=MONDAY)
    assert callback.limit_at == at("2026-11-27 00:00")
    assert callback.events.filter(kind=EventKind.MOVED).count() == 2


def test_a_callback_is_handed_over_to_somebody_of_the_group_who_is_told(cast: Cast) -> None:
    callback = arranged(cast)
    for wrong in (cast.outsider, cast.zhou, cast.li):
        with pytest.raises(Refused) as refused:
            actions.hand_over(callback, wrong, by=cast.li, now=MONDAY)
        assert refused.value.field == "person"
    callback = actions.hand_over(callback, cast.liu, note="您熟悉", by=cast.li, now=MONDAY)
    assert callback.person == cast.liu
    assert Notice.objects.get(recipient=cast.liu).params["note"] == "您熟悉"


def test_only_the_supervisor_leaves_a_callback_out_and_gives_the_reason(cast: Cast) -> None:
    callback = arranged(cast)
    with pytest.raises(Refused):
        actions.skip(callback, reason="x", by=cast.li, now=MONDAY)
    callback = actions.skip(callback, reason="客户停业", by=cast.wang, now=MONDAY)
    assert callback.state == State.SKIPPED
    assert callback.events.get(kind=EventKind.SKIPPED).text == "客户停业"


@pytest.mark.parametrize("who", ["outsider", "zhou", "zhao", "sun"])
def test_neither_strangers_nor_those_who_only_read_do_anything(cast: Cast, who: str) -> None:
    planned()
    by, callback = getattr(cast, who), arranged(cast)
    promise = actions.make_promise(
        cast.hospital, PromiseSaid("x", (MONDAY + DAY).date()), by=cast.li, now=MONDAY
    )
    need = actions.raise_need(cast.hospital, NeedSaid("x"), by=cast.li, now=MONDAY)
    now = MONDAY
    later, day = TOMORROW + HOUR, (MONDAY + DAY).date()
    plan = CallbackPlan.objects.first()
    verbs = [
        lambda: actions.record_reached(callback, Said("孙"), by=by, now=now),
        lambda: actions.record_not_reached(callback, by=by, now=now),
        lambda: actions.record_refused(callback, by=by, now=now),
        lambda: actions.move(callback, later, reason="x", by=by, now=now),
        lambda: actions.hand_over(callback, cast.chen, by=by, now=now),
        lambda: actions.skip(callback, reason="x", by=by, now=now),
        lambda: actions.decide(callback, method=Method.PHONE, on=day, reason="x", by=by, now=now),
        lambda: actions.arrange(cast.hospital, method=Method.PHONE, on=day, note="x", by=by, now=now),
        lambda: actions.raise_need(cast.hospital, NeedSaid("x"), by=by, now=now),
        lambda: actions.change_need(need, state=NeedState.ACCEPTED, owner=cast.chen, by=by, now=now),
        lambda: actions.make_promise(cast.hospital, PromiseSaid("x", day), by=by, now=now),
        lambda: actions.close_promise(promise, PromiseState.KEPT, note="x", by=by, now=now),
        lambda: actions.add_opinion(cast.hospital, OpinionSaid("x"), by=by, now=now),
        lambda: actions.change_plan(plan, {"phone_every": 9}, by=by, now=now),
    ]
    before = CallbackEvent.objects.count()
    for number, verb in enumerate(verbs):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.code == "forbidden", number
    assert CallbackEvent.objects.count() == before


def test_a_need_ends_with_an_answer_to_the_client(cast: Cast) -> None:
    need = actions.raise_need(cast.hospital, NeedSaid("增加报表", system=cast.his), by=cast.li, now=MONDAY)
    with pytest.raises(Refused) as refused:
        actions.change_need(need, state=NeedState.ACCEPTED, by=cast.li, now=MONDAY)
    assert refused.value.field == "owner"
    need = actions.change_need(need, state=NeedState.ACCEPTED, owner=cast.chen, by=cast.li, now=MONDAY)
    for more, field in (({}, "answer"), ({"answer": "已加"}, "answer_channel")):
        with pytest.raises(Refused) as refused:
            actions.change_need(need, state=NeedState.DONE, **more, by=cast.chen, now=MONDAY)
        assert refused.value.field == field
    stale = Need(pk=need.pk, version=1)
    with pytest.raises(Refused) as refused:
        actions.change_need(stale, note="x", by=cast.chen, now=MONDAY)
    assert refused.value.code == "moved"
    need = actions.change_need(
        need, state=NeedState.DONE, answer="已加", answer_channel="phone", by=cast.chen, now=TOMORROW
    )
    assert (need.closed_at, need.closed_by, need.is_open) == (TOMORROW, cast.chen, False)
    with pytest.raises(Refused):
        actions.change_need(need, note="x", by=cast.chen, now=TOMORROW)


def test_a_promise_has_a_day_and_is_told_of_when_it_is_overdue(cast: Cast) -> None:
    promise = actions.make_promise(
        cast.hospital,
        PromiseSaid("送备件", (MONDAY + DAY).date(), cast.chen),
        by=cast.li,
        now=MONDAY,
    )
    assert Notice.objects.get(recipient=cast.chen, kind="promise").params["what"] == "given"
    actions.tend_callbacks(now=TOMORROW)
    assert not Notice.objects.filter(kind="promise_overdue").exists()
    for _twice in range(2):
        actions.tend_callbacks(now=TOMORROW + DAY)
    told = Notice.objects.filter(kind="promise_overdue")
    assert {notice.recipient for notice in told} == {cast.chen, cast.wang}
    promise = actions.close_promise(promise, PromiseState.KEPT, note="已送", by=cast.chen, now=TOMORROW)
    with pytest.raises(Refused):
        actions.close_promise(promise, PromiseState.DROPPED, note="x", by=cast.chen, now=TOMORROW)


def test_reminded_in_the_morning_once_and_reported_up_when_overdue_once(cast: Cast) -> None:
    planned()
    callback = after_fault(cast)
    actions.tend_callbacks(now=at("2026-11-24 07:00"))
    assert not Notice.objects.filter(kind="callbacks_today").exists()
    for when in ("2026-11-24 08:31", "2026-11-24 08:32", "2026-11-24 12:00"):
        actions.tend_callbacks(now=at(when))
    assert Notice.objects.get(kind="callbacks_today").recipient == cast.li
    for when in ("2026-11-25 00:00", "2026-11-25 09:00", "2026-11-26 09:00"):
        actions.tend_callbacks(now=at(when))
    overdue = Notice.objects.filter(kind="callback_overdue")
    assert {notice.recipient for notice in overdue} == {cast.li, cast.wang}
    actions.tend_callbacks(now=at("2026-11-27 00:01"))
    assert {notice.recipient for notice in overdue.all()} == {cast.li, cast.wang, cast.zhao}
    assert callback.events.filter(kind=EventKind.OVERDUE).count() == 2
    done = actions.record_reached(
        Callback.objects.get(pk=callback.pk),
        Said("孙", is_solved=True),
        by=cast.li,
        now=at("2026-11-27 10:00"),
    )
    month = Callback.objects.counted(at("2026-11-01 00:00"), at("2026-12-01 00:00"))
    assert (month.filter(pk=done.pk).count(), month.on_time().filter(pk=done.pk).count()) == (1, 0)
    assert month.reached().get() == month.attempted().get() == done


def test_counts_of_a_month_leave_out_what_nobody_owed(cast: Cast) -> None:
    one, other = arranged(cast), arranged(cast, note="另一件")
    actions.record_reached(one, Said("孙主任"), by=cast.li, now=TOMORROW)
    actions.skip(other, reason="x", by=cast.wang, now=MONDAY)
    third = arranged(cast, note="第三件")
    Callback.objects.filter(pk=third.pk).update(state=State.WITHDRAWN)
    month = Callback.objects.counted(at("2026-11-01 00:00"), at("2026-12-01 00:00"))
    assert (month.count(), month.on_time().count(), month.attempted().count()) == (2, 1, 1)

"""The handover of a group's duty: written, handed over, overruled, asked back, signed; and who is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from duty.actions import Said, place_override, set_terms
from duty.models import DutyRole, OverrideKind
from duty.tests.inspections import due, say
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, Cast, build_cast
from opsdesk.tests.rest import with_authorisation
from staff.models import Notice, User
from staff.notices import render
from tickets import actions
from tickets.handovers import kept_points
from tickets.lifecycle import Moved, Refused
from tickets.models import Grade, Handover, HandoverEvent, HandoverTerms
from tickets.openmatters import FailedCheck, OpenMatters, open_matters
from tickets.tests.handovers import BEFORE, MINUTE, SIX, begun, grave, handed_over

HOUR = timedelta(hours=1)


def told(what: str) -> set[str]:
    rows = Notice.objects.filter(kind__startswith="handover", params__what=what)
    return {notice.recipient.username for notice in rows.select_related("recipient")}


def code(act, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **more)
    return refused.value.code


def replace_li(cast: Cast, by: User) -> None:
    """Somebody else has 李敏's shift."""
    set_terms(cast.south, rest_hours=0, longest_hours=None, by=cast.wang, now=BEFORE)
    facts = {"user": by, "instead_of": cast.li, "by": cast.wang, "now": BEFORE}
    place_override(cast.south, OverrideKind.REPLACE, DutyRole.PRIMARY, SIX, SIX + 24 * HOUR, **facts)


def test_the_duty_is_handed_over_with_what_is_open_then(cast: Cast) -> None:
    ticket = actions.grade(cast.ticket(BEFORE - HOUR), Grade.TWO, reason="x", by=cast.li, now=BEFORE - HOUR)
    cast.ticket(BEFORE - HOUR, title="忘记密码", kind="request")
    handover = handed_over(cast)
    assert (handover.state, handover.outgoing, handover.incoming) == ("waiting", cast.chen, cast.li)
    assert told("handed_over") == {"li"}
    actions.resolve(
        actions.acknowledge(ticket, by=cast.chen, now=SIX), solution="x", cause="other", by=cast.chen, now=SIX
    )
    matters = OpenMatters.thawed(Handover.objects.get().open_matters)
    assert [(one.number, one.grade, one.owner, one.status) for one in matters.records[:1]] == [
        (ticket.number, 2, "陈工", "logged")
    ]
    assert len(matters.records) == 2 and matters.records[0].due_at is not None
    assert {point.label: point.is_done for point in kept_points(handover)}.values() != {True}
    assert [point.key for point in kept_points(handover) if point.is_done] == ["see", "say"]


def test_what_the_shift_found_abnormal_is_handed_over(cast: Cast) -> None:
    inspection = due(cast)
    say(
        inspection,
        cast.chen,
        MONDAY,
        cpu=Said(value="97", note="满"),
        backup=Said(value="no", note="x"),
        lamp="绿",
    )
    [answer] = inspection.answers.filter(item__name_en="CPU load").select_related(
        "item", "inspection__version__sheet__system__client"
    )
    ticket = actions.open_record_of(answer, by=cast.chen, now=MONDAY)
    found = open_matters(cast.south, since=MONDAY, now=MONDAY + HOUR)
    assert found.failed_checks == [
        FailedCheck("HIS 日巡检", "HIS daily", "CPU 使用率", "CPU load", "97 %", "97 %", ticket.pk),
        FailedCheck("HIS 日巡检", "HIS daily", "备份成功", "Backup done", "否", "No", None),
    ]
    assert OpenMatters.thawed(found.frozen()) == found
    assert not open_matters(cast.south, since=MONDAY + MINUTE, now=MONDAY + HOUR).failed_checks
    assert not open_matters(cast.north, since=MONDAY, now=MONDAY + HOUR).failed_checks


def test_checks_are_frozen_with_the_handover_though_the_shift_goes_on(cast: Cast) -> None:
    morning = SIX - 9 * HOUR
    inspection = due(cast, morning)
    defined(cast)
    say(inspection, cast.chen, morning, cpu=Said(value="97", note="满"), backup="yes", lamp="绿")
    handover = actions.open_handover(cast.south, SIX, by=cast.chen, now=BEFORE)
    actions.hand_over(handover, note="x", to_do="", done=[], by=cast.chen, now=BEFORE)
    [check] = OpenMatters.thawed(Handover.objects.get().open_matters).failed_checks
    assert check.item_en == "CPU load"


def test_open_remote_access_and_what_is_owed_of_it_is_handed_over(cast: Cast) -> None:
    now = timezone.now()
    ticket = actions.grade(cast.ticket(now), Grade.TWO, reason="x", by=cast.li, now=now)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=now)
    actions.open_remote(with_authorisation(ticket, cast), by=cast.chen, now=now)
    found = open_matters(cast.south, since=now - HOUR, now=now)
    assert [(one.kind, one.number, one.who) for one in found.remote] == [
        ("session", ticket.number, "陈工"),
        ("access", ticket.number, "孙主任"),
    ]
    assert OpenMatters.thawed(found.frozen()) == found
    assert open_matters(cast.north, since=now - HOUR, now=now) == OpenMatters()


def test_whoever_follows_signs_and_answers_from_his_shift_on(cast: Cast) -> None:
    handover = handed_over(cast)
    signed = actions.sign(handover, by=cast.li, now=SIX - 5 * MINUTE)
    assert (signed.state, signed.signed_at, signed.passes_at) == ("signed", SIX - 5 * MINUTE, SIX)
    assert told("signed") == {"chen"}
    assert [event.kind for event in signed.events.all()] == ["handed_over", "signed"]
    assert code(actions.sign, signed, by=cast.li, now=SIX) == "wrong_status"


def test_nobody_signs_for_another(cast: Cast) -> None:
    handover = handed_over(cast)
    for person in (cast.chen, cast.wang, cast.zhao, cast.admin, cast.outsider, cast.sun):
        assert code(actions.sign, handover, by=person, now=SIX) == "forbidden"
    cast.li.is_active = False
    assert code(actions.sign, handover, by=cast.li, now=SIX) == "forbidden"


def test_only_what_somebody_has_read_is_signed(cast: Cast) -> None:
    read = handed_over(cast)
    again = Handover.objects.get()
    actions.hand_over(again, note="又来一单", to_do="", done=[], by=cast.chen, now=BEFORE + MINUTE)
    with pytest.raises(Moved, match="再读一遍|Read it again"):
        actions.sign(read, by=cast.li, now=SIX)
    assert actions.sign(Handover.objects.get(), by=cast.li, now=SIX).note == "又来一单"


def test_a_handover_is_asked_back_with_a_remark_and_handed_over_anew(cast: Cast) -> None:
    handover = handed_over(cast)
    assert code(actions.send_back, handover, remark=" ", by=cast.li, now=SIX) == "required"
    back = actions.send_back(handover, remark="谁联系运营商?", by=cast.li, now=SIX)
    assert back.state == "returned" and told("sent_back") == {"chen"}
    assert code(actions.sign, back, by=cast.li, now=SIX) == "wrong_status"
    anew = actions.hand_over(back, note="运营商由我联系", to_do="", done=[], by=cast.chen, now=SIX + MINUTE)
    assert actions.sign(anew, by=cast.li, now=SIX + 2 * MINUTE).is_signed
    kinds = [(event.kind, event.text) for event in HandoverEvent.objects.all()]
    assert kinds[0] == ("handed_over", "一夜平静\n\n回电孙主任")
    assert kinds[1:3] == [("sent_back", "谁联系运营商?"), ("handed_over", "运营商由我联系")]


def test_it_is_refused_too_early_empty_and_by_others(cast: Cast) -> None:
    handover = begun(cast)
    texts = {"note": "x", "to_do": "", "done": []}
    assert code(actions.hand_over, handover, **texts, by=cast.chen, now=SIX - 2 * HOUR) == "too_early"
    assert code(actions.hand_over, handover, **texts | {"note": " "}, by=cast.chen, now=BEFORE) == "required"
    for person in (cast.li, cast.outsider, cast.zhou, cast.sun):
        assert code(actions.hand_over, handover, **texts, by=person, now=BEFORE) == "forbidden"
    done = actions.hand_over(handover, **texts, by=cast.wang, now=SIX + HOUR)  # he has left: in his place
    assert done.handed_over_by == cast.wang and told("handed_over") == {"li", "chen"}


def test_nobody_hands_over_during_a_major_fault(cast: Cast) -> None:
    handover, fault = begun(cast), grave(cast)
    texts = {"note": "x", "to_do": "", "done": []}
    with pytest.raises(Refused, match=fault.number) as refused:
        actions.hand_over(handover, **texts, by=cast.chen, now=BEFORE)
    assert refused.value.code == "major_fault"
    actions.resolve(fault, solution="x", cause="other", by=cast.chen, now=BEFORE)
    assert actions.hand_over(handover, **texts, by=cast.chen, now=BEFORE).state == "waiting"


def test_nor_does_anybody_sign_and_a_fault_of_another_group_is_no_obstacle(cast: Cast) -> None:
    handover, fault = handed_over(cast), grave(cast)
    assert code(actions.sign, handover, by=cast.li, now=SIX) == "major_fault"
    actions.assign(fault, group=cast.north, by=cast.wang, now=SIX)
    assert actions.sign(handover, by=cast.li, now=SIX).is_signed


def test_a_supervisor_who_is_not_one_of_the_two_overrules_with_a_reason(cast: Cast) -> None:
    handover, fault = handed_over(cast), grave(cast)
    assert code(actions.overrule, handover, reason="", by=cast.wang, now=SIX) == "required"
    for person in (cast.chen, cast.li, cast.zhou, cast.outsider):
        assert code(actions.overrule, handover, reason="x", by=person, now=SIX) == "forbidden"
    actions.overrule(handover, reason="已值守十六小时", by=cast.wang, now=SIX)
    assert told("overruled") == {"zhao", "chen", "li"}
    notice = Notice.objects.filter(recipient=cast.zhao, kind="handover_overruled").get()
    subject, body = render(notice, language="en")
    assert fault.number in subject and "已值守十六小时" in body and cast.wang.name in body
    assert actions.sign(handover, by=cast.li, now=SIX).is_signed
    event = HandoverEvent.objects.get(kind="overruled")
    assert (event.by, event.text, event.numbers) == (cast.wang, "已值守十六小时", [fault.number])


def test_what_was_overruled_says_nothing_of_the_next_fault(cast: Cast) -> None:
    handover = handed_over(cast)
    assert code(actions.overrule, handover, reason="x", by=cast.wang, now=SIX) == "nothing_to_overrule"
    grave(cast)
    actions.overrule(handover, reason="x", by=cast.wang, now=SIX)
    second = grave(cast, SIX)
    with pytest.raises(Refused, match=second.number):
        actions.sign(handover, by=cast.li, now=SIX)
    actions.overrule(handover, reason="y", by=cast.liu, now=SIX)
    assert actions.sign(handover, by=cast.li, now=SIX).is_signed
    assert Notice.objects.filter(recipient=cast.zhao, kind="handover_overruled").count() == 2


def test_who_stands_in_for_somebody_who_fell_ill_signs(cast: Cast) -> None:
    handover = handed_over(cast)
    replace_li(cast, cast.wang)
    assert code(actions.sign, handover, by=cast.li, now=SIX) == "forbidden"
    assert actions.sign(handover, by=cast.wang, now=SIX).incoming == cast.wang


def test_where_the_roster_knows_of_no_change_any_more_it_is_taken_back(cast: Cast) -> None:
    handover = handed_over(cast)
    replace_li(cast, cast.chen)
    assert code(actions.sign, handover, by=cast.li, now=SIX) == "no_change"
    assert actions.send_back(handover, remark="连班", by=cast.chen, now=SIX).state == "returned"
    facts = {"by": cast.chen, "now": SIX}
    assert code(actions.open_handover, cast.south, SIX + HOUR, **facts) == "no_change"


def test_a_draft_is_kept_until_it_is_handed_over(cast: Cast) -> None:
    handover = begun(cast, by=cast.li)
    texts = {"note": "写到一半", "to_do": "", "done": ["ask"]}
    assert code(actions.save_handover_draft, handover, **texts, by=cast.li, now=BEFORE) == "forbidden"
    actions.save_handover_draft(handover, **texts, by=cast.chen, now=SIX - 5 * HOUR)
    kept = actions.open_handover(cast.south, SIX, by=cast.chen, now=BEFORE)
    assert (kept.pk, kept.note, kept.version) == (handover.pk, "写到一半", 1)
    actions.hand_over(kept, **texts, by=cast.chen, now=BEFORE)
    with pytest.raises(Moved):
        actions.save_handover_draft(kept, **texts | {"note": "y"}, by=cast.chen, now=BEFORE)
    assert Handover.objects.get().note == "写到一半"


def test_records_are_taken_over_each_by_itself(cast: Cast) -> None:
    tickets = [actions.acknowledge(cast.ticket(BEFORE), by=cast.chen, now=BEFORE) for _n in range(3)]
    handover = handed_over(cast)
    assert code(actions.take_records, handover, tickets, by=cast.li, now=SIX) == "forbidden"
    signed = actions.sign(handover, by=cast.li, now=SIX)
    given = actions.assign(tickets[1], owner=cast.wang, by=cast.wang, now=SIX)
    outcomes = actions.take_records(signed, [tickets[0], given], by=cast.li, now=SIX)
    assert [bool(outcome.refusal) for outcome in outcomes] == [False, True]
    owners = []
    for ticket in tickets:
        ticket.refresh_from_db()
        owners.append(ticket.owner)
    assert owners == [cast.li, cast.wang, cast.chen]
    assert signed.events.get(kind="records_taken").records == [tickets[0].pk]


def test_a_group_has_points_and_terms_of_its_own(cast: Cast) -> None:
    terms = HandoverTerms(group=cast.south, opens_before=180, points="电源\n空调\n\n电源")
    assert code(actions.set_handover_terms, terms, by=cast.li, now=BEFORE) == "forbidden"
    actions.set_handover_terms(terms, by=cast.wang, now=BEFORE)
    early = SIX - 3 * HOUR
    done = actions.hand_over(begun(cast), note="x", to_do="", done=["空调", "x"], by=cast.chen, now=early)
    assert [(point.label, point.is_done) for point in kept_points(done)] == [("电源", False), ("空调", True)]


def test_whose_change_nobody_signs_is_told_of_once_and_then_reported(cast: Cast) -> None:
    handed_over(cast)
    late, reported = SIX + 15 * MINUTE, SIX + 30 * MINUTE
    assert actions.tend_handovers(now=late - MINUTE) == 0
    assert actions.tend_handovers(now=late) == 2 and told("unsigned") == {"chen", "li"}
    assert actions.tend_handovers(now=late + MINUTE) == 0
    assert actions.tend_handovers(now=reported) == 1 and told("unsigned_reported") == {"wang"}
    assert actions.tend_handovers(now=reported + HOUR) == 0
    for notice in Notice.objects.filter(kind__startswith="handover"):
        for language in ("en", "zh-hans"):
            subject, body = render(notice, language=language)
            assert subject and "South" in body or "华南" in body


def test_a_sweep_that_comes_late_tells_of_the_last_change_alone(cast: Cast) -> None:
    """Nobody has begun a handover for two days: of the one that was overtaken nobody is told any more."""
    defined(cast)
    assert actions.tend_handovers(now=SIX + 25 * HOUR) == 3
    assert told("unsigned") == {"li", "wang"} and told("unsigned_reported") == {"wang"}
    assert actions.tend_handovers(now=SIX + 25 * HOUR) == 0


def test_what_is_signed_or_not_asked_for_is_not_told_of(cast: Cast) -> None:
    actions.sign(handed_over(cast), by=cast.li, now=SIX)
    assert actions.tend_handovers(now=SIX + HOUR) == 0
    actions.set_handover_terms(HandoverTerms(group=cast.south, sign_within=None), by=cast.wang, now=BEFORE)
    assert actions.tend_handovers(now=SIX + 30 * HOUR) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_act_at_once_one_wins_and_the_other_reads_why() -> None:
    """The signature comes twice, from two windows, while the one who goes off duty takes it back."""
    cast = build_cast()
    seen = handed_over(cast)
    together, won, lost = threading.Barrier(3), [], []

    def act(name: str, verb, **more) -> None:
        try:
            together.wait(timeout=30)
            verb(seen, now=SIX, **more)
            won.append(name)
        except Refused as refused:
            lost.append((type(refused), str(refused)))
        finally:
            connections.close_all()

    sign, back = ("sign", actions.sign, {"by": cast.li}), ("back", actions.send_back, {"by": cast.chen})
    back[2]["remark"] = "x"
    threads = [threading.Thread(target=act, args=one[:2], kwargs=one[2]) for one in (sign, sign, back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and len(lost) == 2
    assert all(kind is Moved and words for kind, words in lost)
    assert Handover.objects.get().state == ("signed" if won == ["sign"] else "returned")
    assert HandoverEvent.objects.count() == 2

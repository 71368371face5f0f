"""Every limit that is exceeded has its case: opened with the breach, explained, ruled on, settled (§3.2)."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast, at, build_cast
from staff.models import ManagementLevel, Notice, User
from tickets import actions
from tickets.accountability import Told
from tickets.actions import deadlines, firing, overdue
from tickets.actions.deadlines import Pace
from tickets.lifecycle import Moved, Refused
from tickets.models import Clock, Entry, EntryKind, Grade, Overrun, OverrunCause, OverrunState, Window
from tickets.overruns import case_of, terms_for
from tickets.overruns import overdue as waits_too_long

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OWN, CLIENT, THIRD = OverrunCause.OWN, OverrunCause.CLIENT, OverrunCause.THIRD_PARTY
LATER = MONDAY + HOUR


def opened(cast: Cast, now=MONDAY, **more) -> Overrun:
    """The case of a call that nobody answered within a quarter of an hour."""
    ticket = cast.ticket(now, **more)
    actions.enforce_deadlines(now=now + 20 * MIN)
    return Overrun.objects.get(ticket=ticket)


def explained(cast: Cast, now=MONDAY) -> Overrun:
    case = opened(cast, now)
    return actions.explain(case, text="漏看提醒", cause=OWN, by=cast.chen, now=now + HOUR)


def ruled(cast: Cast, now=MONDAY, by: User | None = None, **facts) -> Overrun:
    case, facts = explained(cast, now), {"cause": OWN, "is_excused": False, "reason": "属实"} | facts
    return actions.rule(case, **facts, by=by or cast.wang, now=now + 2 * HOUR)


def appealed(cast: Cast) -> Overrun:
    return actions.appeal(ruled(cast), text="当时在另一家现场", by=cast.chen, now=MONDAY + DAY)


def told(case: Overrun) -> dict[str, set[str]]:
    """Who was told what of a case."""
    found: dict[str, set[str]] = {}
    for notice in Notice.objects.filter(kind="overrun", key__startswith=f"overrun:{case.pk}:"):
        found.setdefault(notice.params["what"], set()).add(notice.recipient.username)
    return found


def refused(action, *args, **facts) -> Refused:
    with pytest.raises(Refused) as caught:
        action(*args, **facts)
    return caught.value


# Opening ---------------------------------------------------------------------------------------------------


def test_a_breach_opens_a_case_against_the_owner(cast: Cast) -> None:
    case = opened(cast)
    assert (case.person, case.group, case.kind, case.grade) == (cast.chen, cast.south, "response", None)
    assert case.state == OverrunState.OPEN
    assert case.due_at == MONDAY + 15 * MIN
    assert case.opened_at == MONDAY + 20 * MIN == case.clock.breached_marked_at
    actions.acknowledge(case.ticket, by=cast.chen, now=MONDAY + 40 * MIN)
    case = Overrun.objects.get()
    assert case.late_by(MONDAY + DAY) == 25 * MIN  # by the clock, which has stopped


def test_without_an_owner_the_groups_supervisor_answers_else_nobody(cast: Cast) -> None:
    assert opened(cast, system=None).person == cast.wang
    User.objects.filter(pk=cast.wang.pk).update(is_active=False)
    assert opened(cast, MONDAY + DAY, system=None).person is None


def test_what_is_in_time_has_no_case(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.acknowledge(ticket, by=cast.chen, now=MONDAY + 15 * MIN)  # at the very instant
    actions.enforce_deadlines(now=MONDAY + 16 * MIN)
    assert not Overrun.objects.exists()


def test_every_breached_clock_of_a_grade_one_fault_has_one_case(cast: Cast) -> None:
    actions.grade(cast.ticket(), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
    for hours in (1, 2, 13, 14):
        actions.enforce_deadlines(now=MONDAY + hours * HOUR)
    found = set(Overrun.objects.values_list("kind", "grade", "person__username"))
    assert found == {(kind, 1, "chen") for kind in ("response", "diagnosis", "resolution")}
    assert Overrun.objects.count() == Clock.objects.filter(breached_marked_at__isnull=False).count()


def statements(cast: Cast, count: int, now) -> list[str]:
    for _number in range(count):
        cast.ticket(now)
    done: list[str] = []

    def watch(execute, sql, params, many, context):
        done.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        actions.enforce_deadlines(now=now + HOUR)
    return done


def test_many_cases_are_opened_in_one_statement(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "pace", Pace(fewest=50))  # one batch, on a busy machine too
    few, many = statements(cast, 3, MONDAY), statements(cast, 20, MONDAY + DAY)
    assert Overrun.objects.count() == 23
    assert len(few) == len(many)
    assert sum("tickets_overrun" in sql for sql in many) == 1
    monkeypatch.setattr(firing._Log, "_open_overrun", lambda self, ticket, step: None)
    assert len(statements(cast, 20, MONDAY + 2 * DAY)) == len(many) - 1


def test_a_case_and_its_breach_stand_or_fall_together(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.ticket()

    def break_down(*args: object, **facts: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(firing, "notify_of", break_down)
    actions.enforce_deadlines(now=LATER)
    assert not Overrun.objects.exists()
    assert not Clock.objects.filter(breached_marked_at__isnull=False).exists()
    monkeypatch.undo()
    actions.enforce_deadlines(now=LATER + MIN)
    assert Overrun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_open_each_case_once() -> None:
    cast, now = build_cast(), timezone.now()
    for _number in range(20):
        cast.ticket(now - HOUR, reported_at=None)

    def sweep() -> None:
        try:
            actions.enforce_deadlines(now=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.enforce_deadlines(now=now)
    assert Overrun.objects.count() == 20
    assert Clock.objects.filter(breached_marked_at__isnull=False).count() == 20


# The steps -------------------------------------------------------------------------------------------------


def test_the_whole_way_to_a_decision(cast: Cast) -> None:
    case = appealed(cast)
    assert told(case) == {"to_rule": {"wang"}, "ruled": {"chen"}, "to_decide": {"liu"}}
    case = actions.decide_appeal(
        case, cause=THIRD, is_excused=True, reason="有佐证", by=cast.liu, now=MONDAY + 2 * DAY
    )
    case = Overrun.objects.get(pk=case.pk)
    assert (case.state, case.cause, case.is_excused) == ("settled", THIRD, True)
    assert (case.ruled_cause, case.ruled_excused) == (OWN, False)  # the ruling stays
    assert told(case)["decided"] == {"chen", "wang"}
    entries = Entry.objects.filter(kind=EntryKind.RULED).order_by("pk")
    assert [entry.by for entry in entries] == [cast.wang, cast.liu]
    assert [entry.changes["overrun_cause"] for entry in entries] == [[None, OWN], [OWN, THIRD]]
    assert not any(entry.text for entry in entries)  # what was written concerns a person


def test_nobody_rules_on_his_own(cast: Cast) -> None:
    case = opened(cast, system=None)  # the supervisor answers for it
    actions.explain(case, text="无人值班", cause=OWN, by=cast.wang, now=LATER)
    assert told(case) == {"to_rule": {"liu"}}
    facts = {"cause": OWN, "is_excused": False, "reason": "x", "now": LATER}
    assert refused(actions.rule, case, **facts, by=cast.wang).code == "forbidden"
    assert actions.rule(case, **facts, by=cast.liu).state == OverrunState.RULED
    with pytest.raises(IntegrityError), transaction.atomic():
        Overrun.objects.update(ruled_by=cast.wang)


@pytest.mark.parametrize("who", ["li", "chen", "outsider", "zhou", "sun"])
def test_who_has_no_level_rules_on_nothing(cast: Cast, who: str) -> None:
    case, by = explained(cast), getattr(cast, who)
    facts = {"cause": OWN, "is_excused": False, "reason": "x", "by": by, "now": LATER}
    assert refused(actions.rule, case, **facts).code == "forbidden"
    assert Overrun.objects.get().state == OverrunState.EXPLAINED


def test_leaders_rule_though_they_work_on_no_record(cast: Cast) -> None:
    assert ruled(cast, by=cast.zhao).ruled_by == cast.zhao
    User.objects.filter(pk=cast.outsider.pk).update(role="supervisor", management_level=1)
    case = explained(cast, MONDAY + DAY)
    other = User.objects.get(pk=cast.outsider.pk)
    facts = {"cause": OWN, "is_excused": False, "reason": "x", "now": MONDAY + DAY + HOUR}
    assert refused(actions.rule, case, **facts, by=other).code == "forbidden"  # of another group


def test_nobody_is_judged_unheard_before_his_time_is_over(cast: Cast) -> None:
    case = opened(cast)
    facts = {"cause": OWN, "is_excused": False, "reason": "未说明", "by": cast.wang}
    end = at("2026-11-25 00:00")
    assert refused(actions.rule, case, **facts, now=end).code == "unheard"
    assert actions.rule(case, **facts, now=end + MIN).state == OverrunState.RULED


def test_our_own_cause_is_never_excused_and_others_only_for_a_reason(cast: Cast) -> None:
    case = explained(cast)
    who = {"by": cast.wang, "now": LATER}
    fault = refused(actions.rule, case, cause=OWN, is_excused=True, reason="x", **who)
    assert (fault.field, fault.code) == ("is_excused", "own_cause")
    fault = refused(actions.rule, case, cause=CLIENT, is_excused=True, reason=" ", **who)
    assert (fault.field, fault.code) == ("reason", "required")
    assert Overrun.objects.get().state == OverrunState.EXPLAINED
    with pytest.raises(IntegrityError), transaction.atomic():
        Overrun.objects.filter(pk=ruled(cast, MONDAY + DAY).pk).update(is_excused=True)


def test_an_appeal_is_possible_to_the_end_of_the_third_working_day_across_a_holiday(cast: Cast) -> None:
    before = at("2026-09-30 09:30")  # a Wednesday; 1 to 7 October are off
    case = ruled(cast, before)
    assert case.appeal_until == at("2026-10-11 00:00")  # Thursday, Friday, and the Saturday that is worked
    who = {"text": "请复核", "by": cast.chen}
    assert refused(actions.appeal, case, **who, now=case.appeal_until + MIN).code == "appeal_over"
    assert actions.appeal(case, **who, now=case.appeal_until).state == OverrunState.APPEALED


def test_the_term_given_to_a_person_does_not_move_with_the_window(cast: Cast) -> None:
    case = ruled(cast)
    Window.objects.filter(kind="appeal").update(span=DAY)
    assert actions.appeal(case, text="x", by=cast.chen, now=MONDAY + 3 * DAY).state == OverrunState.APPEALED
    Window.objects.filter(kind="appeal").delete()  # without its row the default holds
    assert ruled(cast, MONDAY + DAY).appeal_until == at("2026-11-28 00:00")


def test_an_appeal_is_decided_by_somebody_higher_than_the_one_who_ruled(cast: Cast) -> None:
    case = ruled(cast, by=cast.liu)
    case = actions.appeal(case, text="x", by=cast.chen, now=LATER + 2 * HOUR)
    assert told(case)["to_decide"] == {"zhao"}
    facts = {"cause": OWN, "is_excused": False, "reason": "x", "now": LATER + 3 * HOUR}
    assert refused(actions.decide_appeal, case, **facts, by=cast.wang).code == "forbidden"
    assert refused(actions.decide_appeal, case, **facts, by=cast.liu).code == "forbidden"
    assert actions.decide_appeal(case, **facts, by=cast.zhao).state == OverrunState.SETTLED


def test_of_two_who_rule_the_second_is_told(cast: Cast) -> None:
    case = explained(cast)
    mine, theirs = Overrun.objects.get(), Overrun.objects.get()
    facts = {"is_excused": False, "reason": "x", "now": LATER}
    actions.rule(theirs, cause=OWN, **facts, by=cast.liu)
    with pytest.raises(Moved):
        actions.rule(mine, cause=CLIENT, **facts, by=cast.wang)
    assert Overrun.objects.get(pk=case.pk).cause == OWN


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "explained"},
        {"state": "ruled"},
        {"state": "settled"},
        {"explained_at": MONDAY},
        {"cause": "own"},
        {"is_excused": True},
        {"appealed_at": MONDAY, "appeal": "x"},
        {"settled_at": MONDAY},
    ],
)
def test_the_database_ties_the_state_to_its_facts(cast: Cast, facts: dict[str, object]) -> None:
    opened(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Overrun.objects.update(**facts)


# Set aside -------------------------------------------------------------------------------------------------


def test_a_regrade_sets_the_case_of_the_old_clock_aside(cast: Cast) -> None:
    case = opened(cast)
    actions.grade(case.ticket, Grade.THREE, reason="clause", by=cast.li, now=MONDAY + 30 * MIN)
    case = Overrun.objects.get(pk=case.pk)
    assert case.is_set_aside
    assert not Overrun.objects.standing().exists()  # four working hours by the new grade: not exceeded
    facts = {"text": "x", "cause": OWN, "by": cast.chen, "now": LATER}
    assert refused(actions.explain, case, **facts).code == "set_aside"
    assert actions.tend_overruns(now=LATER) == 0


def test_a_merged_records_case_is_set_aside_until_the_merge_is_undone(cast: Cast) -> None:
    case = opened(cast)
    into = cast.ticket(MONDAY + 30 * MIN)
    merged = actions.merge(case.ticket, into=into, by=cast.li, now=MONDAY + 30 * MIN)
    assert Overrun.objects.standing().count() == 0
    actions.unmerge(merged, reason="两件事", by=cast.li, now=MONDAY + 35 * MIN)
    assert Overrun.objects.standing().get().pk == case.pk
    assert actions.explain(case, text="x", cause=OWN, by=cast.chen, now=LATER).state == "explained"


# Nothing sinks ---------------------------------------------------------------------------------------------


def test_who_lets_a_case_wait_is_reported_to_the_next_level_once(cast: Cast) -> None:
    case = opened(cast)
    for hours in range(0, 24 * 7, 8):
        actions.tend_overruns(now=MONDAY + HOUR + hours * HOUR)
    assert told(case) == {"to_explain": {"chen"}, "not_explained": {"wang"}, "not_ruled": {"liu"}}
    assert Overrun.objects.get().told == Told.NOT_RULED
    instants = dict(Notice.objects.filter(kind="overrun").values_list("params__what", "created_at"))
    assert instants["not_explained"] - at("2026-11-25 00:00") <= 9 * HOUR
    assert instants["not_ruled"] - at("2026-11-28 00:00") <= 9 * HOUR


def test_an_appeal_that_waits_is_reported_above_those_who_decide(cast: Cast) -> None:
    case = appealed(cast)
    actions.tend_overruns(now=MONDAY + 3 * DAY)
    assert "not_decided" not in told(case)
    actions.tend_overruns(now=MONDAY + 8 * DAY)
    assert told(case)["not_decided"] == {"zhao"}


def test_a_ruling_that_nobody_appeals_against_becomes_final(cast: Cast) -> None:
    case = ruled(cast)
    assert actions.tend_overruns(now=case.appeal_until) == 0
    assert actions.tend_overruns(now=case.appeal_until + MIN) == 1
    assert actions.tend_overruns(now=case.appeal_until + MIN) == 0
    case.refresh_from_db()
    assert (case.state, case.settled_at) == (OverrunState.SETTLED, case.appeal_until)


def test_where_nobody_answers_the_next_level_is_asked_to_rule(cast: Cast) -> None:
    User.objects.filter(pk=cast.wang.pk).update(is_active=False)
    case = opened(cast, system=None)
    assert case.person is None
    actions.tend_overruns(now=LATER)
    assert told(case) == {"to_rule": {"liu"}}
    facts = {"cause": OWN, "is_excused": False, "reason": "无人值守", "by": cast.liu, "now": LATER}
    assert actions.rule(case, **facts).state == OverrunState.RULED


def test_a_great_many_are_told_of_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "BATCH", 3)
    for _number in range(7):
        cast.ticket()
    actions.enforce_deadlines(now=LATER)
    assert actions.tend_overruns(now=LATER) == 7
    assert Notice.objects.filter(kind="overrun").count() == 7
    assert actions.tend_overruns(now=LATER) == 0


def test_what_a_list_calls_late_is_what_the_case_says(cast: Cast) -> None:
    for number in range(4):
        opened(cast, MONDAY + number * DAY)
    explained(cast, MONDAY + 4 * HOUR)
    ruled(cast, MONDAY + 5 * HOUR)
    User.objects.filter(pk=cast.wang.pk).update(management_level=ManagementLevel.NONE)
    opened(cast, MONDAY + 6 * HOUR, system=None)
    seen = set()
    for hours in range(24, 24 * 14, 11):
        now = MONDAY + hours * HOUR
        rows = list(Overrun.objects.select_related("clock"))
        terms = terms_for(rows, now)
        late = {row.pk for row in rows if case_of(row, cast.wang, terms, now).is_overdue}
        assert set(Overrun.objects.filter(waits_too_long(now)).values_list("pk", flat=True)) == late
        seen.add(len(late))
    assert {0, 6} <= seen


# Who sees what, and what is counted ------------------------------------------------------------------------


def test_a_case_is_known_in_the_group_and_read_by_few(cast: Cast) -> None:
    case = ruled(cast)
    people = ("li", "chen", "wang", "liu", "zhou", "zhao", "qian", "admin", "outsider", "sun")
    known = {name for name in people if Overrun.objects.visible_to(getattr(cast, name)).exists()}
    read = {name for name in people if Overrun.objects.readable_by(getattr(cast, name)).exists()}
    assert known == {"li", "chen", "wang", "liu", "zhou", "zhao", "qian", "admin"}
    assert read == {"chen", "wang", "liu", "zhou", "zhao", "qian", "admin"}
    User.objects.filter(pk=cast.liu.pk).update(management_level=ManagementLevel.NONE)
    assert not Overrun.objects.readable_by(User.objects.get(pk=cast.liu.pk)).exists()  # a specialist
    actions.assign(case.ticket, group=cast.north, by=cast.li, now=MONDAY + 3 * HOUR)
    assert Overrun.objects.visible_to(cast.chen).exists()  # it stays his, wherever the record goes
    assert Overrun.objects.readable_by(cast.wang).exists()
    assert not Overrun.objects.readable_by(cast.outsider).exists()


def test_a_month_is_counted_by_group_person_and_cause(cast: Cast) -> None:
    ruled(cast)
    ruled(cast, MONDAY + 3 * HOUR, cause=CLIENT, is_excused=True)
    ruled(cast, MONDAY + 6 * HOUR, cause=CLIENT)
    opened(cast, MONDAY + 9 * HOUR)
    opened(cast, at("2026-12-01 09:00"))
    aside = opened(cast, MONDAY + 12 * HOUR)
    actions.grade(aside.ticket, Grade.THREE, reason="x", by=cast.li, now=aside.opened_at)
    rows = Overrun.objects.counted(MONDAY.date())
    counts = {(row["cause"], row["is_excused"]): row["number"] for row in rows}
    assert counts == {("own", False): 1, ("client", True): 1, ("client", False): 1, ("", False): 1}
    assert {(row["group"], row["person"]) for row in rows} == {(cast.south.pk, cast.chen.pk)}
    assert Overrun.objects.counted(at("2026-12-31 00:00").date()).get()["number"] == 1


def test_what_waits_for_a_person(cast: Cast) -> None:
    opened(cast)
    explained(cast, MONDAY + DAY)
    actions.appeal(ruled(cast, MONDAY + 2 * DAY), text="x", by=cast.chen, now=MONDAY + 3 * DAY)

    def waiting(user: User) -> list[int]:
        return list(Overrun.objects.waiting_for(user).values())

    assert waiting(cast.chen) == [1, 0, 0]
    assert waiting(cast.wang) == [0, 1, 0]
    assert waiting(cast.liu) == [0, 0, 1]
    assert waiting(cast.outsider) == waiting(cast.sun) == [0, 0, 0]

"""The client hears how it stands, one interval of the grade after another (§3.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opsdesk.testing import MONDAY, Cast, at, sunk
from tickets import actions
from tickets.faces import strip
from tickets.lifecycle import Refused
from tickets.models import Clock, ClockKind, EntryKind, Grade, PauseReason, Ticket, TimeLimit
from tickets.tests.test_ladder import H, M, clock, in_work

ONE, TWO, THREE = Grade.ONE, Grade.TWO, Grade.THREE
PROGRESS = ClockKind.PROGRESS


def words(ticket: Ticket) -> list[Clock]:
    return list(ticket.clocks.filter(kind=PROGRESS).order_by("pk"))


def tell(ticket: Ticket, cast: Cast, now) -> Ticket:
    return actions.tell_client(ticket, text="正在处理", told="孙主任", by=cast.chen, now=now)


@pytest.mark.parametrize(
    ("grade", "due"),
    [(ONE, MONDAY + H), (TWO, MONDAY + 4 * H), (THREE, at("2026-11-24 10:00"))],  # 8 hours of service
)
def test_word_is_due_one_interval_after_somebody_works_on_it(cast: Cast, grade: Grade, due) -> None:
    logged = actions.grade(cast.ticket(MONDAY - H), grade, reason="x", by=cast.li, now=MONDAY - H)
    assert words(logged) == []  # until then the response clock promises an answer
    [first] = words(actions.acknowledge(logged, by=cast.chen, now=MONDAY))
    assert (first.started_at, first.due_at) == (MONDAY, due)


def test_what_is_graded_while_it_is_worked_on_begins_then(cast: Cast) -> None:
    ticket = actions.acknowledge(cast.ticket(MONDAY), by=cast.chen, now=MONDAY)
    assert words(ticket) == []
    ticket = actions.grade(ticket, ONE, reason="x", by=cast.chen, now=MONDAY + 5 * M)
    assert [word.started_at for word in words(ticket)] == [MONDAY + 5 * M]


def test_every_word_stops_the_clock_and_begins_the_next_interval(cast: Cast) -> None:
    ticket = tell(in_work(cast), cast, MONDAY + 50 * M)
    ticket = actions.write_to_client(ticket, text="备件在路上", by=cast.chen, now=MONDAY + 3 * H)
    first, second, third = words(ticket)
    assert (first.stopped_at, first.cycle) == (MONDAY + 50 * M, 1)
    assert (second.started_at, second.due_at, second.cycle) == (
        MONDAY + 50 * M,
        MONDAY + 110 * M,
        2,
    )
    assert second.stopped_at > second.due_at  # too late, and it counts so
    assert (third.due_at, third.is_running) == (MONDAY + 4 * H, True)
    assert sunk(MONDAY + 3 * H) == []


def test_a_call_of_the_clients_is_no_word_to_him(cast: Cast) -> None:
    ticket = in_work(cast)
    actions.repeat_contact(
        ticket, text="", caller_name="孙主任", callback_number="", channel="phone", by=cast.li, now=MONDAY + M
    )
    assert [word.is_running for word in words(ticket)] == [True]


def test_without_a_word_the_owner_hears_of_it_and_later_the_supervisor(cast: Cast) -> None:
    ticket = in_work(cast)
    actions.enforce_deadlines(now=MONDAY + 3 * H)
    fired = ticket.escalations.fired().filter(clock__kind=PROGRESS).order_by("due_at")
    assert [(step.target, step.due_at) for step in fired] == [
        ("owner", MONDAY + H),
        ("supervisor", MONDAY + 90 * M),
    ]
    [word] = words(ticket)  # one that is missing is told once, not every hour anew
    assert word.is_running and word.next_at is None
    assert sunk(MONDAY + 3 * H) == []


def test_it_stands_still_while_the_record_waits(cast: Cast) -> None:
    ticket, now = in_work(cast, TWO), MONDAY + H
    ticket = actions.pause(
        ticket, reason=PauseReason.PARTS, text="备件", until=now + 9 * H, by=cast.chen, now=now
    )
    assert words(ticket)[-1].due_at is None
    ticket = tell(ticket, cast, now + H)  # a word meanwhile is in time, and the next waits too
    assert [word.due_at for word in words(ticket)] == [now + H + 3 * H, None]
    ticket = actions.resume(ticket, by=cast.chen, now=now + 3 * H)
    assert words(ticket)[-1].due_at == now + 7 * H


def test_it_ends_with_the_solution_and_begins_anew_when_that_was_none(cast: Cast) -> None:
    ticket = in_work(cast)
    ticket = actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=MONDAY + 30 * M)
    [word] = words(ticket)
    assert (word.superseded_at, word.stopped_at) == (MONDAY + 30 * M, None)  # it counts for nothing
    tell(ticket, cast, MONDAY + 40 * M)
    assert len(words(ticket)) == 1
    ticket = actions.reopen(ticket, reason="又坏了", by=cast.li, now=MONDAY + 2 * H)
    assert words(ticket)[-1].due_at == MONDAY + 3 * H
    actions.resolve(ticket, solution="更换", cause="hardware", by=cast.chen, now=MONDAY + 5 * H)
    assert words(ticket)[-1].stopped_at == MONDAY + 5 * H  # it was overdue, and stays so


def test_a_change_of_the_grade_changes_the_interval(cast: Cast) -> None:
    ticket = actions.grade(in_work(cast, TWO), ONE, reason="恶化", by=cast.wang, now=MONDAY + 30 * M)
    old, new = words(ticket)
    assert old.superseded_at == MONDAY + 30 * M
    assert new.due_at == MONDAY + H


def test_no_word_is_owed_where_its_interval_has_no_row(cast: Cast) -> None:
    TimeLimit.objects.filter(kind=PROGRESS, grade=THREE).delete()
    assert words(in_work(cast, THREE)) == []
    assert len(words(in_work(cast, TWO))) == 1


def test_a_policy_that_owes_no_word_holds_up_no_work(cast: Cast) -> None:
    """A version without the interval is put in force while clocks run: they end, and everything goes on."""
    told, graded = in_work(cast, TWO), in_work(cast, TWO)
    TimeLimit.objects.filter(kind=PROGRESS).delete()
    tell(told, cast, MONDAY + M)
    assert [word.stopped_at for word in words(told)] == [MONDAY + M]
    graded = actions.grade(graded, ONE, reason="x", by=cast.li, now=MONDAY + M)
    assert (graded.grade, [word.superseded_at for word in words(graded)]) == (ONE, [MONDAY + M])
    assert sunk(MONDAY + M) == []


def test_an_interval_for_another_kind_of_work_owes_no_word(cast: Cast) -> None:
    TimeLimit.objects.filter(kind=PROGRESS).update(work="complaint")
    assert words(in_work(cast)) == []


def test_a_grade_that_owes_words_begins_with_the_change_to_it(cast: Cast) -> None:
    TimeLimit.objects.filter(kind=PROGRESS, grade=TWO).delete()
    ticket = actions.grade(in_work(cast, TWO), ONE, reason="x", by=cast.li, now=MONDAY + M)
    assert [word.started_at for word in words(ticket)] == [MONDAY + M]


def test_what_was_told_names_who_was_told(cast: Cast) -> None:
    ticket = in_work(cast)
    for text, told, field in ((" ", "孙主任", "text"), ("处理中", "  ", "told")):
        with pytest.raises(Refused) as refused:
            actions.tell_client(ticket, text=text, told=told, by=cast.chen, now=MONDAY)
        assert refused.value.field == field
    tell(ticket, cast, MONDAY + timedelta(minutes=1))
    entry = ticket.entries.get(kind=EntryKind.MESSAGE)
    assert entry.changes == {"told": [None, "孙主任"], "how": [None, "phone"]}


def test_the_strip_shows_the_next_word_while_it_is_owed(cast: Cast) -> None:
    ticket = in_work(cast)
    shown = [face.kind for face in strip(ticket.clocks.current(), MONDAY)]
    assert PROGRESS in shown
    ticket = actions.resolve(ticket, solution="x", cause="software", by=cast.chen, now=MONDAY + M)
    assert PROGRESS not in [face.kind for face in strip(ticket.clocks.current(), MONDAY + M)]
    assert clock(ticket, PROGRESS).superseded_at is not None


def test_a_word_on_a_merged_record_counts_when_the_merge_is_undone(cast: Cast) -> None:
    """As if it had never been merged: in time what was in time, too late what was too late."""
    spans = {}
    for name in ("apart", "merged"):
        ticket, other = in_work(cast), in_work(cast)
        if name == "merged":
            actions.merge(ticket, into=other, by=cast.chen, now=MONDAY + M)
        for minutes in (50, 200, 230):
            tell(ticket, cast, MONDAY + minutes * M)
        if name == "merged":
            ticket = actions.unmerge(ticket, reason="两件事", by=cast.chen, now=MONDAY + 4 * H)
        actions.enforce_deadlines(now=MONDAY + 4 * H)
        breached = [clock.breached_marked_at is not None for clock in words(ticket)]
        facts = [(clock.started_at, clock.due_at, clock.stopped_at, clock.cycle) for clock in words(ticket)]
        told = ticket.escalations.fired().filter(clock__kind=PROGRESS)
        spans[name] = facts, breached, list(told.order_by("due_at").values_list("due_at", "target"))
        assert sunk(MONDAY + 4 * H) == []
    assert spans["merged"] == spans["apart"]
    assert spans["apart"][1] == [False, True, False, False]


def test_a_word_before_the_merge_or_after_its_undoing_counts_once(cast: Cast) -> None:
    ticket, other = in_work(cast), in_work(cast)
    tell(ticket, cast, MONDAY + 10 * M)
    merged = actions.merge(ticket, into=other, by=cast.chen, now=MONDAY + 20 * M)
    ticket = actions.unmerge(merged, reason="两件事", by=cast.chen, now=MONDAY + 30 * M)
    tell(ticket, cast, MONDAY + 40 * M)
    assert [word.started_at - MONDAY for word in words(ticket)] == [0 * M, 10 * M, 40 * M]

"""Changes with the database: the whole way, what is refused and why, what time does (tail §7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast, sunk
from staff.models import Notice
from tickets import actions
from tickets.actions import PlanText
from tickets.changes import ChangeState
from tickets.changestanding import papers_of
from tickets.changewords import PartsMissing
from tickets.lifecycle import Moved, Refused
from tickets.models import Change, ClockKind, Entry, EntryKind, Kind, Status, WorkType
from tickets.tests.works import (
    DAY,
    HOUR,
    WHOLE,
    approved,
    client_said_yes,
    done,
    drafted,
    file_all,
    reviewed,
    scheduled,
    started,
    submitted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def faults(step: Any, *args: Any, **more: Any) -> list[str]:
    with pytest.raises(PartsMissing) as refused:
        step(*args, **more)
    for words in refused.value.faults.values():
        assert words in str(refused.value.message)
    return list(refused.value.faults)


def test_the_whole_way(cast: Cast) -> None:
    change = reviewed(cast, code="cutover")
    ticket = change.ticket
    assert (change.state, ticket.status, ticket.kind) == ("reviewed", Status.RESOLVED, Kind.CHANGE)
    closed = actions.confirm(
        ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY + HOUR
    )
    change.refresh_from_db()
    assert (change.state, closed.status) == (ChangeState.CLOSED, Status.CLOSED)
    told = Entry.objects.filter(ticket=ticket, kind=EntryKind.CHANGE).order_by("pk")
    states = [entry.changes["change_state"][1] for entry in told if "change_state" in entry.changes]
    assert states[:2] == ["submitted", "approved"] and states[-3:] == ["started", "done", "reviewed"]


def test_an_open_change_never_sinks(cast: Cast) -> None:
    made = [drafted, submitted, approved, scheduled, started, done, reviewed]
    for make in made:
        ticket = make(cast).ticket
        ticket.refresh_from_db()
        assert ticket.owner_id and ticket.next_due_at, make.__name__
    assert sunk(MONDAY) == []


def test_without_rollback_plan_it_is_neither_submitted_nor_started(cast: Cast) -> None:
    change = drafted(cast, text=PlanText(plan="升级"))
    assert faults(actions.submit_change, change, by=cast.li, now=MONDAY) == ["rollback"]
    Change.objects.filter(pk=change.pk).update(state="approved")
    change.refresh_from_db()
    named = faults(actions.start_change, change, by=cast.chen, now=MONDAY)
    assert named[:3] == ["rollback", "approval", "window"]
    assert [name for name in named if name.startswith("paper-")]


def test_without_approval_nothing_starts(cast: Cast) -> None:
    for change in (drafted(cast), submitted(cast)):
        with pytest.raises(Refused, match="Not possible while"):
            actions.start_change(change, by=cast.chen, now=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.update(state="started", started_at=MONDAY, started_by=cast.chen)


def test_the_client_confirms_where_the_type_says_so(cast: Cast) -> None:
    change = approved(cast, code="requirement")
    named = faults(actions.start_change, change, by=cast.chen, now=MONDAY)
    assert "client" in named
    with pytest.raises(Refused, match="proves it"):
        actions.confirm_for_client(
            change, client_by="孙主任", client_how="phone", file=None, by=cast.li, now=MONDAY
        )
    change = client_said_yes(change, cast.li, now=MONDAY)
    assert "client" not in faults(actions.start_change, change, by=cast.chen, now=MONDAY)


def test_whoever_planned_it_does_not_approve(cast: Cast) -> None:
    change = drafted(cast, owner=cast.wang)
    mine = actions.plan_change(change, WHOLE, by=cast.wang, now=MONDAY)
    mine = actions.plan_change(mine, PlanText(plan="新", rollback="旧"), by=cast.wang, now=MONDAY)
    asked = actions.submit_change(mine, by=cast.wang, now=MONDAY)
    with pytest.raises(Refused, match="Somebody other than who planned it"):
        actions.approve_change(asked, by=cast.wang, now=MONDAY)
    with pytest.raises(Refused, match="not yours"):
        actions.approve_change(asked, by=cast.chen, now=MONDAY)
    with pytest.raises(Refused, match="not yours"):
        actions.approve_change(asked, by=cast.outsider, now=MONDAY)
    assert actions.approve_change(asked, by=cast.liu, now=MONDAY).state == "approved"


def test_another_plan_voids_what_was_approved(cast: Cast) -> None:
    change = scheduled(cast, code="requirement")
    change = actions.plan_change(change, PlanText(plan="换一个", rollback="照旧"), by=cast.li, now=MONDAY)
    assert (change.state, change.decided_by, change.client_at, change.window) == ("draft", None, None, None)
    named = faults(actions.start_change, _as(change, "approved"), by=cast.chen, now=MONDAY)
    assert {"approval", "client", "window"} <= set(named)


def _as(change: Change, state: str) -> Change:
    Change.objects.filter(pk=change.pk).update(state=state)
    change.refresh_from_db()
    if state == "approved":
        Change.objects.filter(pk=change.pk).update(decided_at=None, decided_by=None)
        change.refresh_from_db()
    return change


def test_turned_down_with_a_reason(cast: Cast) -> None:
    change = submitted(cast)
    with pytest.raises(Refused) as refused:
        actions.reject_change(change, reason=" ", by=cast.wang, now=MONDAY)
    assert refused.value.field == "reason"
    change = actions.reject_change(change, reason="没有回退演练", by=cast.wang, now=MONDAY)
    assert change.state == "rejected"
    notice = Notice.objects.filter(kind="change", recipient=cast.li).latest("pk")
    assert notice.params["note"] == "没有回退演练"
    again = actions.plan_change(change, WHOLE, by=cast.li, now=MONDAY)
    assert actions.submit_change(again, by=cast.li, now=MONDAY).state == "submitted"


def test_outside_its_window_a_superior_alone_lets_it_begin(cast: Cast) -> None:
    change = scheduled(cast)
    with pytest.raises(Refused, match="a supervisor alone"):
        actions.start_change(change, overrule="急", by=cast.chen, now=MONDAY)
    with pytest.raises(Refused, match="Say why"):
        actions.start_change(change, by=cast.wang, now=MONDAY)
    begun = actions.start_change(change, overrule="客户要求提前", by=cast.wang, now=MONDAY)
    assert begun.state == "started" and begun.overruled == "客户要求提前"


def test_without_its_documents_it_is_not_reviewed_nor_closed(cast: Cast) -> None:
    change = scheduled(cast, MONDAY - DAY - HOUR)
    result = next(paper for paper in papers_of(change) if paper.step == "result")
    type(result).objects.filter(pk=result.pk).update(file=None, by=None, at=None)
    change = actions.start_change(change, by=cast.chen, now=MONDAY)
    change = actions.finish_change(change, outcome="rolled_back", result="回退", by=cast.chen, now=MONDAY)
    assert faults(actions.review_change, change, review="好", by=cast.wang, now=MONDAY) == [
        f"paper-{result.pk}"
    ]
    change = actions.waive_document(
        change, paper=result.pk, reason="回退了,没有对比", by=cast.wang, now=MONDAY
    )
    change = actions.review_change(change, review="已核对", by=cast.wang, now=MONDAY)
    file = change.ticket.attachments.first()
    actions.withdraw(file, reason="传错了", by=cast.wang, now=MONDAY)
    named = faults(
        actions.confirm, change.ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY
    )
    assert len(named) == 2 and all(name.startswith("paper-") for name in named)
    file_all(change, cast.li, now=MONDAY, steps=("plan", "rollback"))
    actions.confirm(change.ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY)
    change.refresh_from_db()
    assert change.state == "closed"


def test_whoever_carried_it_out_does_not_review_it(cast: Cast) -> None:
    change = done(cast)
    for person in (cast.chen, cast.li):
        with pytest.raises(Refused, match="neither planned nor carried"):
            actions.review_change(change, review="好", by=person, now=MONDAY)


def test_what_was_begun_cannot_be_withdrawn_what_was_not_can(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.withdraw_change(started(cast), reason="x", by=cast.li, now=MONDAY)
    change = actions.withdraw_change(scheduled(cast), reason="客户取消", by=cast.li, now=MONDAY)
    assert (change.state, change.ticket.status, change.window) == ("withdrawn", Status.RESOLVED, None)
    actions.confirm(change.ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY)
    assert sunk(MONDAY) == []


@pytest.mark.parametrize("closed", [True, False])
def test_what_the_client_takes_up_again_is_reviewed_anew(cast: Cast, closed: bool) -> None:
    ticket = reviewed(cast).ticket
    if closed:
        ticket = actions.confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY)
    ticket = actions.reopen(ticket, reason="还是慢", by=cast.li, now=MONDAY)
    change = Change.objects.get(pk=ticket.pk)
    assert (change.state, ticket.status) == ("done", Status.IN_PROGRESS) and ticket.next_due_at
    assert sunk(MONDAY) == []
    actions.review_change(change, review="重看", by=cast.wang, now=MONDAY + HOUR)


def test_the_ways_of_other_records_are_not_a_changes(cast: Cast) -> None:
    ticket = started(cast).ticket
    for verb in (
        lambda: actions.resolve(ticket, solution="x", cause="other", by=cast.chen, now=MONDAY),
        lambda: actions.pause(ticket, reason="client", text="x", until=MONDAY + DAY, by=cast.li, now=MONDAY),
        lambda: actions.merge(ticket, into=cast.ticket(), by=cast.li, now=MONDAY),
    ):
        with pytest.raises(Refused, match="planned change"):
            verb()
    with pytest.raises(Refused, match="planned, not called in"):
        cast.ticket(kind=Kind.CHANGE)


def test_windows_are_reminded_of_twice_and_told_to_the_duty(cast: Cast) -> None:
    change = scheduled(cast, opens=2 * DAY)
    for number, moment in enumerate([MONDAY, change.window_from - DAY, change.window_from - HOUR]):
        for _twice in range(2):
            actions.tend_changes(now=moment)
        told = Notice.objects.filter(kind="change", params__what="reminder", recipient=cast.chen)
        assert told.count() == number
    actions.tend_changes(now=change.window_to)
    assert told.count() == 2


def test_a_window_that_is_overrun_is_reported_up(cast: Cast) -> None:
    change = started(cast)
    clock = change.ticket.clocks.running().get(kind=ClockKind.NEXT_STEP)
    assert clock.due_at == change.window_to
    actions.enforce_deadlines(now=change.window_to + timedelta(minutes=1))
    told = Entry.objects.filter(ticket=change.ticket, kind=EntryKind.REPORTED_UP)
    assert {entry.changes["target"] for entry in told} == {"owner", "supervisor"}


def test_types_are_data_and_what_runs_keeps_its_own(cast: Cast) -> None:
    change = drafted(cast)
    before = [paper.name for paper in papers_of(change)]
    kind = WorkType.objects.get(code="optimisation")
    kind.needs_client = True
    actions.save_work_type(kind, [actions.Needed("plan", "新文档")], by=cast.wang)
    change.refresh_from_db()
    assert [paper.name for paper in papers_of(change)] == before and not change.needs_client
    later = drafted(cast)
    assert [paper.name for paper in papers_of(later)] == ["新文档"] and later.needs_client
    with pytest.raises(Refused, match="Supervisors and administrators"):
        actions.save_work_type(kind, [], by=cast.chen)
    with pytest.raises(Moved):
        actions.save_work_type(WorkType(pk=kind.pk, name="x", code="x", version=1), [], by=cast.wang)

"""A fault of grade 1 from its solution to its callback: not solved, taken up again, solved, confirmed."""

from __future__ import annotations

import pytest

from opsdesk.testing import MONDAY, Cast, at, sunk
from tickets.actions import reopen, resolve
from tickets.models import Cause, EntryKind, Grade, Status
from visits import actions
from visits.actions import Said
from visits.kinds import Drawing, Exclusion, Kind, State
from visits.models import Callback, FaultDraw
from visits.tests.callbacks import HOUR, WORDS, planned, solved


def test_grade_one_is_called_back_within_a_working_day_and_what_is_not_solved_is_taken_up_again(
    cast: Cast,
) -> None:
    planned()
    ticket = solved(cast)
    actions.tend_callbacks(now=MONDAY + HOUR)
    callback = Callback.objects.get(kind=Kind.AFTER_FAULT)
    assert callback.limit_at == at("2026-11-25 00:00")
    assert callback.due_at.date() == at("2026-11-24 00:00").date()
    assert callback.person == cast.li  # not 陈工, who has solved it
    assert callback.contact == cast.contact

    tuesday = at("2026-11-24 10:00")
    actions.record_reached(
        callback, Said("孙主任", summary=WORDS, is_solved=False, satisfaction="2"), by=cast.li, now=tuesday
    )
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened_count) == (Status.IN_PROGRESS, 1)
    assert ticket.entries.get(kind=EntryKind.REOPENED).text == WORDS
    callback.refresh_from_db()
    assert (callback.state, callback.is_solved) == (State.DONE, False)

    evening = at("2026-11-24 17:00")
    ticket = resolve(ticket, solution="换了内存", cause=Cause.HARDWARE, by=cast.chen, now=evening)
    actions.tend_callbacks(now=evening + HOUR)
    second = Callback.objects.get(ticket=ticket, cycle=1)
    assert second.limit_at == at("2026-11-26 00:00")
    said = Said("孙主任", is_solved=True, satisfaction="5", confirms=True)
    actions.record_reached(second, said, by=cast.li, now=at("2026-11-25 10:00"))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by, ticket.confirmed_channel) == (
        Status.CLOSED,
        "孙主任",
        "phone",
    )
    assert not sunk(at("2026-11-25 10:00"))


def test_a_record_that_is_opened_again_before_needs_no_callback(cast: Cast) -> None:
    planned()
    ticket = solved(cast)
    actions.draw_faults(now=MONDAY)
    reopen(ticket, reason=WORDS, by=cast.li, now=MONDAY + HOUR)
    actions.tend_callbacks(now=MONDAY + 2 * HOUR)
    assert Callback.objects.get(ticket=ticket).state == State.WITHDRAWN


def test_what_is_not_called_back_is_logged_with_the_reason(cast: Cast) -> None:
    planned()
    tickets = [solved(cast, to=Grade.THREE) for _n in range(30)]
    actions.draw_faults(now=MONDAY + HOUR)
    draws = FaultDraw.objects.all()
    assert draws.count() == 30
    called = draws.filter(outcome=Drawing.PLANNED).count()
    assert called == Callback.objects.filter(ticket__in=tickets).count()
    assert 5 < called < 25  # half of them, drawn by their numbers
    rest = draws.exclude(outcome=Drawing.PLANNED)
    assert {*rest.values_list("outcome", "reason")} == {(Drawing.NOT_DRAWN, Exclusion.SHARE)}


def test_faults_solved_before_the_plan_are_left_alone(cast: Cast) -> None:
    planned(MONDAY + HOUR)
    solved(cast)
    actions.draw_faults(now=MONDAY + 2 * HOUR)
    assert not Callback.objects.exists()


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_calls_a_client_back_who_is_no_longer_served(cast: Cast, is_active: bool) -> None:
    planned()
    solved(cast)
    cast.hospital.is_active = is_active
    cast.hospital.save()
    actions.draw_faults(now=MONDAY)
    assert Callback.objects.exists() == is_active

"""How a record stands, in a client's words: tables, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from opsdesk.testing import MONDAY
from tickets.models import PauseReason, Status
from tickets.plain import OF_PAUSE, State, next_promise, promises_of, state_of

HOUR = timedelta(hours=1)


@dataclass
class Row:
    kind: str
    due_at: datetime | None
    stopped_at: datetime | None = None


@pytest.mark.parametrize(
    ("status", "waits_for", "state"),
    [
        ("logged", None, State.RECEIVED),
        ("in_progress", None, State.WORKING),
        ("waiting", "client", State.ASKED),
        ("waiting", "parts", State.PARTS),
        ("waiting", "third_party", State.THIRD_PARTY),
        ("waiting", "window", State.WINDOW),
        ("resolved", None, State.SOLVED),
        ("closed", None, State.CLOSED),
    ],
)
def test_every_status_has_its_words(status: str, waits_for: str | None, state: State) -> None:
    assert state_of(status, waits_for) == state
    assert state.is_his_turn is (state in (State.ASKED, State.SOLVED))


def test_no_status_and_no_reason_is_forgotten() -> None:
    assert {state_of(status, "client") for status in Status} == {*OF_PAUSE.values(), *State} - {
        State.TEAM,
        State.ENGINEER,
        State.PARTS,
        State.THIRD_PARTY,
        State.WINDOW,
    }
    assert set(OF_PAUSE) == set(PauseReason.values)


def test_what_is_promised_is_kept_still_to_come_or_late() -> None:
    rows = [
        Row("resolution", MONDAY + 8 * HOUR),
        Row("response", MONDAY - HOUR, stopped_at=MONDAY - 2 * HOUR),
        Row("diagnosis", MONDAY - HOUR),
        Row("grading", MONDAY + HOUR),
        Row("confirmation", MONDAY + HOUR),
    ]
    promises = promises_of(rows, MONDAY)
    assert [(promise.kind, bool(promise.kept_at), promise.is_late) for promise in promises] == [
        ("response", True, False),
        ("diagnosis", False, True),
        ("resolution", False, False),
    ]
    assert next_promise(promises).kind == "resolution"


def test_where_all_is_late_the_first_is_named_and_what_stands_still_promises_nothing() -> None:
    late = promises_of([Row("response", MONDAY - HOUR), Row("resolution", MONDAY - 2 * HOUR)], MONDAY)
    assert next_promise(late).kind == "resolution"
    assert promises_of([Row("resolution", None)], MONDAY) == []
    assert next_promise([]) is None


def test_at_the_very_instant_it_is_not_late_yet() -> None:
    [promise] = promises_of([Row("response", MONDAY)], MONDAY)
    assert not promise.is_late

"""How a record stands, as its client is told. Pure: facts in, a state or a promise out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tickets.coordination import Way


class State(TextChoices):
    """The label is the headline, the same in the list and on the page."""

    RECEIVED = "received", _("We have your report")
    WORKING = "working", _("We are working on it")
    TEAM = "team", _("Our technical team has been called in")
    ENGINEER = "engineer", _("An engineer comes to you")
    ASKED = "asked", _("Waiting for you: we need something")
    PARTS = "parts", _("Waiting for a part")
    THIRD_PARTY = "third_party", _("Waiting for another company")
    WINDOW = "window", _("Waiting for a time at which it may be done")
    SOLVED = "solved", _("Waiting for you: please confirm")
    CLOSED = "closed", _("Done, and you were satisfied")
    MERGED = "merged", _("We deal with it together with another report")

    @property
    def is_his_turn(self) -> bool:
        """Whether nothing goes on until the client says something."""
        return self in (State.ASKED, State.SOLVED)


OF_STATUS = {
    "logged": State.RECEIVED,
    "in_progress": State.WORKING,
    "resolved": State.SOLVED,
    "closed": State.CLOSED,
    "merged": State.MERGED,
}
OF_PAUSE = {
    "client": State.ASKED,
    "parts": State.PARTS,
    "third_party": State.THIRD_PARTY,
    "window": State.WINDOW,
}
# What a client is promised, in the order in which it is kept; the other clocks are the house's own.
PROMISED = ("response", "diagnosis", "arrival", "resolution", "next_step")


class Deadline(Protocol):
    kind: str
    due_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised by when; kept (when), still to come, or late."""

    kind: str
    due_at: datetime
    kept_at: datetime | None
    is_late: bool


def state_of(
    status: str, waits_for: str | None, *, in_meeting: bool = False, way: str | None = None
) -> State:
    """Say how a record stands; `waits_for` is the reason for which it waits, where it does.

    Of what is in work, the client hears that an engineer is sent (`way`), or that a meeting sits on it.
    """
    if status == "in_progress" and way == Way.ON_SITE:
        return State.ENGINEER
    if status in ("logged", "in_progress") and in_meeting:
        return State.TEAM
    return OF_STATUS[status] if status in OF_STATUS else OF_PAUSE[waits_for or "window"]


def promises_of(clocks: Iterable[Deadline], now: datetime) -> list[Promise]:
    """Return what is promised, in the order of the work. A clock that stands still promises nothing."""
    found = [
        Promise(clock.kind, clock.due_at, clock.stopped_at, (clock.stopped_at or now) > clock.due_at)
        for clock in clocks
        if clock.kind in PROMISED
        and clock.due_at is not None
        and not (clock.stopped_at and clock.kind == "next_step")
    ]
    return sorted(found, key=lambda promise: PROMISED.index(promise.kind))


def next_promise(promises: Sequence[Promise]) -> Promise | None:
    """Return the one that is to be kept next; where all are late, the first of these."""
    owed = [promise for promise in promises if promise.kept_at is None]
    return min(owed, key=lambda promise: (promise.is_late, promise.due_at), default=None)

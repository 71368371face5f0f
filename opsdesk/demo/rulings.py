"""What became of the overruns of history: explained, ruled on, some appealed against, the old ones settled.

By the same terms and with the same rows as the actions write them, but for the notices, which are long read.
It has a chance of its own, so that it changes nothing else in the house.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from opsdesk.demo.ledger import Ledger
from opsdesk.demo.people import Staff
from opsdesk.demo.texts import load
from staff.models import ManagementLevel, User
from tickets import actions
from tickets.accountability import OverrunCause, OverrunState, Told, may_be_excused
from tickets.actions.accountability import ruled_changes
from tickets.models import Entry, EntryKind, Overrun
from tickets.overruns import terms

CAUSES = {
    OverrunCause.OWN: 36,
    OverrunCause.THIRD_PARTY: 31,
    OverrunCause.CLIENT: 26,
    OverrunCause.FORCE_MAJEURE: 7,
}
HOUR = timedelta(hours=1)
TAKEN_UP = 16  # of those that are there today
UNHEARD, AGREED, EXCUSED, APPEALED, CHANGED = 0.05, 0.75, 0.85, 0.2, 0.4  # shares


class Rulings:
    """Judges ledgers as they come, up to `now`. The group's supervisor rules, else the technical lead."""

    def __init__(self, rng: random.Random, staff: Staff, *, now: datetime) -> None:
        self._rng, self._now, self._words = rng, now, load("rulings")
        self._terms = terms(since=(now - timedelta(days=800)).date())
        self._supervisors = {team.group.pk: team.supervisors[0] for team in staff.teams}
        levels = {user.management_level: user for user in reversed(staff.everyone)}
        self._lead = levels[ManagementLevel.TECHNICAL_LEAD]
        self._manager = levels[ManagementLevel.DEPARTMENT_MANAGER]

    def take_up(self, *, now: datetime) -> None:
        """Let some of what is open today be explained, ruled on and appealed against."""
        old = Overrun.objects.standing().filter(state=OverrunState.OPEN, opened_at__lt=now - HOUR)
        for number, case in enumerate(old.select_related("ticket", "person").order_by("pk")[:TAKEN_UP]):
            if number % 4 and case.person is not None:
                self._take_up(case, is_ruled=number % 4 > 1, is_appealed=number % 4 > 2, now=now)

    def _take_up(self, case: Overrun, *, is_ruled: bool, is_appealed: bool, now: datetime) -> None:
        rng, person = self._rng, case.person
        text = rng.choice(self._words["explanations"][OverrunCause.OWN])
        actions.explain(case, text=text, cause=OverrunCause.OWN, by=person, now=now)
        if is_ruled:
            supervisor = self._supervisors[case.group_id]
            reason = rng.choice(self._words["rulings"][OverrunCause.OWN])
            by = self._lead if person == supervisor else supervisor
            actions.rule(case, cause=OverrunCause.OWN, is_excused=False, reason=reason, by=by, now=now)
        if is_appealed:
            actions.appeal(case, text=rng.choice(self._words["appeals"]), by=person, now=now)

    def judge(self, ledger: Ledger) -> None:
        for case in ledger.overruns:
            if case.clock.superseded_at is None:  # what is set aside waits for nobody
                self._judge(ledger, case)

    def _judge(self, ledger: Ledger, case: Overrun) -> None:
        rng, terms = self._rng, self._terms
        case.told = Told.TO_EXPLAIN
        explained_at = case.opened_at + rng.uniform(0.5, 20) * HOUR
        ruled_since = explained_at
        if rng.random() < UNHEARD:
            ruled_since = terms.ends_at(case.opened_at, terms.explain) + HOUR
            case.told = Told.NOT_EXPLAINED if ruled_since < self._now else Told.TO_EXPLAIN
        elif explained_at < self._now:
            case.proposed_cause = rng.choices(list(CAUSES), weights=list(CAUSES.values()))[0]
            case.explanation = rng.choice(self._words["explanations"][case.proposed_cause])
            case.explained_at, case.state = explained_at, OverrunState.EXPLAINED
        else:
            return
        ruled_at = ruled_since + rng.uniform(2, 110) * HOUR
        if ruled_at < self._now:
            self._rule(ledger, case, ruled_at)

    def _rule(self, ledger: Ledger, case: Overrun, at: datetime) -> None:
        rng, supervisor = self._rng, self._supervisors[case.group_id]
        cause = OverrunCause(case.proposed_cause or OverrunCause.OWN)
        self._set(case, cause if rng.random() < AGREED else OverrunCause.OWN)
        case.ruling = rng.choice(self._words["rulings"][case.cause])
        case.ruled_at, case.ruled_by = at, self._lead if case.person == supervisor else supervisor
        case.ruled_cause, case.ruled_excused = case.cause, case.is_excused
        case.appeal_until, case.state = self._terms.ends_at(at, self._terms.appeal), OverrunState.RULED
        _enter(ledger, case, case.ruled_by, at, None)
        appealed_at = at + rng.uniform(1, 40) * HOUR
        is_appealed = case.cause == OverrunCause.OWN and case.explained_at and rng.random() < APPEALED
        if is_appealed and appealed_at < min(self._now, case.appeal_until):
            self._appeal(ledger, case, appealed_at)
        elif case.appeal_until < self._now:
            case.settled_at, case.state = case.appeal_until, OverrunState.SETTLED

    def _appeal(self, ledger: Ledger, case: Overrun, at: datetime) -> None:
        rng = self._rng
        case.appeal, case.appealed_at = rng.choice(self._words["appeals"]), at
        case.state = OverrunState.APPEALED
        decided_at = at + rng.uniform(3, 60) * HOUR
        if decided_at >= self._now:
            return
        is_changed = rng.random() < CHANGED
        self._set(case, OverrunCause.THIRD_PARTY if is_changed else OverrunCause.OWN)
        case.decision = rng.choice(self._words["decisions"]["changed" if is_changed else "kept"])
        case.decided_by = self._manager if case.ruled_by == self._lead else self._lead
        case.settled_at, case.state = decided_at, OverrunState.SETTLED
        _enter(ledger, case, case.decided_by, decided_at, OverrunCause.OWN)

    def _set(self, case: Overrun, cause: OverrunCause) -> None:
        case.cause = cause
        case.is_excused = may_be_excused(cause) and self._rng.random() < EXCUSED


def _enter(ledger: Ledger, case: Overrun, by: User, at: datetime, ruled: str | None) -> None:
    """The entry that the action writes into the record's history."""
    changes = ruled_changes(case, ruled)
    ledger.entries.append(Entry(ticket=ledger.ticket, kind=EntryKind.RULED, by=by, at=at, changes=changes))
    ledger.ticket.version += 1

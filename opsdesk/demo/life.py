"""The life of one record: when it is answered, diagnosed, held up, solved, refused and confirmed.

Each instant is drawn as a share of its own limit, in the hours in which that limit runs, so that what is done
in working hours lies in working hours and the share of breaches is what it should be.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clients.models import Channel
from opsdesk.demo.coordinating import with_meeting
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import Team
from opsdesk.demo.story import Step, Story
from opsdesk.demo.texts import Wording, pause_reason
from staff.models import User
from tickets import clocks
from tickets.actions import Call
from tickets.clocks import Interval
from tickets.grading import CLAUSES
from tickets.models import Cause, ClockKind, Grade, Kind, PauseReason

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

# Share of records that keep a limit.
IN_TIME = {
    ClockKind.RESPONSE: 0.975,
    ClockKind.DIAGNOSIS: 0.955,
    ClockKind.RESOLUTION: 0.94,
    ClockKind.CONFIRMATION: 0.93,
}
# How a share of the limit is distributed when it is kept: the mean of Beta(a, b) is a / (a + b).
SHAPE = {
    ClockKind.RESPONSE: (1.6, 3.4),
    ClockKind.DIAGNOSIS: (1.8, 3.0),
    ClockKind.RESOLUTION: (1.2, 4.2),
    ClockKind.CONFIRMATION: (1.1, 2.6),
}
PAUSED = {Grade.TWO: 0.08, Grade.THREE: 0.11, None: 0.12}
DIAGNOSED_FIRST = {Grade.ONE: 1.0, Grade.TWO: 0.9, Grade.THREE: 0.55}
HANDED_OVER, REOPENED = 0.05, 0.03
# Share of the words to a client that come in time, and how often one is told at most.
TOLD_IN_TIME, MOST_WORDS = 0.93, 6
# Minutes that people write down for an entry, where they do.
TIMED = 0.6
NOTE_TAKES = [5, 5, 10, 10, 15, 20, 30]
DIAGNOSIS_TAKES = [15, 20, 30, 30, 45, 60, 90]
SOLUTION_TAKES = [20, 30, 45, 60, 60, 90, 120, 150, 240]
STAGES = ["logged", "graded", "acknowledged", "diagnosed", "waiting", "resolved"]


@dataclass(slots=True)
class Life:
    """A story in the making: the steps so far, and the instant that the next one must lie behind."""

    rng: random.Random
    lookup: Lookup
    call: Call
    wording: Wording
    grade: Grade | None
    team: Team
    taken_by: User
    at: datetime
    is_prompt: bool = False
    steps: list[Step] = field(default_factory=list)
    pauses: list[Interval] = field(default_factory=list)

    def tell(self) -> Story:
        """Draw the whole story, to the client's word."""
        logged_at = self.at
        if self.grade is not None:
            self._grade(self.grade)
        owner = self._answer()
        owner = self._hand_over(owner)
        if self.grade is None or self.rng.random() < DIAGNOSED_FIRST[self.grade]:
            self._diagnose(owner)
            self._hold_up(owner)
            self._solve(owner, since=self.reported_at)
        else:
            # Found and settled in one go, so within the time that finding it may take.
            self._solve(owner, since=self.reported_at, like=ClockKind.DIAGNOSIS)
        if self.rng.random() < REOPENED:
            self._refuse(owner)
        self._confirm()
        return Story(self.call, self.taken_by, logged_at, tuple(self._met()))

    def tell_until(self, stage: str, *, until: datetime) -> Story:
        """Draw the story up to a stage and no further; where it waits, it waits until `until`."""
        logged_at, passed = self.at, STAGES.index(stage)
        if self.grade is not None and passed >= STAGES.index("graded"):
            self._grade(self.grade)
        if passed >= STAGES.index("acknowledged"):
            owner = self._answer()
        if passed >= STAGES.index("diagnosed"):
            self._diagnose(owner)
        if stage == "waiting":
            self._pause(owner, until=until)
        if stage == "resolved":
            self._solve(owner, since=self.reported_at)
        # What is only acknowledged shows how a report-up convenes the meeting by itself.
        steps = self.steps if stage == "acknowledged" else self._met()
        return Story(self.call, self.taken_by, logged_at, tuple(steps))

    @property
    def reported_at(self) -> datetime:
        return self.call.reported_at or self.at

    def _grade(self, grade: Grade) -> None:
        at = self.at + timedelta(seconds=self.rng.randrange(40, 200))
        self._step(at, "grade", self.taken_by, to=grade, reason=str(CLAUSES[grade]))

    def _answer(self) -> User:
        due = self._instant(ClockKind.RESPONSE, self.reported_at)
        system = self.call.system
        assert system is not None and system.maintainer is not None and system.backup is not None
        others = [system.maintainer] * 16 + [system.backup] * 3 + [self.rng.choice(self.team.engineers)]
        owner = system.maintainer if self.is_prompt else self.rng.choice(others)
        if self.call.kind == Kind.COMPLAINT:
            owner = self.team.supervisors[0]
        self._step(due, "acknowledge", owner)
        clerk = random.Random(
            f"{self.call.title}{self.reported_at}"
        )  # so that all other chance stays as it is
        for _n in range(self.rng.choice([0, 1, 1, 2]) + (self.grade == Grade.ONE)):
            kind = "grave" if self.grade == Grade.ONE and self.rng.random() < 0.6 else self.call.kind
            at = self.at + timedelta(seconds=self.rng.randrange(120, 900))
            text = self.wording.pick(self.rng, "notes", kind)
            self._step(at, "add_note", owner, text=text, **_time(clerk, NOTE_TAKES))
        return owner

    def _hand_over(self, owner: User) -> User:
        if self.rng.random() >= HANDED_OVER or self.call.kind == Kind.COMPLAINT:
            return owner
        other = self.rng.choice([user for user in self.team.engineers if user != owner])
        at = self.at + timedelta(seconds=self.rng.randrange(60, 600))
        text = self.wording.pick(self.rng, "handed_over")
        self._step(at, "assign", self.team.supervisors[0], owner=other, text=text)
        return other

    def _diagnose(self, owner: User) -> None:
        if self.grade is None:
            return
        at = self._instant(ClockKind.DIAGNOSIS, self.reported_at)
        wording = self.wording
        taken = _time(random.Random(f"{at}{wording.title}"), DIAGNOSIS_TAKES)
        self._step(at, "diagnose", owner, diagnosis=wording.diagnosis, cause=wording.cause, **taken)

    def _hold_up(self, owner: User) -> None:
        if self.rng.random() >= PAUSED.get(self.grade, 0) or self.call.kind == Kind.COMPLAINT:
            return
        wait = timedelta(hours=self.rng.choice([4, 8, 20, 24, 44, 48, 72, 96]))
        soon = self.at + timedelta(seconds=self.rng.randrange(300, 2400))
        self._pause(owner, at=soon, until=soon + wait)
        began, went_on = self.at, self.at + wait * self.rng.choice([0.3, 0.6, 0.8, 0.9, 0.97, 1.15])
        self._step(went_on, "resume", owner, text=self.wording.pick(self.rng, "resumed"))
        self.pauses.append(Interval(began, self.at))

    def _pause(self, owner: User, *, until: datetime, at: datetime | None = None) -> None:
        reason = pause_reason(self.rng, self.wording.cause) if self.grade else PauseReason.CLIENT
        text = self.wording.pick(self.rng, "pauses", reason)
        self._step(at or self.at, "pause", owner, reason=reason, text=text, until=until)

    def _solve(self, owner: User, *, since: datetime, like: ClockKind = ClockKind.RESOLUTION) -> None:
        at = self._instant(like, since)
        cause = self.wording.cause if self.grade else Cause.OTHER
        taken = _time(random.Random(f"{at}{self.wording.title}"), SOLUTION_TAKES)
        self._step(at, "resolve", owner, solution=self.wording.solution, cause=cause, **taken)

    def _refuse(self, owner: User) -> None:
        at = self._instant(ClockKind.CONFIRMATION, self.at)
        self._step(at, "reopen", self.taken_by, reason=self.wording.pick(self.rng, "reopened"))
        self._solve(owner, since=self.at)

    def _confirm(self) -> None:
        at = self._instant(ClockKind.CONFIRMATION, self.at)
        by_phone = self.rng.random() < 0.8 or self.call.channel not in (Channel.EMAIL, Channel.ON_SITE)
        self._step(
            at,
            "confirm",
            self.taken_by,
            confirmed_by=self.call.caller_name,
            channel=Channel.PHONE if by_phone else self.call.channel,
            text=self.wording.pick(self.rng, "confirmed"),
        )

    def _met(self) -> list[Step]:
        """The steps with the coordination meeting that the fault had, if any; its lead decides."""
        lead = self.lookup.specialists[0]
        steps = self.steps + self._words()
        steps.sort(key=lambda step: step.at)
        return with_meeting(steps, reported_at=self.reported_at, grade=self.grade, decides=lead)

    def _words(self) -> list[Step]:
        """What the client is told by phone while somebody works on it: mostly before it is due, then rarely.

        Drawn from a source of its own, so that all other chance stays as it is.
        """
        begun = next((step for step in self.steps if step.verb == "acknowledge"), None)
        if self.grade is None or begun is None:
            return []
        clerk = random.Random(f"{self.reported_at}{begun.at}")
        ends = [step.at for step in self.steps if step.verb == "resolve"]
        taken, found, since = {step.at for step in self.steps}, [], begun.at
        for _n in range(MOST_WORDS):
            share = clerk.uniform(0.5, 0.95) if clerk.random() < TOLD_IN_TIME else clerk.uniform(1.05, 1.7)
            at = self._after(ClockKind.PROGRESS, since, share, self.pauses)
            while at in taken:
                at += timedelta(seconds=1)
            if ends and at >= ends[0]:
                break
            facts = {"text": self.wording.pick(clerk, "told"), "told": self.call.caller_name}
            found.append(Step(at, "tell_client", begun.by, facts | {"how": Channel.PHONE}))
            taken.add(at)
            since = at
        return found

    def _instant(self, kind: ClockKind, since: datetime) -> datetime:
        """Draw when the step that stops a clock is taken, the clock having begun at `since`."""
        a, b = SHAPE[kind]
        in_time = self.rng.random() < IN_TIME[kind]
        share = min(self.rng.betavariate(a, b), 0.97)
        if self.is_prompt:
            share *= 0.5
        elif not in_time:
            share = 1.03 + self.rng.expovariate(2.5)
        return self._after(kind, since, share, self.pauses if kind == ClockKind.RESOLUTION else [])

    def _after(
        self, kind: ClockKind, since: datetime, share: float, pauses: Sequence[Interval] = ()
    ) -> datetime:
        """The instant at which a clock that began at `since` has used such a share of its limit."""
        limit = self.lookup.limit(kind, self.grade, self.call.kind).limit
        client, system = self.call.client, self.call.system
        all_day = self.lookup.is_round_the_clock(kind, self.grade, self.call.kind, client, system, since)
        hours = self.lookup.hours(client.hours, all_day)
        instant = clocks.instant_at(since, limit * share, hours, pauses)
        assert instant is not None  # no pause of a story is left open
        return instant.replace(microsecond=0)

    def _step(self, at: datetime, verb: str, by: User, **facts: object) -> None:
        """Add a step at `at`, or soon after the last one where that is later."""
        soonest = self.at + timedelta(seconds=self.rng.randrange(20, 240))
        self.at = max(at, soonest).replace(microsecond=0)
        self.steps.append(Step(self.at, verb, by, dict(facts)))


def _time(rng: random.Random, usual: list[int]) -> dict[str, int]:
    """How long an entry took, where its writer says so."""
    return {"minutes": rng.choice(usual)} if rng.random() < TIMED else {}

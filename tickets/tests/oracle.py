"""What should have fired, when and to whom: a second opinion on the engine, plain and slow.

Written from the process (§5.4) and the policy's rows alone. It shares no code with `duty/hours.py`, nor with
the rules and actions of `tickets`: time is seconds of Shanghai's wall clock, open hours are walked day by
day, and every instant is found anew whenever somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = 86_400
EPOCH = date(2025, 1, 1)
PAUSABLE = ("response", "diagnosis", "resolution", "progress")
GRADED = (*PAUSABLE, "verdict", "arrival")
ON_SITE = ("remote_cannot", "on_site")
NEVER = None


@dataclass
class Timetable:
    """Open seconds of each weekday, Monday first; None is round the clock."""

    week: list[list[tuple[int, int]]] | None
    holidays: set[date] = field(default_factory=set)
    makeup: set[date] = field(default_factory=set)
    open_on_holidays: bool = False

    def spans_from(self, start: int) -> Iterator[tuple[int, int]]:
        """Open spans from `start` on, in order, day by day."""
        number = start // DAY
        while True:
            midnight = number * DAY
            for begins, ends in self.on(EPOCH + timedelta(days=number)):
                if midnight + ends > start:
                    yield max(midnight + begins, start), midnight + ends
            number += 1

    def on(self, day: date) -> list[tuple[int, int]]:
        if self.week is None:
            return [(0, DAY)]
        if day in self.holidays and not self.open_on_holidays:
            return []
        own = self.week[day.weekday()]
        return self.week[0] if day in self.makeup and not own else own


@dataclass
class Limit:
    seconds: int
    near_percent: int
    round_the_clock: bool


@dataclass
class Rule:
    """Seconds on the clock, or a percentage of its limit; and whom it wants."""

    seconds: int | None
    percent: int | None
    target: str


@dataclass
class Running:
    """A clock of the oracle's own."""

    kind: str
    limit: Limit
    timetable: Timetable
    start: int
    rules: list[Rule]
    done: set[str] = field(default_factory=set)
    over: bool = False

    def steps(self) -> list[tuple[str, int, int, str]]:
        """Everything that may happen to it: name, offset, place in a tie, target."""
        found = [
            ("near", self.limit.seconds * self.limit.near_percent // 100, 0, ""),
            ("breached", self.limit.seconds, 1, ""),
        ]
        for number, rule in enumerate(self.rules):
            offset = rule.seconds if rule.seconds is not None else self.limit.seconds * rule.percent // 100
            found.append((f"rule {number}", offset, 2, rule.target))
        return found

    def instant(self, offset: int, pauses: list[list[int | None]]) -> int | None:
        """The second at which so much of its time is used up, or NEVER while somebody holds it up."""
        stops = pauses if self.kind in PAUSABLE else []
        left = offset
        for begins, ends in self.timetable.spans_from(self.start):
            for since, until in outside(begins, ends, stops):
                if left <= until - since and not is_held(since + left, stops):
                    return since + left
                left = max(left - (until - since), 0)
            if any(end is None and start <= ends for start, end in stops):
                return NEVER
        return NEVER


def outside(begins: int, ends: int, pauses: list[list[int | None]]) -> Iterator[tuple[int, int]]:
    """The parts of a span in which nothing waits."""
    at = begins
    for start, end in sorted(pauses, key=lambda pause: pause[0]):
        if start >= ends:
            break
        if end is not None and end <= at:
            continue
        if start > at:
            yield at, start
        if end is None or end >= ends:
            return
        at = max(at, end)
    yield at, ends


def is_held(at: int, pauses: list[list[int | None]]) -> bool:
    return any(start <= at and (end is None or at < end) for start, end in pauses)


@dataclass(order=True)
class Fired:
    """One thing that the history should say: when it was written, when it was due, what, and who was told."""

    at: int
    due: int
    kind: str
    clock: str
    target: str = ""
    told: tuple[str, ...] = ()


class Record:
    """One record as the process wants it to live. Each verb is one method; `look` is the sweep."""

    def __init__(
        self,
        limit_of: Callable[[str, int | None], Limit],
        rules_of: Callable[[str, int | None], list[Rule]],
        timetable: Timetable,
        reach: Callable[[str, int], tuple[str, ...]],
        *,
        is_fault: bool,
    ) -> None:
        self.limit_of, self.rules_of, self.timetable, self.reach = limit_of, rules_of, timetable, reach
        self.is_fault = is_fault
        self.grade: int | None = None
        self.status = "logged"
        self.diagnosed = False
        self.meeting = ""  # "open", "closed", or its last verdict
        self.cycle_start = 0
        self.clocks: list[Running] = []
        self.pauses: list[list[int | None]] = []
        self.history: list[Fired] = []

    # What is looked at

    def upcoming(self) -> list[int]:
        """The instants that are still to come, where nothing else happens."""
        return sorted(at for at, *_rest in self._waiting())

    def look(self, now: int) -> None:
        """Write down everything that had passed before `now`, in the order of its instants."""
        due = sorted((step for step in self._waiting() if step[0] < now), key=lambda step: step[:2])
        for at, _place, name, target, clock in due:
            clock.done.add(name)
            kind = "reported_up" if target else name
            told = self.reach(target, now) if target else ()
            self.history.append(Fired(now, at, kind, clock.kind, target, told))

    def _waiting(self) -> list[tuple[int, int, str, str, Running]]:
        found = []
        for clock in self.clocks:
            if clock.over:
                continue
            for name, offset, place, target in clock.steps():
                if name not in clock.done and (at := clock.instant(offset, self.pauses)) is not NEVER:
                    found.append((at, place, name, target, clock))
        return found

    # What is done

    def log(self, reported: int) -> None:
        self.cycle_start = reported
        self._start("response", reported)
        if not self.is_fault:
            self._start("resolution", reported)

    def acknowledge(self, now: int) -> None:
        self.look(now)
        self.status = "in_progress"
        self._stop("response")
        if self.is_fault and self.grade is None:
            self._start("grading", now)
        self._promise_word(now)

    def set_grade(self, grade: int, now: int) -> None:
        self.look(now)
        first, self.grade = self.grade is None, grade
        if grade == 1 and self.status == "waiting":
            self._end_pause(now)
        self._stop("grading")
        if grade == 3 and not first:
            self._close_meeting()
        for old in [clock for clock in self.clocks if not clock.over and clock.kind in GRADED]:
            old.over = True
            self._start(old.kind, old.start)
        if first:
            if not self.diagnosed:
                self._start("diagnosis", self.cycle_start)
            self._start("resolution", self.cycle_start)
            self._promise_word(now)

    def diagnose(self, now: int) -> None:
        self.look(now)
        self.diagnosed = True
        self._stop("diagnosis")

    def pause(self, now: int, until: int) -> None:
        self.look(now)
        self.status = "waiting"
        self.pauses.append([now, None])
        limit = Limit(until - now, 80, round_the_clock=True)
        self.clocks.append(
            Running("next_step", limit, Timetable(None), now, self.rules_of("next_step", None))
        )

    def resume(self, now: int) -> None:
        self.look(now)
        self._end_pause(now)

    def resolve(self, now: int) -> None:
        self.look(now)
        if self.status == "waiting":
            self._end_pause(now)
        self.status, self.diagnosed = "resolved", True
        self._close_meeting()
        self._stop("diagnosis", "resolution", "arrival", "progress")
        self._start("confirmation", now)

    def confirm(self, now: int) -> None:
        self.look(now)
        self.status = "closed"
        self._stop("confirmation")

    def reopen(self, now: int) -> None:
        self.look(now)
        self.status, self.cycle_start = "in_progress", now
        self._stop("confirmation")
        self._start("resolution", now)
        self._promise_word(now)

    def tell_client(self, now: int) -> None:
        self.look(now)
        if self._runs("progress"):
            self._stop("progress")
            self._start("progress", now)

    def convene(self, now: int) -> None:
        self.look(now)
        self.meeting = "open"
        self._start("verdict", now)

    def decide(self, outcome: str, now: int) -> None:
        self.look(now)
        self.meeting = outcome
        self._stop("verdict")
        if outcome not in ON_SITE:
            self._stop("arrival")
        elif not self._runs("arrival"):
            self._start("arrival", now)

    def _close_meeting(self) -> None:
        self._stop("verdict")
        if self.meeting == "open":
            self.meeting = "closed"

    def _promise_word(self, now: int) -> None:
        if self.grade is not None and self.status in ("in_progress", "waiting"):
            self._start("progress", now)

    def _runs(self, kind: str) -> bool:
        return any(clock.kind == kind and not clock.over for clock in self.clocks)

    def _end_pause(self, now: int) -> None:
        self.pauses[-1][1] = now
        self.status = "in_progress"
        self._stop("next_step")

    def _start(self, kind: str, at: int) -> None:
        grade = self.grade if kind in GRADED else None
        limit = self.limit_of(kind, grade)
        timetable = Timetable(None) if limit.round_the_clock else self.timetable
        self.clocks.append(Running(kind, limit, timetable, at, self.rules_of(kind, grade)))

    def _stop(self, *kinds: str) -> None:
        for clock in self.clocks:
            if clock.kind in kinds:
                clock.over = True

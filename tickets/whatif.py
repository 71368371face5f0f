"""What a policy would have meant for what has happened (§5.4). Pure: recorded facts and terms in, sums out.

A record's facts are when each of its clocks ran and from what grade, its pauses, and when it was acknowledged
and diagnosed. From them and the terms of a policy follows every breach and every report-up, by the functions
that start real clocks. People are taken to have done what they did when they did it; that an earlier
report-up would have made them quicker, or that one would have been acknowledged, is nobody's to know: all
repeats of a report-up count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from duty.hours import Hours
from tickets import clocks, escalation, terms
from tickets.terms import Limit, Rule, Terms

BREACH, REPORT_UP = "breach", "report_up"
MOST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Ran:
    """One clock of a record: from when it counts, when it was written down, and when it ended, if it has.

    `grade` is the one that its limit and rules go by. `own` is the limit that it had, for a clock of which
    the policy has none.
    """

    kind: str
    grade: int | None
    started_at: datetime
    written_at: datetime
    ended_at: datetime | None
    own: Limit
    contracts: tuple[int, ...] = ()
    contracts_say: tuple[bool, ...] = ()
    pauses: tuple[clocks.Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """One record; `hours` gives the hours of a clock that runs round the clock, or not."""

    number: int
    work: str
    acknowledged_at: datetime | None
    diagnosed_at: datetime | None
    ran: Sequence[Ran]
    hours: Callable[[bool], Hours]


class Thing(NamedTuple):
    """What happened to a clock of a grade; `target` is empty for a breach, `person:<id>` for a named one."""

    what: str
    kind: str
    grade: int | None
    target: str = ""


class Policy:
    """Terms, with what is asked of them for every clock looked up once."""

    def __init__(self, says: Terms) -> None:
        self._limits: dict[tuple[str, int | None], list[Limit]] = defaultdict(list)
        self._rules: dict[tuple[str, int | None], list[Rule]] = defaultdict(list)
        for limit in says.limits:
            self._limits[limit.kind, limit.grade].append(limit)
        for rule in says.rules:
            self._rules[rule.kind, rule.grade].append(rule)

    def limit(self, ran: Ran, work: str) -> Limit:
        held = self._limits.get((ran.kind, ran.grade), [])
        return terms.limit_that_holds(held, work, ran.contracts) or ran.own

    def rules(self, ran: Ran) -> list[Rule]:
        return self._rules.get((ran.kind, ran.grade), [])


Instants = dict[tuple[int, bool, timedelta], datetime | None]


def replay(
    record: History, policy: Policy, *, until: datetime, known: Instants | None = None
) -> Counter[Thing]:
    """Return what happens to a record by `until` under a policy.

    `known` keeps instants that were worked out, for another policy on the same record.
    """
    found: Counter[Thing] = Counter()
    known = {} if known is None else known
    for number, ran in enumerate(record.ran):
        limit = policy.limit(ran, record.work)
        round_the_clock = terms.is_round_the_clock(limit, ran.grade, ran.contracts_say)
        end = min(ran.ended_at or until, until)

        def happens(
            offset: timedelta, by: datetime, number: int = number, ran: Ran = ran, day: bool = round_the_clock
        ) -> bool:
            if ran.started_at + offset >= by:
                return False  # no clock runs faster than the wall's
            key = number, day, offset
            if key not in known:
                known[key] = clocks.instant_at(ran.started_at, offset, record.hours(day), ran.pauses)
            instant = known[key]
            return instant is not None and instant < by

        if happens(limit.limit, end):
            found[Thing(BREACH, ran.kind, ran.grade)] += 1
        for rule in policy.rules(ran):
            by = _state_ends(rule, record, ran, end)
            if by is None:
                continue
            target = f"person:{rule.person_id}" if rule.person_id else rule.target
            times = sum(happens(offset, by) for offset in terms.offsets(rule, limit.limit))
            if times:
                found[Thing(REPORT_UP, ran.kind, ran.grade, target)] += times
    return found


def _state_ends(rule: Rule, record: History, ran: Ran, end: datetime) -> datetime | None:
    """Return until when a rule holds for a clock; None where it never did."""
    left = {
        escalation.While.UNACKNOWLEDGED.value: record.acknowledged_at,
        escalation.While.UNDIAGNOSED.value: record.diagnosed_at,
    }.get(rule.only_while)
    if left is None:
        return end
    return min(end, left) if ran.written_at < left else None


@dataclass(slots=True)
class Sum:
    """How often a thing happens under the old terms and under the new, with records where that differs."""

    old: int = 0
    new: int = 0
    samples: list[int] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.new - self.old


@dataclass(slots=True)
class Sums:
    """The sums over many records; `changed` is how many records would have gone otherwise."""

    by_thing: dict[Thing, Sum] = field(default_factory=dict)
    changed: int = 0

    def add(self, number: int, old: Counter[Thing], new: Counter[Thing]) -> None:
        """Add what one record says."""
        for thing in old.keys() | new.keys():
            total = self.by_thing.setdefault(thing, Sum())
            total.old += old[thing]
            total.new += new[thing]
            if old[thing] != new[thing] and len(total.samples) < MOST_SAMPLES:
                total.samples.append(number)
        self.changed += old != new

    def as_json(self) -> dict[str, Any]:
        rows = [[*thing, total.old, total.new, total.samples] for thing, total in self.by_thing.items()]
        return {"changed": self.changed, "rows": rows}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Sums:
        rows = plain.get("rows", [])
        return cls({Thing(*row[:4]): Sum(*row[4:]) for row in rows}, plain.get("changed", 0))


def compare(records: Iterable[History], old: Policy, new: Policy, *, until: datetime, sums: Sums) -> None:
    """Replay records under both policies and add what differs to the sums."""
    for record in records:
        known: Instants = {}
        was = replay(record, old, until=until, known=known)
        sums.add(record.number, was, replay(record, new, until=until, known=known))

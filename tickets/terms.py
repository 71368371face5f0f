"""What a policy says about a record (§5.4). Pure: limits and rules in, the one that holds, or instants, out.

The functions take the rows of the database and the plain copies below alike. The actions start clocks by
them, and a what-if run replays them, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import time, timedelta
from typing import Any, TypeVar

from tickets.grading import Grade


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit without its row; the fields are those of `TimeLimit`."""

    kind: str
    grade: int | None
    work: str
    contract_id: int | None
    limit: timedelta
    round_the_clock: bool
    near_percent: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A report-up rule without its row; the fields are those of `EscalationRule`."""

    kind: str
    grade: int | None
    after: timedelta | None
    percent: int | None
    target: str
    person_id: int | None = None
    only_while: str = ""
    repeat_every: timedelta | None = None
    repeat_times: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    needs_ack: str = "none"
    channels: tuple[str, ...] = ()
    convenes: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """All of a policy that has an effect: rules that are switched off are not among them."""

    limits: tuple[Limit, ...]
    rules: tuple[Rule, ...]


Row = TypeVar("Row", bound=Any)
Term = TypeVar("Term", Limit, Rule)


def limit_that_holds(limits: Iterable[Row], work: str, contracts: Sequence[int]) -> Row | None:
    """Of the limits of one clock and grade return the one for this kind of work under these contracts.

    A contract's own comes before the default, of several contracts' that of the oldest; then one for this
    kind of work before one for any.
    """
    fitting = [
        limit
        for limit in limits
        if limit.work in ("", work) and (limit.contract_id is None or limit.contract_id in contracts)
    ]
    return min(
        fitting,
        key=lambda limit: (limit.contract_id is None, limit.contract_id or 0, limit.work == ""),
        default=None,
    )


def is_round_the_clock(limit: Any, grade: int | None, contracts_say: Sequence[bool]) -> bool:
    """Say whether a clock runs round the clock; for grade 2 a contract may choose service hours instead."""
    if grade == Grade.TWO and limit.round_the_clock and limit.contract_id is None:
        return all(contracts_say)
    return bool(limit.round_the_clock)


def offsets(rule: Any, limit: timedelta) -> list[timedelta]:
    """Return after how much of the clock's time a rule reports up: first, and with every repeat."""
    first = rule.after if rule.after is not None else limit * (rule.percent or 0) / 100
    every = rule.repeat_every or timedelta(0)
    return [first + turn * every for turn in range(rule.repeat_times + 1)]


def copy_of(row: Any, term: type[Term]) -> Term:
    """Return the plain copy of a row."""
    facts = {field.name: getattr(row, field.name) for field in fields(term)}
    if "channels" in facts:
        facts["channels"] = tuple(facts["channels"])
    return term(**facts)


def as_json(terms: Terms) -> dict[str, Any]:
    """Return what `from_json` makes the same terms of; spans are microseconds, times of day ISO 8601."""
    return {
        "limits": [_plain(asdict(limit)) for limit in terms.limits],
        "rules": [_plain(asdict(rule)) for rule in terms.rules],
    }


def from_json(plain: Mapping[str, Any]) -> Terms:
    """Return the terms that `as_json` wrote. Raises KeyError or TypeError for anything else."""
    return Terms(
        tuple(Limit(**_read(limit)) for limit in plain["limits"]),
        tuple(Rule(**_read(rule)) for rule in plain["rules"]),
    )


SPANS, TIMES = ("limit", "after", "repeat_every"), ("quiet_from", "quiet_until")


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    for name in SPANS:
        if facts.get(name) is not None:
            facts[name] = facts[name] / timedelta(microseconds=1)
    for name in TIMES:
        if facts.get(name) is not None:
            facts[name] = facts[name].isoformat()
    return facts | ({"channels": list(facts["channels"])} if "channels" in facts else {})


def _read(plain: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(plain)
    for name in SPANS:
        if facts.get(name) is not None:
            facts[name] = timedelta(microseconds=facts[name])
    for name in TIMES:
        if facts.get(name) is not None:
            facts[name] = time.fromisoformat(facts[name])
    return facts | ({"channels": tuple(facts["channels"])} if "channels" in facts else {})

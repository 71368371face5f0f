"""The words: JSON files beside this module, and how a title, its details and its solution go together."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tickets.models import Cause, Grade, Kind, PauseReason

HERE = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
# Until which hour a call came at that time of day.
TIMES_OF_DAY = [(6, "night"), (8, "early"), (11, "morning"), (13, "noon"), (17, "afternoon"), (20, "evening")]
SPECIFIC_SHARE = 0.35  # of the faults are told in the words of their kind of system, the others generally


@cache
def load(name: str) -> Any:
    """Return what the JSON file of that name holds."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Wording:
    """What is written about one call. Everything fits one system, one place in the house and one cause."""

    title: str
    details: str
    diagnosis: str
    solution: str
    cause: Cause
    slots: Mapping[str, str]

    def pick(self, rng: random.Random, kind: str, among: str | None = None) -> str:
        """Return a sentence of that kind with this call's words in it."""
        choices = load("other")[kind]
        text: str = rng.choice(choices[among] if among else choices)
        return text.format(**self.slots)


def draw(
    rng: random.Random, kind: Kind, grade: Grade | None, system: str, caller: str, at: datetime
) -> Wording:
    """Draw what is said of a call: a fault that such a system can have, a request, or a complaint."""
    facts = load("systems")[system]
    if grade is None:
        rows = load("other")["requests" if kind == Kind.REQUEST else "complaints"]
        return _worded(rng.choice(rows), _slots(rng, facts, caller, at))
    faults = load("faults")
    specific = [row for row in faults.get(system, []) if row["grade"] == grade]
    general = [row for row in faults[facts["tags"][0]] if row["grade"] == grade]
    row = rng.choice(specific if specific and rng.random() < SPECIFIC_SHARE else general)
    return _worded(row, _slots(rng, facts, caller, at))


def named(name: str, rng: random.Random, system: str, caller: str, at: datetime) -> Wording:
    """Return what is said of a call under that name, in the words of the system."""
    return _worded(load("other")[name], _slots(rng, load("systems")[system], caller, at))


def pause_reason(rng: random.Random, cause: Cause) -> PauseReason:
    """What a fault of that cause typically waits for."""
    typical = {
        Cause.HARDWARE: PauseReason.PARTS,
        Cause.THIRD_PARTY: PauseReason.THIRD_PARTY,
        Cause.DATABASE: PauseReason.WINDOW,
        Cause.NETWORK: PauseReason.WINDOW,
    }
    return typical.get(cause, PauseReason.CLIENT) if rng.random() < 0.7 else PauseReason.CLIENT


def _slots(rng: random.Random, facts: Mapping[str, Any], caller: str, at: datetime) -> Mapping[str, str]:
    hour = at.astimezone(ZONE).hour
    when = next((name for until, name in TIMES_OF_DAY if hour < until), "night")
    return {
        "system": facts["short"],
        "module": rng.choice(facts["modules"]),
        "report": rng.choice(facts["reports"]),
        "user": rng.choice(facts["users"]),
        "terminal": facts["terminal"],
        "caller": caller,
        "when": load("other")["when"][when],
    }


def _worded(row: Mapping[str, Any], slots: Mapping[str, str]) -> Wording:
    return Wording(
        title=row["title"].format(**slots),
        details=row["details"].format(**slots),
        diagnosis=row.get("diagnosis", "").format(**slots),
        solution=row["solution"].format(**slots),
        cause=Cause(row.get("cause", Cause.OTHER)),
        slots=slots,
    )

"""The coordination meetings of a story: on most faults of grade 1, on some of grade 2, with a verdict."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from opsdesk.demo.story import Step
from opsdesk.demo.texts import load
from staff.models import User
from tickets.coordination import outcomes_for
from tickets.models import Grade

MINUTE = timedelta(minutes=1)
# How many faults of a grade have one, and so many minutes after the call it is convened at the latest: before
# the report-up to the technical lead would do so.
SHARE = {Grade.ONE: 1.0, Grade.TWO: 0.12}
WITHIN = {Grade.ONE: (8, 28), Grade.TWO: (60, 230)}
# The weight of each verdict, in the order in which the grade has them.
WEIGHTS = {Grade.ONE: (7, 3), Grade.TWO: (4, 4, 2)}


def with_meeting(
    steps: Sequence[Step], *, reported_at: datetime, grade: Grade | None, decides: User
) -> list[Step]:
    """Return the steps of a fault with a meeting and its verdict put in between, unless it was solved first.

    Drawn from a source of its own, so that all other chance stays as it is.
    """
    rng = random.Random(f"{reported_at}{[step.at for step in steps]}")
    taken_up = next((step for step in steps if step.verb == "acknowledge"), None)
    if grade not in SHARE or taken_up is None or rng.random() >= SHARE[grade]:
        return list(steps)
    solved_at = next(
        (step.at for step in steps if step.verb == "resolve"), datetime.max.replace(tzinfo=taken_up.at.tzinfo)
    )
    usual = reported_at + rng.randrange(*WITHIN[grade]) * MINUTE
    convened_at = _free(max(usual, taken_up.at + MINUTE), steps)
    if convened_at >= solved_at:
        return list(steps)
    texts = load("other")["meetings"]
    convened = Step(
        convened_at, "convene", taken_up.by, {"reason": rng.choice(texts["reasons"][str(int(grade))])}
    )
    found = sorted([*steps, convened], key=lambda step: step.at)
    minutes = rng.randrange(15, 150) if rng.random() < 0.92 else rng.randrange(245, 400)
    decided_at = _free(convened_at + minutes * MINUTE, found)
    if decided_at >= solved_at:
        return found
    [outcome] = rng.choices(outcomes_for(grade), WEIGHTS[grade])
    facts = {"outcome": outcome, "reason": rng.choice(texts["verdicts"][outcome])}
    return sorted([*found, Step(decided_at, "decide", decides, facts)], key=lambda step: step.at)


def _free(at: datetime, steps: Sequence[Step]) -> datetime:
    """An instant at which nothing else happens to the record."""
    taken = {step.at for step in steps}
    at = at.replace(microsecond=0)
    while at in taken:
        at += timedelta(seconds=1)
    return at

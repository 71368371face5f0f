"""What answers are worth, and which are bad (§4.1.2). Pure.

A bad answer is one with a number: at or below the limit of its question; or a complaint that was ticked as
one. No word in a text makes an answer bad: "Thank you!" is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from surveys.questions import RANGES, Asked, QuestionKind, Said

# Yes and no say what was so, not how good it was.
SCORED = (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES, QuestionKind.MATRIX)
TENTH = Decimal("0.1")


def is_bad(asked: Asked, said: Said | None) -> bool:
    """Say whether one answer is bad; of a matrix, whether one of its lines is."""
    return bool(said and said.points and asked.bad_at is not None and min(said.points) <= asked.bad_at)


def share(asked: Asked, said: Said) -> Decimal:
    """Return an answer's points as a share of the most it could have: 4 of 5 is 0.8; of a matrix the mean."""
    highest = RANGES[asked.kind][1]
    return Decimal(sum(said.points)) / (len(said.points) * highest)


def mean_percent(answers: Iterable[tuple[Asked, Said | None]]) -> Decimal | None:
    """Return the weighted mean satisfaction in per cent, with one decimal; None where nothing counts.

    sum(w·s/max) / sum(w) over what was answered: weights of skipped questions fall away.
    """
    counted = [
        (asked.weight, share(asked, said))
        for asked, said in answers
        if asked.kind in SCORED and said is not None and said.points and asked.weight > 0
    ]
    weights = sum((weight for weight, _share in counted), Decimal(0))
    if not weights:
        return None
    total = sum((weight * part for weight, part in counted), Decimal(0))
    return (100 * total / weights).quantize(TENTH, ROUND_HALF_UP)

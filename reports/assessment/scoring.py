"""What figures and items come to under a scheme (§5.2). Pure, in decimals: no float decides a grade.

score = sum(weight x points) / sum(weight of what can be measured) + bonus - penalty, where the points of a
KPI are 100 x (value - floor) / (target - floor), never below 0 nor above 100. Where less is better the target
lies below the floor, and the same formula holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from reports.assessment.kinds import Effect
from reports.assessment.scheme import ZERO, Content, Grade, Line, Measure

HUNDRED = Decimal(100)
TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


class Why(StrEnum):
    """Why a KPI is not rated; empty where it is."""

    RATED = ""
    EMPTY = "empty"  # nothing fell into the month
    SMALL = "small"  # fewer rows than the value needs to mean something
    NOT_MEASURED = "not_measured"  # the KPI is not measured of a person


@dataclass(frozen=True, slots=True)
class Reading:
    """What a KPI came to in a month: its value in its unit, and of how many rows; None where there are none
    to count (a total). A KPI that cannot be narrowed to the subject has no reading at all.
    """

    value: Decimal | None
    n: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A KPI of a line. `points` from 0 to 100; None where it is not rated, and `why`."""

    kpi: str
    floor: Decimal
    target: Decimal
    value: Decimal | None
    n: int | None
    points: Decimal | None
    why: Why


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line: `points` are the mean of its rated KPIs, `share` its part of all weight that counts (per cent),
    `earned` what it brings to the score. All None where it is not rated, or left out by a ruling.
    """

    name: str
    name_en: str
    weight: Decimal
    measures: tuple[Measured, ...]
    is_left_out: bool
    points: Decimal | None
    share: Decimal | None
    earned: Decimal | None


@dataclass(frozen=True, slots=True)
class Result:
    """`base` is the part of the lines, `bonus` and `penalty` what counts of them after their caps.

    `score` is None where nothing could be measured: not rated, and without a grade but for a veto.
    """

    lines: tuple[LineResult, ...]
    base: Decimal | None
    bonus_sum: Decimal
    bonus: Decimal
    penalty_sum: Decimal
    penalty: Decimal
    is_vetoed: bool
    score: Decimal | None
    grade: str
    factor: Decimal | None

    def as_json(self) -> dict[str, Any]:
        return _plain(asdict(self))


def score(
    content: Content,
    readings: Mapping[str, Reading],
    items: Sequence[str] = (),
    *,
    left_out: Collection[int] = (),
) -> Result:
    """Return what a month comes to. `items` are the codes of what counts, each as often as it happened;
    `left_out` are the places of lines that a ruling took out. An item that the scheme does not know counts
    nothing.
    """
    measured = [_measured(line, readings, content.minimum_sample) for line in content.lines]
    points = [None if place in left_out else _mean(one) for place, one in enumerate(measured)]
    weight = sum(
        (line.weight for line, one in zip(content.lines, points, strict=True) if one is not None), ZERO
    )
    lines = tuple(
        _line(line, measured[place], points[place], weight, is_left_out=place in left_out)
        for place, line in enumerate(content.lines)
    )
    base = None
    if weight:
        whole = sum(
            (line.weight * one for line, one in zip(content.lines, points, strict=True) if one is not None),
            ZERO,
        )
        base = whole / weight
    known = [item for code in items if (item := content.item(code)) is not None]
    sums = {effect: sum((item.points for item in known if item.effect == effect), ZERO) for effect in Effect}
    bonus = min(sums[Effect.BONUS], content.bonus_cap)
    penalty = min(sums[Effect.PENALTY], content.penalty_cap)
    is_vetoed = any(item.effect == Effect.VETO for item in known)
    total = None if base is None else _round(max(ZERO, base + bonus - penalty), TENTH)
    grade = grade_of(content, total, is_vetoed=is_vetoed)
    return Result(
        lines=lines,
        base=None if base is None else _round(base, HUNDREDTH),
        bonus_sum=sums[Effect.BONUS],
        bonus=bonus,
        penalty_sum=sums[Effect.PENALTY],
        penalty=penalty,
        is_vetoed=is_vetoed,
        score=total,
        grade=grade.letter if grade else "",
        factor=grade.factor if grade else None,
    )


def grade_of(content: Content, total: Decimal | None, *, is_vetoed: bool) -> Grade | None:
    """Return the grade of a score as it is printed, to a tenth; the lowest one where there is a veto."""
    if is_vetoed:
        return content.grades[-1]
    if total is None:
        return None
    return next((grade for grade in content.grades if total >= grade.at_least), content.grades[-1])


def points_of(measure: Measure, value: Decimal) -> Decimal:
    """Return from 0 to 100 how far a value has come from the floor to the target; 0 below, 100 beyond."""
    way = HUNDRED * (value - measure.floor) / (measure.target - measure.floor)
    return min(HUNDRED, max(ZERO, way))


def _measured(line: Line, readings: Mapping[str, Reading], minimum: int) -> tuple[Measured, ...]:
    found = []
    for measure in line.measures:
        reading = readings.get(measure.kpi)
        why = _why(reading, minimum)
        value = reading.value if reading else None
        points = points_of(measure, value) if why == Why.RATED and value is not None else None
        n = reading.n if reading else None
        found.append(Measured(measure.kpi, measure.floor, measure.target, value, n, points, why))
    return tuple(found)


def _why(reading: Reading | None, minimum: int) -> Why:
    if reading is None:
        return Why.NOT_MEASURED
    if reading.value is None:
        return Why.EMPTY
    return Why.SMALL if reading.n is not None and reading.n < minimum else Why.RATED


def _mean(measured: Sequence[Measured]) -> Decimal | None:
    rated = [one.points for one in measured if one.points is not None]
    return sum(rated, ZERO) / len(rated) if rated else None


def _line(
    line: Line, measured: tuple[Measured, ...], points: Decimal | None, weight: Decimal, *, is_left_out: bool
) -> LineResult:
    share = None if points is None else line.weight / weight
    return LineResult(
        name=line.name,
        name_en=line.name_en,
        weight=line.weight,
        measures=measured,
        is_left_out=is_left_out,
        points=points if points is None else _round(points, HUNDREDTH),
        share=share if share is None else _round(HUNDRED * share, TENTH),
        earned=None if share is None or points is None else _round(share * points, HUNDREDTH),
    )


def _round(number: Decimal, step: Decimal) -> Decimal:
    return number.quantize(step, ROUND_HALF_UP)


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        if name == "score":
            return format(value, "f")  # to the tenth, as the grade was decided by
        shown = _round(value, HUNDREDTH) if name == "points" else value
        return format(shown.normalize(), "f")
    return str(value) if isinstance(value, str) else value

"""A scheme of assessment as facts: lines with weights, bonus and penalty, grades; and what is wrong with one.

Pure. It is kept as JSON: what was adopted is read and never written again, a draft is edited as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reports.assessment.kinds import EFFECT_OF, Effect, Source

MOST_LINES, MOST_MEASURES, MOST_ITEMS = 20, 3, 30
LONGEST_NAME = 80
MOST_POINTS, MOST_DAYS, MOST_SAMPLE = 100, 30, 1000
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI with the value that earns nothing and the one that earns everything, in the KPI's unit."""

    kpi: str
    floor: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    name_en: str
    weight: Decimal
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A bonus, penalty or veto. `code` stays the same in all versions; points are given as a positive number,
    of a veto 0.
    """

    code: str
    name: str
    name_en: str
    effect: Effect
    source: Source
    points: Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """From which score on a grade is given, and the factor that it stands for in pay."""

    letter: str
    at_least: Decimal
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Content:
    """All that a version says. Days are working days."""

    lines: tuple[Line, ...]
    items: tuple[Item, ...]
    grades: tuple[Grade, ...]
    minimum_sample: int
    bonus_cap: Decimal
    penalty_cap: Decimal
    check_days: int
    appeal_days: int
    rule_days: int

    def kpis(self) -> list[str]:
        """Return the KPIs that it measures by."""
        return list(dict.fromkeys(measure.kpi for line in self.lines for measure in line.measures))

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.code == code), None)

    def item_found_by(self, source: Source) -> Item | None:
        return next((item for item in self.items if item.source == source), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `lines/0/weight`, `items/2/points`, `bonus_cap`."""

    field: str
    message: str
    code: str


def as_json(content: Content) -> dict[str, Any]:
    """Return it as JSON can hold it; numbers with a fraction as texts, so that none is rounded."""
    return _plain(asdict(content))


def read(kept: Mapping[str, Any]) -> Content:
    """Return what was kept. Raises KeyError or ArithmeticError where it is no scheme."""
    return Content(
        lines=tuple(
            Line(
                line["name"],
                line["name_en"],
                Decimal(line["weight"]),
                tuple(Measure(m["kpi"], Decimal(m["floor"]), Decimal(m["target"])) for m in line["measures"]),
            )
            for line in kept["lines"]
        ),
        items=tuple(
            Item(
                item["code"],
                item["name"],
                item["name_en"],
                Effect(item["effect"]),
                Source(item["source"]),
                Decimal(item["points"]),
            )
            for item in kept["items"]
        ),
        grades=tuple(
            Grade(grade["letter"], Decimal(grade["at_least"]), Decimal(grade["factor"]))
            for grade in kept["grades"]
        ),
        minimum_sample=kept["minimum_sample"],
        bonus_cap=Decimal(kept["bonus_cap"]),
        penalty_cap=Decimal(kept["penalty_cap"]),
        check_days=kept["check_days"],
        appeal_days=kept["appeal_days"],
        rule_days=kept["rule_days"],
    )


def faults(content: Content, known: Mapping[str, bool]) -> list[Fault]:
    """Return all that is wrong. `known` says of each KPI whether more is better."""
    return [
        *_numbers(content),
        *_lines(content.lines, known),
        *_items(content.items),
        *_grades(content.grades),
    ]


def _numbers(content: Content) -> Iterator[Fault]:
    for name in ("bonus_cap", "penalty_cap"):
        if not 0 <= getattr(content, name) <= MOST_POINTS:
            yield Fault(name, _("From 0 to %(most)s.") % {"most": MOST_POINTS}, "out_of_range")
    for name in ("check_days", "appeal_days", "rule_days"):
        if not 1 <= getattr(content, name) <= MOST_DAYS:
            yield Fault(name, _("From 1 to %(most)s.") % {"most": MOST_DAYS}, "out_of_range")
    if not 1 <= content.minimum_sample <= MOST_SAMPLE:
        yield Fault("minimum_sample", _("From 1 to %(most)s.") % {"most": MOST_SAMPLE}, "out_of_range")


def _lines(lines: Sequence[Line], known: Mapping[str, bool]) -> Iterator[Fault]:
    if not lines:
        yield Fault("lines", _("A scheme without a line measures nothing."), "required")
    if len(lines) > MOST_LINES:
        yield Fault("lines", _("At most %(most)s lines.") % {"most": MOST_LINES}, "too_many")
    seen: set[str] = set()
    for place, line in enumerate(lines):
        at = f"lines/{place}"
        yield from _name(line.name, at)
        if not 0 < line.weight <= MOST_POINTS:
            message = _("A weight is above 0, and at most %(most)s.") % {"most": MOST_POINTS}
            yield Fault(f"{at}/weight", message, "out_of_range")
        if not line.measures:
            yield Fault(f"{at}/measures/0/kpi", _("Name at least one KPI."), "required")
        for number, measure in enumerate(line.measures):
            yield from _measure(measure, f"{at}/measures/{number}", known, seen)


def _measure(measure: Measure, at: str, known: Mapping[str, bool], seen: set[str]) -> Iterator[Fault]:
    if measure.kpi not in known:
        yield Fault(f"{at}/kpi", _("There is no such KPI."), "unknown")
    elif measure.kpi in seen:
        yield Fault(f"{at}/kpi", _("This KPI counts already, in a line above."), "twice")
    elif measure.floor == measure.target:
        yield Fault(f"{at}/target", _("Floor and target are the same: nothing lies between."), "same")
    elif (measure.target > measure.floor) != known[measure.kpi]:
        message = (
            _("More is better here: the target lies above the floor.")
            if known[measure.kpi]
            else _("Less is better here: the target lies below the floor.")
        )
        yield Fault(f"{at}/target", message, "direction")
    seen.add(measure.kpi)


def _items(items: Sequence[Item]) -> Iterator[Fault]:
    if len(items) > MOST_ITEMS:
        yield Fault("items", _("At most %(most)s of them.") % {"most": MOST_ITEMS}, "too_many")
    found = Counter(item.source for item in items if item.source != Source.HAND)
    codes = Counter(item.code for item in items)
    for place, item in enumerate(items):
        at = f"items/{place}"
        yield from _name(item.name, at)
        if item.effect == Effect.VETO and item.points != 0:
            yield Fault(f"{at}/points", _("A veto has no points: it is the lowest grade."), "out_of_range")
        if item.effect != Effect.VETO and not 0 < item.points <= MOST_POINTS:
            message = _("Points are above 0, and at most %(most)s.") % {"most": MOST_POINTS}
            yield Fault(f"{at}/points", message, "out_of_range")
        if item.source != Source.HAND and item.effect != EFFECT_OF[item.source]:
            yield Fault(f"{at}/effect", _("What is found by this rule is not of this kind."), "effect")
        if item.source != Source.HAND and found[item.source] > 1:
            yield Fault(f"{at}/source", _("Only one of them may be found by this rule."), "twice")
        if codes[item.code] > 1:
            yield Fault(f"{at}/name", _("Two of them have the same code."), "twice")


def _grades(grades: Sequence[Grade]) -> Iterator[Fault]:
    if not grades:
        yield Fault("grades", _("At least one grade is needed."), "required")
        return
    for place, grade in enumerate(grades):
        at = f"grades/{place}"
        if not 0 <= grade.factor <= 10:
            yield Fault(f"{at}/factor", _("From 0 to %(most)s.") % {"most": 10}, "out_of_range")
        if place and grade.at_least >= grades[place - 1].at_least:
            yield Fault(f"{at}/at_least", _("Each grade begins below the one before it."), "order")
        if place and grade.factor > grades[place - 1].factor:
            yield Fault(f"{at}/factor", _("A lower grade has no higher factor."), "order")
    if grades[-1].at_least != 0:
        yield Fault(
            f"grades/{len(grades) - 1}/at_least",
            _("The lowest grade begins at 0: every score has a grade."),
            "order",
        )


def _name(name: str, at: str) -> Iterator[Fault]:
    if not name.strip():
        yield Fault(f"{at}/name", _("This field is required."), "required")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) if isinstance(value, str) else value

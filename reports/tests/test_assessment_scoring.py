"""Scores as tables: what figures and items come to by the shipped scheme; what is wrong with a scheme."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reports.assessment.actions.schemes import DEFAULTS
from reports.assessment.following import Standing, Step
from reports.assessment.gathering import known_kpis
from reports.assessment.scheme import Content, Line, Measure, as_json, faults, read
from reports.assessment.scoring import Reading, Why, points_of, score

D = Decimal
DEFAULT: Content = read(json.loads(DEFAULTS.read_text(encoding="utf-8"))["scheme"])
ALL_GOOD = {measure.kpi: Reading(measure.target, 20) for line in DEFAULT.lines for measure in line.measures}


def simple(*lines: tuple[str, str, str, str], **more: Any) -> Content:
    """A scheme of lines (KPI, weight, floor, target), with the items and grades of the default."""
    made = tuple(
        Line(kpi, kpi, D(weight), (Measure(kpi, D(floor), D(target)),))
        for kpi, weight, floor, target in lines
    )
    return replace(DEFAULT, lines=made, **more)


TWO = simple(("response", "30", "80", "95"), ("second_calls", "10", "25", "8"))


@pytest.mark.parametrize(
    ("value", "floor", "target", "points"),
    [
        ("95", "80", "95", "100"),
        ("99.9", "80", "95", "100"),  # no more than everything
        ("80", "80", "95", "0"),
        ("12", "80", "95", "0"),  # no less than nothing
        ("87.5", "80", "95", "50"),
        ("8", "25", "8", "100"),  # less is better
        ("0", "25", "8", "100"),
        ("25", "25", "8", "0"),
        ("40", "25", "8", "0"),
        ("16.5", "25", "8", "50"),
    ],
)
def test_points_go_from_the_floor_to_the_target(value: str, floor: str, target: str, points: str) -> None:
    assert points_of(Measure("x", D(floor), D(target)), D(value)) == D(points)


@pytest.mark.parametrize(
    ("readings", "items", "wanted", "grade", "factor"),
    [
        # Both measured: (30 x 50 + 10 x 100) / 40.
        ({"response": ("87.5", 40), "second_calls": ("8", 40)}, (), "62.5", "D", "0.7"),
        # A small sample is not rated, and its weight goes to the other line.
        ({"response": ("87.5", 5), "second_calls": ("8", 4)}, (), "50.0", "D", "0.7"),
        ({"response": ("95", 5), "second_calls": ("25", 4)}, (), "100.0", "A", "1.2"),
        # So is what has no value, and what is not measured of a person.
        ({"response": ("95", 5), "second_calls": (None, 0)}, (), "100.0", "A", "1.2"),
        ({"response": ("95", 5)}, (), "100.0", "A", "1.2"),
        # Nothing measurable: no score and no grade, whatever the items.
        ({"response": ("95", 4)}, ("praise",), None, "", None),
        ({}, (), None, "", None),
        # A veto is the lowest grade, with and without a score.
        ({"response": ("95", 5)}, ("forged",), "100.0", "D", "0.7"),
        ({}, ("concealed",), None, "D", "0.7"),
        # The holiday bonus; two of them; three complaints.
        ({"response": ("92", 50)}, ("holiday",), "82.0", "C", "0.9"),
        ({"response": ("92", 50)}, ("holiday", "holiday"), "84.0", "C", "0.9"),
        ({"response": ("95", 50)}, ("complaint", "complaint", "complaint"), "91.0", "B", "1"),
        # Caps: at most +10, at most -30; never below 0, above 100 where a bonus is earned.
        ({"response": ("92", 50)}, ("holiday",) * 9, "90.0", "B", "1"),
        ({"response": ("95", 50)}, ("overrun",) * 50, "70.0", "D", "0.7"),
        ({"response": ("81.5", 50)}, ("overrun",) * 50, "0.0", "D", "0.7"),
        ({"response": ("95", 50)}, ("holiday",) * 3 + ("article",), "106.5", "A", "1.2"),
        # An item that the scheme does not know counts nothing.
        ({"response": ("95", 50)}, ("nonsense",), "100.0", "A", "1.2"),
        # The printed score decides the grade: 94.95 is printed 95.0, 94.94 is not.
        ({"response": ("94.2425", 50)}, (), "95.0", "A", "1.2"),
        ({"response": ("94.2414", 50)}, (), "94.9", "B", "1"),
    ],
)
def test_vectors(
    readings: dict[str, tuple[str | None, int]],
    items: tuple[str, ...],
    wanted: str | None,
    grade: str,
    factor: str | None,
) -> None:
    read_of = {key: Reading(D(value) if value else None, n) for key, (value, n) in readings.items()}
    result = score(TWO, read_of, items)
    assert (result.score, result.grade) == (D(wanted) if wanted else None, grade)
    assert result.factor == (D(factor) if factor else None)


def test_a_line_of_two_kpis_is_their_mean_and_of_one_rated_that_one() -> None:
    content = simple(("response", "10", "0", "100"))
    line = replace(
        content.lines[0], measures=(*content.lines[0].measures, Measure("diagnosis", D(0), D(100)))
    )
    content = replace(content, lines=(line,))
    both = {"response": Reading(D(90), 9), "diagnosis": Reading(D(70), 9)}
    assert score(content, both).score == D("80.0")
    small = both | {"diagnosis": Reading(D(70), 3)}
    result = score(content, small)
    assert result.score == D("90.0")
    assert [one.why for one in result.lines[0].measures] == [Why.RATED, Why.SMALL]


def test_what_a_line_earns_adds_up_to_the_lines_part_and_a_line_left_out_gives_its_weight_away() -> None:
    result = score(DEFAULT, ALL_GOOD | {"response": Reading(D("87.5"), 20)})
    assert sum(line.earned or 0 for line in result.lines) == result.base == D("92.5")
    assert [line.share for line in result.lines][:2] == [D("15.0"), D("15.0")]
    without = score(DEFAULT, ALL_GOOD | {"response": Reading(D("87.5"), 20)}, left_out=[0])
    assert without.score == D("100.0")
    assert without.lines[0].is_left_out and without.lines[0].earned is None
    assert score(DEFAULT, ALL_GOOD, left_out=range(len(DEFAULT.lines))).score is None


def test_a_total_has_no_sample_to_be_too_small() -> None:
    assert score(simple(("backlog", "1", "100", "0")), {"backlog": Reading(D(25), None)}).score == D("75.0")


def test_no_float_and_no_rounding_on_the_way() -> None:
    third = Reading(D("33.333333"), 9)
    content = simple(*((f"k{n}", "1", "0", "100") for n in range(3)))
    assert score(content, {f"k{n}": third for n in range(3)}).base == D("33.33")
    kept = score(content, {f"k{n}": third for n in range(3)}).as_json()
    assert kept["lines"][0]["measures"][0]["value"] == "33.333333"
    assert kept["score"] == "33.3" and kept["grade"] == "D"
    json.dumps(kept)


# The scheme


def test_the_shipped_scheme_is_sound_weighs_a_hundred_and_survives_its_json() -> None:
    assert faults(DEFAULT, known_kpis()) == []
    assert sum(line.weight for line in DEFAULT.lines) == 100
    assert read(json.loads(json.dumps(as_json(DEFAULT)))) == DEFAULT
    assert score(DEFAULT, ALL_GOOD).score == D("100.0")


def _changed(part: str, place: int, **facts: Any) -> Content:
    rows = list(getattr(DEFAULT, part))
    rows[place] = replace(rows[place], **facts)
    return replace(DEFAULT, **{part: tuple(rows)})


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        (_changed("lines", 0, weight=D(0)), "lines/0/weight", "out_of_range"),
        (_changed("lines", 0, weight=D(-1)), "lines/0/weight", "out_of_range"),
        (_changed("lines", 1, name=" "), "lines/1/name", "required"),
        (_changed("lines", 0, measures=()), "lines/0/measures/0/kpi", "required"),
        (
            _changed("lines", 0, measures=(Measure("response", D(80), D(80)),)),
            "lines/0/measures/0/target",
            "same",
        ),
        (
            _changed("lines", 0, measures=(Measure("response", D(95), D(80)),)),
            "lines/0/measures/0/target",
            "direction",
        ),
        (
            _changed("lines", 4, measures=(Measure("repeat_faults", D(5), D(20)),)),
            "lines/4/measures/0/target",
            "direction",
        ),
        (
            _changed("lines", 0, measures=(Measure("nonsense", D(1), D(2)),)),
            "lines/0/measures/0/kpi",
            "unknown",
        ),
        (
            _changed("lines", 1, measures=(Measure("response", D(1), D(2)),)),
            "lines/1/measures/0/kpi",
            "twice",
        ),
        (_changed("items", 0, points=D(0)), "items/0/points", "out_of_range"),
        (_changed("items", 8, points=D(1)), "items/8/points", "out_of_range"),  # a veto has none
        (_changed("items", 0, source=DEFAULT.items[1].source), "items/0/source", "twice"),
        (_changed("items", 1, effect=DEFAULT.items[4].effect), "items/1/effect", "effect"),
        (_changed("grades", 1, at_least=D(95)), "grades/1/at_least", "order"),
        (_changed("grades", 3, at_least=D(10)), "grades/3/at_least", "order"),
        (_changed("grades", 2, factor=D(2)), "grades/2/factor", "order"),
        (replace(DEFAULT, lines=()), "lines", "required"),
        (replace(DEFAULT, grades=()), "grades", "required"),
        (replace(DEFAULT, minimum_sample=0), "minimum_sample", "out_of_range"),
        (replace(DEFAULT, bonus_cap=D(101)), "bonus_cap", "out_of_range"),
        (replace(DEFAULT, appeal_days=0), "appeal_days", "out_of_range"),
    ],
)
def test_what_is_wrong_with_a_scheme_is_named_at_its_field(content: Content, field: str, code: str) -> None:
    assert (field, code) in [(fault.field, fault.code) for fault in faults(content, known_kpis())]


# Who may do what

SUPERVISOR = Standing("draft", False, True, 1, 0, False, True, False, True)


@pytest.mark.parametrize(
    ("standing", "step", "reason"),
    [
        (SUPERVISOR, Step.SHOW, ""),
        (replace(SUPERVISOR, is_own=True), Step.SHOW, "own"),
        (replace(SUPERVISOR, is_own=True), Step.ADD_ITEM, "own"),
        (replace(SUPERVISOR, checks=False), Step.SHOW, "forbidden"),
        (replace(SUPERVISOR, is_whole=False), Step.SHOW, "not_whole"),
        (replace(SUPERVISOR, has_higher=False), Step.SHOW, "nobody_above"),
        (replace(SUPERVISOR, state="shown"), Step.ADD_ITEM, "wrong_status"),
        (replace(SUPERVISOR, state="shown"), Step.APPEAL, "forbidden"),
        (replace(SUPERVISOR, state="shown", is_own=True, is_appealable=True), Step.APPEAL, ""),
        (replace(SUPERVISOR, state="shown", is_own=True), Step.APPEAL, "appeal_over"),
        (replace(SUPERVISOR, state="final", is_own=True, is_appealable=True), Step.APPEAL, "wrong_status"),
        (replace(SUPERVISOR, state="appealed", level=2, checked_level=1), Step.RULE, ""),
        (replace(SUPERVISOR, state="appealed", level=1, checked_level=1), Step.RULE, "forbidden"),
        (replace(SUPERVISOR, state="appealed", level=3, checked_level=3), Step.RULE, "forbidden"),
        (replace(SUPERVISOR, state="appealed", level=4, checked_level=3), Step.RULE, ""),
        (replace(SUPERVISOR, state="appealed", level=4, was_checker=True), Step.RULE, "own_check"),
        (replace(SUPERVISOR, state="appealed", level=4, is_own=True), Step.RULE, "own"),
    ],
)
def test_nobody_judges_himself_and_whoever_checked_does_not_rule(
    standing: Standing, step: Step, reason: str
) -> None:
    assert standing.refusal(step) == reason

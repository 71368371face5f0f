"""What counts as an answer, what is bad, and what the mean is: tables, without a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from surveys.numbers import id_of, number_of
from surveys.questions import Asked, Fault, QuestionKind, Said, Unanswerable, asks_why, read
from surveys.scoring import is_bad, mean_percent

K = QuestionKind
SCALE = Asked(K.SCALE, bad_at=2, why_at=3)
SINGLE = Asked(K.SINGLE, options=("a", "b"))
MULTI = Asked(K.MULTI, options=("a", "b", "c"))
MATRIX = Asked(K.MATRIX, rows=("x", "y"), bad_at=2)


@pytest.mark.parametrize(
    ("asked", "raw", "value", "points"),
    [
        (SCALE, "4", 4, (4,)),
        (SCALE, 5, 5, (5,)),
        (Asked(K.NPS), "0", 0, (0,)),
        (Asked(K.NPS), 10, 10, (10,)),
        (Asked(K.CES), " 7 ", 7, (7,)),
        (Asked(K.YES_NO), "yes", "yes", (1,)),
        (Asked(K.YES_NO), False, "no", (0,)),
        (SINGLE, "b", "b", ()),
        (MULTI, ["c", "a", "c"], ["a", "c"], ()),
        (MULTI, "b", ["b"], ()),
        (MATRIX, {"x": "5", "y": 2}, {"x": 5, "y": 2}, (5, 2)),
        (MATRIX, {"x": "5", "y": ""}, {"x": 5}, (5,)),
        (Asked(K.TEXT), "  Thank you! ", "Thank you!", ()),
        (Asked(K.NUMBER), "12.50", "12.5", ()),
        (Asked(K.NUMBER), "1000", "1000", ()),
        (Asked(K.DATE), "2026-02-28", "2026-02-28", ()),
    ],
)
def test_what_is_said_is_read(asked: Asked, raw: Any, value: Any, points: tuple[int, ...]) -> None:
    assert read(asked, raw) == Said(value, points)


@pytest.mark.parametrize(
    ("asked", "raw", "fault"),
    [
        (SCALE, "0", Fault.NOT_A_POINT),
        (SCALE, "6", Fault.NOT_A_POINT),
        (SCALE, "3.5", Fault.NOT_A_POINT),
        (SCALE, True, Fault.NOT_A_POINT),
        (SCALE, "³", Fault.NOT_A_POINT),
        (SCALE, "9" * 5000, Fault.NOT_A_POINT),
        (Asked(K.NPS), "11", Fault.NOT_A_POINT),
        (Asked(K.NPS), "-1", Fault.NOT_A_POINT),
        (Asked(K.CES), "8", Fault.NOT_A_POINT),
        (Asked(K.YES_NO), "maybe", Fault.NOT_AN_OPTION),
        (Asked(K.YES_NO), {"a": 1}, Fault.NOT_AN_OPTION),
        (SINGLE, "z", Fault.NOT_AN_OPTION),
        (SINGLE, ["a"], Fault.NOT_AN_OPTION),
        (MULTI, ["a", "z"], Fault.NOT_AN_OPTION),
        (MULTI, 5, Fault.NOT_AN_OPTION),
        (MULTI, [["a"]], Fault.NOT_AN_OPTION),
        (MATRIX, {"z": 1}, Fault.NOT_A_ROW),
        (MATRIX, {"x": 6}, Fault.NOT_A_POINT),
        (MATRIX, "5", Fault.NOT_A_POINT),
        (Asked(K.MATRIX, is_required=True, rows=("x", "y")), {"x": 5}, Fault.ROWS_MISSING),
        (Asked(K.TEXT), "x" * 2001, Fault.TOO_LONG),
        (Asked(K.NUMBER), "many", Fault.NOT_A_NUMBER),
        (Asked(K.NUMBER), "NaN", Fault.NOT_A_NUMBER),
        (Asked(K.NUMBER), "1e12", Fault.TOO_LARGE),
        (Asked(K.DATE), "2026-02-30", Fault.NOT_A_DATE),
        (Asked(K.SCALE, is_required=True), "", Fault.REQUIRED),
        (Asked(K.TEXT, is_required=True), "   ", Fault.REQUIRED),
        (Asked(K.MULTI, is_required=True, options=("a",)), [], Fault.REQUIRED),
    ],
)
def test_what_is_no_answer_says_why(asked: Asked, raw: Any, fault: Fault) -> None:
    with pytest.raises(Unanswerable) as caught:
        read(asked, raw)
    assert caught.value.fault == fault


@pytest.mark.parametrize("kind", list(K))
def test_nothing_said_is_no_answer_and_no_fault(kind: QuestionKind) -> None:
    assert read(Asked(kind), None) is None
    assert read(Asked(kind), "") is None


@pytest.mark.parametrize(
    ("asked", "said", "bad"),
    [
        (SCALE, Said(2, (2,)), True),
        (SCALE, Said(3, (3,)), False),
        (Asked(K.SCALE), Said(1, (1,)), False),
        (MATRIX, Said({"x": 5, "y": 1}, (5, 1)), True),
        (Asked(K.YES_NO, bad_at=0), Said("no", (0,)), True),
        (Asked(K.YES_NO, bad_at=0), Said("yes", (1,)), False),
        (Asked(K.TEXT, bad_at=2), Said("Thank you!"), False),
        (Asked(K.TEXT, bad_at=2), Said("Terrible, I complain"), False),
        (SCALE, None, False),
    ],
)
def test_only_a_number_makes_an_answer_bad(asked: Asked, said: Said | None, bad: bool) -> None:
    assert is_bad(asked, said) is bad


def test_why_is_asked_of_three_and_below() -> None:
    assert [asks_why(SCALE, Said(point, (point,))) for point in range(1, 6)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert not asks_why(Asked(K.SCALE), Said(1, (1,)))


def test_weights_of_skipped_questions_fall_away() -> None:
    heavy, light = Asked(K.SCALE, weight=Decimal(3)), Asked(K.SCALE, weight=Decimal(1))
    assert mean_percent([(heavy, Said(5, (5,))), (light, Said(1, (1,)))]) == Decimal("80.0")
    assert mean_percent([(heavy, None), (light, Said(1, (1,)))]) == Decimal("20.0")
    assert mean_percent([(heavy, None)]) is None
    assert mean_percent([(Asked(K.TEXT), Said("x"))]) is None
    assert mean_percent([(Asked(K.SCALE, weight=Decimal(0)), Said(1, (1,)))]) is None


def test_ten_of_ten_and_a_matrix_count_by_their_own_scales() -> None:
    answers = [(Asked(K.NPS), Said(9, (9,))), (MATRIX, Said({"x": 5, "y": 4}, (5, 4)))]
    assert mean_percent(answers) == Decimal("90.0")


def test_a_number_on_paper_finds_slips() -> None:
    for pk in (1, 9, 10, 87, 1204, 999_999):
        number = number_of(pk)
        assert id_of(number) == id_of(f" {number.lower()} ") == pk
        digits = str(pk)
        for place in range(len(digits)):
            for other in "0123456789":
                if other != digits[place]:
                    wrong = digits[:place] + other + digits[place + 1 :]
                    assert id_of(f"S-{wrong}-{number[-1]}") is None
    assert id_of("") is id_of("S-1") is id_of("1204") is None

"""Values of inspections: how they are read, what colour they take, and what is missing to finish."""

from __future__ import annotations

from decimal import Decimal

import pytest

from duty.inspecting import Given, Obstacle, Result, Wanted, obstacle, result_of
from duty.readings import (
    ItemKind,
    Level,
    Limits,
    Option,
    Reading,
    Scale,
    Unreadable,
    level_of,
    limit_at_fault,
    read,
)

HIGH = Limits(warn_high=Decimal(80), critical_high=Decimal(90))
LOW = Limits(warn_low=Decimal("0.5"), critical_low=Decimal("0.2"))
RANGE = Limits(Decimal(18), Decimal(27), Decimal(10), Decimal(35))
LAMP = Scale(
    ItemKind.CHOICE,
    options=[Option("绿"), Option("黄", Level.WARN), Option("红", Level.CRITICAL)],
)


@pytest.mark.parametrize(
    ("limits", "typed", "level"),
    [
        (HIGH, "79.99", Level.NORMAL),
        (HIGH, "80", Level.WARN),
        (HIGH, "89.9999", Level.WARN),
        (HIGH, "90", Level.CRITICAL),
        (HIGH, "-5", Level.NORMAL),
        (LOW, "0.51", Level.NORMAL),
        (LOW, "0.5", Level.WARN),
        (LOW, "0.2", Level.CRITICAL),
        (LOW, "9999", Level.NORMAL),
        (RANGE, "22", Level.NORMAL),
        (RANGE, "18", Level.WARN),
        (RANGE, "10", Level.CRITICAL),
        (RANGE, "27", Level.WARN),
        (RANGE, "35.0", Level.CRITICAL),
        (Limits(), "1e3", Level.NORMAL),
        (Limits(critical_high=Decimal(1)), "1", Level.CRITICAL),
    ],
)
def test_a_number_takes_the_colour_of_its_limits(limits: Limits, typed: str, level: Level) -> None:
    scale = Scale(ItemKind.NUMBER, limits)
    assert level_of(scale, read(scale, typed)) == level


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("83.5", "83.5"),
        (" 83 ", "83"),
        ("８３．５", "83.5"),
        ("－3", "-3"),
        ("1e2", "100"),
        ("0.12345", "0.1234"),
    ],
)
def test_a_number_is_read_as_it_is_typed_also_in_full_width(typed: str, number: str) -> None:
    reading = read(Scale(ItemKind.NUMBER), typed)
    assert reading is not None and reading.number == Decimal(number)


@pytest.mark.parametrize(
    ("scale", "typed", "code"),
    [
        (Scale(ItemKind.NUMBER), "about 80", "not_a_number"),
        (Scale(ItemKind.NUMBER), "nan", "not_a_number"),
        (Scale(ItemKind.NUMBER), "-Infinity", "not_a_number"),
        (Scale(ItemKind.NUMBER), "1000000000000", "too_large"),
        (Scale(ItemKind.NUMBER), "1e999999", "too_large"),
        (Scale(ItemKind.NUMBER), "0" * 301, "too_long"),
        (Scale(ItemKind.YES_NO), "perhaps", "not_an_option"),
        (LAMP, "蓝", "not_an_option"),
        (Scale(ItemKind.TEXT), "x" * 301, "too_long"),
    ],
)
def test_what_is_not_of_the_kind_is_refused_by_name(scale: Scale, typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(scale, typed)
    assert refused.value.code == code


def test_nothing_typed_is_no_value_and_has_no_level() -> None:
    for kind in ItemKind:
        assert read(Scale(kind, options=LAMP.options), "  ") is None
        assert level_of(Scale(kind), None) is None
    assert level_of(Scale(ItemKind.TEXT), Reading("all quiet")) is None


@pytest.mark.parametrize(
    ("expected", "typed", "level"),
    [("yes", "yes", "normal"), ("yes", "no", "critical"), ("no", "yes", "critical"), ("", "no", "normal")],
)
def test_of_yes_and_no_the_answer_that_is_not_normal_is_critical(
    expected: str, typed: str, level: str
) -> None:
    scale = Scale(ItemKind.YES_NO, expected=expected)
    assert level_of(scale, read(scale, typed)) == level


@pytest.mark.parametrize(("typed", "level"), [("绿", "normal"), ("黄", "warn"), ("红", "critical")])
def test_each_value_of_a_choice_has_its_level(typed: str, level: str) -> None:
    assert level_of(LAMP, read(LAMP, typed)) == level


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ((None, None, None, None), None),
        ((1, 2, 3, 4), None),
        ((1, 1, 3, 3), None),
        ((None, None, 80, 90), None),
        ((None, None, 90, 80), "critical_high"),
        ((3, 2, None, None), "warn_low"),
        ((1, 5, 5, None), "warn_high"),
        ((10, None, None, 10), "critical_high"),
        ((1, None, 0, None), "warn_high"),
    ],
)
def test_limits_go_from_the_lowest_up(limits: tuple[int | None, ...], fault: str | None) -> None:
    critical_low, warn_low, warn_high, critical_high = (
        None if one is None else Decimal(one) for one in limits
    )
    assert limit_at_fault(Limits(warn_low, warn_high, critical_low, critical_high)) == fault


@pytest.mark.parametrize(
    ("said", "level", "result"),
    [
        ("", Level.NORMAL, "normal"),
        ("", Level.WARN, "normal"),
        ("", Level.CRITICAL, "abnormal"),
        ("", None, ""),
        ("abnormal", Level.NORMAL, "abnormal"),
        ("unchecked", None, "unchecked"),
    ],
)
def test_where_nothing_is_said_the_value_says_it(said: str, level: Level | None, result: str) -> None:
    assert result_of(said, level) == result


NUMBER = Wanted(ItemKind.NUMBER)
PHOTO = Wanted(ItemKind.NUMBER, needs_file=True)
OPTIONAL = Wanted(ItemKind.TEXT, is_required=False)
ABNORMAL = Given(Result.ABNORMAL, has_value=True, level=Level.CRITICAL, note="full")


@pytest.mark.parametrize(
    ("wanted", "given", "missing"),
    [
        (NUMBER, Given(), Obstacle.UNANSWERED),
        (NUMBER, Given(Result.NORMAL), Obstacle.NO_VALUE),
        (NUMBER, Given(Result.NORMAL, has_value=True, level=Level.NORMAL), None),
        (NUMBER, Given(Result.NORMAL, has_value=True, level=Level.WARN), None),
        (NUMBER, Given(Result.NORMAL, has_value=True, level=Level.CRITICAL), Obstacle.CRITICAL),
        (NUMBER, Given(Result.ABNORMAL, has_value=True), Obstacle.NO_NOTE),
        (NUMBER, ABNORMAL, Obstacle.NO_RECORD),
        (NUMBER, Given(Result.ABNORMAL, note="dead", is_recorded=True), None),
        (NUMBER, Given(Result.ABNORMAL, note="dead", reason="replaced at once"), None),
        (NUMBER, Given(Result.UNCHECKED), Obstacle.NO_NOTE),
        (NUMBER, Given(Result.UNCHECKED, note="door locked"), None),
        (PHOTO, Given(Result.NORMAL, has_value=True), Obstacle.NO_FILE),
        (PHOTO, Given(Result.NORMAL, has_value=True, files=1), None),
        (PHOTO, Given(Result.UNCHECKED, note="door locked"), None),
        (OPTIONAL, Given(), None),
        (OPTIONAL, Given(note="begun"), Obstacle.UNANSWERED),
        (OPTIONAL, Given(Result.ABNORMAL), Obstacle.NO_NOTE),
    ],
)
def test_what_stands_in_the_way_of_finishing(wanted: Wanted, given: Given, missing: Obstacle | None) -> None:
    assert obstacle(wanted, given) == missing

"""Figures in words: nothing is no number, what is not all never reads 100, better is not always more."""

import pytest
from django.utils.translation import override

from reports.board.shown import Light, axis_words, change_of, is_week_of_few, light_of, round_unit
from reports.kpis.figure import Figure, Unit
from reports.targets import Aim
from reports.wording import interval_words, value_words, whole_words

HOUR = 3600


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def share(numerator: float, denominator: int) -> Figure:
    return Figure(Unit.PERCENT, numerator, denominator)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (share(0, 0), "—"),
        (share(0, 4), "0.0 %"),
        (share(4, 4), "100.0 %"),
        (share(2, 3), "66.7 %"),
        (share(3999, 4000), "99.9 %"),
        (share(1, 4000), "0.1 %"),
        (Figure(Unit.SECONDS, 5400 * 2, 2), "1 h 30 min"),
        (Figure(Unit.SECONDS, 0, 0), "—"),
        (Figure(Unit.POINTS, 9, 2), "4.5"),
        (Figure(Unit.HOURS, 12.25), "12.2 h"),
        (Figure(Unit.NUMBER, 0), "0"),
        (Figure(Unit.NUMBER, 54321), "54\u202f321"),
        (Figure(Unit.HOURS, 1234.56), "1\u202f234.6 h"),
        (Figure(Unit.NUMBER, 3, 2), "1.5"),
        (Figure(Unit.POINTS, 81.25, 1), "81.2"),
    ],
)
def test_a_figure_in_words(figure, words):
    assert whole_words(figure) == words


def test_nothing_has_no_interval_and_no_unit():
    assert interval_words(share(0, 0)) == "" and value_words(share(0, 0)) == "—"
    assert interval_words(share(9, 10)) == "59.6 – 98.2"


@pytest.mark.parametrize(
    ("figure", "before", "higher_is_better", "expected"),
    [
        (share(9, 10), share(8, 10), True, ("better", "+", "+10.0 points")),
        (share(9, 10), share(8, 10), False, ("worse", "+", "+10.0 points")),
        (share(8, 10), share(9, 10), True, ("worse", "−", "−10.0 points")),
        (share(9, 10), share(18, 20), True, ("same", "", "")),
        (share(0, 0), share(8, 10), True, None),
        (share(8, 10), share(0, 0), True, None),
        (Figure(Unit.SECONDS, HOUR, 1), Figure(Unit.SECONDS, 2 * HOUR, 1), False, ("better", "−", "−1 h")),
        (Figure(Unit.NUMBER, 7), Figure(Unit.NUMBER, 5), False, ("worse", "+", "+2")),
        (Figure(Unit.NUMBER, 7), Figure(Unit.NUMBER, 5), None, ("more", "+", "+2")),
        (Figure(Unit.NUMBER, 5), Figure(Unit.NUMBER, 7), None, ("less", "−", "−2")),
        (Figure(Unit.NUMBER, 9, 3), Figure(Unit.NUMBER, 10, 4), None, ("more", "+", "+0.5")),
        (Figure(Unit.NUMBER, 10, 4), Figure(Unit.NUMBER, 72, 30), None, ("more", "+", "+0.1")),
        (Figure(Unit.NUMBER, 100, 40), Figure(Unit.NUMBER, 101, 40), None, ("same", "", "")),
    ],
)
def test_a_change_says_which_way_how_far_and_whether_that_is_better(
    figure, before, higher_is_better, expected
):
    change = change_of(figure, before, higher_is_better=higher_is_better)
    assert (change and (change.kind, change.sign, change.text)) == expected


def test_of_a_week_of_few_rows_only_the_direction_is_said():
    assert is_week_of_few("week", share(3, 9), share(50, 50))
    assert is_week_of_few("week", share(50, 50), share(3, 9))
    assert not is_week_of_few("month", share(3, 9), share(3, 9))
    assert not is_week_of_few("week", share(8, 10), share(9, 10))
    change = change_of(share(3, 4), share(1, 4), higher_is_better=True, only_which_way=True)
    assert change and (change.kind, change.sign, change.text) == ("better", "+", "")


@pytest.mark.parametrize(
    ("figure", "target", "higher_is_better", "light"),
    [
        (share(95, 100), 95, True, Light.REACHED),
        (share(94, 100), 95, True, Light.MISSED),
        (share(10, 100), 10, False, Light.REACHED),
        (share(11, 100), 10, False, Light.MISSED),
        (share(0, 0), 95, True, Light.NONE),
        (share(1, 100), None, True, Light.NONE),
    ],
)
def test_a_target_is_reached_missed_or_not_to_be_judged(figure, target, higher_is_better, light):
    assert light_of(Aim(target, 5, higher_is_better), figure) is light


@pytest.mark.parametrize(
    ("highest", "value", "words"),
    [(1800, 600, "10 min"), (20 * HOUR, 2 * HOUR, "2 h"), (200 * HOUR, 48 * HOUR, "2 d")],
)
def test_an_axis_of_durations_is_said_in_what_suits_its_length(highest, value, words):
    assert axis_words(Unit.SECONDS, round_unit(Unit.SECONDS, highest))(value) == words


@pytest.mark.parametrize(
    ("figure", "target", "higher_is_better", "words"),
    [
        (share(9496, 10000), 95, True, "94.9 %"),
        (share(9500, 10000), 95, True, "95.0 %"),
        (share(9504, 10000), 95, True, "95.0 %"),
        (share(9444, 10000), 95, True, "94.4 %"),
        (share(1004, 10000), 10, False, "10.1 %"),
        (share(996, 10000), 10, False, "10.0 %"),
        (share(9999, 10000), 100, True, "99.9 %"),
        (share(9496, 10000), None, True, "95.0 %"),
        (Figure(Unit.POINTS, 79.96, 1), 80, True, "79.9"),
        (Figure(Unit.SECONDS, 4 * HOUR + 20, 1), 4 * HOUR, False, "4 h 1 min"),
        (Figure(Unit.SECONDS, 4 * HOUR - 20, 1), 4 * HOUR, False, "3 h 59 min"),
        (Figure(Unit.SECONDS, 40.5, 1), 40, False, "41 s"),
        (share(0, 0), 95, True, "—"),
    ],
)
def test_what_misses_its_target_never_reads_as_if_it_reached_it(figure, target, higher_is_better, words):
    assert whole_words(figure, Aim(target, 5, higher_is_better)) == words

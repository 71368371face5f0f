"""Charts as shapes: bars as high as their numbers, lines through values, nothing where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.bars import beside, stacks
from reports.charts.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Dot,
    Rect,
    Rule,
    Way,
    Words,
    steps_to,
    under,
)
from reports.charts.heat import heat_map, level_of, spans_of
from reports.charts.lines import Series, Value, lines, share_span, spark
from reports.charts.pareto import pareto, weighed

MONTHS = [f"{number:02}" for number in range(1, 13)]
COUNTS = st.lists(st.integers(0, 5000), min_size=12, max_size=12)


def of(kind, drawing):
    return [shape for shape in drawing.shapes if isinstance(shape, kind)]


@pytest.mark.parametrize(
    ("highest", "step", "number"),
    [(0, 1, 1), (1, 0.2, 5), (5, 1, 5), (6, 2, 3), (25, 5, 5), (26, 10, 3), (480, 100, 5), (0.3, 0.1, 3)],
)
def test_an_axis_has_few_and_round_steps(highest, step, number):
    assert steps_to(highest) == (pytest.approx(step), number)


@given(st.floats(0.001, 1e9))
def test_an_axis_reaches_what_it_shows(highest):
    step, number = steps_to(highest)
    assert 1 <= number <= 5 and step * number >= highest * (1 - 1e-6)


@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_every_bar_stands_inside_the_drawing_and_as_high_as_its_number(series):
    drawing = stacks(MONTHS, [(f"m{n}", f"name {n}", values) for n, values in enumerate(series)])
    bars, numbers = of(Rect, drawing), [value for values in series for value in values]
    assert len(bars) == len([value for value in numbers if value])
    highest = max(map(sum, zip(*series, strict=True)))
    unit = (HEIGHT - BOTTOM - TOP) / (steps_to(highest)[0] * steps_to(highest)[1]) if highest > 4 else None
    for bar in bars:
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH - RIGHT + 0.1 and bar.y >= TOP - 0.1
        if unit:
            assert bar.height == pytest.approx(int(bar.title.rpartition(" ")[2]) * unit, abs=0.11)
    sums = [int(words.text) for words in of(Words, drawing) if words.css == "value"]
    assert sums == [total for total in map(sum, zip(*series, strict=True)) if total]


def test_bars_beside_each_other_do_not_overlap():
    drawing = beside(["a", "b"], [("c", "in", [3, 0]), ("d", "out", [2, 5])])
    bars = sorted(of(Rect, drawing), key=lambda bar: bar.x)
    assert [bar.title for bar in bars] == ["a · in: 3", "a · out: 2", "b · out: 5"]
    assert all(left.x + left.width <= right.x for left, right in zip(bars, bars[1:], strict=False))


def test_small_counts_have_an_axis_of_whole_numbers():
    drawing = stacks(["a"], [("m", "x", [2])])
    assert [words.text for words in of(Words, drawing)] == ["0", "1", "2", "2", "a"]


def test_a_period_without_a_value_leaves_a_gap_and_a_small_sample_is_hollow():
    values = [Value(90, "90"), Value(None, "—"), Value(95, "95"), Value(80, "80", is_small=True)]
    drawing = lines(["1", "2", "3", "4"], [Series("a", "kept", values, [95] * 4)], span=(0, 100))
    assert [len(way.points) for way in of(Way, drawing)] == [2]
    assert [(dot.title, dot.is_small) for dot in of(Dot, drawing)] == [
        ("1 · kept: 90", False),
        ("3 · kept: 95", False),
        ("4 · kept: 80", True),
    ]
    [target] = [rule for rule in of(Rule, drawing) if rule.css == "target"]
    assert target.y1 == target.y2 == of(Dot, drawing)[1].y


def test_an_interval_beyond_the_axis_ends_at_its_edge():
    drawing = lines(["1"], [Series("a", "x", [Value(99, "99", bounds=(70, 110))])], span=(0, 100))
    [whisker] = [rule for rule in of(Rule, drawing) if rule.css == "whisker"]
    assert whisker.y2 == TOP and whisker.y1 > whisker.y2


def test_the_axis_of_durations_is_round_in_hours():
    drawing = lines(
        ["1"],
        [Series("a", "x", [Value(5 * 3600, "")])],
        unit=3600,
        said=lambda seconds: f"{seconds / 3600:g} h",
    )
    assert [words.text for words in of(Words, drawing)][:3] == ["0 h", "1 h", "2 h"]


@pytest.mark.parametrize(
    ("values", "lowest"), [([], 0), ([99.0], 80), ([79.9, 95], 60), ([0.0, 100], 0), ([100.0], 80)]
)
def test_an_axis_of_shares_shows_at_least_twenty_points(values, lowest):
    assert share_span(values) == (lowest, 100)


def test_a_sparkline_needs_two_values():
    assert spark([None, 5, None]) is None and spark([]) is None
    drawing = spark([1, None, 3, 2])
    assert [len(way.points) for way in of(Way, drawing)] == [2] and len(of(Dot, drawing)) == 1
    assert of(Dot, spark([1, 2, None])) == []
    assert all(0 <= dot.y <= 28 for dot in of(Dot, spark([7, 7])))


def test_causes_come_by_weight_and_add_up_to_all():
    rows = weighed([("network", 1), ("nothing", 0), ("software", 6), ("power", 3)])
    assert rows == [("software", 6, 60, 60), ("power", 3, 30, 90), ("network", 1, 10, 100)]
    assert weighed([("nothing", 0)]) == [] == weighed([])
    drawing = pareto(rows)
    heights = [bar.height for bar in of(Rect, drawing)]
    assert heights == sorted(heights, reverse=True)
    assert [dot.title for dot in of(Dot, drawing)] == [
        "software: 60.0 %",
        "power: 90.0 %",
        "network: 100.0 %",
    ]
    assert [dot.y for dot in of(Dot, drawing)][-1] == TOP


def test_long_names_are_cut_to_their_place():
    drawing = pareto(
        weighed([("电源或机房环境问题" * 3, 2), ("b", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 1)])
    )
    under_bars = [words.text for words in of(Words, drawing) if words.y > HEIGHT - BOTTOM + 10]
    assert under_bars[0].endswith("…") and len(under_bars[0]) < 10 and under_bars[1:] == list("bcdef")


def test_the_map_of_the_week_has_a_cell_for_each_hour_and_is_darkest_where_there_is_most():
    drawing = heat_map([str(day) for day in range(7)], {(0, 9): 10, (6, 23): 1, (2, 2): 5})
    cells = {cell.title: cell.mark for cell in of(Rect, drawing)}
    assert len(cells) == 168
    assert cells["0 09:00: 10"] == "h5" and cells["6 23:00: 1"] == "h1" and cells["2 02:00: 5"] == "h3"
    assert cells["3 03:00: 0"] == "h0"
    assert [level_of(count, 10) for count in (0, 1, 2, 3, 9, 10)] == [0, 1, 1, 2, 5, 5]


def test_one_drawing_stands_below_another():
    upper, lower = stacks(["a"], [("m", "x", [5])]), lines(["a"], [Series("a", "y", [Value(3, "3")])])
    both = under(upper, lower)
    assert both.height == upper.height + lower.height
    assert of(Dot, both)[0].y == of(Dot, lower)[0].y + upper.height
    assert of(Rect, both) == of(Rect, upper)


def test_a_period_that_goes_on_is_marked_on_bars_lines_and_sparks():
    stacked = stacks(["09", "10"], [("m", "x", [4, 2])], so_far="so far")
    side = beside(["09", "10"], [("c", "in", [4, 2])], so_far="so far")
    for drawing, name in ((stacked, "x"), (side, "in")):
        assert [(bar.title, bar.is_so_far) for bar in of(Rect, drawing)] == [
            (f"09 · {name}: 4", False),
            (f"10 so far · {name}: 2", True),
        ]
    values = [Value(number, str(number)) for number in (90, 95, 40)]
    lined = lines(["08", "09", "10"], [Series("a", "kept", values)], span=(0, 100), so_far="so far")
    assert [(len(way.points), way.is_so_far) for way in of(Way, lined)] == [(2, False), (2, True)]
    assert of(Dot, lined)[-1].title == "10 so far · kept: 40"
    for drawing in (stacked, side, lined):
        [below] = [words for words in of(Words, drawing) if words.text == "so far"]
        assert below.x == of(Words, drawing)[-1].x and below.y < drawing.height
    assert [way.is_so_far for way in of(Way, spark([1, 2, 3], is_so_far=True))] == [False, True]


def test_nothing_is_marked_of_periods_that_are_over():
    values = [Value(number, str(number)) for number in (90, 95)]
    for drawing in (stacks(["1", "2"], [("m", "x", [4, 2])]), lines(["1", "2"], [Series("a", "k", values)])):
        assert not any(shape.is_so_far for shape in (*of(Rect, drawing), *of(Way, drawing)))
        assert "so far" not in [words.text for words in of(Words, drawing)]


def test_a_target_is_drawn_over_the_periods_in_which_it_held():
    values = [Value(90, "90")] * 4
    kept = Series("a", "kept", values, [None, 80, 80, 95])
    drawing = lines(
        ["1", "2", "3", "4"], [kept, Series("b", "same", values, [None, 80, 80, 95])], span=(0, 100)
    )
    first, second = (rule for rule in of(Rule, drawing) if rule.css == "target")
    dots = of(Dot, drawing)
    assert dots[0].x < first.x1 < dots[1].x and dots[2].x < first.x2 == second.x1 < dots[3].x < second.x2
    said = {words.text: words for words in of(Words, drawing) if words.css == "value"}
    assert said["95"].x > second.x2 and said["80"].x == first.x1 and said["80"].y < first.y1


@given(st.integers(1, 400))
def test_the_legend_of_the_map_says_which_counts_have_which_colour(most):
    spans = spans_of(most)
    levels = {count: level for level, low, high in spans for count in range(low, high + 1)}
    assert levels == {count: level_of(count, most) for count in range(1, most + 1)}


def test_of_few_the_legend_has_as_many_colours_as_there_are_counts():
    assert spans_of(0) == [] and spans_of(2) == [(3, 1, 1), (5, 2, 2)]

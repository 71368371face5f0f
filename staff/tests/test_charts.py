"""Charts as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.charts import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, nice_step, stacked_bars


@pytest.mark.parametrize(
    ("highest", "step"),
    [(0, 1), (1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (25, 5), (26, 10), (480, 100), (999, 200)],
)
def test_the_axis_has_round_numbers(highest, step):
    assert nice_step(highest) == step


@given(st.lists(st.lists(st.integers(0, 5000), min_size=12, max_size=12), min_size=1, max_size=4))
def test_every_bar_stands_inside_the_drawing_and_as_high_as_its_value(series):
    chart = stacked_bars([str(number) for number in range(12)], series)
    unit = (HEIGHT - BOTTOM - TOP) / int(chart.y_marks[-1].text)
    for bar in chart.bars:
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH and bar.y >= TOP - 0.1
        assert bar.height == pytest.approx(bar.value * unit, abs=0.06)
    assert sum(bar.value for bar in chart.bars) == sum(map(sum, series))
    assert [total for _x, _y, total in chart.totals] == [sum(column) for column in zip(*series, strict=True)]


def test_no_value_draws_no_bar():
    chart = stacked_bars(["a", "b"], [[0, 3], [0, 0]])
    assert [(bar.label, bar.series, bar.value) for bar in chart.bars] == [("b", 0, 3)]


def test_an_empty_chart_still_has_an_axis():
    chart = stacked_bars(["a"], [[0]])
    assert [mark.text for mark in chart.y_marks] == ["0", "1"]

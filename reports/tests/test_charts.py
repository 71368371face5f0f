"""Charts and months as numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.months import Month, month_of, parse_month
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


@pytest.mark.parametrize(
    ("month", "steps", "expected"),
    [
        (Month(2026, 11), 1, Month(2026, 12)),
        (Month(2026, 12), 1, Month(2027, 1)),
        (Month(2026, 1), -1, Month(2025, 12)),
        (Month(2026, 11), -11, Month(2025, 12)),
        (Month(2026, 11), 0, Month(2026, 11)),
    ],
)
def test_months_count_over_the_year_s_end(month, steps, expected):
    assert month.plus(steps) == expected


def test_a_month_is_read_as_it_is_written():
    assert parse_month("2026-11") == month_of(date(2026, 11, 30)) == Month(2026, 11)
    assert str(Month(2026, 3)) == "2026-03"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "1999-01", "2026-11-01", "٢٠٢٦-١١"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        parse_month(text)

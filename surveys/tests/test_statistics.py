"""Our own statistics equal those of SciPy and statsmodels, and never say more than the answers do."""

from __future__ import annotations

from collections import Counter
from math import fsum, isclose, sqrt
from random import Random

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from surveys.statistics import (
    Promoters,
    Share,
    change,
    distribution,
    easy,
    may_be_told,
    mean_of,
    mean_of_percents,
    normal_quantile,
    pareto,
    percent_of,
    promoters,
    response_rate,
    sample_size,
    satisfied,
    t_quantile,
    t_within,
    wilson,
)

SAMPLES = 1000
NEAR = 1e-9


def near(ours: float, theirs: float) -> bool:
    return isclose(ours, theirs, rel_tol=NEAR, abs_tol=NEAR)


@pytest.fixture
def dice() -> Random:
    return Random(20261127)


def test_quantiles_are_scipys(dice: Random) -> None:
    for number in range(SAMPLES):
        df = number + 1 if number < 400 else int(10 ** dice.uniform(1, 7))
        level = dice.choice([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
        assert near(t_quantile(df, level), stats.t.ppf((1 + level) / 2, df)), (df, level)
        assert near(normal_quantile(level), stats.norm.ppf((1 + level) / 2))
    assert t_quantile(1) == pytest.approx(12.7062047361747, rel=1e-12)


def test_students_distribution_is_scipys(dice: Random) -> None:
    for _number in range(SAMPLES):
        df, t = dice.randint(1, 999), dice.uniform(0, 8)
        assert near(t_within(t, df), 2 * stats.t.cdf(t, df) - 1), (df, t)


def test_wilsons_interval_is_that_of_statsmodels(dice: Random) -> None:
    for _number in range(SAMPLES):
        n = dice.choice([dice.randint(1, 12), dice.randint(1, 5000)])
        count = dice.choice([0, n, dice.randint(0, n)])
        low, high = proportion_confint(count, n, alpha=0.05, method="wilson")
        found = wilson(count, n)
        assert near(found.low, 100 * low) and near(found.high, 100 * high), (count, n)


def test_the_interval_of_a_mean_is_scipys(dice: Random) -> None:
    for _number in range(SAMPLES):
        n = dice.choice([2, 3, dice.randint(2, 40), dice.randint(2, 3000)])
        values = [dice.choice([dice.randint(1, 5), dice.uniform(0, 100)]) for _each in range(n)]
        if min(values) == max(values):
            continue
        found = mean_of(values)
        low, high = stats.t.interval(0.95, n - 1, loc=np.mean(values), scale=stats.sem(values))
        assert found.value is not None and found.interval is not None
        assert near(found.value, float(np.mean(values)))
        assert near(found.interval.low, low) and near(found.interval.high, high)


def test_how_often_a_value_occurs_says_the_same_as_all_of_them(dice: Random) -> None:
    for _number in range(SAMPLES):
        values = [dice.choice([0.1, 33.3, 86.7, 100.0]) for _each in range(dice.randint(1, 2000))]
        counts = Counter(values)
        assert mean_of(counts) == mean_of(values)
        assert isclose(mean_of(counts).value or 0, fsum(values) / len(values), rel_tol=1e-15)
        assert satisfied(counts) == satisfied(values) and promoters(counts) == promoters(values)


def test_the_change_between_waves_is_that_of_statsmodels(dice: Random) -> None:
    told = 0
    for _number in range(SAMPLES):
        first, second = dice.randint(1, 400), dice.randint(1, 400)
        before = Share(dice.randint(0, first), first)
        after = Share(dice.randint(0, second), second)
        found = change(before, after)
        pooled = (before.count + after.count) / (first + second)
        smallest = min(min(size * pooled, size * (1 - pooled)) for size in (first, second))
        assert found.is_too_small == (smallest < 5)
        if found.p is None or found.z is None:
            continue
        told += 1
        z, p = proportions_ztest([after.count, before.count], [second, first])
        assert near(found.z, z) and near(found.p, p)
        assert found.is_significant == (p < 0.05)
    assert told > SAMPLES / 2


def test_the_margin_of_nps_is_that_of_its_three_classes(dice: Random) -> None:
    for _number in range(SAMPLES):
        n = dice.randint(1, 300)
        values = [dice.randint(0, 10) for _each in range(n)]
        scores = np.where(np.array(values) >= 9, 1, np.where(np.array(values) <= 6, -1, 0))
        found = promoters(values)
        assert found.score is not None and near(found.score, 100 * float(scores.mean()))
        expected = stats.norm.ppf(0.975) * 100 * float(scores.std()) / sqrt(n)
        if scores.std() == 0:
            assert found.margin() is None
            continue
        margin, population = found.margin(), n + dice.randint(0, 500)
        assert margin is not None and near(margin, expected)
        corrected = found.margin(population)
        assert corrected is not None
        if population > 1:
            assert near(corrected, expected * sqrt((population - n) / (population - 1)))


def test_who_has_asked_everybody_has_no_margin_left() -> None:
    assert Promoters(5, 3, 2).margin(10) == 0
    # Fewer people than answers: that number is nonsense, and changes nothing.
    assert Promoters(5, 3, 2).margin(4) == Promoters(5, 3, 2).margin()


def test_nps_counts_only_who_answered() -> None:
    found = promoters([10, 9, 8, 7, 6, 0])
    assert (found.promoters, found.passives, found.detractors, found.n) == (2, 2, 2, 6)
    assert found.score == 0
    assert str(promoters([10])) == "+100.0 (n = 1)"
    assert str(promoters([])) == "—"


def test_no_percentage_without_its_n() -> None:
    assert str(Share(5, 6)) == "83.3 % (n = 6)"
    assert str(Share(0, 0)) == "—"
    assert Share(0, 0).percent is None and Share(0, 0).interval is None
    assert str(Share(2999, 3000)) == "99.9 % (n = 3000)"  # not quite all
    assert str(Share(1, 3000)) == "0.1 % (n = 3000)"
    assert str(mean_of([4, 5])) == "4.50 (n = 2)"


def test_all_of_three_is_not_a_hundred_percent_for_sure() -> None:
    found = Share(3, 3).interval
    assert found is not None
    assert found.high == 100 and found.low == pytest.approx(43.85, abs=0.01)


def test_no_interval_of_percentages_reaches_beyond_them() -> None:
    found = mean_of_percents([100, 100, 20]).interval
    assert found is not None and (found.low, found.high) == (0, 100)


@pytest.mark.parametrize("values", [[], [4], [4, 4, 4]])
def test_no_interval_of_one_value_or_of_values_all_alike(values: list[int]) -> None:
    assert mean_of(values).interval is None


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], None),
        ([(5, 5, 0)], None),
        ([(4, 5, 1)], 80.0),
        ([(5, 5, 3), (1, 5, 1)], 80.0),
        ([(5, 5, 3)], 100.0),  # the other was skipped: its weight is shared out
        ([(7, 10, 1), (3, 5, 1)], 65.0),
    ],
)
def test_weights_of_what_was_skipped_are_shared_out(
    scores: list[tuple[float, float, float]], expected: float | None
) -> None:
    assert percent_of(scores) == (expected if expected is None else pytest.approx(expected))


def test_shares_of_scales() -> None:
    assert satisfied([1, 3, 4, 5, 5]) == Share(3, 5)
    assert easy([4, 5, 7]) == Share(2, 3)


def test_what_came_back_undelivered_asked_nobody() -> None:
    assert response_rate(sent=10, bounced=2, finished=4) == Share(4, 8)
    assert response_rate(sent=0, bounced=0, finished=0).percent is None
    assert response_rate(sent=1, bounced=1, finished=1) == Share(1, 1)  # answered on paper after all


def test_how_many_answers_are_enough() -> None:
    assert sample_size(None) == 385
    assert sample_size(100) == 80
    assert sample_size(0) == 0


def test_causes_by_their_weight() -> None:
    rows = pareto({"a": 2, "b": 5, "c": 0, "d": 3})
    assert [(row.key, str(row.share), str(row.cumulative)) for row in rows] == [
        ("b", "50.0 % (n = 10)", "50.0 % (n = 10)"),
        ("d", "30.0 % (n = 10)", "80.0 % (n = 10)"),
        ("a", "20.0 % (n = 10)", "100.0 % (n = 10)"),
    ]
    assert pareto({}) == []


def test_a_distribution_counts_each_option_of_those_who_chose() -> None:
    assert distribution([5, 5, 4], [1, 4, 5]) == [(1, Share(0, 3)), (4, Share(1, 3)), (5, Share(2, 3))]


def test_nothing_is_said_of_a_person_by_four_answers() -> None:
    assert not may_be_told(4) and may_be_told(5)

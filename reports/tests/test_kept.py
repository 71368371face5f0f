"""Figures out of kept counts are those of the rows, whatever happens, and whenever the counts are brought up."""

# ruff: noqa: T201  (figures)

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from opsdesk.testing import Cast
from reports.actions import count_anew, keep
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.counting import counted
from reports.models import KeptCount, Reckoning, StaleSpan
from reports.periods import Period, period_of
from reports.scope import Scope
from reports.tests.lives import DAY, Lives

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
SEED = int(os.environ.get("OPSDESK_SEED", "20261127"))


def some_periods(now: datetime) -> list[Period]:
    """Those that go on and those before them: weeks, months, quarters, years, and a month to come."""
    today = timezone.localdate(now)
    months = [period_of(today, "month").plus(-number) for number in range(-1, 4)]
    weeks = [period_of(today, "week").plus(-number) for number in range(4)]
    return [
        *months,
        *weeks,
        *(period_of(today, unit).plus(-n) for unit in ("quarter", "year") for n in (0, 1)),
    ]


def assert_the_same(cast: Cast, now: datetime, what: object = "") -> None:
    periods = some_periods(now)
    for scope in (Scope(), Scope(group=cast.south.pk), Scope(group=cast.north.pk)):
        found = figures(KPIS.values(), scope, periods, now=now)
        rows = counted(KPIS.values(), scope, periods, tz=timezone.get_default_timezone(), now=now)
        wrong = {
            (key, str(period)): (found.get((key, period)), figure)
            for (key, period), figure in rows.items()
            if found.get((key, period)) != figure
        }
        assert not wrong, (what, scope, now, wrong)
        assert found.keys() == rows.keys()


@pytest.mark.parametrize("number", range(1))
def test_figures_are_those_of_the_rows_after_whatever_happened(cast: Cast, number: int) -> None:
    lives = Lives(cast, SEED + number)
    for step in range(160):
        deed = lives.act()
        if lives.dice.random() < 0.25:
            keep(now=lives.now)
        if lives.dice.random() < 0.2:
            assert_the_same(cast, lives.now, (step, deed))
    assert_the_same(cast, lives.now, "at the end")
    keep(now=lives.now + DAY)
    assert_the_same(cast, lives.now + DAY, "a day later")
    print(lives.done)

"""Figures out of kept counts are those of the rows, whatever happens, and whenever the counts are brought up."""

# ruff: noqa: T201  (figures)

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from opsdesk.testing import Cast, build_cast
from reports.actions import keep
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.counting import counted
from reports.models import StaleSpan
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


# Deaths, doubles and writers


class Killed(BaseException):
    """Death between two statements: what was not committed is gone."""


@contextmanager
def dying_at(number: int) -> Iterator[list[str]]:
    """Die instead of executing the statement of this number; the list tells which were executed."""
    done: list[str] = []

    def count(execute, sql, params, many, context):
        done.append(sql)
        if len(done) == number:
            raise Killed(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield done


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_counts_that_die_anywhere_say_nothing_wrong(cast: Cast) -> None:
    """In the middle of beginning, of bringing up and of reaching back: figures are those of the rows."""
    lives = Lives(cast, SEED)
    for beginning in (True, False):
        for _deed in range(20):
            lives.act()
        now = lives.now
        with taken_back(), dying_at(0) as statements:
            keep(now=now)
        assert len(statements) > 20 and (beginning or StaleSpan.objects.exists())
        numbers = range(1, len(statements) + 1)
        for number in numbers if IS_DRILL else lives.dice.sample(numbers, 6):
            with taken_back():
                with dying_at(number), suppress(Killed):
                    keep(now=now)
                assert_the_same(cast, now, f"killed at {number}: {statements[number - 1][:200]}")
                keep(now=now)
                assert_the_same(cast, now, f"killed at {number}, and brought up")
                assert not StaleSpan.objects.exists()
        print(f"killed at {len(numbers)} of {len(statements)} statements")
        keep(now=now)


def test_a_table_that_nobody_watches_would_be_noticed(cast: Cast) -> None:
    """The control: without its triggers the same looking finds figures that are wrong."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
    lives = Lives(cast, SEED)
    with pytest.raises(AssertionError):
        for _deed in range(60):
            lives.act()
            keep(now=lives.now)
            assert_the_same(cast, lives.now)
            lives.act()
            assert_the_same(cast, lives.now)


def test_what_happens_between_two_looks_is_seen(cast: Cast) -> None:
    """A record that changes, or counts that are brought up, after it was planned what to ask for."""
    lives = Lives(cast, SEED + 1)
    for _deed in range(20):
        lives.act()
        keep(now=lives.now)
    for step in range(12):
        lives.go_on()
        now, happened = lives.now, []

        def meanwhile(execute, sql, params, many, context, happened=happened, now=now, step=step):
            answer = execute(sql, params, many, context)
            if "reports_reckoning" in sql and not happened:
                happened.append(sql)
                rows = context["cursor"].fetchall()
                keep(now=now) if step % 3 == 0 else lives.act_now()
                context["cursor"].fetchall = lambda: rows
            return answer

        periods = some_periods(now)[:6]
        with connection.execute_wrapper(meanwhile):
            found = figures(KPIS.values(), Scope(), periods, now=now)
        assert happened
        tz = timezone.get_default_timezone()
        assert found == counted(KPIS.values(), Scope(), periods, tz=tz, now=now)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.drill("rollups")
def test_two_keepers_and_two_writers_at_once(transactional_db: None) -> None:
    """In every view of the database that a reader may have, figures are those of the rows."""
    cast = build_cast()
    crowd = [Lives(cast, SEED + number) for number in range(2)]
    over, seen = threading.Event(), []

    def write(lives: Lives) -> None:
        with suppress(OperationalError):  # two who merge the same records, crosswise: one of them is refused
            lives.act()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            assert_the_same(cast, max(lives.now for lives in crowd))
            seen.append(StaleSpan.objects.count())

    def again(work: Callable[[], object]) -> None:
        try:
            while not over.is_set():
                work()
        except BaseException as problem:
            problems.append(problem)
            over.set()
        finally:
            connections.close_all()

    problems: list[BaseException] = []
    works = [*(partial(write, lives) for lives in crowd), read]
    works += [lambda: keep(now=max(lives.now for lives in crowd))] * 2
    threads = [threading.Thread(target=again, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    over.wait(300 if IS_DRILL else 4)
    over.set()
    for thread in threads:
        thread.join()
    assert not problems, problems
    keep(now=max(lives.now for lives in crowd))
    read()
    print(
        f"{sum(sum(lives.done.values()) for lives in crowd)} deeds, {len(seen)} looks, {max(seen)} stale at most"
    )
    assert len(seen) > 2 and max(seen)

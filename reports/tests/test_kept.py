"""Figures out of kept counts are those of the rows: whatever happens, whenever they are brought up to date.

`script/drill rollups` lives much longer lives. OPSDESK_SEED repeats a run.
"""

# ruff: noqa: T201  (figures)

from __future__ import annotations

import os
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from random import Random

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsdesk.testing import Cast, build_cast
from reports.actions import keep
from reports.figures import figures
from reports.kept.pieces import FAR_AHEAD, LONG_AGO, piece
from reports.kpis import KPIS
from reports.kpis.counting import counted
from reports.kpis.series import KEPT
from reports.kpis.systems import OfSystems
from reports.models import KeptCount, Reckoning, StaleSpan
from reports.periods import Period, period_of
from reports.scope import Scope
from reports.tests.lives import DAY, START, Lives
from tickets.models import Ticket

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
SEED = int(os.environ.get("OPSDESK_SEED", "20261127"))
LIVES, DEEDS, DEATHS = (4, 200, 25) if IS_DRILL else (1, 40, 2)


def some_periods(now: datetime) -> list[Period]:
    """Of each length the one that goes on and the one before; and a month to come."""
    today = timezone.localdate(now)
    found = [period_of(today, unit).plus(-n) for unit in ("month", "week", "quarter", "year") for n in (0, 1)]
    return [*found, period_of(today, "month").plus(1)]


def assert_the_same(
    cast: Cast, now: datetime, what: object = "", *, dice: Random | None = None, periods: int = 4
) -> None:
    """Compare all figures of all periods and scopes; with `dice` of some periods and one scope."""
    some, scopes = some_periods(now), [Scope(), Scope(group=cast.south.pk), Scope(group=cast.north.pk)]
    if dice and not IS_DRILL:
        some, scopes = sorted(dice.sample(some, periods)), dice.sample(scopes, 1)
    for scope in scopes:
        found = figures(KEPT.values(), scope, some, now=now)
        rows = counted(KEPT.values(), scope, some, tz=timezone.get_default_timezone(), now=now)
        wrong = {
            (key, str(period)): (found.get((key, period)), figure)
            for (key, period), figure in rows.items()
            if found.get((key, period)) != figure
        }
        assert not wrong, (what, scope, now, wrong)
        assert found.keys() == rows.keys()


@pytest.mark.drill("rollups")
@pytest.mark.parametrize("number", range(LIVES))
def test_figures_are_those_of_the_rows_whatever_happened(cast: Cast, number: int) -> None:
    lives = Lives(cast, SEED + number)
    for step in range(DEEDS):
        deed = lives.act()
        if step % 6 == 0:
            keep(now=lives.now)
        if step % 10 == 9:
            assert_the_same(cast, lives.now, (step, deed), dice=lives.dice)
    keep(now=lives.now + DAY)
    assert_the_same(cast, lives.now + DAY, "a day later", dice=lives.dice)
    print(lives.done)
    assert len(lives.done) > 5 and KeptCount.objects.filter(denominator__gt=0).exists()


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


@pytest.mark.drill("rollups")
def test_counts_that_die_anywhere_say_nothing_wrong(cast: Cast) -> None:
    """Killed while they begin, are brought up, or reach back: figures are those of the rows."""
    lives = Lives(cast, SEED)
    for is_beginning in (True, False):
        for _deed in range(15):
            lives.act()
        now = lives.now
        with taken_back(), dying_at(0) as statements:
            keep(now=now)
        assert is_beginning or StaleSpan.objects.exists()
        assert len(statements) > 20
        numbers = lives.dice.sample(range(1, len(statements) + 1), min(DEATHS, len(statements)))
        for number in numbers:
            with taken_back():
                with dying_at(number), suppress(Killed):
                    keep(now=now)
                where = f"killed at {number}: {statements[number - 1][:200]}"
                assert_the_same(cast, now, where, dice=lives.dice, periods=2)
                if IS_DRILL:
                    keep(now=now)
                    assert_the_same(cast, now, f"{where}, and brought up")
                    assert not StaleSpan.objects.exists()
        print(f"killed at {len(numbers)} of {len(statements)} statements")
        keep(now=now)
        assert not StaleSpan.objects.exists()


@pytest.mark.drill("rollups")
def test_what_happens_between_two_looks_is_seen(cast: Cast) -> None:
    """A record that changes, or counts that are brought up, after it was planned what to ask for."""
    lives = Lives(cast, SEED + 1)
    for _deed in range(15):
        lives.act()
    keep(now=lives.now)
    for step in range(30 if IS_DRILL else 2):
        lives.go_on()
        now, happened = lives.now, []

        def meanwhile(execute, sql, params, many, context, happened=happened, now=now, step=step):
            answer = execute(sql, params, many, context)
            if "reports_reckoning" in sql and not happened:
                happened.append(sql)
                rows = context["cursor"].fetchall()
                keep(now=now) if step % 2 else lives.act_now()
                context["cursor"].fetchall = lambda: rows
            return answer

        some = some_periods(now)[:3]
        with connection.execute_wrapper(meanwhile):
            found = figures(KEPT.values(), Scope(), some, now=now)
        assert happened
        tz = timezone.get_default_timezone()
        assert found == counted(KEPT.values(), Scope(), some, tz=tz, now=now)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.drill("rollups")
def test_two_keepers_and_two_writers_at_once(transactional_db: None) -> None:
    """In every view of the database that a reader may have, figures are those of the rows."""
    cast = build_cast()
    crowd = [Lives(cast, SEED + number) for number in range(2)]
    over, seen, problems = threading.Event(), [], []

    def now() -> datetime:
        return max(lives.now for lives in crowd)

    def write(lives: Lives) -> None:
        # Two who merge the same records crosswise: one is refused. So is who calls off, by a clock that is
        # behind the other's, what that one ordered.
        with suppress(OperationalError, IntegrityError):
            lives.act()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            assert_the_same(cast, now(), dice=Random(len(seen)), periods=2)
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

    works = [*(partial(write, lives) for lives in crowd), read, *[lambda: keep(now=now())] * 2]
    threads = [threading.Thread(target=again, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    over.wait(120 if IS_DRILL else 3)
    over.set()
    for thread in threads:
        thread.join()
    assert not problems, problems
    keep(now=now())
    read()
    deeds = sum(sum(lives.done.values()) for lives in crowd)
    print(f"{deeds} deeds, {len(seen)} looks, {max(seen)} stale at most")
    assert deeds and len(seen) > 1


def test_a_table_that_nobody_watches_would_be_noticed(cast: Cast) -> None:
    """The control: without its triggers the same looking finds figures that are wrong."""
    lives = Lives(cast, SEED)
    for _deed in range(8):
        lives.act()
    keep(now=lives.now)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TRIGGER reports_moved ON tickets_ticket")
    Ticket.objects.update(group=cast.north)
    some, scope, tz = some_periods(lives.now)[:1], Scope(group=cast.north.pk), timezone.get_default_timezone()
    found = figures(KPIS.values(), scope, some, now=lives.now)
    assert found != counted(KPIS.values(), scope, some, tz=tz, now=lives.now)


def test_all_that_the_definitions_read_is_watched(db: None) -> None:
    """Every column of every statement: what comes, goes, or changes in it is noted for this very figure."""
    watched, comes = _triggers()
    for kpi in KEPT.values():
        model = kpi.rows().model
        if isinstance(kpi, OfSystems):
            assert _columns_read(kpi).keys() == {"tickets_ticket", "tickets_change", *CLIENTS}
        for table, columns in _columns_read(kpi).items():
            if table in APPEND_ONLY:
                continue
            noted = {column for column, body in watched[table] if f"'{piece(kpi).source}'" in body}
            assert columns - noted - {"id"} == set(), (kpi.key, table, columns - noted - {"id"})
        assert {"INSERT", "DELETE"} <= comes[model._meta.db_table] or model._meta.db_table in APPEND_ONLY


APPEND_ONLY = {"tickets_entry"}  # the database refuses to change the history
CLIENTS = {"clients_system", "clients_client"}


def _columns_read(kpi) -> dict[str, set[str]]:
    if isinstance(kpi, OfSystems):
        with CaptureQueriesContext(connection) as asked:
            kpi.totals(Scope(group=1), [(LONG_AGO, START)], now=START)
        sql = " UNION ALL ".join(query["sql"] for query in asked)
    else:
        sql, _params = piece(kpi).statement(1, LONG_AGO, FAR_AHEAD)
    tables: dict[str, set[str]] = defaultdict(set)  # one alias may stand for several, in several subqueries
    for table, alias in re.findall(r'(?:FROM|JOIN) "(\w+)"(?: (?:AS )?"?([UTV]\d+)"?)?', sql):
        tables[alias or table].add(table)
    found: dict[str, set[str]] = defaultdict(set)
    known = {model._meta.db_table: model for model in _models()}
    for alias, column in re.findall(r'"?(\w+)"?\."(\w+)"', sql):
        for table in tables.get(alias, ()):
            if any(field.column == column for field in known[table]._meta.concrete_fields):
                found[table].add(column)
    return found


def _models() -> Sequence[type]:
    from django.apps import apps

    return list(apps.get_models())


def _triggers() -> tuple[dict[str, set[tuple[str, str]]], dict[str, set[str]]]:
    """By table: each column whose change is noted, with what notes it, and the other events that are."""
    watched: dict[str, set[tuple[str, str]]] = defaultdict(set)
    comes: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, attname, prosrc FROM pg_trigger"
            " JOIN pg_proc ON pg_proc.oid = tgfoid"
            " JOIN pg_attribute ON attrelid = tgrelid AND attnum = ANY(tgattr)"
            " WHERE tgname LIKE 'reports\\_%'"
        )
        for table, column, body in cursor.fetchall():
            watched[table].add((column, body))
        cursor.execute(
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers"
            " WHERE trigger_name LIKE 'reports\\_%'"
        )
        for table, event in cursor.fetchall():
            comes[table].add(event)
    return watched, comes


def test_what_is_no_longer_defined_or_defined_anew_is_not_believed(cast: Cast, monkeypatch) -> None:
    lives = Lives(cast, SEED)
    for _deed in range(6):
        lives.act()
    keep(now=lives.now)
    Reckoning.objects.filter(kpi="reported").update(fingerprint="as it was before")
    KeptCount.objects.filter(kpi="reported").update(numerator=99)
    assert_the_same(cast, lives.now, dice=Random(2))
    for known in (KPIS, KEPT):
        monkeypatch.delitem(known, "backlog")
    keep(now=lives.now)
    assert not KeptCount.objects.filter(kpi="backlog").exists()
    assert not KeptCount.objects.filter(kpi="reported", numerator=99).exists()
    assert_the_same(cast, lives.now, dice=Random(2))

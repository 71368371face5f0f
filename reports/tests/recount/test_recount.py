"""Every KPI of every month, counted anew from the raw rows by its words alone: no difference.

`script/drill recount` lives twenty histories (OPSDESK_HISTORIES: another number); OPSDESK_SEED repeats a run.
The demo's months are recounted where the demo is: `opsdesk/tests/test_demo.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import duckdb
import pytest
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from opsdesk.testing import at, build_cast
from reports.kpis import KPIS
from reports.kpis.definition import Kpi
from reports.periods import Period, parse_period
from reports.scope import DEPARTMENT, Scope
from reports.tests.recount.counting import differences, prepare
from reports.tests.recount.histories import History, lived
from reports.tests.recount.outages import COMPUTED
from reports.tests.recount.rows import exported
from reports.tests.recount.shapes import Shape, Words
from reports.tests.recount.words import WORDS
from reports.tests.recount.world import ENDS, World, build_world
from tickets.models import Clock, Entry, Ticket

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
HISTORIES = int(os.environ.get("OPSDESK_HISTORIES", "20"))
RECORDS = 16 if IS_DRILL else 8
SEED = os.environ.get("OPSDESK_SEED", "20261127")
MONTHS = [parse_period(f"2026-{month:02}") for month in range(8, 13)]
# In the middle of a month, the last instant before one and the first of it.
INSTANTS = [
    at("2026-10-14 11:30"),
    at("2026-11-01 00:00") - timedelta(microseconds=1),
    at("2026-11-01 00:00"),
]


@dataclass
class Recounted:
    history: History
    world: World
    raw: duckdb.DuckDBPyConnection

    def differences(self, **more: object) -> list[str]:
        return differences(self.raw, [DEPARTMENT], MONTHS, **({"now": ENDS} | more))  # type: ignore[arg-type]


def happened(number: int) -> Recounted:
    world = build_world(build_cast())
    history = lived(world, f"{SEED}/{number}", records=RECORDS)
    raw = exported()
    prepare(raw)
    return Recounted(history, world, raw)


def scopes(world: World, *, people: int) -> list[Scope]:
    groups = [Scope(group=group.pk) for group in world.groups]
    clients = [Scope(client=client.pk) for client in world.clients]
    return [DEPARTMENT, *groups, *clients, *[Scope(person=user.pk) for user in world.people[:people]]]


@pytest.fixture(scope="module")
def one(django_db_setup: None, django_db_blocker: object) -> Iterator[Recounted]:
    """One history for all tests of the module; they only read it."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield happened(0)
        transaction.set_rollback(True)


@pytest.fixture
def recount(one: Recounted, db: None) -> Recounted:
    return one


def test_every_kpi_is_recounted() -> None:
    assert set(WORDS) | set(COMPUTED) == set(KPIS)


def test_no_difference(recount: Recounted) -> None:
    of = scopes(recount.world, people=3)
    assert not differences(recount.raw, of, MONTHS, now=ENDS)
    for instant in INSTANTS:
        assert not recount.differences(now=instant)


def test_most_kpis_have_something_to_count(recount: Recounted) -> None:
    """A recount of nothing finds no difference. (All of them have, in the twenty histories of the drill.)"""
    counted = dict(recount.raw.execute(PARTS).fetchall())
    wanted = [part for key, words in WORDS.items() for part in parts(key, words)]
    assert sum(part in counted for part in wanted) > 0.7 * len(wanted)


# The control: a definition that is wrong in one point is found.


def _in_utc(period: Period, _tz: object) -> tuple[datetime, datetime]:
    return tuple(datetime.combine(day, time(0), UTC) for day in (period.first, period.until))  # type: ignore[return-value]


WRONG: dict[str, Kpi] = {
    "a deadline that is just met counts as missed": replace(
        KPIS["response"],
        counted=Q(stopped_at__lt=F("due_at")),  # type: ignore[call-arg]
    ),
    "clocks count that a new grade has set aside": replace(
        KPIS["resolution"], rows=lambda: Clock.objects.filter(kind="resolution", due_at__isnull=False)
    ),
    "merged records count": replace(KPIS["reported"], rows=lambda: Ticket.objects.exclude(kind="change")),
    "a cohort begins at the wrong instant": replace(KPIS["callbacks"], at="due_at"),
    "a reopening at the very end of the seven days is left out": replace(
        KPIS["reopened"],
        counted=Q(  # type: ignore[call-arg]
            Exists(
                Entry.objects.filter(
                    ticket=OuterRef("ticket"),
                    kind="reopened",
                    pk__gt=OuterRef("pk"),
                    at__lt=OuterRef("at") + timedelta(days=7),
                )
            )
        ),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_recount_would_see_a_wrong_definition(recount: Recounted, wrong: str) -> None:
    kpi = WRONG[wrong]
    assert recount.differences(kpis=[kpi])
    assert not recount.differences(kpis=[KPIS[kpi.key]])


def test_the_recount_would_see_months_of_another_zone(
    recount: Recounted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Period, "span", _in_utc)
    assert recount.differences(kpis=[KPIS["reported"]])


@pytest.mark.drill("recount")
@pytest.mark.skipif(not IS_DRILL, reason="run by script/drill; one history runs above")
@pytest.mark.django_db
def test_no_difference_in_any_history(record_property) -> None:  # type: ignore[no-untyped-def]
    done, counted, found = Counter[str](), Counter[str](), []
    for number in range(HISTORIES):
        with transaction.atomic():
            one = happened(number)
            wrong = differences(one.raw, scopes(one.world, people=9), MONTHS, now=ENDS)
            for instant in INSTANTS:
                wrong += one.differences(now=instant)
            found += [f"history {number}: {difference}" for difference in wrong]
            if wrong:
                print(*wrong[:20], sep="\n")  # noqa: T201
            done += one.history.done
            counted.update(dict(one.raw.execute(PARTS).fetchall()))
            print(f"history {number}: {one.history.done.total()} acts, {len(wrong)} differences", flush=True)  # noqa: T201
            transaction.set_rollback(True)
    record_property("acts", done.total())
    record_property("differences", len(found))
    print(dict(done), dict(counted))  # noqa: T201
    assert not found, "\n".join(found[:40])
    if HISTORIES >= 20:
        assert not EVERYTHING - set(done)
        assert not {part for key, words in WORDS.items() for part in parts(key, words)} - set(counted)


# How many rows there are of each part of a KPI: those that count and those that do not.
PARTS = """
    SELECT concat_ws(' ', kpi, yes), count(*) FROM counted GROUP BY 1
"""


def parts(key: str, words: Words) -> list[str]:
    return [f"{key} true", f"{key} false"] if words.shape is Shape.SHARE else [key]


# What a test that ran through nothing would not have done.
EVERYTHING = {
    *("log_call fault", "log_call request", "log_call complaint", "grade", "regrade", "assign"),
    *("assign_elsewhere", "acknowledge", "diagnose", "pause", "resume", "resolve", "confirm", "reopen"),
    *("repeat_contact", "write_in mail", "merged", "unmerge", "split", "linked repeat", "linked child"),
    *("convene", "decide", "file_written_report", "dispatch", "depart", "arrive", "leave solved"),
    *("leave not_solved", "call_off", "authorise_remote", "add_evidence", "open_remote", "close_remote"),
    *("revoke_remote", "withdraw paper", "correct_time", "overrun explained", "overrun ruled"),
    *("rule_on_complaint", "issued report", "issued notice", "acknowledge_report_up", "edge acknowledge"),
    *("edge resolve", "edge reopen", "answer_items", "finish_inspection", "open_record_of"),
    *("open_handover", "hand_over", "send_back", "sign", "approve_leave", "file_calls"),
    *("arrange", "record_reached", "record_not_reached", "record_refused", "skip callback", "move callback"),
    *("key_answers", "open_by_hand", "plan_measure", "carry_out", "verify", "drop_corrective", "ask_again"),
    *("begin_audit", "look_at", "raise_finding", "answer_finding", "verify_finding True"),
    *("verify_finding False", "withdraw_finding", "schedule_change", "finish_change succeeded"),
    *("finish_change rolled_back", "finish_change failed", "withdraw_change", "decide in a meeting"),
    *("settle_decision", "drop_decision", "change_decision", "cancel_meeting", "submit_report"),
    "reopen_report",
}

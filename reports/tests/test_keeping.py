"""Kept counts are brought up source by source, what is reckoned is of one moment, what waits is told of."""

from datetime import timedelta
from inspect import getsource
from random import Random
from types import ModuleType

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsdesk.testing import Cast
from reports.actions import keep
from reports.actions.keptcounts import Counting
from reports.figures import figures
from reports.kept import pieces
from reports.kept.pieces import FEW, RECKONED_IN, Piece, piece, standing_by_group
from reports.kpis import KPIS
from reports.kpis.counting import counted
from reports.kpis.definition import Stock
from reports.kpis.outages import uptime
from reports.kpis.series import KEPT
from reports.models import Reckoning, StaleSpan
from reports.scope import Scope
from reports.tests import making_others as make
from reports.tests.lives import DAY, HOUR, START, Lives
from reports.tests.test_kept import SEED, assert_the_same, some_periods
from staff.models import Group
from tickets.models import Kind, Ticket


def test_an_outage_while_systems_are_reckoned_is_seen(cast: Cast) -> None:
    """The uptime is asked for in statements of its own: what comes between is in all of them or in none."""
    keep(now=START)
    fault = cast.ticket(
        START + HOUR,
        kind=Kind.FAULT,
    )
    now, happened = START + DAY, []
    keep(now=START + 2 * HOUR)

    def meanwhile(execute, sql, params, many, context):
        if 'FROM "tickets_ticket"' in sql and not happened:
            happened.append(sql)
            # It was of grade 1 all the time, and that is counted before the pieces are put together.
            Ticket.objects.filter(pk=fault.pk).update(grade=1, grade_reason="x")
            keep(now=now)
        return execute(sql, params, many, context)

    kpis, some = [KPIS["availability"], KPIS["mtbf"]], some_periods(now)[:1]
    with connection.execute_wrapper(meanwhile):
        found = figures(kpis, Scope(), some, now=now)
    assert happened
    assert found == counted(kpis, Scope(), some, tz=timezone.get_default_timezone(), now=now)


def test_a_change_of_another_system_moves_its_window(cast: Cast) -> None:
    change = make.change(cast, "2026-09-14 20:00")
    keep(now=START)
    assert not StaleSpan.objects.exists()
    Ticket.objects.filter(pk=change.ticket_id).update(system=None)
    span = StaleSpan.objects.get(source=piece(KPIS["availability"]).source)
    assert (span.since, span.until) == (change.window_from, change.window_to)


@pytest.mark.parametrize("module", RECKONED_IN)
def test_systems_reckoned_otherwise_are_counted_anew(module: ModuleType, monkeypatch) -> None:
    """No statement says how: a release that reckons otherwise has another fingerprint."""
    kpis = [KPIS[key] for key in ("availability", "mtbf", "reported")]
    before = [Piece(kpi).fingerprint for kpi in kpis]
    assert before == [Piece(kpi).fingerprint for kpi in kpis]
    monkeypatch.setattr(pieces, "getsource", lambda of: getsource(of) + "# otherwise" * (of is module))
    assert [Piece(kpi).fingerprint == was for kpi, was in zip(kpis, before, strict=True)] == [0, 0, 1]
    assert {uptime.__module__, *(type(kpi).__module__ for kpi in kpis[:2])} == {
        module.__name__ for module in RECKONED_IN
    }


def test_what_stood_at_many_instants_is_what_stood_at_each(cast: Cast) -> None:
    """Also at the very instant at which a record comes or is closed, or becomes older than its class."""
    lives = Lives(cast, SEED)
    for _deed in range(30):
        lives.act()
    happened = list(Ticket.objects.values_list("reported_at", "closed_at"))
    closed = [at for _reported, at in happened if at] or [lives.now]
    aged = [happened[0][0] + age * DAY for age in (3, 7, 30)]
    some = sorted({at for at, _closed in happened[:9]} | set(closed[:3]) | set(aged) | {lives.now})
    assert len(some) > FEW
    for kpi in KEPT.values():
        if isinstance(kpi, Stock):
            together = standing_by_group(piece(kpi), some)
            for instant in some:
                alone = standing_by_group(piece(kpi), [instant])[instant]
                assert {pk: n for pk, n in together[instant].items() if n} == alone, (kpi.key, instant)


def test_a_source_that_fails_holds_no_other_up(cast: Cast, monkeypatch) -> None:
    """What was counted before stays, the least of it first; and what waits for long is told of."""
    keep(now=START)
    cast.ticket(START + HOUR)
    source = piece(KPIS["reported"]).source
    StaleSpan.objects.bulk_create(
        StaleSpan(source=source, since=START - n * HOUR, until=START) for n in range(9)
    )

    def too_long(self, *_args):
        if self.kpi.key == "reported":
            raise SoftTimeLimitExceeded
        return bring_up(self, *_args)

    bring_up = Counting.bring_up
    monkeypatch.setattr(Counting, "bring_up", too_long)
    with pytest.raises(SoftTimeLimitExceeded):
        keep(now=START + DAY)
    assert set(StaleSpan.objects.values_list("source", flat=True)) == {source}
    behind = Reckoning.objects.filter(until__lt=START)
    assert set(behind.values_list("kpi", flat=True)) == {
        kpi.key for kpi in KEPT.values() if piece(kpi).source == source
    }
    assert_the_same(cast, START + DAY, dice=Random(1))


def test_notes_that_nobody_takes_are_an_error(cast: Cast, caplog) -> None:
    cast.ticket(START)
    keep(now=START + HOUR)
    assert not caplog.records
    cast.ticket(START + HOUR)
    StaleSpan.objects.filter(source="tickets_ticket.reported_at").update(
        noted_at=Now() - timedelta(seconds=61)
    )
    keep(now=START + 2 * HOUR)
    (told,) = caplog.records
    assert told.levelname == "ERROR" and "1 notes of tickets_ticket.reported_at" in told.getMessage()
    assert not StaleSpan.objects.exists()


def test_both_figures_of_systems_are_reckoned_of_the_same(cast: Cast) -> None:
    keep(now=START)
    with CaptureQueriesContext(connection) as asked:
        keep(now=START + HOUR)
    windows = [query["sql"] for query in asked if 'FROM "tickets_change" INNER JOIN' in query["sql"]]
    assert len(windows) == 1 + Group.objects.count()

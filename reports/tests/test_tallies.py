"""The figures out of the tallies are those of the rows, whatever has happened to a record."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from opsdesk.testing import at
from reports.kpi import KPIS
from reports.months import Month, month_of
from reports.tallies import rates, reported
from tickets import actions
from tickets.actions.tallies import add_up, count_anew
from tickets.models import Cause, Clock, Entry, Grade, Tally, Ticket

NOW = at("2026-11-23 14:20")
MONTHS = [Month(2026, 10), Month(2026, 11)]
SHANGHAI, KATHMANDU = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Kathmandu")  # UTC+8:00, UTC+5:45


@pytest.fixture
def history(cast):
    """Sixty records of two months and both groups, each left at another point of its way."""
    dice = Random(58)
    for number in range(60):
        now = NOW - timedelta(minutes=dice.randrange(60 * 24 * 50))
        ticket = cast.ticket(now=now)

        def later(most: int, since=now):
            return min(NOW, since + timedelta(minutes=dice.randrange(1, most)))

        if number % 5:
            actions.grade(ticket, Grade(dice.choice((1, 2, 3))), reason="x", by=cast.chen, now=later(9))
        if number % 3:
            actions.acknowledge(ticket, by=cast.chen, now=later(40))
        if number % 5 and number % 3 == 1:
            actions.grade(ticket, Grade.ONE, reason="y", by=cast.wang, now=later(60))
        if number % 5 and number % 3 == 2:
            actions.resolve(ticket, solution="s", cause=Cause.SOFTWARE, by=cast.chen, now=NOW)
        if number % 7 == 0:
            actions.assign(Ticket.objects.get(pk=ticket.pk), group=cast.north, by=cast.wang, now=NOW)


def assert_the_same(group=None, tz=SHANGHAI) -> None:
    narrow = {"group": group} if group else {}
    tallies, tickets = Tally.objects.filter(**narrow), Ticket.objects.filter(**narrow)
    clocks = Clock.objects.filter(**({"ticket__group": group} if group else {}))
    found = rates(tallies, clocks, MONTHS, tz=tz, now=NOW)
    for key, kpi in KPIS.items():
        for month in MONTHS:
            assert found[key, month] == kpi.measure(clocks, *month.span(tz), now=NOW), (key, month)
    counted: dict[tuple[Month, int | None], int] = {}
    for ticket in tickets.filter(reported_at__gte=MONTHS[0].span(tz)[0]):
        key = month_of(timezone.localdate(ticket.reported_at, tz)), ticket.grade
        counted[key] = counted.get(key, 0) + 1
    shown = reported(tallies, tickets, MONTHS, tz=tz)
    assert {key: n for key, n in shown.items() if n} == counted


@pytest.mark.parametrize("tz", [SHANGHAI, KATHMANDU], ids=str)
def test_the_figures_are_those_of_the_rows(cast, history, tz) -> None:
    assert sum(rate.denominator for rate in _rates().values()) > 60
    for group in (None, cast.south, cast.north):
        assert_the_same(group, tz)


def test_adding_up_changes_no_figure_and_shortens_the_tallies(cast, history) -> None:
    before, rows = _rates(), Tally.objects.count()
    add_up()
    assert _rates() == before and Tally.objects.count() < rows
    assert_the_same(cast.south)
    short = Tally.objects.count()
    add_up()
    assert Tally.objects.count() == short
    assert not Tally.objects.filter(number=0, stopped_in_time=0).exists()


def test_counting_anew_finds_what_the_triggers_kept(cast, history) -> None:
    add_up()
    kept = _rows()
    count_anew()
    assert _rows() == kept


def test_a_record_that_goes_takes_its_part_of_the_tallies_along(cast) -> None:
    ticket = cast.ticket(now=NOW)
    ticket.escalations.all().delete()
    ticket.clocks.all().delete()
    add_up()
    assert {tally.kind for tally in Tally.objects.all()} == {"reported"}
    assert Entry.objects.filter(ticket=ticket).exists()


def _rates():
    return rates(Tally.objects.all(), Clock.objects.all(), MONTHS, tz=SHANGHAI, now=NOW)


def _rows():
    columns = ("kind", "group", "grade", "since", "number", "stopped_in_time")
    return sorted(Tally.objects.values_list(*columns), key=str)

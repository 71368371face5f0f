"""Tallies say what the rows say, whatever has happened to a record, and however they are put together."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from opsdesk.testing import at
from tickets import actions
from tickets.actions.tallies import add_up, count_anew
from tickets.models import Cause, Clock, Entry, Grade, Tally, Ticket
from tickets.models.tally import REPORTED, span_of

NOW = at("2026-11-23 14:20")
COLUMNS = ("kind", "group", "grade", "since")


@pytest.fixture
def history(cast):
    """Thirty records of two months and both groups, each left at another point of its way."""
    dice = Random(58)
    for number in range(30):
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


def summed() -> dict[tuple, tuple[int, int]]:
    numbers: Counter = Counter()
    for tally in Tally.objects.values_list(*COLUMNS, "number", "stopped_in_time"):
        *key, number, in_time = tally
        numbers[*key, "number"] += number
        numbers[*key, "in time"] += in_time
    return {key: number for key, number in numbers.items() if number}


def counted() -> dict[tuple, int]:
    """The same, of the rows themselves."""
    numbers: Counter = Counter()
    for ticket in Ticket.objects.all():
        numbers[REPORTED, ticket.group_id, ticket.grade, span_of(ticket.reported_at), "number"] += 1
    for clock in Clock.objects.current().filter(due_at__isnull=False).select_related("ticket"):
        key = clock.kind, clock.ticket.group_id, None, span_of(clock.due_at)
        numbers[*key, "number"] += 1
        numbers[*key, "in time"] += clock.stopped_at is not None and clock.stopped_at <= clock.due_at
    return {key: number for key, number in numbers.items() if number}


def test_the_tallies_are_those_of_the_rows_and_stay_so_when_they_are_put_together(cast, history):
    found = summed()
    assert found == counted() and sum(found.values()) > 60
    rows = Tally.objects.count()
    add_up()
    assert summed() == found and Tally.objects.count() < rows
    assert not Tally.objects.filter(number=0, stopped_in_time=0).exists()
    kept = sorted(Tally.objects.values_list(*COLUMNS, "number", "stopped_in_time"), key=str)
    count_anew()
    assert sorted(Tally.objects.values_list(*COLUMNS, "number", "stopped_in_time"), key=str) == kept


def test_a_record_that_goes_takes_its_part_of_the_tallies_along(cast):
    ticket = cast.ticket(now=NOW)
    ticket.escalations.all().delete()
    ticket.clocks.all().delete()
    add_up()
    assert {tally.kind for tally in Tally.objects.all()} == {REPORTED}
    assert Entry.objects.filter(ticket=ticket).exists()

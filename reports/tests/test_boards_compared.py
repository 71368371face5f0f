"""What is compared with the period before: no sum so far with a whole one, and no volume as good or bad."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.board.asked import board_of
from reports.board.tiles import whole_table
from reports.chosen import Chosen
from reports.kpis import KPIS
from reports.kpis.definition import Stock, Total
from reports.periods import period_of
from tickets.actions import acknowledge, grade, resolve
from tickets.models import Cause, Grade

SUMS = ("reported", "solved_records", "per_engineer")
VOLUMES = ("reported", "solved_records", "closed", "work_hours", "per_engineer")


@pytest.fixture
def work(cast):
    """Two records solved in the month before the last, one in the last and one in this."""
    this = period_of(timezone.localdate(), "month")
    for month in (this.plus(-2), this.plus(-2), this.plus(-1), this):
        at = min(month.span(timezone.get_default_timezone())[0] + timedelta(days=9), timezone.now())
        ticket = cast.ticket(now=at)
        acknowledge(ticket, by=cast.chen, now=at)
        grade(ticket, Grade.THREE, reason="x", by=cast.chen, now=at)
        resolve(ticket, solution="s", cause=Cause.NETWORK, by=cast.chen, now=at)
    return this


def tiles_of(cast, period):
    board = board_of(Chosen(cast.zhao), {"period": str(period)}, timezone.now())
    return {tile.kpi.key: tile for _name, tiles in whole_table(board) for tile in tiles}


def test_a_sum_so_far_is_compared_with_nothing(cast, work):
    running, over = tiles_of(cast, work), tiles_of(cast, work.plus(-1))
    assert all(running[key].change is None and running[key].difference is None for key in SUMS)
    assert {key: over[key].difference for key in SUMS} == dict.fromkeys(SUMS, -1)
    sums = [
        tile for tile in running.values() if isinstance(tile.kpi, Total) and not isinstance(tile.kpi, Stock)
    ]
    assert sums and not any(tile.change for tile in sums)
    assert running["backlog"].difference is not None and running["mttr"].difference is not None


def test_a_file_says_the_change_that_the_page_says(cast, work, client):
    client.force_login(cast.zhao)
    for period in (work, work.plus(-1)):
        answer = client.get(reverse("reports:export", args=["csv"]), {"period": str(period)})
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        changes = {line[0]: line[13] for line in csv.reader(io.StringIO(text))}
        for key in SUMS:
            assert changes[key] == ("" if period == work else "-1.0"), (period, key)


def test_a_volume_is_neither_good_nor_bad(cast, work, client):
    assert [key for key, kpi in KPIS.items() if kpi.is_volume] == list(VOLUMES)
    over = tiles_of(cast, work.plus(-1))
    assert {over[key].change.kind for key in SUMS} == {"less"}
    client.force_login(cast.zhao)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(reverse("reports:kpi", args=["work_hours"])).content.decode()
    assert "neither: it says how much there was" in page

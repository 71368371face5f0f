"""Definitions and values of KPIs through the REST interface."""

import pytest
from django.utils import timezone

from opsdesk.tests.rest import caller
from reports.kpis import KPIS
from reports.tests.making import NOW, clock, record


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_values_of_several_periods_by_rest(cast):
    clock(record(cast), "2026-11-10 10:00", "2026-11-10 09:00")
    clock(record(cast), "2026-10-10 10:00")
    ask = caller(cast.zhao)
    found = ask.get("/kpis/response/values/?period=2026-10,2026-11,2026-Q4&group=south").json()
    assert (found["group"], found["unit"]) == ("south", "percent")
    assert [one["value"] for one in found["values"]] == [0, 100, 50]
    last = found["values"][2]
    assert (last["since"], last["until"], last["denominator"]) == ("2026-10-01", "2026-12-31", 2)
    assert last["low"] < 50 < last["high"] and last["is_small"] and last["target"] == 95
    assert last["is_reached"] is False
    assert ask.get("/kpis/response/values/?period=2026-08").json()["values"][0]["value"] is None
    assert ask.get("/kpis/response/values/?period=2026-13").status_code == 422
    assert ask.get("/kpis/none/").status_code == 404
    assert ask.get("/kpis/shifts/values/?client=hospital").status_code == 404
    one = ask.get("/kpis/response/").json()
    assert one["axes"] == ["group", "person", "client"] and "waiting" in one["beside"]
    assert len(ask.get("/kpis/").json()["kpis"]) == len(KPIS)


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("chen", "", 200),
        ("chen", "?person=li", 404),
        ("chen", "?group=south", 403),
        ("wang", "?group=north", 404),
        ("wang", "?person=chen", 200),
        ("sun", "", 403),
    ],
)
def test_whose_values_may_be_read_by_rest(cast, who, query, status):
    assert caller(getattr(cast, who)).get(f"/kpis/response/values/{query}").status_code == status

"""The roster through the REST interface."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from duty.actions import Turns, approve_leave, ask_leave, define_rotation
from duty.models import DutyRole
from opsdesk.tests.rest import caller, faults

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def noon(days: int) -> datetime:
    on = TODAY + timedelta(days=days)
    return datetime.combine(on, time(12), timezone.get_default_timezone())


@pytest.fixture
def roster(cast):
    turns = Turns("Days", DutyRole.PRIMARY, [cast.chen, cast.li], time(12), time(12), noon(1).date())
    define_rotation(cast.south, turns, since=noon(1), by=cast.wang, now=NOW)
    return cast


@pytest.mark.parametrize(("days", "who"), [(1, "chen"), (2, "li"), (3, "chen"), (100, "li"), (101, "chen")])
def test_who_is_on_duty_at_an_instant_near_or_far(roster, days, who):
    answer = caller(roster.li).get("/duty/now/", {"at": noon(days).isoformat(), "group": "south"})
    (held,) = answer.json()["results"]
    assert (held["person"]["id"], held["source"], held["group"]["id"]) == (who, "rotation", "south")


def test_nobody_is_on_duty_now(roster):
    assert caller(roster.zhao).get("/duty/now/").json() == {"results": []}


def test_the_shifts_of_a_span_come_in_pages(roster):
    span = {"since": noon(1).isoformat(), "until": noon(5).isoformat()}
    page = caller(roster.li).get("/duty/shifts/", span | {"limit": 3}).json()
    assert [one["person"]["id"] for one in page["results"]] == ["chen", "li", "chen"] and page["next"]
    assert page["results"][0]["why"] == "Rotation: Days"


def test_a_span_backwards_or_too_long_is_refused_by_name(roster):
    for days in (1, 103):
        span = {"since": noon(2).isoformat(), "until": noon(days).isoformat()}
        answer = caller(roster.li).get("/duty/shifts/", span)
        assert answer.status_code == 422 and "until" in faults(answer)


def test_gaps_and_empty_shifts_are_told_apart(roster):
    approve_leave(ask_leave(roster.li, noon(2), noon(3), by=roster.li, now=NOW), by=roster.wang, now=NOW)
    gap, empty = caller(roster.li).get("/duty/gaps/").json()["results"]
    assert gap["absent"] is None and datetime.fromisoformat(gap["ends_at"]) == noon(1)
    assert empty["absent"]["id"] == "li" and datetime.fromisoformat(empty["starts_at"]) == noon(2)


@pytest.mark.parametrize("path", ["/duty/now/", "/duty/gaps/", "/duty/shifts/"])
def test_a_foreign_group_is_not_found_and_a_contact_sees_none(roster, path):
    span = {"since": noon(1).isoformat(), "until": noon(5).isoformat()} if "shifts" in path else {}
    assert caller(roster.outsider).get(path, span | {"group": "south"}).status_code == 404
    assert caller(roster.outsider).get(path, span).json()["results"] == [] or "gaps" in path
    assert caller(roster.sun).get(path, span).json()["results"] == []
    assert caller(roster.sun).get(path, span | {"group": "south"}).status_code == 404

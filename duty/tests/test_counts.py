"""Duty counts for allowances: by person, duty and the kind of the day on which a shift starts."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from duty.counting import Duty, PaidKind, tallies
from duty.official import plan_of
from duty.tests.rosters import defined
from opsdesk.testing import SHANGHAI, Cast, at
from opsdesk.tests.rest import caller, faults
from staff.models import User

KINDS = {day.date: str(day.kind) for year in (2025, 2026) for day in plan_of(year).days}


def duty(start: str, hours: float, person: int = 1, role: str = "primary") -> Duty:
    begins = at(start)
    return Duty(person, role, begins, begins + timedelta(hours=hours))


def counted(*duties: Duty, first: str, last: str) -> dict[tuple[int, str], dict[str, tuple[int, float]]]:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    found = tallies(duties, *days, KINDS.__getitem__, SHANGHAI)
    return {
        key: {kind: (count.shifts, count.hours) for kind, count in tally.kinds.items() if count.shifts}
        for key, tally in found.items()
    }


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("2026-02-14 18:00", PaidKind.WORKDAY),  # a make-up Saturday, into a day off
        ("2026-02-15 08:30", PaidKind.DAY_IN_LIEU),
        ("2026-02-16 18:00", PaidKind.STATUTORY),  # the eve of the new year
        ("2026-02-23 23:59", PaidKind.DAY_IN_LIEU),  # though it ends on a workday
        ("2026-02-07 00:00", PaidKind.WEEKEND),
        ("2026-02-24 00:00", PaidKind.WORKDAY),
    ],
)
def test_a_shift_counts_whole_for_the_day_on_which_it_starts(start, kind):
    found = counted(duty(start, 14.5), first="2026-02-01", last="2026-02-28")
    assert found == {(1, "primary"): {kind: (1, 14.5)}}


def test_a_month_has_the_shifts_that_start_in_it_and_no_others():
    eve, last, after = (
        duty("2026-01-31 23:59", 9),
        duty("2026-02-28 23:59", 9),
        duty("2026-03-01 00:00", 9),
    )
    assert counted(eve, last, after, first="2026-02-01", last="2026-02-28") == {
        (1, "primary"): {PaidKind.WORKDAY: (1, 9)}  # that Saturday is a make-up workday
    }


def test_people_and_duties_are_told_apart_and_parts_keep_their_hours():
    found = counted(
        duty("2026-03-02 08:00", 12),
        duty("2026-03-03 08:00", 4),
        duty("2026-03-03 12:00", 8, person=2),
        duty("2026-03-04 08:00", 24, role="backup"),
        first="2026-03-01",
        last="2026-03-31",
    )
    assert found == {
        (1, "primary"): {PaidKind.WORKDAY: (2, 16)},
        (2, "primary"): {PaidKind.WORKDAY: (1, 8)},
        (1, "backup"): {PaidKind.WORKDAY: (1, 24)},
    }


# What is read: October 2026, with the National Day and its days in lieu


@pytest.fixture
def october(cast: Cast) -> Cast:
    then = at("2026-09-20 09:00")
    defined(cast, since=at("2026-09-28 18:00"), now=then, first_day=date(2026, 9, 28))
    return cast


def whole(cast: Cast) -> dict[str, dict[str, tuple[int, float]]]:
    answer = caller(cast.wang).get("/duty/counts/", {"month": "2026-10", "group": "south"})
    kinds = [*PaidKind, "total"]
    return {
        one["person"]["id"]: {kind: (one[kind]["shifts"], one[kind]["hours"]) for kind in kinds}
        for one in answer.json()["results"]
    }


def test_the_sums_are_the_days_of_the_month(october):
    with_time = whole(october)
    sums = {kind: sum(line[kind][0] for line in with_time.values()) for kind in [*PaidKind, "total"]}
    days = [kind for day, kind in KINDS.items() if (day.year, day.month) == (2026, 10)]
    expected = {kind: days.count(kind) for kind in PaidKind}
    expected[PaidKind.WORKDAY] += days.count("makeup_workday")
    assert sums == {**expected, "total": 31} and sums["statutory"] >= 3
    assert all(line["total"][1] == 24 * line["total"][0] for line in with_time.values())


def test_a_supervisor_sees_the_group_and_a_person_himself(october, client):
    for person, names in ((october.wang, 3), (october.zhou, 3), (october.chen, 1), (october.admin, 3)):
        client.force_login(person)
        page = client.get(reverse("duty:counts", args=["south", 2026, 10]))
        assert len(page.context["lines"]) == names, person
        answer = caller(person).get("/duty/counts/", {"month": "2026-10", "group": "south"})
        assert len(answer.json()["results"]) == names
    client.force_login(october.outsider)
    assert client.get(reverse("duty:counts", args=["south", 2026, 10])).status_code == 404
    assert caller(october.outsider).get("/duty/counts/", {"group": "south"}).status_code == 404


def test_the_months_ahead_are_not_counted(october, client):
    client.force_login(october.wang)
    for year, month, status in ((2999, 1, 404), (2026, 13, 404), (2026, 1, 200)):
        assert client.get(reverse("duty:counts", args=["south", year, month])).status_code == status
    for month in ("2999-01", "2026-13", "soon"):
        answer = caller(october.wang).get("/duty/counts/", {"month": month})
        assert answer.status_code == 422 and "month" in faults(answer)


def test_files_say_what_the_page_says_and_run_nothing(october, client):
    User.objects.filter(pk=october.chen.pk).update(name="=HYPERLINK(1)")
    client.force_login(october.wang)
    line = next(line for line in whole(october).items() if line[0] == "chen")[1]
    answer = client.get(reverse("duty:counts_export", args=["south", 2026, 10, "csv"]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert len({len(row) for row in (head, *rows)}) == 1
    (own,) = [row for row in rows if row[3] == "chen"]
    assert own[2] == "'=HYPERLINK(1)" and int(own[-2]) == line["total"][0]
    answer = client.get(reverse("duty:counts_export", args=["south", 2026, 10, "xlsx"]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["2026-10"] * 3
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {row[2].value for row in sheet.iter_rows(min_row=2)} == {"=HYPERLINK(1)", "李敏", "王强"}


def test_the_page_asks_no_more_for_each_person(october, client, django_assert_max_num_queries):
    client.force_login(october.wang)
    with django_assert_max_num_queries(8):
        client.get(reverse("duty:counts", args=["south", 2026, 10]))

"""The quarter board: what the roster says of three months, in a fixed number of questions."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from duty import actions
from duty.actions import Placed
from duty.models import DutyRole, OverrideKind, Shift
from duty.plans import pieces_of
from duty.roster import day_span
from duty.templatetags.wallchart import chart_legend, chart_months
from duty.tests.rosters import START, defined
from duty.wallchart import Chart, Held, chart_of
from opsdesk.testing import MONDAY, SHANGHAI, Cast, at
from staff.models import User

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 11, 1), date(2027, 1, 31)


def shown(chart: Chart) -> list[Held]:
    return sorted(
        (one for days in chart.held.values() for held in days.values() for one in held),
        key=lambda one: (one.starts_at, one.role),
    )


def quarter(cast: Cast, now=MONDAY, first=FIRST, last=LAST) -> Chart:
    return chart_of(cast.south, first, last, now=now)


def test_three_months_are_what_is_held_and_what_is_planned_without_a_seam(cast):
    defined(cast)
    later = MONDAY + 7 * DAY
    actions.publish_all(now=later)
    held = Shift.objects.filter(starts_at__lt=later)
    expected = [(one.role, one.user_id, one.starts_at, one.ends_at) for one in held]
    until = day_span(LAST, SHANGHAI).ends_at
    expected += [
        (piece.role, piece.planned, piece.starts_at, piece.ends_at)
        for piece in pieces_of(cast.south, later, until + 2 * DAY)
        if later < piece.starts_at < until
    ]
    found = shown(quarter(cast, later))
    assert [(one.role, one.person, one.starts_at, one.ends_at) for one in found] == expected
    assert len(found) == 70 and not any(one.is_changed or one.is_empty for one in found)


def test_a_quarter_that_begins_in_the_night_or_far_ahead_shows_whole_shifts(cast):
    defined(cast)
    chart = quarter(cast, first=date(2027, 3, 1), last=date(2027, 5, 31))
    assert shown(chart)[0].starts_at == at("2027-02-28 18:00")  # on the first day, as it began before
    assert {one.ends_at - one.starts_at for one in shown(chart)} == {DAY}


def test_changes_leave_and_gaps_are_told_apart(cast):
    defined(cast)
    night = START + 3 * DAY  # 陈工's
    facts = {"user": cast.li, "instead_of": cast.chen, "by": cast.wang, "now": MONDAY}
    kind = (cast.south, OverrideKind.REPLACE, DutyRole.PRIMARY)
    actions.place_override(*kind, night + DAY / 4, night + DAY / 2, **facts)
    leave = actions.ask_leave(cast.wang, START + 5 * DAY, START + 6 * DAY, by=cast.wang, now=MONDAY)
    actions.approve_leave(leave, by=cast.admin, now=MONDAY)
    chart = quarter(cast)
    changed = [one for one in shown(chart) if one.is_changed]
    empty = [one for one in shown(chart) if one.is_empty]
    assert [(one.person, one.starts_at) for one in changed] == [(cast.li.pk, night + DAY / 4)]
    assert [(one.person, one.starts_at) for one in empty] == [(cast.wang.pk, START + 5 * DAY)]
    assert chart.away[cast.wang.pk] == {date(2026, 11, 28), date(2026, 11, 29)}
    # Until six in the evening of the first day nobody is planned.
    assert set(chart.holes) == {date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 29)}


def test_holidays_are_named_and_an_unknown_year_is_said(cast):
    chart = quarter(cast, first=date(2026, 9, 15), last=date(2026, 10, 31))
    names = {day.date.day: day.name for day in chart.days if day.date.month == 10 and day.name}
    assert {1, 2, 3} <= set(names) and not chart.unknown_years
    assert quarter(cast, last=date(2027, 1, 2)).unknown_years == [2027]


def test_several_times_of_a_duty_have_numbers_and_one_has_none(cast):
    defined(cast, name="Night", ends=at("2026-11-23 06:00").time())
    defined(cast, name="Day", starts=at("2026-11-23 06:00").time(), since=START + DAY)
    defined(cast, name="Backup", role=DutyRole.BACKUP, people=[cast.wang])
    chart = quarter(cast)
    with translation.override("en"):
        legend = re.sub(r"<[^>]+>", " ", chart_legend(chart))
    assert "D1 On duty  06:00–18:00" in legend and "D2 On duty  18:00–06:00" in legend
    assert "B Backup  18:00–18:00" in legend


def test_a_month_is_a_table_and_names_are_only_text(cast):
    defined(cast)
    User.objects.filter(pk=cast.chen.pk).update(name="<b>x</b>", phone="<i>1</i>")
    chart = quarter(cast)
    months = chart_months(chart, MONDAY.date())
    assert [first for first, _table in months] == [FIRST, date(2026, 12, 1), date(2027, 1, 1)]
    for _first, table in months:
        assert "<b>x" not in table and "&lt;b&gt;x" in table and "<i>" not in table
        rows = re.findall(r"<tr.*?</tr>", table)
        assert len(rows) == 2 + 3 + 1
    for _first, table in months:
        days = table.count("<col ")
        assert all(row.count("<td") == days + 1 for row in re.findall(r"<tr>.*?</tr>", table)[1:])


def test_whoever_has_left_is_shown_with_what_he_held(cast):
    defined(cast)
    later = START + 10 * DAY
    actions.publish_all(now=later)
    User.objects.filter(pk=cast.chen.pk).update(group=cast.north)
    actions.publish_all(now=later)
    chart = quarter(cast, later)
    assert [one.label for one in chart.people if one.pk == cast.chen.pk] == ["陈工"]
    assert chart.held[cast.chen.pk]


# The page


def test_forty_people_cost_as_many_questions_as_three(cast, client, django_assert_num_queries):
    now, today = timezone.now(), timezone.localdate()
    defined(cast, since=now + DAY, now=now, first_day=today)
    placed = [Placed(cast.wang, DutyRole.SUPERVISOR, now, now + DAY / 3)]
    actions.set_temporary(cast.south, "Block", today, today + 2 * DAY, placed, by=cast.wang, now=now)
    client.force_login(cast.li)
    address = reverse("duty:wallchart", args=["south"])
    client.get(address)
    with CaptureQueriesContext(connection) as of_three:
        client.get(address)
    for number in range(37):
        User.objects.create_user(f"p{number}", name=f"P{number}", role="engineer", group=cast.south)
    people = list(User.objects.filter(username__startswith="p"))
    defined(
        cast, since=now + DAY, now=now, first_day=today, people=people, role=DutyRole.BACKUP, name="Backup"
    )
    # At the end of a month all that is shown is written out already, and fewer are asked.
    assert len(of_three) <= 11
    with django_assert_num_queries(len(of_three)):
        page = client.get(address)
    assert page.status_code == 200 and len(page.context["chart"].people) == 40
    client.force_login(cast.zhao)
    with django_assert_num_queries(len(of_three)):
        client.get(address)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?first_day=2026-11-01&last_day=2027-01-31&paper=a4", 200),
        ("?first_day=2026-11-01&last_day=2027-02-01", 422),
        ("?first_day=2026-11-02&last_day=2026-11-01", 422),
        ("?first_day=soon&last_day=2026-11-01", 422),
        ("?last_day=2026-11-01", 422),
        ("?first_day=2026-11-01&last_day=2026-11-30&paper=a0", 422),
    ],
)
def test_up_to_three_months_can_be_asked_for(cast, client, query, status):
    client.force_login(cast.li)
    assert client.get(reverse("duty:wallchart", args=["south"]) + query).status_code == status


def test_a_foreign_group_is_not_found(cast, client):
    client.force_login(cast.outsider)
    assert client.get(reverse("duty:wallchart", args=["south"])).status_code == 404
    client.force_login(cast.sun)
    assert client.get(reverse("duty:wallchart", args=["south"])).status_code == 403

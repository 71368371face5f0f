"""Time spent: written with the entry, summed by person, corrected by a counter-entry in the same week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast, at
from opsdesk.tests.rest import caller, faults
from staff.models import User
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Cause, Entry, EntryKind, Ticket, TimeSpent
from tickets.tests.test_stale import in_work
from tickets.tests.test_views import act, detail, signed_in

DAY = timedelta(days=1)


def spend(cast: Cast, ticket: Ticket, minutes: int, by: User | None = None, now=MONDAY) -> TimeSpent:
    entry = actions.add_note(ticket, text="查日志", minutes=minutes, by=by or cast.chen, now=now)
    return entry.time_spent


def test_each_entry_may_say_how_long_it_took(cast: Cast) -> None:
    ticket = in_work(cast)
    chen = signed_in(cast.chen)
    act(chen, ticket, "note", text="查日志", minutes="1h30")
    act(chen, ticket, "diagnose", diagnosis="磁盘满", cause="hardware", minutes="半小时")
    act(signed_in(cast.li), ticket, "repeat_contact", caller_name="孙主任", channel="phone", minutes="5")
    act(chen, ticket, "resolve", solution="清理", cause="hardware", minutes="1.5h")
    rows = ticket.time_spent.values_list("person__username", "minutes", "entry__kind")
    assert list(rows) == [
        ("chen", 90, EntryKind.NOTE),
        ("chen", 30, EntryKind.DIAGNOSED),
        ("li", 5, EntryKind.REPEAT_CONTACT),
        ("chen", 90, EntryKind.RESOLVED),
    ]
    page = chen.get(detail(ticket))
    effort = page.context["effort"]
    assert effort.people == [(cast.chen, 210), (cast.li, 5)] and effort.total == 215
    assert "3 h 35 min" in page.content.decode() and "1 h 30 min" in page.content.decode()


def test_a_day_is_counted_as_the_house_counts_days(cast: Cast) -> None:
    assert spend(cast, in_work(cast), 10, now=at("2026-11-24 00:30")).on == date(2026, 11, 24)


def test_what_is_no_time_is_said_at_the_field_and_nothing_typed_is_lost(cast: Cast) -> None:
    ticket = in_work(cast)
    answer = act(signed_in(cast.chen), ticket, "note", text="查了很久的日志", minutes="很久")
    page = answer.content.decode()
    assert answer.status_code == 422 and "minutes" in answer.context["forms"]["note"].errors
    assert "查了很久的日志" in page and "很久" in page
    assert not TimeSpent.objects.exists()
    for wrong in (0, -5, 1441):
        with pytest.raises(Refused) as refused:
            spend(cast, ticket, wrong)
        assert refused.value.field == "minutes"


def test_a_client_counts_no_time_and_sees_none(cast: Cast) -> None:
    ticket = in_work(cast)
    spend(cast, ticket, 45)
    sun = signed_in(cast.sun)
    act(sun, ticket, "note", text="怎么样了", minutes="45")
    assert TimeSpent.objects.count() == 1
    page = sun.get(detail(ticket)).content.decode()
    assert "note-minutes" not in page and "Time spent" not in page and "data-replies" not in page
    with pytest.raises(Refused):
        spend(cast, ticket, 5, by=cast.sun)
    assert caller(cast.sun).get(f"/tickets/{ticket.number}/time/").json()["results"] == []
    entries = caller(cast.sun).get(f"/tickets/{ticket.number}/entries/").json()["results"]
    assert {entry["minutes"] for entry in entries} == {None}


def correct(cast: Cast, ticket: Ticket, spent: TimeSpent, minutes: int, **more: object):
    who = {"by": cast.chen, "now": MONDAY + DAY, "reason": "多记了"} | more
    return actions.correct_time(ticket, spent, minutes=minutes, **who)


def test_a_correction_is_a_counter_entry_of_the_same_day(cast: Cast) -> None:
    ticket = in_work(cast)
    spent = spend(cast, ticket, 90)
    entry = correct(cast, ticket, spent, 60)
    assert (entry.kind, entry.text, entry.changes) == (
        EntryKind.TIME_CORRECTED,
        "多记了",
        {"minutes": [90, 60]},
    )
    assert (entry.time_spent.minutes, entry.time_spent.on, entry.time_spent.corrects) == (
        -30,
        spent.on,
        spent,
    )
    correct(cast, ticket, spent, 0)
    assert sum(row.minutes for row in ticket.time_spent.all()) == 0
    correct(cast, ticket, spent, 75)
    assert sum(row.minutes for row in ticket.time_spent.all()) == 75
    spent.refresh_from_db()
    assert spent.minutes == 90  # what was written stands


@pytest.mark.parametrize(
    ("field", "minutes", "more"),
    [
        ("spent", 60, {"by": "wang"}),
        ("spent", 60, {"now": MONDAY + 7 * DAY}),
        ("reason", 60, {"reason": " "}),
        ("minutes", 90, {}),
        ("minutes", -1, {}),
        ("minutes", 1441, {}),
    ],
)
def test_only_ones_own_this_week_with_a_reason(
    cast: Cast, field: str, minutes: int, more: dict[str, object]
) -> None:
    ticket = in_work(cast)
    spent = spend(cast, ticket, 90)
    if "by" in more:
        more = more | {"by": cast.wang}
    with pytest.raises(Refused) as refused:
        correct(cast, ticket, spent, minutes, **more)
    assert refused.value.field == field
    assert TimeSpent.objects.count() == 1


def test_a_correction_is_not_corrected_and_sunday_is_still_this_week(cast: Cast) -> None:
    ticket = in_work(cast)
    spent = spend(cast, ticket, 90)
    entry = correct(cast, ticket, spent, 60, now=at("2026-11-29 23:59"))
    with pytest.raises(Refused):
        correct(cast, ticket, entry.time_spent, 10)


def test_the_database_lets_nobody_rewrite_it(cast: Cast) -> None:
    spent = spend(cast, in_work(cast), 90)
    for change in (lambda: TimeSpent.objects.update(minutes=1), spent.delete):
        with pytest.raises(InternalError, match="append-only"), transaction.atomic():
            change()


def test_it_is_corrected_on_the_page_without_losing_what_is_typed(cast: Cast) -> None:
    ticket, now = in_work(cast), timezone.now()
    spent = spend(cast, ticket, 90, now=now)
    url, chen = reverse("tickets:correct_time", args=[ticket.pk]), signed_in(cast.chen)
    hx = {"HX-Request": "true"}
    wrong = chen.post(url, {"spent": spent.pk, "minutes": "很久", "reason": "多记了半小时"}, headers=hx)
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "很久" in page and "多记了半小时" in page and "Write it like" in page
    foreign = spend(cast, ticket, 10, by=cast.wang, now=now)
    assert chen.post(url, {"spent": foreign.pk, "minutes": "5", "reason": "x"}, headers=hx).status_code == 422
    right = chen.post(url, {"spent": spent.pk, "minutes": "1h", "reason": "多记了半小时"}, headers=hx)
    assert right.status_code == 200 and "1 h" in right.content.decode()
    assert sum(row.minutes for row in ticket.time_spent.filter(person=cast.chen)) == 60
    assert chen.get(url).status_code == 405
    assert signed_in(cast.outsider).post(url).status_code == 404
    assert signed_in(cast.sun).post(url).status_code == 403


def test_the_kpi_reads_a_persons_month_from_the_index(cast: Cast) -> None:
    ticket = in_work(cast)
    spend(cast, ticket, 90, now=at("2026-10-31 23:59"))
    for minutes in (30, 45):
        spend(cast, ticket, minutes)
    spend(cast, ticket, 5, by=cast.wang)
    rows = TimeSpent.objects.between(date(2026, 11, 1), date(2026, 12, 1)).by_person_and_month()
    assert [(row["person"], row["month"], row["minutes"]) for row in rows] == [
        (cast.chen.pk, date(2026, 11, 1), 75),
        (cast.wang.pk, date(2026, 11, 1), 5),
    ]
    two_years_of_work(cast, ticket)
    assert "tickets_time_of_person" in rows.explain()


def two_years_of_work(cast: Cast, ticket: Ticket) -> None:
    """So many rows that Postgres, which knows how they lie, has a reason to choose."""
    days = [date(2024, 11, 1) + number * DAY for number in range(730)]
    facts = {"ticket": ticket, "kind": EntryKind.NOTE, "at": MONDAY, "by": cast.chen}
    entries = Entry.objects.bulk_create(Entry(**facts) for _day in days for _number in range(5))
    TimeSpent.objects.bulk_create(
        TimeSpent(ticket=ticket, entry=entry, person=cast.chen, minutes=10, on=days[number // 5])
        for number, entry in enumerate(entries)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_timespent")


def test_rest_takes_and_lists_it(cast: Cast) -> None:
    ticket, chen = in_work(cast), caller(cast.chen)
    path = f"/tickets/{ticket.number}"
    assert chen.post(f"{path}/notes/", {"text": "x", "time_spent": "1小时30分"}).status_code == 200
    assert chen.post(f"{path}/notes/", {"text": "x"}).status_code == 200
    body = {"diagnosis": "x", "cause": "other", "time_spent": "20"}
    assert chen.post(f"{path}/diagnose/", body).status_code == 200
    wrong = chen.post(f"{path}/notes/", {"text": "x", "time_spent": "soon"})
    assert wrong.status_code == 422 and faults(wrong) == {"#/time_spent": "span"}
    rows = chen.get(f"{path}/time/").json()["results"]
    assert [(row["person"]["id"], row["minutes"], row["corrects"]) for row in rows] == [
        ("chen", 90, None),
        ("chen", 20, None),
    ]
    entries = chen.get(f"{path}/entries/").json()["results"]
    assert [entry["minutes"] for entry in entries if entry["minutes"]] == [90, 20]
    assert caller(cast.outsider).get(f"{path}/time/").status_code == 404


def test_a_long_history_with_time_costs_no_more_queries(cast: Cast) -> None:
    ticket, li = in_work(cast), signed_in(cast.li)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            li.get(detail(ticket))
        return len(captured)

    queries()
    few = queries()
    for number in range(8):
        actions.diagnose(
            ticket, diagnosis=f"{number}", cause=Cause.OTHER, minutes=5, by=cast.li, now=timezone.now()
        )
    assert queries() == few

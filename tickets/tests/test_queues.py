"""The queues and their counts, and the list that keeps itself up to date."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Channel
from opsdesk.testing import Cast
from staff.models import User
from tickets import actions
from tickets.actions.tallies import add_up, count_anew
from tickets.models import Cause, Grade, OpenTally, PauseReason, Ticket
from tickets.queues import NEAR, counted_queues, queue_filters
from tickets.tests.test_views import signed_in

HOUR = timedelta(hours=1)
LIST, LIVE = reverse("tickets:list"), reverse("tickets:live")
LIVE_DESK = reverse("tickets:live_desk")


def counts(user: User) -> dict[str, int]:
    return {queue.key: queue.count for queue in counted_queues(user, timezone.now())}


def solved(ticket: Ticket, cast: Cast) -> Ticket:
    now = timezone.now()
    actions.grade(ticket, Grade.THREE, reason="slow", by=cast.chen, now=now)
    actions.acknowledge(ticket, by=cast.chen, now=now)
    return actions.resolve(ticket, solution="fixed", cause=Cause.SOFTWARE, by=cast.chen, now=now)


def test_each_queue_counts_what_its_list_shows(cast: Cast) -> None:
    now = timezone.now()
    cast.ticket(now)
    overdue = cast.ticket(now - HOUR)
    solved(cast.ticket(now), cast)
    waiting = cast.ticket(now)
    actions.grade(waiting, Grade.THREE, reason="slow", by=cast.chen, now=now)
    actions.acknowledge(waiting, by=cast.chen, now=now)
    actions.pause(
        waiting, reason=PauseReason.PARTS, text="disk", until=now + HOUR * 30, by=cast.chen, now=now
    )
    found = counts(cast.chen)
    assert found["open"] == found["group"] == found["mine"] == 4
    assert (found["unacknowledged"], found["near"], found["overdue"]) == (2, 1, 1)
    assert (found["waiting"], found["to_confirm"]) == (1, 1)
    browser = signed_in(cast.chen)
    for key, count in found.items():
        page = browser.get(LIST, {"queue": key})
        assert len(page.context["rows"]) == count, key
    assert [row.ticket for row in browser.get(LIST, {"queue": "overdue"}).context["rows"]] == [overdue]


def test_near_ends_where_overdue_begins(cast: Cast) -> None:
    due = cast.ticket(timezone.now()).next_due_at
    for now, queue in (
        (due - NEAR, None),
        (due - NEAR + timedelta(seconds=1), "near"),
        (due, "near"),
        (due + timedelta(seconds=1), "overdue"),
    ):
        found = {item.key: item.count for item in counted_queues(cast.li, now)}
        assert [key for key in ("near", "overdue") if found[key]] == ([queue] if queue else []), now


def test_what_one_took_for_another_group_is_not_ones_groups(cast: Cast) -> None:
    actions.log_call(cast.call(), by=cast.outsider, now=timezone.now())
    assert counts(cast.outsider)["open"] == 1
    assert counts(cast.outsider)["group"] == 0
    assert counts(cast.li)["group"] == 1


def test_who_sees_every_group_has_none_of_his_own_but_filters_by_any(cast: Cast) -> None:
    cast.ticket(timezone.now())
    assert "group" not in counts(cast.zhou)
    browser = signed_in(cast.zhou)
    assert len(browser.get(LIST, {"group": "south"}).context["rows"]) == 1
    assert not browser.get(LIST, {"group": "north"}).context["rows"]


def test_e_mail_to_decide_is_counted_for_the_house_alone(cast: Cast) -> None:
    now = timezone.now()
    assert "mail" not in counts(cast.li)
    for number in range(3):
        actions.queue_unread(b"x", key=str(number), size=1, error="", now=now)
    assert counts(cast.li)["mail"] == counts(cast.zhou)["mail"] == 3
    assert "mail" not in counts(cast.sun)
    cast.ticket(now)
    cast.ticket(now)
    assert counts(cast.li)["mail"] == 3
    assert reverse("tickets:intake") in signed_in(cast.li).get(LIST).content.decode()


def test_counts_are_those_of_the_rows_for_everybody_after_whatever_happens(cast: Cast) -> None:
    now = timezone.now()
    kept = [cast.ticket(now - HOUR * hours) for hours in (0, 0, 1, 5, 9, 30, 100)]
    solved(kept[0], cast)
    actions.confirm(solved(kept[1], cast), confirmed_by="Sun", channel=Channel.PHONE, by=cast.chen, now=now)
    actions.assign(kept[2], group=cast.north, by=cast.chen, now=now)
    actions.log_call(cast.call(), by=cast.outsider, now=now)
    actions.merge(kept[4], into=kept[5], by=cast.chen, now=now)
    for _again in range(2):
        for user in User.objects.all():
            rows = Ticket.objects.visible_to(user).open()
            for instant in (now, now + NEAR, now + HOUR * 12, now + HOUR * 200, now - HOUR * 7):
                found = {queue.key: queue.count for queue in counted_queues(user, instant)}
                filters = queue_filters(user, instant).items()
                assert found == {key: rows.filter(q).count() for key, (_label, q) in filters}, (user, instant)
        add_up()
    columns = ("group", "status", "since", "number")
    before = sorted(OpenTally.objects.values_list(*columns))
    count_anew()
    assert sorted(OpenTally.objects.values_list(*columns)) == before != []


def test_counters_are_one_query(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as captured:
        counted_queues(cast.li, timezone.now())
    assert len(captured) == 1


def test_open_records_come_by_what_breaks_next_and_all_by_the_newest(cast: Cast) -> None:
    now = timezone.now()
    later, sooner = cast.ticket(now), cast.ticket(now - timedelta(minutes=5))
    browser = signed_in(cast.li)

    def shown(**query: str) -> list[Ticket]:
        return [row.ticket for row in browser.get(LIST, query).context["rows"]]

    assert shown() == [sooner, later]
    assert shown(queue="all") == sorted([sooner, later], key=lambda ticket: -ticket.pk)


@pytest.mark.parametrize("address", [LIVE, LIVE_DESK])
def test_what_has_not_changed_is_not_sent_again(cast: Cast, address: str) -> None:
    ticket, browser = cast.ticket(timezone.now()), signed_in(cast.chen)
    first = browser.get(address)
    assert f"-{ticket.pk}" in first.content.decode()
    again = browser.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    actions.add_note(ticket, text="x", by=cast.li, now=timezone.now())
    changed = browser.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert "<html" not in changed.content.decode()


@pytest.mark.parametrize(
    "page, live", [(LIST, LIVE), (LIST + "?queue=mine", LIVE + "?queue=mine"), ("/", LIVE_DESK)]
)
def test_a_page_begins_where_its_refresh_goes_on(cast: Cast, page: str, live: str) -> None:
    cast.ticket(timezone.now())
    browser = signed_in(cast.chen)
    first = browser.get(page)
    assert first.context["live_url"].rstrip("?") == live
    assert browser.get(live, headers={"if-none-match": first.context["etag"]}).status_code == 304


def test_another_language_is_another_list(cast: Cast) -> None:
    cast.ticket(timezone.now())
    browser = signed_in(cast.li)
    etag = browser.get(LIVE)["ETag"]
    chinese = browser.get(LIVE, headers={"if-none-match": etag, "accept-language": "zh"})
    assert chinese.status_code == 200


def test_the_refresh_shows_what_one_may_see_and_no_more(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    for user, sees in ((cast.li, True), (cast.outsider, False)):
        assert (f"row-{ticket.pk}" in signed_in(user).get(LIVE).content.decode()) is sees
    assert signed_in(cast.sun).get(LIVE).status_code == 403
    assert Browser().get(LIVE).status_code == 302


def test_a_refresh_costs_two_queries_besides_the_sign_in_and_the_list_at_most_twelve(cast: Cast) -> None:
    for _ in range(30):
        cast.ticket(timezone.now())
    browser = signed_in(cast.wang)
    etag = browser.get(LIVE)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(LIVE, headers={"if-none-match": etag}).status_code == 304
    assert len(captured) == 4  # session, person; counters, rows
    with CaptureQueriesContext(connection) as captured:
        browser.get(LIVE)
    assert len(captured) == 6  # and the names and the clocks of the rows
    for user, query in (
        (cast.wang, "?client=hospital"),
        (cast.admin, "?group=south"),
        (cast.zhou, "?client=hospital"),
    ):
        browser = signed_in(user)
        with CaptureQueriesContext(connection) as captured:
            browser.get(LIST + query)
        assert len(captured) <= 12, user  # the frame's among them

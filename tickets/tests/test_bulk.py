"""One verb on many records: each by itself, each with its own answer."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.models import User
from tickets import actions
from tickets.models import Entry, EntryKind, Grade, Status, Ticket
from tickets.tests.test_queues import solved
from tickets.tests.test_views import signed_in

BULK, UNDO, LIST = reverse("tickets:bulk"), reverse("tickets:undo"), reverse("tickets:list")


def row(ticket: Ticket) -> str:
    """A record as a list shows it that was loaded now."""
    ticket = Ticket.objects.get(pk=ticket.pk)
    return f"{ticket.pk}:{ticket.status}:{ticket.owner_id or ''}"


def do(browser: Browser, verb: str, rows: list[str], **fields: object):
    data = {f"bulk-{name}": value for name, value in fields.items()}
    return browser.post(BULK, {"bulk-verb": verb, "row": rows} | data)


def said(browser: Browser) -> dict:
    """What the list then says above its rows; once only."""
    result = browser.get(LIST).context["result"]
    assert browser.get(LIST).context["result"] is None
    return result


def owners(*tickets: Ticket) -> list[User | None]:
    return [Ticket.objects.get(pk=ticket.pk).owner for ticket in tickets]


@pytest.fixture
def tickets(cast: Cast) -> list[Ticket]:
    return [cast.ticket(timezone.now()) for _ in range(3)]


def test_many_records_are_assigned_each_with_its_history(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.wang)
    do(browser, "assign", [row(ticket) for ticket in tickets], owner=cast.li.pk, word="please")
    result = said(browser)
    assert [item["number"] for item in result["done"]] == [ticket.number for ticket in tickets]
    assert not result["refused"]
    assert owners(*tickets) == [cast.li] * 3
    entries = Entry.objects.filter(kind=EntryKind.ASSIGNED, by=cast.wang, text="please")
    assert {entry.ticket_id for entry in entries} == {ticket.pk for ticket in tickets}
    assert entries[0].changes == {"owner": ["陈工", "李敏"]}


def test_what_is_refused_for_one_record_is_said_and_holds_up_no_other(
    cast: Cast, tickets: list[Ticket]
) -> None:
    ready = solved(tickets[1], cast)
    browser = signed_in(cast.chen)
    do(browser, "confirm", [row(ticket) for ticket in tickets], channel="phone")
    ready.refresh_from_db()
    assert (ready.status, ready.confirmed_by) == (Status.CLOSED, "孙主任")
    result = said(browser)
    assert [item["number"] for item in result["done"]] == [ready.number]
    assert [(item["number"], "Not possible" in item["reason"]) for item in result["refused"]] == [
        (tickets[0].number, True),
        (tickets[2].number, True),
    ]


def test_the_list_shows_what_became_of_each_record(cast: Cast, tickets: list[Ticket]) -> None:
    solved(tickets[0], cast)
    browser = signed_in(cast.chen)
    answer = do(browser, "confirm", [row(ticket) for ticket in tickets], channel="phone")
    page = browser.get(answer.url).content.decode()
    assert "1 record done" in page
    assert "2 refused" in page
    assert "Not possible while the record is" in page


def test_a_faster_hand_is_noticed_for_its_record_alone(cast: Cast, tickets: list[Ticket]) -> None:
    rows = [row(ticket) for ticket in tickets]
    actions.assign(tickets[0], owner=cast.wang, by=cast.wang, now=timezone.now())
    actions.acknowledge(tickets[1], by=cast.wang, now=timezone.now())
    browser = signed_in(cast.chen)
    do(browser, "assign", rows[:1], owner=cast.li.pk)
    assert "Somebody was faster" in said(browser)["refused"][0]["reason"]
    do(browser, "acknowledge", rows[1:])
    result = said(browser)
    assert "Somebody was faster" in result["refused"][0]["reason"]
    assert [item["number"] for item in result["done"]] == [tickets[2].number]
    assert owners(*tickets) == [cast.wang, cast.wang, cast.chen]


def test_a_note_is_added_to_each_record(cast: Cast, tickets: list[Ticket]) -> None:
    do(signed_in(cast.li), "note", [row(ticket) for ticket in tickets], note="the line is down in the city")
    assert Entry.objects.filter(kind=EntryKind.NOTE, text="the line is down in the city").count() == 3


def test_a_person_of_another_group_is_refused_by_the_rule(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.admin)
    do(browser, "assign", [row(tickets[0])], owner=cast.outsider.pk)
    assert "another group" in said(browser)["refused"][0]["reason"]


def test_a_mistake_loses_neither_the_ticks_nor_what_was_typed(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.chen)
    answer = do(browser, "note", [row(tickets[0])], note="", word="typed before")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Write the note first." in page
    assert "typed before" in page
    assert f'value="{row(tickets[0])}" checked' in page
    answer = do(browser, "note", [], note="a long note")
    assert answer.status_code == 422
    assert "a long note" in answer.content.decode()
    assert "Choose the records first." in answer.content.decode()
    assert do(browser, "assign", [row(tickets[0])]).status_code == 422
    assert do(browser, "close", [row(tickets[0])]).status_code == 422
    assert browser.get(BULK + "?queue=mine").url == f"{LIST}?queue=mine"


def test_a_foreign_record_is_none_of_ones_business(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.outsider)
    do(browser, "note", [row(tickets[0]), "nonsense", "99999:logged:"], note="x")
    result = said(browser)
    assert [item["number"] for item in result["refused"]] == [tickets[0].number, "T-99999"]
    assert not Entry.objects.filter(kind=EntryKind.NOTE).exists()


def test_who_only_reads_may_do_nothing_and_is_offered_nothing(cast: Cast, tickets: list[Ticket]) -> None:
    for user in (cast.zhou, cast.zhao, cast.sun):
        browser = signed_in(user)
        assert do(browser, "note", [row(tickets[0])], note="x").status_code == 403
        assert BULK not in browser.get(LIST).content.decode()


def test_to_whom_they_can_go_is_asked_by_those_who_may_give_them(cast: Cast, tickets: list[Ticket]) -> None:
    people = reverse("tickets:bulk_people")
    page = signed_in(cast.chen).get(LIST).content.decode()
    assert (
        f'hx-get="{people}"' in page
        and cast.li.label not in page.partition('id="bulk"')[2].partition("</form>")[0]
    )
    offered = signed_in(cast.chen).get(people).content.decode()
    assert f'<option value="{cast.li.pk}">' in offered and cast.outsider.label not in offered
    for user, status in ((cast.zhou, 403), (cast.sun, 403)):
        assert signed_in(user).get(people).status_code == status
    assert signed_in(cast.chen).post(people).status_code == 405


def test_the_form_that_is_kept_has_each_pages_own_token_and_address(
    cast: Cast, tickets: list[Ticket]
) -> None:
    for user, query in ((cast.chen, "queue=mine"), (cast.li, "queue=all&q=%22%3E")):
        browser = signed_in(user)
        answer = browser.get(f"{LIST}?{query}")
        page = answer.content.decode()
        bar = page.partition('id="bulk"')[2].partition("</form>")[0]
        assert f'action="{BULK}?{query.replace("&", "&amp;")}"' in bar
        assert (
            page.count(f'value="{answer.context["csrf_token"]}"')
            == page.count('name="csrfmiddlewaretoken"')
            > 3
        )


def test_nothing_is_changed_by_get(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.chen)
    assert browser.get(BULK, {"bulk-verb": "acknowledge", "row": row(tickets[0])}).status_code == 302
    assert browser.get(UNDO).status_code == 405
    tickets[0].refresh_from_db()
    assert tickets[0].status == Status.LOGGED


def test_an_assignment_of_many_is_taken_back_and_both_ways_stay_in_the_history(
    cast: Cast, tickets: list[Ticket]
) -> None:
    browser = signed_in(cast.wang)
    do(browser, "assign", [row(ticket) for ticket in tickets], group=cast.north.pk)
    assert {Ticket.objects.get(pk=ticket.pk).group for ticket in tickets} == {cast.north}
    assert said(browser)["undo_seconds"] == 10
    browser.post(UNDO)
    assert owners(*tickets) == [cast.chen] * 3
    assert {Ticket.objects.get(pk=ticket.pk).group for ticket in tickets} == {cast.south}
    undone = Entry.objects.filter(ticket=tickets[0], kind=EntryKind.ASSIGNED).last()
    assert (undone.changes["why"], undone.by) == ([None, "undone"], cast.wang)
    assert undone.changes["group"] == ["华北运维组", "华南运维组"]
    assert len(said(browser)["done"]) == 3


def test_nothing_is_undone_that_somebody_has_changed_since(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.wang)
    do(browser, "assign", [row(ticket) for ticket in tickets[:2]], owner=cast.li.pk)
    actions.grade(tickets[0], Grade.TWO, reason="slow", by=cast.li, now=timezone.now())
    browser.post(UNDO)
    assert owners(*tickets[:2]) == [cast.li, cast.chen]
    assert "changed the record since" in said(browser)["refused"][0]["reason"]


def test_the_time_to_undo_ends_and_it_is_done_once(cast: Cast, tickets: list[Ticket]) -> None:
    browser = signed_in(cast.wang)
    do(browser, "assign", [row(tickets[0])], owner=cast.li.pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=21)):
        page = browser.post(UNDO, follow=True).content.decode()
    assert "too late" in page
    assert owners(tickets[0]) == [cast.li]
    do(browser, "assign", [row(tickets[0])], owner=cast.chen.pk)
    browser.post(UNDO)
    assert owners(tickets[0]) == [cast.li]
    browser.post(UNDO)
    assert Entry.objects.filter(ticket=tickets[0], changes__why=[None, "undone"]).count() == 1


def test_nobody_takes_back_what_another_did(cast: Cast, tickets: list[Ticket]) -> None:
    do(signed_in(cast.wang), "assign", [row(tickets[0])], owner=cast.li.pk)
    signed_in(cast.li).post(UNDO)
    assert owners(tickets[0]) == [cast.li]

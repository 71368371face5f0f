"""The wall-board: who is on duty now and next, for those who sign in and for a screen that does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from duty import actions
from duty.models import DutyRole, FeedKind, Shift
from staff.models import User

HOUR = timedelta(hours=1)
WALL = reverse("duty:wall")


@pytest.fixture
def roster(cast):
    now = timezone.now()
    User.objects.filter(pk=cast.chen.pk).update(phone="13800001111")
    for person, role, begins, ends in (
        (cast.chen, DutyRole.PRIMARY, -1, 3),
        (cast.wang, DutyRole.SUPERVISOR, -1, 3),
        (cast.li, DutyRole.PRIMARY, 3, 9),
    ):
        span = {"starts_at": now + begins * HOUR, "ends_at": now + ends * HOUR}
        Shift.objects.create(group=cast.south, user=person, role=role, **span)
    return cast


def test_it_says_who_is_on_duty_now_who_comes_next_and_where_nobody_is(roster, client):
    client.force_login(roster.li)
    (panel,) = client.get(WALL).context["panels"]
    assert [shift and shift.user for _role, shift in panel.now] == [roster.chen, None, roster.wang]
    assert panel.next.user == roster.li and not panel.has_gap_now
    assert panel.holes[0].starts_at == panel.next.ends_at
    page = client.get(WALL).content.decode()
    assert "13800001111" in page and "<!doctype html>" in page


def test_what_refreshes_itself_is_the_board_alone(roster, client, django_assert_num_queries):
    client.force_login(roster.zhao)  # sees both groups
    with django_assert_num_queries(5):
        part = client.get(WALL, {"part": 1})
    assert [panel.has_gap_now for panel in part.context["panels"]] == [True, False]
    assert "<html" not in part.content.decode() and "no-store" in part["Cache-Control"]


def test_a_screen_reads_it_without_signing_in_and_without_phone_numbers(roster):
    feed, secret = actions.open_feed(FeedKind.WALL, by=roster.li, now=timezone.now())
    address = reverse("duty:wall_feed", args=[secret])
    page = Browser().get(address)
    text = page.content.decode()
    assert page.status_code == 200 and "陈工" in text and "13800001111" not in text and "北" not in text
    assert f"{address}?part=1" in text and page["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page
    actions.close_feed(feed, by=roster.li, now=timezone.now())
    assert Browser().get(address, {"part": 1}).status_code == 404


def test_an_address_opens_what_it_is_for_and_nothing_else(roster):
    _feed, wall = actions.open_feed(FeedKind.WALL, by=roster.li, now=timezone.now())
    _feed, mine = actions.open_feed(FeedKind.MINE, by=roster.li, now=timezone.now())
    assert Browser().get(reverse("duty:feed", args=[wall])).status_code == 404
    assert Browser().get(reverse("duty:wall_feed", args=[mine])).status_code == 404
    assert Browser().get(WALL).status_code == 302
    browser = Browser()
    browser.force_login(roster.sun)
    assert browser.get(WALL).status_code == 403

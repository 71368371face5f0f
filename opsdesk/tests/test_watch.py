"""The banner on every page of the house: there while the watch is not kept, and only then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from duty.models import Shift
from opsdesk.testing import Cast
from staff.models import User
from tickets.models import Clock, Heartbeat

SEC = timedelta(seconds=1)
WORDS = {
    "silent": "The deadlines are not being watched.",
    "late": "The deadlines are not being kept.",
    "found": "Something should have happened and did not.",
    "unaudited": "Nobody checks whether the deadlines are kept.",
}
PAGES = [
    "home",
    "tickets:list",
    "tickets:create",
    "clients:list",
    "duty:now",
    "staff:inbox",
    "staff:settings",
]


@pytest.fixture(autouse=True)
def english(client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def keep_watch() -> None:
    for name in ("tick", "audit"):
        Heartbeat.objects.update_or_create(
            name=name, defaults={"at": timezone.now(), "found": 0, "since": None}
        )


def silent(cast: Cast) -> None:
    Heartbeat.objects.filter(name="tick").update(at=timezone.now() - 61 * SEC)


def late(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    Clock.objects.filter(ticket=ticket).update(next_at=timezone.now() - 62 * SEC)


def found(cast: Cast) -> None:
    Heartbeat.objects.filter(name="audit").update(found=3, since=timezone.now() - 600 * SEC)


def unaudited(cast: Cast) -> None:
    Heartbeat.objects.filter(name="audit").update(at=timezone.now() - 301 * SEC)


def banner(client, address: str) -> str:
    page = client.get(address).content.decode()
    place = re.search(r'<div id="watch">(.*?)</div>\s*<header class="page-head">', page, re.DOTALL)
    assert place, page[:500]
    return place[1]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_that_the_watch_is_not_kept_and_nothing_while_it_is(
    client, cast: Cast, name: str
) -> None:
    client.force_login(cast.chen)
    keep_watch()
    assert banner(client, reverse(name)) == ""
    silent(cast)
    shown = banner(client, reverse(name))
    assert WORDS["silent"] in shown and 'role="alert"' in shown and "tell your administrator" in shown


@pytest.mark.parametrize("trouble", [silent, late, found, unaudited], ids=list(WORDS))
def test_it_says_what_is_wrong_since_when_and_what_to_do(client, cast: Cast, trouble) -> None:
    keep_watch()
    trouble(cast)
    for person, todo in ((cast.li, reverse("tickets:list")), (cast.admin, reverse("staff:inbox"))):
        client.force_login(person)
        shown = banner(client, "/")
        said = [why for why, words in WORDS.items() if words in shown]
        assert said == [trouble.__name__]
        assert f'href="{todo}"' in shown and shown.count("<time ") == 1
    keep_watch()
    Clock.objects.update(next_at=None)
    assert banner(client, "/") == ""


def test_a_watch_that_never_began_is_said_without_an_instant(client, cast: Cast) -> None:
    client.force_login(cast.li)
    shown = banner(client, "/")
    assert WORDS["silent"] in shown and "<time" not in shown


def test_an_open_page_learns_of_it_and_of_its_end_by_itself(client, cast: Cast) -> None:
    client.force_login(cast.li)
    keep_watch()
    assert "#watch" not in client.get(reverse("frame")).content.decode()
    silent(cast)
    news = client.get(reverse("frame")).content.decode()
    assert 'hx-swap-oob="innerHTML:#watch"' in news and WORDS["silent"] in news
    [key] = re.findall(r'name="watch" value="([^"]+)"', news)
    same = client.get(reverse("frame"), {"watch": key}).content.decode()
    assert "#watch" not in same  # a screen reader is told once
    keep_watch()
    over = client.get(reverse("frame"), {"watch": key}).content.decode()
    assert "#watch" in over and WORDS["silent"] not in over and "alert-danger" not in over


EMPTY = "Nobody is on duty: "


def on_duty(person, start: float, end: float) -> Shift:
    now, hour = timezone.now(), timedelta(hours=1)
    return Shift.objects.create(
        group=person.group, user=person, starts_at=now + start * hour, ends_at=now + end * hour
    )


def test_every_page_says_that_nobody_is_on_duty_and_what_to_do(client, cast: Cast) -> None:
    keep_watch()
    on_duty(cast.chen, -9, -1)
    on_duty(cast.outsider, -9, 9)
    for person, todo in (
        (cast.li, reverse("duty:now")),
        (cast.wang, reverse("duty:shift_create", args=["south"])),
        (cast.zhao, reverse("duty:now")),
        (cast.admin, reverse("duty:shift_create", args=["south"])),
    ):
        client.force_login(person)
        shown = banner(client, "/")
        assert shown.count(EMPTY) == 1 and f"{EMPTY}South" in shown and f'href="{todo}' in shown
        assert "Nobody on duty" in client.get("/").content.decode()
    client.force_login(cast.outsider)
    assert banner(client, "/") == ""


def test_a_backup_or_somebody_who_has_left_is_not_somebody_on_duty(client, cast: Cast) -> None:
    keep_watch()
    client.force_login(cast.li)
    Shift.objects.filter(pk=on_duty(cast.chen, -1, 9).pk).update(role="backup")
    assert EMPTY in banner(client, "/")
    on_duty(cast.wang, -1, 9)
    assert banner(client, "/") == ""
    User.objects.filter(pk=cast.wang.pk).update(is_active=False)
    assert EMPTY in banner(client, "/")


def test_an_open_page_learns_of_a_gap_once_and_of_its_end(client, cast: Cast) -> None:
    keep_watch()
    client.force_login(cast.li)
    held = on_duty(cast.chen, -1, 9)
    assert "#watch" not in client.get(reverse("frame")).content.decode()
    Shift.objects.update(ends_at=timezone.now())
    news = client.get(reverse("frame")).content.decode()
    assert 'hx-swap-oob="innerHTML:#watch"' in news and EMPTY in news
    [key] = re.findall(r'name="watch" value="([^"]+)"', news)
    assert "#watch" not in client.get(reverse("frame"), {"watch": key}).content.decode()
    Shift.objects.filter(pk=held.pk).update(ends_at=timezone.now() + timedelta(hours=1))
    over = client.get(reverse("frame"), {"watch": key}).content.decode()
    assert "#watch" in over and EMPTY not in over


def test_the_frame_still_asks_once(client, cast: Cast) -> None:
    keep_watch()
    on_duty(cast.chen, -9, -1)
    client.force_login(cast.li)
    client.get(reverse("frame"))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("frame"))
    assert sum("staff_notice" in query["sql"] for query in asked) == 1
    assert sum("duty_shift" in query["sql"] for query in asked) == 1


def test_clients_are_not_bothered_with_it(client, cast: Cast) -> None:
    client.force_login(cast.sun)
    page = client.get("/", follow=True).content.decode()
    assert page and WORDS["silent"] not in page


def test_it_costs_no_query(client, cast: Cast) -> None:
    """It is asked for with what the top bar shows."""
    client.force_login(cast.li)
    keep_watch()
    client.get("/")
    counts = []
    for trouble in (None, found):
        if trouble:
            trouble(cast)
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert sum("tickets_heartbeat" in query["sql"] for query in captured.captured_queries) == 1

"""Who else has a record open: it warns and never locks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.models import Presence, Ticket
from tickets.tests.test_views import act, detail, signed_in

SECOND = timedelta(seconds=1)


def beat(browser: Browser, ticket: Ticket, **data: object):
    return browser.post(reverse("tickets:presence", args=[ticket.pk]), data)


def test_a_person_is_present_for_thirty_seconds(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.be_present(ticket, is_writing=False, by=cast.chen, now=MONDAY)
    for after, seen in ((29, True), (30, False)):
        others = actions.be_present(ticket, is_writing=False, by=cast.wang, now=MONDAY + after * SECOND)
        assert [other.user for other in others] == ([cast.chen] if seen else [])


def test_one_row_a_person_however_often_he_says_so_and_writers_come_first(cast: Cast) -> None:
    ticket = cast.ticket()
    for _ in range(3):
        actions.be_present(ticket, is_writing=False, by=cast.li, now=MONDAY)
    actions.be_present(ticket, is_writing=True, by=cast.chen, now=MONDAY)
    others = actions.be_present(ticket, is_writing=False, by=cast.wang, now=MONDAY)
    assert [(other.user, other.is_writing) for other in others] == [(cast.chen, True), (cast.li, False)]
    assert Presence.objects.count() == 3


def test_whoever_has_gone_is_forgotten_once(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.be_present(ticket, is_writing=False, by=cast.li, now=MONDAY)
    actions.be_present(ticket, is_writing=False, by=cast.wang, now=MONDAY + 20 * SECOND)
    assert actions.forget_absent(now=MONDAY + 30 * SECOND) == 1
    assert actions.forget_absent(now=MONDAY + 30 * SECOND) == 0
    assert Presence.objects.get().user == cast.wang


def test_the_page_says_who_looks_and_who_writes(cast: Cast) -> None:
    ticket, li, wang = cast.ticket(timezone.now()), signed_in(cast.li), signed_in(cast.wang)
    assert beat(li, ticket).content.decode().strip() == ""
    assert "Looking at this too: 李敏" in strip_tags(beat(wang, ticket).content.decode())
    beat(li, ticket, writing="1")
    assert "Writing here: 李敏" in strip_tags(beat(wang, ticket).content.decode())
    assert act(wang, ticket, "note", text="not locked").status_code == 302


def test_the_page_says_that_it_has_become_stale(cast: Cast) -> None:
    ticket, li = cast.ticket(timezone.now()), signed_in(cast.li)
    seen = li.get(detail(ticket)).context["seen_entry"]
    assert "has changed" not in beat(li, ticket, seen_entry=seen).content.decode()
    actions.add_note(ticket, text="mine", by=cast.li, now=timezone.now())
    assert "has changed" not in beat(li, ticket, seen_entry=seen).content.decode()
    actions.add_note(ticket, text="his", by=cast.wang, now=timezone.now())
    assert "has changed" in beat(li, ticket, seen_entry=seen).content.decode()
    # While he writes, what is new opens beside the page: nothing typed gets lost.
    assert 'target="_blank"' in beat(li, ticket, seen_entry=seen, writing="1").content.decode()


@pytest.mark.parametrize("forged", ["", "x", "-1", "9" * 40, "²"])
def test_a_forged_mark_does_no_harm(cast: Cast, forged: str) -> None:
    ticket, li = cast.ticket(timezone.now()), signed_in(cast.li)
    assert beat(li, ticket, seen_entry=forged).status_code == 200


def test_presence_is_for_the_house_by_post_and_on_visible_records(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    assert beat(signed_in(cast.outsider), ticket).status_code == 404
    assert beat(signed_in(cast.sun), ticket).status_code == 403
    url = reverse("tickets:presence", args=[ticket.pk])
    assert signed_in(cast.li).get(url).status_code == 405
    assert Browser().post(url).status_code == 302
    assert not Presence.objects.exists()

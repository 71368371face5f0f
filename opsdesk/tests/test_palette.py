"""The command palette offers what one may do and finds what one may see."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.models import User
from tickets import actions

URL = reverse("palette")


def signed_in(user: User, language: str = "en") -> Browser:
    browser = Browser(headers={"accept-language": language})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def offered(browser: Browser, words: str = "", **more: object) -> str:
    answer = browser.get(URL, {"q": words, **more})
    assert answer.status_code == 200
    return answer.content.decode()


def link(name: str, *args: object) -> str:
    return f'href="{reverse(name, args=args)}"'


def test_without_words_it_offers_ones_own_open_records_and_where_to_go(cast: Cast) -> None:
    own = cast.ticket(timezone.now())
    page = offered(signed_in(cast.chen))
    assert link("tickets:detail", own.pk) in page and "My open records" in page
    assert link("tickets:create") in page and link("duty:now") in page
    assert link("tickets:detail", own.pk) not in offered(signed_in(cast.wang))


@pytest.mark.parametrize("words", ["{number}", "{pk}", "崩溃", "市一医院"])
def test_records_are_found_by_number_and_by_words(cast: Cast, words: str) -> None:
    ticket = cast.ticket(timezone.now())
    page = offered(signed_in(cast.wang), words.format(number=ticket.number.lower(), pk=ticket.pk))
    assert link("tickets:detail", ticket.pk) in page


@pytest.mark.parametrize("words", ["hospital", "市一", "0755-88888877", "+86 755 8888 8877"])
def test_clients_are_found_by_name_and_by_phone(cast: Cast, words: str) -> None:
    assert link("clients:detail", cast.hospital.pk) in offered(signed_in(cast.wang), words)


def test_what_one_may_not_see_is_not_found_and_what_one_may_not_do_is_not_offered(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    outsider = signed_in(cast.outsider)
    for words in ("", ticket.number, "崩溃", "hospital"):
        page = offered(outsider, words, record=ticket.pk)
        assert link("tickets:detail", ticket.pk) not in page and "verb-" not in page
        assert link("clients:detail", cast.hospital.pk) not in page
    assert link("reports:dashboard") not in offered(signed_in(cast.li))
    assert link("tickets:create") not in offered(signed_in(cast.zhao))


def test_a_contact_has_his_portal_instead(cast: Cast) -> None:
    assert signed_in(cast.sun).get(reverse("palette"), {"q": "x"}).status_code == 403


def test_on_a_records_page_its_verbs_come_first(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    page = offered(signed_in(cast.chen), record=ticket.pk)
    assert 'data-command-of="acknowledge"' in page and 'data-command-of="note"' in page
    assert page.index("This record") < page.index("Go to or do")
    assert 'data-command-of="confirm"' not in page
    actions.acknowledge(ticket, by=cast.chen, now=timezone.now())
    assert 'data-command-of="acknowledge"' not in offered(signed_in(cast.chen), record=ticket.pk)
    assert "verb-" not in offered(signed_in(cast.zhou), record=ticket.pk)


@pytest.mark.parametrize("words", ["log call", "来电", "CALL log"])
def test_an_action_is_found_in_either_language(cast: Cast, words: str) -> None:
    for language in ("en", "zh-hans"):
        page = offered(signed_in(cast.li, language), words)
        assert link("tickets:create") in page and link("duty:now") not in page


@pytest.mark.parametrize("odd", ["\0", "%", "'", "<b>", "x" * 5000, "９" * 30])
def test_odd_words_find_nothing_and_break_nothing(cast: Cast, odd: str) -> None:
    assert "<b>" not in offered(signed_in(cast.li), odd, record="9" * 40)


def test_it_costs_at_most_eight_queries(cast: Cast) -> None:
    ticket, browser = cast.ticket(timezone.now()), signed_in(cast.wang)
    for words in ("", "崩溃", "0755-88888877", ticket.number):
        with CaptureQueriesContext(connection) as captured:
            offered(browser, words, record=ticket.pk)
        assert len(captured) <= 8


def test_strangers_are_sent_to_sign_in_and_nothing_is_posted(cast: Cast) -> None:
    assert Browser().get(URL).status_code == 302
    assert signed_in(cast.li).post(URL).status_code == 405


def test_keys_that_are_switched_off_are_not_promised(cast: Cast) -> None:
    browser, page = signed_in(cast.li), reverse("tickets:detail", args=[cast.ticket(timezone.now()).pk])
    assert 'data-shortcut="n"' in browser.get(page).content.decode()
    User.objects.filter(pk=cast.li.pk).update(single_keys=False)
    without = browser.get(page).content.decode()
    assert "data-shortcut=" not in without and 'aria-keyshortcuts="n"' not in without
    assert 'data-single-keys="off"' in without
    assert "<kbd" not in offered(browser)

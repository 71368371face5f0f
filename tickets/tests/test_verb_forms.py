"""The form of a verb: fetched when it is opened, shown by its address, only where it may be done."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.models import User
from tickets import actions
from tickets.models import Entry, Grade, Presence, Ticket
from tickets.tests.test_views import detail, signed_in
from tickets.verbs import BESIDE, LETTERS, possible_verbs


def form_of(browser: Browser, ticket: Ticket, verb: str, **seen: object):
    return browser.get(reverse("tickets:verb_form", args=[ticket.pk, verb]), seen)


def addresses(page: str) -> dict[str, str]:
    """Where the page says that the forms of its verbs are."""
    found = re.findall(r'data-fetch-from="(/records/\d+/(\w+)/form/\?[^"]*)"', page)
    return {verb: address.replace("&amp;", "&") for address, verb in found}


def test_a_page_has_the_way_to_each_form_and_no_form(cast: Cast) -> None:
    ticket = actions.grade(cast.ticket(), Grade.TWO, reason="slow", by=cast.li, now=timezone.now())
    li = signed_in(cast.li)
    page = li.get(detail(ticket)).content.decode()
    found = addresses(page)
    assert list(found) == [
        *(v for v in possible_verbs(ticket, cast.li) if v != "acknowledge" and v not in BESIDE),
        *(v for v in possible_verbs(ticket, cast.li) if v in BESIDE),
    ]
    for verb, address in found.items():
        assert f'id="verb-{verb}"' in page
        assert verb not in LETTERS or f'data-shortcut="{LETTERS[verb]}"' in page
        assert f'name="{verb}-' not in page
        form = li.get(address).content.decode()
        assert form.count("<form") == 1 and f'name="{verb}-' in form, verb
        assert reverse("tickets:act", args=[ticket.pk, verb]) in form
        assert 'name="csrfmiddlewaretoken"' in form


@pytest.mark.parametrize("verb", ["note", "assign", "merge"])
def test_without_script_the_address_opens_the_form(cast: Cast, verb: str) -> None:
    ticket = cast.ticket()
    page = signed_in(cast.li).get(detail(ticket), {"do": verb}).content.decode()
    assert f'id="verb-{verb}" name="verb" open' in page
    assert f'name="{verb}-' in page and verb not in addresses(page)
    assert f"{detail(ticket)}?do=message#verb-message" in page


@pytest.mark.parametrize("verb", ["unlink", "reopen", "nonsense"])
def test_an_address_opens_no_verb_that_may_not_be_done(cast: Cast, verb: str) -> None:
    answer = signed_in(cast.li).get(detail(cast.ticket()), {"do": verb})
    assert answer.status_code == 200
    assert 'name="verb" open' not in answer.content.decode()


def test_a_form_says_what_its_page_showed_so_that_a_faster_hand_is_noticed(cast: Cast) -> None:
    ticket = cast.ticket()
    li = signed_in(cast.li)
    address = addresses(li.get(detail(ticket)).content.decode())["assign"]
    actions.acknowledge(ticket, by=cast.wang, now=timezone.now())
    form = li.get(address).content.decode()
    sent = dict(re.findall(r'name="(seen_\w+)" value="([^"]*)"', form))
    assert sent["seen_owner"] != str(cast.wang.pk)
    assert int(sent["seen_entry"]) < Entry.objects.latest("pk").pk
    where = reverse("tickets:act", args=[ticket.pk, "assign"])
    assert li.post(where, sent | {"assign-owner": cast.li.pk}).status_code == 409
    assert Ticket.objects.get().owner == cast.wang


def test_a_form_that_came_too_late_says_so(cast: Cast) -> None:
    ticket = cast.ticket()
    answer = form_of(signed_in(cast.li), ticket, "reopen")
    assert answer.status_code == 200
    assert "no longer fits" in answer.content.decode() and "<form" not in answer.content.decode()


@pytest.mark.parametrize("seen", ["", "x", "9" * 30, "\0", "٣"])
def test_what_an_address_says_was_seen_breaks_nothing(cast: Cast, seen: str) -> None:
    li, ticket = signed_in(cast.li), cast.ticket()
    assert form_of(li, ticket, "note", seen_entry=seen, seen_owner=seen).status_code == 200
    assert form_of(li, ticket, "note", seen_status=f"<b>{seen}").status_code == 404


@pytest.mark.parametrize("seen", ["nonsense", "LOGGED", "\0", "9" * 30])
def test_a_form_that_names_a_status_which_there_is_not_is_refused_with_what_was_typed(
    cast: Cast, seen: str
) -> None:
    ticket = cast.ticket()
    sent = {"note-text": "备件明天到", "seen_status": seen}
    answer = signed_in(cast.li).post(reverse("tickets:act", args=[ticket.pk, "note"]), sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Open the page anew" in page and "备件明天到" in page
    assert not ticket.entries.filter(kind="note").exists()


def test_forms_are_for_those_who_may_see_the_record_and_do_the_verb(cast: Cast) -> None:
    ticket = cast.ticket()

    def status(user: User, verb: str = "note") -> int:
        return form_of(signed_in(user), ticket, verb).status_code

    assert status(cast.li) == 200
    assert status(cast.outsider) == 404
    assert status(cast.sun) == 403
    assert status(cast.li, "nonsense") == status(cast.li, "unlink") == 404
    assert form_of(Browser(), ticket, "note").status_code == 302
    assert signed_in(cast.li).post(reverse("tickets:verb_form", args=[ticket.pk, "note"])).status_code == 405


def test_to_ask_for_a_form_changes_nothing(cast: Cast) -> None:
    ticket = cast.ticket()
    before = Ticket.objects.values().get(), Entry.objects.count(), Presence.objects.count()
    for verb in possible_verbs(ticket, cast.li):
        form_of(signed_in(cast.li), ticket, verb)
    assert (Ticket.objects.values().get(), Entry.objects.count(), Presence.objects.count()) == before


def test_where_a_client_has_told_of_it_is_offered_for_a_second_matter(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.add_note(ticket, text="The printer, too", by=cast.li, now=timezone.now())
    assert "The printer, too" in form_of(signed_in(cast.li), ticket, "split").content.decode()

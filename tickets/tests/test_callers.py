"""However a number is written, the address that the call form asks finds whose it is."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.actions import save_contact
from clients.models import Contact
from clients.tests.test_phones import LANDLINE, MOBILE, SPELLINGS
from opsdesk.testing import Cast
from tickets.callers import find_contacts
from tickets.models import Ticket
from tickets.tests.test_views import CALL, signed_in

HOTLINE = "864008001234"
WHOSE = {LANDLINE: "孙主任", MOBILE: "王医生", HOTLINE: "总机"}
# As they come from people, their address books and their telephones; beside those of the rule's own table.
MORE = [
    ("０１３８００１３８０００", MOBILE),
    ("013800138000", MOBILE),
    ("0 138-0013-8000", MOBILE),
    ("+86138 0013 8000", MOBILE),
    ("008613800138000", MOBILE),
    ("1380013 8000", MOBILE),
    ("[0755] 8888-8877", LANDLINE),
    ("0755 - 8888 8877", LANDLINE),
    ("（０７５５）８８８８８８７７", LANDLINE),
    ("0755\\88888877", LANDLINE),
    ("+86/755/88888877", LANDLINE),
    ("0086.755.88888877", LANDLINE),
    ("88888877", LANDLINE),
    ("8888-8877", LANDLINE),
    ("88888877转8001", LANDLINE),
    ("88888877 ext8001", LANDLINE),
    ("88888877#8001", LANDLINE),
    ("400-800-1234", HOTLINE),
    ("4008001234", HOTLINE),
    ("400 8001234 转 0", HOTLINE),
]
ALL = [(written, digits) for written, digits, _ext in SPELLINGS if digits in WHOSE] + MORE


@pytest.fixture
def li(cast: Cast) -> Browser:
    save_contact(Contact(client=cast.hospital, name="王医生"), ["138 0013 8000"])
    save_contact(Contact(client=cast.hospital, name="总机"), ["400-800-1234"])
    return signed_in(cast.li)


def test_there_are_far_more_than_thirty_spellings() -> None:
    assert len({written for written, _digits in ALL}) >= 60


@pytest.mark.parametrize(("written", "digits"), ALL)
def test_every_spelling_finds_its_contact_through_the_forms_own_address(
    li: Browser, written: str, digits: str
) -> None:
    answer = li.get(reverse("tickets:caller"), {"callback_number": written})
    page = answer.content.decode()
    assert answer.status_code == 200
    found = [name for name in WHOSE.values() if name in page]
    assert found == [WHOSE[digits]] and "(hospital)" in page


def test_who_share_a_number_are_told_apart_by_the_extension(cast: Cast) -> None:
    switchboard = {
        extension: save_contact(
            Contact(client=cast.hospital, name=extension), [f"0755-2666 0000 转 {extension}"]
        )
        for extension in ("8001", "8002")
    }
    for extension, contact in switchboard.items():
        for mark in ("转", " ext ", "#", "－"):
            assert find_contacts(f"0755-26660000{mark}{extension}", cast.li) == [contact], mark
    assert find_contacts("0755-26660000", cast.li) == list(switchboard.values())
    assert find_contacts("0755-26660000转9999", cast.li) == list(switchboard.values())


def test_an_extension_alone_finds_whom_one_may_see(cast: Cast) -> None:
    contact = save_contact(Contact(client=cast.hospital, name="护士站"), ["0755-2666 0000 转 8031"])
    for written in ("转8031", "分机 8031", "ext. 8031", "#8031", "＃８０３１"):
        assert find_contacts(written, cast.li) == [contact], written
    assert find_contacts("转8031", cast.outsider) == []
    for written in ("8031", "转80", "转9031", "abc 转8031"):
        assert find_contacts(written, cast.li) == [], written


@pytest.mark.parametrize("channel", ["letter", "fax", "email", "on_site"])
def test_a_letter_and_a_fax_are_recorded_and_found_by_their_channel(li: Browser, channel: str) -> None:
    assert f'value="{channel}"' in li.get(reverse("tickets:create")).content.decode()
    li.post(reverse("tickets:create"), CALL | {"channel": channel})
    ticket = Ticket.objects.get()
    assert ticket.channel == channel
    page = li.get(reverse("tickets:list"), {"queue": "all", "channel": channel})
    assert [row.ticket for row in page.context["rows"]] == [ticket]
    assert [label for label, _url in page.context["active"]] == [ticket.get_channel_display()]
    other = li.get(reverse("tickets:list"), {"queue": "all", "channel": "web"})
    assert other.context["rows"] == []

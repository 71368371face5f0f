"""The records of a view as a file that no spreadsheet runs."""

import csv
import io
import logging
from datetime import datetime

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from staff.sheets import BOM, as_csv, as_it_was, safe
from tickets.models import Ticket
from tickets.tests.test_views import signed_in

EXPORT = reverse("tickets:export")
PREFIXES = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%", "＝", "＋", "－", "＠"]
DISGUISED = [" =", "\ufeff=", "'=", "''+", "\u3000＝"]


INFECTED = ["Client", "System", "Caller", "Phone", "What happened", "Details", "Group", "Owner"]
INFECTED += ["First receiver", "Diagnosis", "Solution", "Confirmed by"]


def infect(cast: Cast, hostile: str) -> Ticket:
    """A record in which everything that somebody can write begins as a formula does."""
    ticket = cast.ticket(timezone.now())
    columns = ("title", "details", "caller_name", "callback_number", "diagnosis", "solution", "confirmed_by")
    Ticket.objects.filter(pk=ticket.pk).update(**dict.fromkeys(columns, hostile))
    for thing in (cast.hospital, cast.his, cast.south, cast.chen, cast.li):
        type(thing).objects.filter(pk=thing.pk).update(name=hostile, name_en=hostile)
    return ticket


def read(browser: Browser, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(EXPORT + query)
    assert (answer.status_code, answer.streaming) == (200, True)
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize("prefix", [*PREFIXES, *DISGUISED])
def test_nothing_that_may_be_a_formula_is_exported_as_it_stands(prefix: str) -> None:
    text = f"{prefix}cmd|' /C calc'!A1"
    assert safe(text) == f"'{text}"
    assert as_it_was(safe(text)) == text


@pytest.mark.parametrize(
    "text", ["", "打印机不动", "a=b", "'quoted'", "HIS-2", "3 + 4", "0755-88888888", " two words"]
)
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert safe(text) == as_it_was(safe(text)) == text


@pytest.mark.parametrize("prefix", [prefix for prefix in PREFIXES if prefix != "\0"])
def test_a_hostile_record_is_harmless_in_every_cell(cast: Cast, prefix: str) -> None:
    hostile = f'{prefix}HYPERLINK("http://x"),"'
    infect(cast, hostile)
    (line,) = read(signed_in(cast.li))
    assert [column for column, cell in line.items() if cell == f"'{hostile}"] == INFECTED
    assert not [cell for cell in line.values() if cell and cell[0] in "".join(PREFIXES)]
    assert {as_it_was(line[column]) for column in INFECTED} == {hostile}


def test_all_pages_of_the_view_are_exported_in_its_order(cast: Cast) -> None:
    tickets = [cast.ticket(timezone.now()) for _ in range(60)]
    lines = read(signed_in(cast.li), "?queue=all")
    assert [line["Number"] for line in lines] == [ticket.number for ticket in reversed(tickets)]


def test_filters_hold_and_words_and_times_can_be_read(cast: Cast) -> None:
    now = timezone.now()
    ticket = cast.ticket(now)
    cast.ticket(now, title="别的")
    (line,) = read(signed_in(cast.li), "?q=崩溃")
    assert (line["Number"], line["Client"], line["System"]) == (
        ticket.number,
        "First Hospital",
        "HIS inpatient",
    )
    assert (line["Status"], line["Kind"], line["Grade"], line["Owner"]) == ("Recorded", "Fault", "", "陈工")
    assert datetime.fromisoformat(line["Reported at"]) == now.replace(microsecond=0)
    assert line["Reported at"].endswith("+08:00")
    assert line["Closed at"] == ""


def test_the_file_speaks_the_readers_language(cast: Cast) -> None:
    cast.ticket(timezone.now())
    cast.li.language = "zh-hans"
    cast.li.save()
    (line,) = read(signed_in(cast.li))
    assert "市一医院" in line.values()
    assert "HIS 住院系统" in line.values()


def test_each_gets_what_he_may_see_and_a_contact_nothing(cast: Cast) -> None:
    ticket = cast.ticket(MONDAY)
    assert not read(signed_in(cast.outsider), "?queue=all")
    for user in (cast.zhou, cast.zhao, cast.wang):
        assert [line["Number"] for line in read(signed_in(user), "?queue=all")] == [ticket.number]
    assert signed_in(cast.sun).get(EXPORT).status_code == 403
    assert Browser().get(EXPORT).status_code == 302


def test_the_log_says_who_exported_how_many(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    cast.ticket(timezone.now())
    cast.ticket(timezone.now())
    with caplog.at_level(logging.INFO, logger="tickets.views.export"):
        read(signed_in(cast.li))
    assert caplog.messages == ["li exported 2 records"]


def test_no_more_than_a_piece_is_held_in_memory() -> None:
    drawn = 0

    def endless():
        nonlocal drawn
        while True:
            drawn += 1
            yield ["x", "y"]

    pieces = as_csv(endless())
    assert next(pieces) == BOM
    assert next(pieces).count("x,y\r\n") == drawn <= 1000


def test_an_export_costs_as_many_queries_as_ever(cast: Cast, django_assert_max_num_queries) -> None:
    for _ in range(30):
        cast.ticket(timezone.now())
    browser = signed_in(cast.li)
    with django_assert_max_num_queries(3):
        assert len(read(browser)) == 30

"""The records of a view as an Excel file, opened again as a reader opens it."""

import io
import logging
import resource
import tempfile
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from opsdesk.testing import MONDAY, SHANGHAI, Cast
from staff.sheets import LONGEST
from tickets.export import COLUMNS, TIMES
from tickets.models import Ticket
from tickets.tests.test_export import DISGUISED, INFECTED, PREFIXES, infect
from tickets.tests.test_export import read as read_csv
from tickets.tests.test_views import signed_in
from tickets.views import export
from tickets.workbook import write_workbook

EXPORT = reverse("tickets:export_xlsx")
MEGABYTE = 1024  # resource counts in kB


def opened(browser: Browser, query: str = "") -> Worksheet:
    answer = browser.get(EXPORT + query)
    assert (answer.status_code, answer.streaming) == (200, True)
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active


def read(browser: Browser, query: str = "") -> list[dict[str, object]]:
    head, *rows = opened(browser, query).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("prefix", [prefix for prefix in [*PREFIXES, *DISGUISED] if prefix != "\0"])
def test_no_cell_is_a_formula_and_every_text_is_as_it_was_written(cast: Cast, prefix: str) -> None:
    hostile = f'{prefix}HYPERLINK("http://x","y")'
    infect(cast, hostile)
    sheet = opened(signed_in(cast.li))
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    (line,) = read(signed_in(cast.li))
    assert {unescape(str(line[column])) for column in INFECTED} == {hostile}


@pytest.mark.parametrize(
    "text",
    [
        "<r></t></is></c><c><f>1</f></c></r>",
        "<r></r>",
        "{=SUM(A1)}",
        "http://x.test/=1",
        "_x003D_1",
        "00123",
        "1e5",
        "TRUE",
        "]]>&amp;<script>",
    ],
)
def test_no_text_is_taken_for_markup_a_number_or_a_link(cast: Cast, text: str) -> None:
    infect(cast, text)
    sheet = opened(signed_in(cast.li))
    assert {cell.data_type for cell in sheet[2]} <= {"s", "d", "n"}
    assert sheet.max_row == 2
    (line,) = read(signed_in(cast.li))
    assert all(isinstance(line[column], str) for column in INFECTED)
    assert {unescape(str(line[column])).rstrip() for column in INFECTED} == {text}


def test_dates_are_dates_in_local_time_numbers_numbers_and_the_heading_stays(cast: Cast) -> None:
    ticket = cast.ticket(MONDAY)
    browser = signed_in(cast.li)
    sheet = opened(browser, "?queue=all")
    (line,) = read(browser, "?queue=all")
    assert line["Reported at"] == MONDAY.astimezone(SHANGHAI).replace(tzinfo=None)
    assert isinstance(line["Next due"], datetime) and line["Closed at"] is None
    assert line["Times reopened"] == 0 and line["Number"] == ticket.number
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:Z2"
    assert sheet.column_dimensions["J"].width > sheet.column_dimensions["A"].width
    assert sheet["A1"].font.bold


def test_it_has_the_rows_of_the_list_and_of_the_csv_in_their_order(cast: Cast) -> None:
    now = timezone.now()
    for title in ("打印机不动", "系统崩溃", "打印很慢", "别的"):
        cast.ticket(now, title=title, details="打印" if title == "别的" else "")
    browser = signed_in(cast.li)
    for query in ("?queue=all", "?q=打印", "?queue=all&q=打印&grade=none", "?channel=phone"):
        rows = [row["Number"] for row in read(browser, query)]
        assert rows == [row["Number"] for row in read_csv(browser, query)]
        listed = browser.get(reverse("tickets:list") + query).context["rows"]
        assert rows == [row.ticket.number for row in listed] and rows


def test_each_gets_what_he_may_see_and_a_contact_nothing(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = cast.ticket(MONDAY)
    assert not read(signed_in(cast.outsider), "?queue=all")
    with caplog.at_level(logging.INFO, logger="tickets.views.export"):
        for user in (cast.zhou, cast.zhao, cast.wang):
            assert [line["Number"] for line in read(signed_in(user), "?queue=all")] == [ticket.number]
    assert caplog.messages[-1] == "wang exported 1 records"
    assert signed_in(cast.sun).get(EXPORT).status_code == 403
    assert signed_in(cast.li).post(EXPORT).status_code == 405
    assert Browser().get(EXPORT).status_code == 302


def test_a_view_that_is_too_long_is_refused_with_a_way_out_and_never_cut(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    for _ in range(2):
        cast.ticket(timezone.now())
    browser = signed_in(cast.li)
    assert len(read(browser)) == 2
    cast.ticket(timezone.now())
    answer = browser.get(EXPORT + "?queue=mine&x=1")
    assert answer.status_code == 200  # none of them is his own
    answer = browser.get(EXPORT + "?grade=none&cursor=x", follow=True)
    assert answer.redirect_chain == [(reverse("tickets:list") + "?grade=none", 302)]
    assert "take CSV" in answer.content.decode()
    assert len(read_csv(browser)) == 3


def test_a_text_too_long_for_a_cell_says_that_it_is_cut(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    for text, whole in (("长" * LONGEST, True), ("长" * (LONGEST + 1), False), ("𠀀" * 20_000, False)):
        Ticket.objects.filter(pk=ticket.pk).update(details=text)
        (line,) = read(signed_in(cast.li))
        cell = str(line["Details"])
        assert (cell == text) is whole and cell.endswith("…") is not whole
        assert len(cell.encode("utf-16-le")) // 2 <= LONGEST


def test_no_more_than_a_row_is_held_in_memory() -> None:
    def rows(count: int) -> Iterator[list[object]]:
        line = [MONDAY.replace(tzinfo=None) if key in TIMES else f"{key} {'长' * 200}" for key in COLUMNS]
        return (line for _ in range(count))

    def grown(count: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with tempfile.TemporaryFile() as file:
            assert write_workbook(file, name="x", head=list(COLUMNS), rows=rows(count)) == count  # type: ignore[arg-type]
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    grown(50)
    assert grown(2000) < 10 * MEGABYTE  # the texts of these rows alone are 60 MB in memory


def test_an_export_costs_as_many_queries_as_ever(cast: Cast, django_assert_max_num_queries) -> None:
    for _ in range(30):
        cast.ticket(timezone.now())
    browser = signed_in(cast.li)
    with django_assert_max_num_queries(4):
        assert len(read(browser)) == 30

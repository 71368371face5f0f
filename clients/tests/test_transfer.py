"""The archive from Excel and to Excel: dry run, faults at their cell, idempotent, fast."""

from __future__ import annotations

import io
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from clients.actions.importing import import_archive
from clients.exporting import rows_of
from clients.importing import plan
from clients.models import ArchiveEntry, Client, Contact, Contract, System
from clients.sheetfile import read_archive, write_archive
from opsdesk.testing import MONDAY, Cast
from staff.refused import Refused

PAGE = reverse("clients:transfer")


def book(**sheets: list[list[object]]) -> io.BytesIO:
    file = io.BytesIO()
    write_archive(file, sheets)
    file.seek(0)
    return file


def new_client(code: str = "bank", group: str = "south") -> list[object]:
    return [
        code,
        "某银行",
        "A Bank",
        "B",
        group,
        "office",
        "地址",
        "",
        "phone",
        "",
        "不打座机",
        "",
        "",
        "yes",
    ]


def full() -> io.BytesIO:
    return book(
        clients=[new_client()],
        sites=[["bank", "总行", "", "福田", "", "", ""]],
        contacts=[["bank", "刘经理", "", "科长", "13800138001; fax: 0755-88888866", "liu@bank.test"]],
        systems=[["bank", "核心", "Core", "", "1.0", "", "VPN", "2026-10-01", "chen", ""]],
        contracts=[["HT-77", "bank", "2026-01-01", "2027-12-31", ""]],
    )


def counts(file: io.BytesIO, cast: Cast) -> list[tuple[int, int, int]]:
    found = plan(read_archive(file), by=cast.wang)
    assert not found.faults, found.faults
    return [line[1:] for line in found.counts()]


def test_a_file_creates_what_it_names_and_a_second_time_nothing(cast: Cast):
    assert counts(full(), cast) == [(1, 0, 0)] * 5
    import_archive(read_archive(full()), by=cast.wang, now=MONDAY)
    contact = Contact.objects.get(name="刘经理")
    assert [(one.kind, one.digits) for one in contact.phones.all()] == [
        ("mobile", "8613800138001"),
        ("fax", "8675588888866"),
    ]
    assert System.objects.get(name="核心").maintainer == cast.chen and Contract.objects.filter(number="HT-77")
    assert ArchiveEntry.objects.filter(client__code="bank", deed="created").count() == 5
    assert counts(full(), cast) == [(0, 0, 1)] * 5
    import_archive(read_archive(full()), by=cast.wang, now=MONDAY)
    assert ArchiveEntry.objects.filter(client__code="bank").count() == 5


def test_an_empty_cell_changes_nothing_and_a_filled_one_what_it_says(cast: Cast):
    file = book(clients=[["hospital", "市一医院", "", "", "", "", "新地址"]])
    assert counts(file, cast) == [(0, 1, 0)]
    import_archive(read_archive(file), by=cast.wang, now=MONDAY)
    hospital = Client.objects.get(code="hospital")
    assert (hospital.address, hospital.name_en, hospital.revision) == ("新地址", "First Hospital", 2)
    assert ArchiveEntry.objects.latest("pk").changes == [
        {"field": "address", "old": "深圳市罗湖区", "new": "新地址"}
    ]


@pytest.mark.parametrize(
    ("sheet", "row", "cell"),
    [
        ("clients", ["a b", "x", "", "A", "south", "office"], "A2"),
        ("clients", ["x1", "x", "", "Z", "south", "office"], "D2"),
        ("clients", ["x1", "x", "", "A", "north", "office"], "E2"),
        ("clients", ["x1", "x"], "D2"),
        ("contacts", ["nobody", "x"], "A2"),
        ("contacts", ["hospital", "x", "", "", "not a number"], "E2"),
        ("contacts", ["hospital", "x", "", "", "", "not mail"], "F2"),
        ("systems", ["hospital", "x", "", "", "", "", "", "yesterday"], "H2"),
        ("systems", ["hospital", "x", "", "", "", "", "", "", "outsider"], "I2"),
        ("systems", ["hospital", "x", "", "", "", "", "", "", "chen", "chen"], "J2"),
        ("contracts", ["HT-9", "hospital", "2026-01-01", "2025-01-01"], "D2"),
        ("clients", ["x1", "x" * 121, "", "A", "south", "office"], "B2"),
    ],
)
def test_a_fault_stands_at_its_cell_and_nothing_is_written(cast: Cast, sheet, row, cell):
    file = book(**{sheet: [row]})
    assert cell in [fault.cell for fault in plan(read_archive(file), by=cast.wang).faults]
    before = ArchiveEntry.objects.count()
    with pytest.raises(Refused):
        import_archive(read_archive(file), by=cast.wang, now=MONDAY)
    assert ArchiveEntry.objects.count() == before


def test_a_row_twice_and_another_groups_code_are_faults(cast: Cast):
    Client.objects.create(
        code="port", name="港", type=cast.hospital.type, group=cast.north, hours=cast.hospital.hours
    )
    rows = read_archive(book(clients=[new_client(), new_client(), new_client("port")]))
    assert [fault.cell for fault in plan(rows, by=cast.wang).faults] == ["A3", "A4"]


def test_what_is_no_workbook_is_refused(cast: Cast):
    for content in (b"", b"PK\x03\x04 broken", b"name;code"):
        with pytest.raises(Refused) as refused:
            read_archive(io.BytesIO(content))
        assert refused.value.field == "file"


def test_what_is_exported_can_be_read_back_and_changes_nothing(cast: Cast):
    import_archive(read_archive(full()), by=cast.wang, now=MONDAY)
    cast.hospital.preferences = "=cmd|'/C calc'!A0"
    cast.hospital.save()
    file = io.BytesIO()
    write_archive(file, rows_of(cast.wang))
    cells = [cell for page in load_workbook(file) for line in page.iter_rows() for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    file.seek(0)
    assert [line[:2] for line in counts(file, cast)] == [(0, 0)] * 5


def test_dry_run_then_import_on_the_page(cast: Cast, client):
    client.force_login(cast.wang)
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", full().read())})
    assert answer.status_code == 200 and not Client.objects.filter(code="bank").exists()
    kept = answer.context["kept"]
    assert client.post(PAGE, {"kept": kept}).status_code == 302
    assert Client.objects.filter(code="bank").exists()
    assert client.post(PAGE, {"kept": kept}).status_code == 302  # gone, said so
    assert client.post(PAGE, {"kept": "x"}).status_code == 302
    bad = book(clients=[["x y", "x"]]).read()
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", bad)})
    assert answer.status_code == 422 and "A2" in answer.content.decode()
    assert client.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 422
    assert client.get(reverse("clients:template")).status_code == 200
    for who in (cast.li, cast.zhou):
        client.force_login(who)
        assert client.post(PAGE, {"kept": kept}).status_code == 403


def test_five_thousand_rows_take_few_queries_and_seconds(cast: Cast):
    file = book(
        clients=[[f"c{n}", f"客户 {n}", "", "C", "south", "office"] for n in range(1500)],
        contacts=[[f"c{n}", f"联系人 {n}", "", "", f"138{n:08}"] for n in range(1500)],
        systems=[[f"c{n}", "OA", "", "", "1.0"] for n in range(1500)],
        contracts=[[f"N-{n}", f"c{n}", "2026-01-01", "2027-12-31"] for n in range(500)],
    )
    start = time.monotonic()
    with CaptureQueriesContext(connection) as captured:
        import_archive(read_archive(file), by=cast.wang, now=MONDAY)
    took = time.monotonic() - start
    assert took < 20, took
    assert len(captured) < 80
    assert Client.objects.count() == 1501

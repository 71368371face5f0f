"""A roster as an Excel file reads back as it was; what is wrong is said at its cell, and none of it holds."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from duty import actions
from duty.actions import Placed
from duty.forms import ConfirmForm
from duty.models import DutyRole, RosterEvent, Shift, TemporarySchedule
from duty.rosterfile import COLUMNS, read_roster, write_roster
from duty.tests.rosters import defined
from duty.wallchart import chart_of
from opsdesk.testing import MONDAY, Cast
from staff.models import User
from staff.refused import Refused

HEAD = ["From", "To", "Duty", "Person", "Sign-in name"]
DAY = timedelta(days=1)
TODAY = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)


def noon(days: int, hour: int = 12) -> datetime:
    """So many days from today on, as a cell has it: without a time zone."""
    return (TODAY + days * DAY).replace(hour=hour, tzinfo=None)


def cell(text: str) -> datetime:
    return datetime.fromisoformat(text)


def sheet(*rows: list[object], head: list[str] = HEAD) -> io.BytesIO:
    book = Workbook()
    for row in (head, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "roster.xlsx"  # type: ignore[attr-defined]
    return file


def people(cast: Cast) -> list[User]:
    return list(User.objects.working().in_group(cast.south))


def faults(cast: Cast, *rows: list[object]) -> dict[str, str]:
    return {fault.cell: fault.message for fault in read_roster(sheet(*rows), people(cast)).faults}


@pytest.fixture
def lead(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(cast.wang)
    return client


def test_what_is_taken_out_reads_back_as_it_was(cast, tmp_path):
    defined(cast)
    first = MONDAY.date()
    with (tmp_path / "roster.xlsx").open("w+b") as file:
        count = write_roster(file, chart_of(cast.south, first, first + 9 * DAY, now=MONDAY))
        file.seek(0)
        reading = read_roster(file, people(cast))
    assert not reading.faults and count == len(reading.placed) == 10
    held = {(one.user_id, one.role, one.starts_at, one.ends_at) for one in Shift.objects.all()[:10]}
    assert {(one.user.pk, one.role, one.starts_at, one.ends_at) for one in reading.placed} == held


def test_times_are_read_as_dates_and_as_texts_and_duties_in_either_language(cast):
    rows = [
        [cell("2026-12-01 08:29:59.999"), "2026-12-01 20:30", "值班", "陈工", None],
        ["2026/12/01 08:30", cell("2026-12-02 08:30"), " backup ", None, "li"],
        [cell("2026-12-02 08:30"), cell("2026-12-03"), "Duty supervisor", "王强", ""],
    ]
    with translation.override("zh-hans"):
        head = [str(label) for label in COLUMNS.values()]
    with translation.override("en"):
        reading = read_roster(sheet(*rows, head=head), people(cast))
    assert head != HEAD
    assert not reading.faults
    assert [(one.user, one.role) for one in reading.placed] == [
        (cast.chen, DutyRole.PRIMARY),
        (cast.li, DutyRole.BACKUP),
        (cast.wang, DutyRole.SUPERVISOR),
    ]
    assert {f"{one.starts_at:%H:%M %z}" for one in reading.placed} == {"08:30 +0800"}


def test_each_fault_is_said_at_its_cell(cast):
    User.objects.create_user("li2", name="李敏", role="operator", group=cast.south)
    good = [noon(3), noon(4), "On duty", "陈工", None]
    found = faults(
        cast,
        good,
        ["soon", *good[1:]],
        [noon(3), noon(3), *good[2:]],
        [*good[:2], "Tea", "陈工", None],
        [*good[:3], "外人", None],
        [*good[:3], "李敏", None],
        [*good[:3], "李敏", "LI"],
        [cell("9999-12-31 23:59:59"), *good[1:]],
    )
    assert sorted(found) == ["A3", "A9", "B4", "C5", "D6", "D7", "E8"]
    assert "外人" in found["D6"]


def test_rows_without_a_person_and_empty_rows_are_passed_over(cast):
    rows = [
        [noon(3), noon(4), "On duty", None, None],
        [None] * 5,
        [noon(4), noon(5), "On duty", "陈工", None],
    ]
    reading = read_roster(sheet(*rows), people(cast))
    assert (len(reading.placed), reading.skipped, list(reading.faults)) == (1, 1, [])


@pytest.mark.parametrize(
    "content", [b"", b"From,To\r\n", b"PK\x03\x04 broken", b"PK\x05\x06" + bytes(18)], ids=str
)
def test_what_is_no_excel_file_is_refused_at_the_field(cast, content):
    with pytest.raises(Refused) as refused:
        read_roster(io.BytesIO(content), people(cast))
    assert refused.value.field == "file"


def test_a_file_that_unpacks_to_too_much_or_names_no_columns_is_refused(cast):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 21_000_000)
    for file, code in (
        (bomb, "too_large"),
        (sheet(head=["From", "To"]), "invalid"),
        (sheet(*([[noon(3)]] * 601)), "too_large"),
    ):
        with pytest.raises(Refused) as refused:
            read_roster(file, people(cast))
        assert refused.value.code == code


def test_a_file_is_looked_at_first_and_then_holds_as_a_whole(lead, cast):
    rows = [[noon(n), noon(n + 1), "On duty", name, None] for n, name in ((3, "陈工"), (4, "李敏"))]
    seen = lead.post(reverse("duty:import", args=["south"]), {"name": "Block", "file": sheet(*rows)})
    assert seen.status_code == 200 and not Shift.objects.exists()
    carried = {"name": "Block", "read": seen.context["read"]}
    done = lead.post(reverse("duty:import_confirm", args=["south"]), carried)
    assert done.status_code == 302
    assert [shift.user for shift in Shift.objects.filter(source="temporary")] == [cast.chen, cast.li]
    assert RosterEvent.objects.filter(kind="roster_imported", note="Block").exists()
    again = lead.post(reverse("duty:import_confirm", args=["south"]), carried)
    assert again.status_code == 422 and len(again.context["faults"]) == 2  # nothing twice
    assert TemporarySchedule.objects.count() == 1


def test_the_rules_speak_at_the_cell_and_nothing_of_the_file_holds(lead, cast):
    leave = actions.ask_leave(cast.li, *(TODAY + n * DAY for n in (9, 12)), by=cast.li, now=timezone.now())
    actions.approve_leave(leave, by=cast.wang, now=timezone.now())
    rows = [
        [noon(-2), noon(-1), "On duty", "陈工", None],  # over
        [noon(3), noon(4), "On duty", "陈工", None],
        [noon(3, 18), noon(4), "On duty", "王强", None],  # somebody else has it
        [noon(10), noon(11), "On duty", "李敏", None],  # on leave
        [noon(15), noon(16), "On duty", "王强", None],
        [noon(16), noon(17), "On duty", "王强", None],  # 48 hours on end
    ]
    page = lead.post(reverse("duty:import", args=["south"]), {"name": "Block", "file": sheet(*rows)})
    assert page.status_code == 422 and not page.context["read"]
    said = {fault.cell: fault.message for fault in page.context["faults"]}
    assert set(said) == {"D2", "D3", "D4", "D5", "D6", "D7"}
    assert "past" in said["D2"] and "on leave" in said["D5"] and "longer" in said["D7"]
    assert not TemporarySchedule.objects.exists() and not Shift.objects.exists()


def test_what_lies_too_far_apart_is_refused_before_it_is_looked_at(lead, cast, django_assert_max_num_queries):
    rows = [
        [noon(3), noon(4), "On duty", "陈工", None],
        [noon(3), cell("2099-12-31 12:00"), "Backup", "李敏", None],
        [cell("2099-12-31 08:00"), cell("2099-12-31 12:00"), "On duty", "王强", None],
    ]
    with django_assert_max_num_queries(10):
        page = lead.post(reverse("duty:import", args=["south"]), {"name": "Block", "file": sheet(*rows)})
    assert [fault.cell for fault in page.context["faults"]] == ["D3", "D4"]


def test_between_looking_and_confirming_the_rules_are_asked_again(lead, cast):
    now = timezone.now()
    rows = [[noon(n), noon(n + 1), "On duty", name, None] for n, name in ((3, "陈工"), (4, "李敏"))]
    seen = lead.post(reverse("duty:import", args=["south"]), {"name": "Block", "file": sheet(*rows)})
    leave = actions.ask_leave(cast.li, TODAY + 4 * DAY, TODAY + 5 * DAY, by=cast.li, now=now)
    actions.approve_leave(leave, by=cast.wang, now=now)
    carried = {"name": "Block", "read": seen.context["read"]}
    page = lead.post(reverse("duty:import_confirm", args=["south"]), carried)
    assert page.status_code == 422 and [fault.cell for fault in page.context["faults"]] == ["D3"]
    assert not Shift.objects.exists()


def test_what_a_page_carries_cannot_be_made_up_nor_taken_elsewhere(lead, cast):
    placed = [Placed(cast.chen, DutyRole.PRIMARY, TODAY + DAY, TODAY + 2 * DAY, field="D2")]
    for read in ("nonsense", ConfirmForm.carried(placed, cast.north)):
        answer = lead.post(reverse("duty:import_confirm", args=["south"]), {"name": "x", "read": read})
        assert answer.status_code == 302 and answer["Location"] == reverse("duty:import", args=["south"])
    assert not Shift.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("li", 403), ("outsider", 404), ("zhou", 403), ("sun", 403)])
def test_only_the_supervisor_takes_a_file_over(cast, client, who, status):
    client.force_login(getattr(cast, who))
    for name in ("import", "import_template"):
        assert client.get(reverse(f"duty:{name}", args=["south"])).status_code == status
    assert client.post(reverse("duty:import_confirm", args=["south"])).status_code == status


def test_the_template_is_next_month_with_the_base_rotation(lead, cast):
    actions.define_rotation(
        cast.south,
        actions.Turns("Days", DutyRole.PRIMARY, [cast.chen], TODAY.time(), TODAY.time(), TODAY.date()),
        since=timezone.now() + DAY,
        by=cast.wang,
        now=timezone.now(),
    )
    answer = lead.get(reverse("duty:import_template", args=["south"]))
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert 28 <= len(rows) <= 31 and {row[0].hour for row in rows} == {9} and rows[0][0].day == 1
    assert {row[1].value for row in book.worksheets[1].iter_rows(min_row=2)} == {"chen", "li", "wang"}
    assert len(book.worksheets[0].data_validations.dataValidation) == 2


def test_the_export_is_for_whoever_sees_the_roster_and_runs_nothing(lead, cast):
    User.objects.filter(pk=cast.chen.pk).update(name="=1+1")
    actions.set_temporary(
        cast.south,
        "Block",
        TODAY.date(),
        TODAY.date() + 4 * DAY,
        [Placed(cast.chen, DutyRole.PRIMARY, TODAY + 3 * DAY, TODAY + 4 * DAY)],
        by=cast.wang,
        now=timezone.now(),
    )
    span = f"?first_day={TODAY:%Y-%m-%d}&last_day={TODAY + 9 * DAY:%Y-%m-%d}"
    address = reverse("duty:roster_export", args=["south"]) + span
    book = load_workbook(io.BytesIO(b"".join(lead.get(address).streaming_content)))
    (row,) = book.active.iter_rows(min_row=2)
    assert row[3].value == "=1+1" and not [cell for cell in row if cell.data_type == "f"]
    assert len(COLUMNS) == 5
    lead.force_login(cast.outsider)
    assert lead.get(address).status_code == 404

"""The pages of inspections: done with a thumb and without script, listed, looked back at, written."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from duty import actions
from duty.actions import Said
from duty.models import Inspection, InspectionAnswer, InspectionFile, InspectionPlan, InspectionSheet
from duty.tests.inspections import CPU, daily, item_of, published, say
from opsdesk.testing import Cast
from staff.tests.hostile import picture

DAY = timedelta(days=1)
EN = {"Accept-Language": "en"}


@pytest.fixture
def inspection(cast: Cast) -> Inspection:
    """Tomorrow's, so that it is open whatever time it is."""
    now = timezone.now()
    sheet = published(cast, now=now)
    plan = actions.make_plan(sheet, daily(since=timezone.localdate(now)), by=cast.wang, now=now)
    return plan.inspections.select_related("version__sheet__system__client").latest("day")


def page_of(inspection: Inspection) -> str:
    return reverse("duty:inspection", args=[inspection.pk])


def hidden(page: str) -> dict[str, str]:
    """What the page's hidden fields say: which answers it was drawn with."""
    return dict(re.findall(r'<input type="hidden" name="(seen_\d+)" value="([^"]*)">', page))


def typed(inspection: Inspection, page: str = "", **values: str) -> dict[str, str]:
    """What a browser sends: `cpu_value="42"` for the value of the item CPU load."""
    names = {"cpu": "CPU load", "backup": "Backup done", "lamp": "Alarm lamp"}
    fields = {}
    for name, value in values.items():
        item, _line, part = name.partition("_")
        fields[f"{part}_{item_of(inspection, names[item]).pk}"] = value
    return hidden(page) | fields


def test_it_is_filled_in_bit_by_bit_and_finished_without_script(cast, client, inspection):
    client.force_login(cast.chen)
    address = page_of(inspection)
    answer = client.post(address, typed(inspection, cpu_value="85") | {"save": "1"})
    assert answer.status_code == 302
    page = client.get(address, headers=EN).content.decode()
    assert 'value="85"' in page and 'data-level="warn"' in page and "Warning" in page
    answer = client.post(address, typed(inspection, page, cpu_value="85") | {"finish": "1"}, headers=EN)
    assert answer.status_code == 422
    lamp = item_of(inspection, "Alarm lamp").pk
    assert answer.context["form"].errors[f"result_{lamp}"] == ["Not answered yet."]
    cpu = item_of(inspection, "CPU load").pk
    assert answer.context["form"][f"result_{cpu}"].value() == "normal"  # it followed from the value
    rest = typed(inspection, answer.content.decode(), cpu_value="85", backup_value="yes", lamp_value="绿") | {
        "finish": "1"
    }
    assert client.post(address, rest).status_code == 302
    inspection.refresh_from_db()
    assert inspection.finished_by == cast.chen
    page = client.get(address, headers=EN).content.decode()
    assert "green" in page and "<form" not in page.partition("<main")[2].partition("</main>")[0]


def test_what_is_typed_stays_though_a_part_of_it_is_wrong(cast, client, inspection):
    client.force_login(cast.chen)
    sent = typed(inspection, cpu_value="about 80", cpu_note="fan is loud", backup_value="yes")
    answer = client.post(page_of(inspection), sent, headers=EN)
    page = answer.content.decode()
    assert answer.status_code == 422 and "This is not a number." in page
    assert 'value="about 80"' in page and "fan is loud" in page
    assert inspection.answers.get(item__name_en="Backup done").value == "yes"
    assert inspection.answers.get(item__name_en="CPU load").value == ""


def test_two_who_fill_in_the_same_inspection_do_not_empty_each_others_fields(cast, client, inspection):
    client.force_login(cast.chen)
    before = client.get(page_of(inspection)).content.decode()
    say(inspection, cast.li, timezone.now(), cpu=Said(value="42", note="from li"))
    client.post(page_of(inspection), typed(inspection, before, cpu_value="", cpu_note="", backup_value="yes"))
    cpu = inspection.answers.get(item__name_en="CPU load")
    assert (cpu.value, cpu.note, cpu.answered_by) == ("42", "from li", cast.li)
    after = client.get(page_of(inspection)).content.decode()
    client.post(page_of(inspection), typed(inspection, after, cpu_value="42", cpu_note=""))
    cpu.refresh_from_db()
    assert (cpu.value, cpu.note) == ("42", "")


def test_what_a_page_does_not_ask_for_stays(cast, client, inspection):
    """Of what has its record, the page asks no reason any more."""
    now = timezone.now()
    say(inspection, cast.chen, now, cpu=Said(value="97", note="hot", reason="a test runs"))
    actions.note_record(inspection.answers.get(), number="T-1", by=cast.chen, now=now)
    client.force_login(cast.chen)
    page = client.get(page_of(inspection)).content.decode()
    assert f"reason_{item_of(inspection, 'CPU load').pk}" not in page
    client.post(page_of(inspection), typed(inspection, page, cpu_value="98", cpu_note="hot"))
    answer = inspection.answers.get()
    assert (answer.value, answer.reason, answer.result) == ("98", "a test runs", "abnormal")


def test_a_photo_comes_with_its_item_and_is_given_out_to_those_who_see_it(cast, client, inspection):
    client.force_login(cast.chen)
    cpu = item_of(inspection, "CPU load").pk
    photo = io.BytesIO(picture())
    photo.name = "rack.png"
    client.post(page_of(inspection), typed(inspection, cpu_value="42") | {f"files_{cpu}": photo})
    file = InspectionFile.objects.get()
    address = reverse("duty:inspection_file", args=[inspection.pk, file.pk])
    assert address in client.get(page_of(inspection)).content.decode()
    for person, status in ((cast.chen, 200), (cast.zhou, 200), (cast.outsider, 404), (cast.sun, 404)):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == status
        if status == 200:
            assert answer["Content-Security-Policy"].startswith("sandbox")
            assert b"".join(answer.streaming_content).startswith(b"\x89PNG")


def test_who_may_read_and_who_may_write(cast, client, inspection):
    for person, read, write in (
        (cast.li, 200, 302),
        (cast.zhou, 200, 403),
        (cast.outsider, 404, 404),
        (cast.sun, 403, 403),
    ):
        client.force_login(person)
        assert client.get(page_of(inspection)).status_code == read
        assert client.post(page_of(inspection), typed(inspection, cpu_value="1")).status_code == write


def test_the_page_of_today_counts_what_stands_how(cast, client, inspection):
    now = timezone.now()
    Inspection.objects.exclude(pk=inspection.pk).delete()
    for days, facts in (
        (3, {"missed_at": now - 3 * DAY}),
        (4, {"finished_at": now, "finished_by": cast.chen}),
        (2, {}),
    ):
        at = now - days * DAY
        Inspection.objects.create(
            plan=inspection.plan,
            version=inspection.version,
            group=cast.south,
            day=timezone.localdate(at),
            due_at=at,
            closes_at=at + DAY,
            **facts,
        )
    client.force_login(cast.li)
    context = client.get(reverse("duty:inspections")).context
    assert {standing.value: number for standing, number in context["counts"] if number} == {
        "overdue": 1,
        "missed": 1,
        "ahead": 1,
    }
    client.force_login(cast.outsider)
    assert not client.get(reverse("duty:inspections")).context["sections"]


def test_the_history_has_pages_and_a_fixed_cost(cast, client, inspection, django_assert_max_num_queries):
    first = timezone.now() - 100 * DAY
    Inspection.objects.bulk_create(
        Inspection(
            plan=inspection.plan,
            version=inspection.version,
            group=cast.south,
            day=timezone.localdate(first + n * DAY),
            due_at=first + n * DAY,
            closes_at=first + n * DAY,
            missed_at=first + n * DAY,
        )
        for n in range(60)
    )
    client.force_login(cast.li)
    address = reverse("duty:inspection_history")
    with django_assert_max_num_queries(8):
        page = client.get(address + "?standing=missed")
    assert len(page.context["rows"]) == 50
    older = client.get(address + page.context["page"].older_url)
    assert len(older.context["rows"]) == 10
    seen = {row.pk for row, _standing in [*page.context["rows"], *older.context["rows"]]}
    assert len(seen) == 60
    assert not client.get(address + "?standing=late").context["rows"]
    assert client.get(address + f"?sheet={inspection.sheet.pk}&standing=nonsense").status_code == 200


def test_the_trend_goes_through_all_versions_of_an_item(cast, client, inspection):
    sheet, now = inspection.sheet, timezone.now()
    draft = actions.draft_version(sheet, by=cast.wang)
    actions.save_item(draft, CPU | {"name_en": "Load", "critical_high": Decimal(98)}, line=1, by=cast.wang)
    actions.publish_version(draft, by=cast.wang, now=now)
    versions = sheet.versions.order_by("number")
    for days, (version, value) in enumerate(((versions[0], "40"), (versions[1], "97")), start=5):
        one = Inspection.objects.create(
            plan=inspection.plan,
            version=version,
            group=cast.south,
            day=timezone.localdate(now) + days * DAY,
            due_at=now + days * DAY,
            closes_at=now + days * DAY,
        )
        actions.answer_items(one, {version.items.get(line=1).pk: Said(value=value)}, by=cast.chen, now=now)
    client.force_login(cast.li)
    answer = client.get(reverse("duty:trend", args=[sheet.pk, 1]), headers=EN)
    drawing = answer.context["drawing"]
    assert [str(dot.value.number.normalize()) for dot in drawing.dots] == ["4E+1", "97"]
    assert [dot.value.level for dot in drawing.dots] == ["normal", "warn"]
    assert {mark.text for mark in drawing.limits} == {"80", "98"}
    page = answer.content.decode()
    assert page.count("<circle") == 2 and "<table" in page and "Load" in page
    assert client.get(reverse("duty:trend", args=[sheet.pk, 2])).context["drawing"] is None
    assert client.get(reverse("duty:trend", args=[sheet.pk, 99])).status_code == 404
    client.force_login(cast.outsider)
    assert client.get(reverse("duty:trend", args=[sheet.pk, 1])).status_code == 404


def test_a_sheet_is_written_published_and_planned_by_hand(cast, client):
    client.force_login(cast.wang)
    answer = client.post(reverse("duty:sheet_create", args=["south"]), {"name": "机房", "name_en": "Room"})
    sheet = InspectionSheet.objects.get()
    assert answer.url == reverse("duty:sheet_edit", args=[sheet.pk])
    new = reverse("duty:item_create", args=[sheet.pk])
    wrong = {
        "name": "温度",
        "kind": "number",
        "section": "environment",
        "warn_high": "30",
        "critical_high": "20",
    }
    answer = client.post(new, wrong, headers=EN)
    assert answer.status_code == 422 and "critical_high" in answer.context["form"].errors
    assert 'value="30"' in answer.content.decode()
    assert client.post(new, wrong | {"critical_high": "35"}).status_code == 302
    lamp = {
        "name": "灯",
        "kind": "choice",
        "section": "environment",
        "options": "绿 | green\n! 黄\n!! 红 | red",
    }
    assert client.post(new, lamp).status_code == 302
    item = sheet.versions.get().items.get(line=2)
    assert [(one["text"], one["text_en"], one["level"]) for one in item.options] == [
        ("绿", "green", "normal"),
        ("黄", "", "warn"),
        ("红", "red", "critical"),
    ]
    edit = client.get(reverse("duty:item_edit", args=[sheet.pk, 2])).content.decode()
    assert "绿 | green\n! 黄\n!! 红 | red" in edit
    for name, facts in (("item_move", {"to": "up"}), ("item_remove", {})):
        assert client.post(reverse(f"duty:{name}", args=[sheet.pk, 2]), facts).status_code == 302
    client.post(reverse("duty:sheet_publish", args=[sheet.pk]))
    assert [item.line for item in sheet.versions.get().items.all()] == [1]
    today = f"{timezone.localdate():%Y-%m-%d}"
    plan = {"sheet": sheet.pk, "often": "weekly", "due": "09:00", "window_minutes": 60, "since": today}
    answer = client.post(reverse("duty:inspection_plan_create", args=["south"]), plan, headers=EN)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["weekday"]
    plan |= {"often": "daily"}
    assert client.post(reverse("duty:inspection_plan_create", args=["south"]), plan).status_code == 302
    made = InspectionPlan.objects.get()
    assert made.inspections.exists()
    change = reverse("duty:inspection_plan", args=[made.pk])
    assert client.post(change, plan | {"due": "11:00", "is_moved": "on"}).status_code == 302
    made.refresh_from_db()
    assert f"{made.due:%H:%M}" == "11:00"
    client.post(reverse("duty:inspection_plan_end", args=[made.pk]))
    assert not InspectionPlan.objects.running().exists()
    assert client.post(reverse("duty:sheet_begin", args=[sheet.pk])).status_code == 302
    assert sheet.versions.count() == 2


def test_only_the_supervisor_gets_the_editor_and_nobody_changes_state_by_get(cast, client, inspection):
    sheet = inspection.sheet
    pages = [
        reverse("duty:sheet_create", args=["south"]),
        reverse("duty:sheet_edit", args=[sheet.pk]),
        reverse("duty:item_create", args=[sheet.pk]),
        reverse("duty:inspection_plan_create", args=["south"]),
        reverse("duty:inspection_plan", args=[inspection.plan_id]),
    ]
    for person, status in ((cast.li, 403), (cast.outsider, 404)):
        client.force_login(person)
        assert {client.get(page).status_code for page in pages} == {status}
    client.force_login(cast.wang)
    for name, args in (
        ("sheet_publish", [sheet.pk]),
        ("sheet_retire", [sheet.pk]),
        ("sheet_begin", [sheet.pk]),
        ("item_move", [sheet.pk, 1]),
        ("item_remove", [sheet.pk, 1]),
        ("inspection_plan_end", [inspection.plan_id]),
    ):
        assert client.get(reverse(f"duty:{name}", args=args)).status_code == 405
    client.force_login(cast.li)
    assert client.get(reverse("duty:sheet", args=[sheet.pk])).status_code == 200
    assert client.get(reverse("duty:sheets")).status_code == 200


def test_the_page_of_an_inspection_costs_as_many_queries_whatever_it_asks(
    cast, client, django_assert_max_num_queries
):
    now = timezone.now()
    items = [CPU | {"name": f"CPU {n}"} for n in range(30)]
    sheet = published(cast, *items, now=now)
    plan = actions.make_plan(sheet, daily(since=timezone.localdate(now)), by=cast.wang, now=now)
    inspection = plan.inspections.latest("day")
    said = {item.pk: Said(value="42") for item in inspection.version.items.all()}
    actions.answer_items(inspection, said, by=cast.chen, now=now)
    client.force_login(cast.chen)
    with django_assert_max_num_queries(13):
        assert client.get(page_of(inspection)).status_code == 200
    assert InspectionAnswer.objects.count() == 30

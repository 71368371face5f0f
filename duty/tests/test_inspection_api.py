"""Inspections through the REST interface: a script reports what it has measured."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from duty import actions
from duty.actions import Said
from duty.models import Inspection
from duty.tests.inspections import daily, item_of, published, say
from opsdesk.tests.rest import ROOT, caller, faults
from staff.tests.hostile import picture


@pytest.fixture
def inspection(cast) -> Inspection:
    now = timezone.now()
    plan = actions.make_plan(
        published(cast, now=now), daily(since=timezone.localdate(now)), by=cast.wang, now=now
    )
    return plan.inspections.latest("day")


def address(inspection: Inspection, last: str = "") -> str:
    return f"/inspections/{inspection.pk}/{last}"


def values(*rows: dict) -> dict:
    return {"values": list(rows)}


def test_a_script_reports_finishes_and_reads_back(cast, inspection):
    chen = caller(cast.chen)
    listed = chen.get("/inspections/", {"standing": "ahead", "group": "south"}).json()["results"]
    assert [one["id"] for one in listed] == [inspection.pk]
    items = {one["name_en"]: one for one in chen.get(address(inspection)).json()["items"]}
    assert float(items["CPU load"]["critical_high"]) == 90 and items["CPU load"]["answer"] is None
    answer = chen.post(
        address(inspection, "values/"),
        values(
            {"item": items["CPU load"]["id"], "value": 83.5},
            {"item": items["Backup done"]["id"], "value": True},
            {"item": items["Alarm lamp"]["id"], "value": items["Alarm lamp"]["options"][0]["text"]},
        ),
    )
    assert answer.status_code == 200
    found = {one["name_en"]: one["answer"] for one in answer.json()["items"]}
    assert (found["CPU load"]["level"], found["CPU load"]["result"]) == ("warn", "normal")
    assert found["Backup done"]["value"] == "yes" and found["Anything else"] is None
    answer = chen.post(address(inspection, "finish/"))
    assert answer.status_code == 200 and answer.json()["standing"] == "finished"
    assert answer.json()["finished_by"]["id"] == "chen"
    again = chen.post(address(inspection, "finish/"))
    assert (again.status_code, again.json()["code"]) == (409, "wrong_status")


def test_all_values_or_none_and_each_fault_by_its_place(cast, inspection):
    cpu, backup = (item_of(inspection, name).pk for name in ("CPU load", "Backup done"))
    chen = caller(cast.chen)
    answer = chen.post(
        address(inspection, "values/"),
        values({"item": backup, "value": "yes"}, {"item": cpu, "value": "hot"}, {"item": 10**9, "value": 1}),
    )
    assert answer.status_code == 422
    assert faults(answer) == {"#/values/1/value": "not_a_number", "#/values/2/item": "invalid"}
    assert not inspection.answers.exists()
    for body, pointer in (
        ({"values": [{"item": cpu, "valeu": 1}]}, "#/values/valeu"),
        ({"values": []}, "#/values"),
        ({}, "#/values"),
        (values({"item": cpu, "value": 1}, {"item": cpu, "value": 2}), "#/values"),
    ):
        refused = chen.post(address(inspection, "values/"), body)
        assert refused.status_code == 422 and list(faults(refused))[0].startswith("#/values"), pointer


def test_what_is_left_out_stays_and_what_is_empty_empties(cast, inspection):
    cpu = item_of(inspection, "CPU load")
    say(inspection, cast.li, timezone.now(), cpu=Said(value="95", note="hot"))
    chen = caller(cast.chen)
    chen.post(address(inspection, "values/"), values({"item": cpu.pk, "reason": "a test runs"}))
    answer = inspection.answers.get()
    assert (answer.value, answer.note, answer.reason, answer.result) == (
        "95",
        "hot",
        "a test runs",
        "abnormal",
    )
    chen.post(address(inspection, "values/"), values({"item": cpu.pk, "value": 20, "result": "", "note": ""}))
    answer.refresh_from_db()
    assert (answer.value, answer.note, answer.result) == ("20", "", "normal")


def test_finishing_too_early_names_each_item(cast, inspection):
    say(inspection, cast.li, timezone.now(), cpu="95", lamp="绿")
    answer = caller(cast.chen).post(address(inspection, "finish/"))
    cpu, backup = (item_of(inspection, name).pk for name in ("CPU load", "Backup done"))
    assert answer.status_code == 422
    assert faults(answer) == {f"#/items/{cpu}/note": "no_note", f"#/items/{backup}/result": "unanswered"}


def test_a_photo_is_attached(cast, inspection):
    cpu = item_of(inspection, "CPU load").pk

    def send(content: bytes):
        headers = {"Authorization": f"Bearer {caller(cast.chen).token}"}
        parts = {"item": cpu, "files": SimpleUploadedFile("rack.png", content)}
        return Browser().post(ROOT + address(inspection, "files/"), parts, headers=headers)

    assert send(b"no picture").status_code == 422
    answer = send(picture())
    assert answer.status_code == 200
    assert [one["answer"]["files"] for one in answer.json()["items"] if one["id"] == cpu] == [1]


def test_who_may_not(cast, inspection):
    cpu = item_of(inspection, "CPU load").pk
    body = values({"item": cpu, "value": 1})
    for person, read, write in (
        (cast.outsider, 404, 404),
        (cast.sun, 404, 404),
        (cast.zhou, 200, 403),
        (cast.liu, 200, 200),
    ):
        assert caller(person).get(address(inspection)).status_code == read
        assert caller(person).post(address(inspection, "values/"), body).status_code == write
        listed = caller(person).get("/inspections/", {"standing": "all"}).json()["results"]
        assert bool(listed) == (read == 200)
    reader = caller(cast.chen, may_write=False)
    assert reader.post(address(inspection, "values/"), body).status_code == 403
    assert Browser().get(ROOT + address(inspection)).status_code == 401


def test_the_same_report_twice_is_one(cast, inspection):
    chen, cpu = caller(cast.chen), item_of(inspection, "CPU load").pk
    first = chen.post(address(inspection, "values/"), values({"item": cpu, "value": 1}), key="k")
    say(inspection, cast.li, timezone.now(), cpu="2")
    second = chen.post(address(inspection, "values/"), values({"item": cpu, "value": 1}), key="k")
    assert second.json() == first.json() and inspection.answers.get().value == "2"


def test_unknown_filters_and_odd_numbers_are_refused(cast, inspection):
    li = caller(cast.li)
    assert faults(li.get("/inspections/", {"state": "due"})) == {"state": "unknown_field"}
    assert faults(li.get("/inspections/", {"standing": "gone"})) == {"standing": "invalid_choice"}
    assert li.get("/inspections/0/").status_code == 404
    assert li.get(f"/inspections/{10**17}/").status_code == 404
    assert li.get("/inspections/", {"day": f"{inspection.day}", "standing": "ahead"}).json()["results"]

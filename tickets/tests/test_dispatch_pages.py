"""The pages and addresses of engineers on site: whose they are, what they say, what they cost."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import ROOT, caller, faults
from staff.models import User
from staff.tests.hostile import picture
from tickets import actions
from tickets.models import Attachment, Dispatch, EntryKind, Grade, OnSiteReport, Ticket, WrittenReport
from tickets.tests.test_dispatching import faulty, sent
from tickets.tests.test_views import act, detail, signed_in

JSON = {"accept": "application/json"}


@pytest.fixture
def order(cast: Cast) -> Dispatch:
    now = timezone.now()
    return sent(cast, faulty(cast, now=now), now, bring=["硬盘"], contact_phone="0755 1")


def report(browser: Browser, order: Dispatch, step: str, **data: object):
    return browser.post(reverse("tickets:on_site_report", args=[order.pk, step]), data, headers=JSON)


# The engineer's page


def test_only_the_engineers_own_stand_on_his_page(cast: Cast, order: Dispatch) -> None:
    page = signed_in(cast.chen).get(reverse("tickets:dispatches"))
    assert "罗湖区1号" in page.content.decode() and 'href="tel:07551"' in page.content.decode()
    assert "罗湖区1号" not in signed_in(cast.wang).get(reverse("tickets:dispatches")).content.decode()
    assert signed_in(cast.sun).get(reverse("tickets:dispatches")).status_code == 403
    assert Browser().get(reverse("tickets:dispatches")).status_code == 302


def test_what_was_over_before_today_is_gone(cast: Cast, order: Dispatch) -> None:
    actions.call_off(order, reason="x", by=cast.wang, now=timezone.now())
    page = signed_in(cast.chen).get(reverse("tickets:dispatches"))
    assert len(page.context["cards"]) == 1
    long_ago = timezone.now() - timedelta(days=2)
    Dispatch.objects.update(ordered_at=long_ago, called_off_at=long_ago)
    page = signed_in(cast.chen).get(reverse("tickets:dispatches"))
    assert not page.context["cards"]


def test_a_phone_reports_with_a_photo_and_gets_the_same_answer_again(cast: Cast, order: Dispatch) -> None:
    chen, key = signed_in(cast.chen), str(uuid.uuid4())
    happened = (order.ordered_at + timedelta(milliseconds=5)).isoformat()
    answers = [
        report(
            chen,
            order,
            "arrive",
            key=key,
            person=cast.chen.pk,
            happened_at=happened,
            photos=SimpleUploadedFile("现场.png", picture()),
        ).json()
        for _twice in range(2)
    ]
    assert answers[0] == answers[1] and answers[0]["not_taken"] == []
    assert OnSiteReport.objects.get().client_key == uuid.UUID(key)
    assert Attachment.objects.get().entry.kind == EntryKind.ARRIVED


def test_nothing_is_taken_under_a_wrong_name(cast: Cast, order: Dispatch) -> None:
    answer = report(signed_in(cast.chen), order, "depart", person=cast.wang.pk)
    assert answer.status_code == 409
    for user in (cast.wang, cast.outsider):  # the desk has its own way, on the record's page
        assert report(signed_in(user), order, "depart").status_code == 404
    assert report(signed_in(cast.sun), order, "depart").status_code == 403
    assert report(signed_in(cast.chen), order, "fly").status_code == 404
    assert (
        signed_in(cast.chen).get(reverse("tickets:on_site_report", args=[order.pk, "depart"])).status_code
        == 405
    )
    assert not OnSiteReport.objects.exists()


@pytest.mark.parametrize(
    ("step", "data", "field"),
    [
        ("depart", {"happened_at": "2020-01-01T00:00:00Z"}, "happened_at"),
        ("depart", {"happened_at": "yesterday"}, "happened_at"),
        ("depart", {"key": "7"}, "key"),
        ("leave", {}, "outcome"),
        ("leave", {"outcome": "solved"}, ""),  # he has not arrived
    ],
)
def test_what_is_wrong_is_named(cast: Cast, order: Dispatch, step: str, data: dict, field: str) -> None:
    answer = report(signed_in(cast.chen), order, step, **data)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]
    assert answer.json()["faults"][0]["says"]


def test_the_page_knows_who_is_signed_in_and_its_worker_serves_it_alone(cast: Cast, order: Dispatch) -> None:
    chen = signed_in(cast.chen)
    session = chen.get(reverse("tickets:dispatch_session"))
    assert session.json()["person"] == cast.chen.pk and session["Cache-Control"] == "no-store"
    worker = chen.get(reverse("tickets:dispatch_worker"))
    assert worker["Content-Type"] == "text/javascript" and b"fetch" in b"".join(worker)
    # Its scope is the folder that it comes from.
    assert reverse("tickets:dispatch_worker").rpartition("/")[0] + "/" == reverse("tickets:dispatches")


# The record's page


def test_a_grade_three_is_refused_with_its_clause_until_the_report_is_filed(cast: Cast) -> None:
    ticket, wang = faulty(cast, Grade.THREE, timezone.now()), signed_in(cast.wang)
    order = {"engineer": cast.chen.pk, "address": "人民路1号", "contact_name": "孙主任"}
    form = reverse("tickets:verb_form", args=[ticket.pk, "dispatch"])
    to_file = f'href="{detail(ticket)}?do=file_written_report#verb-file_written_report"'
    assert to_file in wang.get(form).content.decode()  # said before anything is typed
    answer = act(wang, ticket, "dispatch", **order)
    assert answer.status_code == 422
    assert "§5.4.1.2" in answer.content.decode() and "人民路1号" in answer.content.decode()
    scan = SimpleUploadedFile("传真.png", picture())
    assert act(wang, ticket, "file_written_report", written_by="孙主任", files=scan).status_code == 302
    assert to_file not in wang.get(form).content.decode()
    assert WrittenReport.objects.get().attachment.name == "传真.png"
    assert act(wang, ticket, "dispatch", bring="硬盘\n\n验收单", **order).status_code == 302
    assert Dispatch.objects.get().bring == ["硬盘", "验收单"]
    page = wang.get(detail(ticket)).content.decode()
    assert 'id="on-site"' in page and "Written report" in page and "not departed yet" in page


def test_an_engineer_phones_in_and_another_is_called_off(cast: Cast, order: Dispatch) -> None:
    li, ticket = signed_in(cast.li), order.ticket
    assert act(li, ticket, "phoned_in", order=order.pk, said="arrive").status_code == 302
    answer = act(li, ticket, "phoned_in", order=order.pk, said="not_solved")
    assert answer.status_code == 422 and "Say why it is not solved." in answer.content.decode()
    assert act(li, ticket, "phoned_in", order=order.pk, said="not_solved", reason="缺备件").status_code == 302
    order.refresh_from_db()
    assert (order.outcome, order.reason) == ("not_solved", "缺备件")
    again = sent(cast, ticket, timezone.now())
    assert act(li, ticket, "call_off", order=order.pk, reason="x").status_code == 422  # it is over
    assert act(li, ticket, "call_off", order=again.pk, reason="车坏了").status_code == 302
    assert "车坏了" in li.get(detail(ticket)).content.decode()


def test_verbs_stand_there_only_where_they_can_be_done(cast: Cast, order: Dispatch) -> None:
    li = signed_in(cast.li)
    on_site = {"file_written_report", "dispatch", "phoned_in", "call_off"}
    assert on_site & set(li.get(detail(order.ticket)).context["forms"]) == {
        "dispatch",
        "phoned_in",
        "call_off",
    }
    ungraded = cast.ticket(timezone.now())
    assert not on_site & set(li.get(detail(ungraded)).context["forms"])


def test_the_card_costs_nothing_where_there_is_nothing(cast: Cast) -> None:
    ticket, li = cast.ticket(timezone.now()), signed_in(cast.li)
    li.get(detail(ticket))
    with CaptureQueriesContext(connection) as asked:
        li.get(detail(ticket))
    tables = ("tickets_dispatch", "tickets_writtenreport")
    alone = [
        query["sql"]
        for query in asked
        if query["sql"].split("FROM ")[1].startswith(tuple(f'"{t}"' for t in tables))
    ]
    assert not alone


# On the road


def test_the_road_shows_ones_groups_engineers_the_first_due_first(cast: Cast, order: Dispatch) -> None:
    address = reverse("tickets:on_the_road")
    later = sent(cast, faulty(cast, Grade.TWO, timezone.now()), timezone.now(), engineer=cast.liu)
    for user in (cast.wang, cast.zhao):
        assert [one.pk for one in signed_in(user).get(address).context["orders"]] == [order.pk, later.pk]
    assert not signed_in(cast.outsider).get(address).context["orders"]
    assert signed_in(cast.sun).get(address).status_code == 403
    actions.call_off(order, reason="x", by=cast.wang, now=timezone.now())
    assert len(signed_in(cast.wang).get(address).context["orders"]) == 1


# REST


def test_through_rest_the_whole_way(cast: Cast) -> None:
    ticket, wang, chen = faulty(cast, now=timezone.now()), caller(cast.wang), caller(cast.chen)
    path, body = f"/tickets/{ticket.number}", {"address": "x", "contact_name": "x"}
    assert faults(wang.post(f"{path}/dispatch/", body | {"engineer": "nobody"})) == {
        "#/engineer": "does_not_exist"
    }
    assert wang.post(f"{path}/dispatch/", body | {"engineer": "chen"}).status_code == 200
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert chen.post(f"{path}/arrive/", {"key": key}).status_code == 200
    assert OnSiteReport.objects.count() == 1
    (shown,) = chen.get("/dispatches/", {"open": 1}).json()["results"]
    assert (shown["ticket"], shown["next_step"], shown["engineer"]["id"]) == (ticket.number, "leave", "chen")
    assert chen.post(f"{path}/leave/", {"outcome": "solved"}).status_code == 200
    assert not chen.get("/dispatches/", {"open": 1}).json()["results"]
    assert faults(chen.post(f"{path}/leave/", {"outcome": "solved"})) == {"#/dispatch": "invalid"}


def test_rest_shows_dispatches_to_who_sees_the_record(cast: Cast, order: Dispatch) -> None:
    path = f"/tickets/{order.ticket.number}/dispatches/"
    assert len(caller(cast.li).get(path).json()["results"]) == 1
    assert caller(cast.outsider).get(path).status_code == 404
    assert caller(cast.sun).get(path).json()["results"] == []
    assert caller(cast.outsider).post(f"/tickets/{order.ticket.number}/depart/").status_code == 404
    assert caller(cast.sun).post(f"/tickets/{order.ticket.number}/depart/").status_code == 403
    assert Ticket.objects.get().dispatches.get().departed_at is None


def hand_in(user: User, ticket: Ticket, *, key: str = "", **parts: object):
    """Send a written report as a form of several parts."""
    headers = {"Authorization": f"Bearer {caller(user).token}", "Accept-Language": "en"}
    headers |= {"Idempotency-Key": key} if key else {}
    return Browser().post(f"{ROOT}/tickets/{ticket.number}/written_report/", parts, headers=headers)


def scan(name: str = "传真.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture())


def test_rest_takes_a_written_report_as_files_too(cast: Cast) -> None:
    ticket, key, paper = faulty(cast, Grade.THREE, timezone.now()), str(uuid.uuid4()), picture()
    received = (timezone.now() - timedelta(minutes=5)).isoformat()
    for _twice in range(2):
        files = [SimpleUploadedFile(name, paper) for name in ("传真.png", "附页.png")]
        facts = {"written_by": "孙主任", "received_at": received, "files": files}
        answer = hand_in(cast.wang, ticket, key=key, **facts)
        assert answer.status_code == 200, answer.content.decode()
    report = WrittenReport.objects.get()
    assert (report.attachment.name, report.written_by, report.text) == ("传真.png", "孙主任", "")
    assert report.received_at.isoformat() == received
    assert report.entry.attachments.count() == 2
    order = {"engineer": "chen", "address": "x", "contact_name": "x"}
    assert caller(cast.wang).post(f"/tickets/{ticket.number}/dispatch/", order).status_code == 200


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"written_by": "孙主任"}, {"#/text": "required"}),
        ({"files": ["x.exe"]}, {"#/written_by": "required"}),
        ({"written_by": "孙主任", "files": ["x.png", "x.exe"]}, {"#/files/1": "file_kind"}),
        ({"written_by": "孙主任", "text": "打印机坏了", "colour": "red"}, {"#/colour": "unknown_field"}),
    ],
)
def test_rest_names_what_is_wrong_with_a_written_report(cast: Cast, parts: dict, expected: dict) -> None:
    ticket = faulty(cast, Grade.THREE, timezone.now())
    if "files" in parts:
        parts = parts | {"files": [scan(name) for name in parts["files"]]}
    assert faults(hand_in(cast.wang, ticket, **parts)) == expected
    assert not WrittenReport.objects.exists()


def test_rest_takes_one_in_json_as_before_and_files_nowhere_else(cast: Cast) -> None:
    ticket, wang = faulty(cast, Grade.THREE, timezone.now()), caller(cast.wang)
    path = f"/tickets/{ticket.number}/written_report/"
    assert faults(wang.post(path, {"written_by": "孙主任"})) == {"#/text": "required"}
    sent = {"written_by": "孙主任", "text": "打印机坏了", "files": ["x"]}
    assert faults(wang.post(path, sent)) == {"#/files": "unknown_field"}
    assert wang.post(path, {"written_by": "孙主任", "text": "打印机坏了"}).status_code == 200
    assert hand_in(cast.outsider, ticket, written_by="x", text="x").status_code == 404
    headers = {"Authorization": f"Bearer {wang.token}"}
    answer = Browser().post(f"{ROOT}/tickets/{ticket.number}/notes/", {"text": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")

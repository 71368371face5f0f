"""A record's files on the pages and through REST: who gets them, how, and what is said of bad ones."""

from __future__ import annotations

import io
import uuid
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import ROOT, caller, faults
from staff import shelf
from staff.files import Upload
from staff.models import User
from staff.tests import hostile
from tickets import actions
from tickets.actions.attaching import keep
from tickets.models import Attachment, Entry, EntryKind, Ticket

CALL = {
    "client": "hospital",
    "caller_name": "孙主任",
    "title": "传真:打印很慢",
    "kind": "fault",
    "channel": "fax",
}


def signed_in(user: User) -> Browser:
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def sent(name: str = "屏幕截图.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, hostile.picture() if content is None else content, "application/x-lie")


def attached(ticket: Ticket, by: User, name: str = "app.log", content: bytes = b"down\n") -> Attachment:
    entry = actions.attach(ticket, [hostile.upload(name, content)], by=by, now=timezone.now())
    return entry.attachments.get()


def address(file: Attachment, what: str = "file") -> str:
    return reverse(f"tickets:{what}", args=[file.ticket_id, file.pk])


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


# Taken in


def test_files_come_with_a_note_in_a_plain_form(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    answer = li.post(
        reverse("tickets:act", args=[ticket.pk, "note"]),
        {"note-text": "今早的截图", "note-files": [sent(), sent("app.log", b"x\n")]},
    )
    assert answer.url == reverse("tickets:detail", args=[ticket.pk])
    entry = Entry.objects.get(kind=EntryKind.ATTACHED)
    assert entry.text == "今早的截图" and entry.attachments.count() == 2
    page = li.get(answer.url).content.decode()
    assert page.count("屏幕截图.png") >= 2 and "app.log" in page and "今早的截图" in page


def test_a_note_needs_words_or_a_file(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    act = reverse("tickets:act", args=[ticket.pk, "note"])
    answer = li.post(act, {"note-text": " "})
    assert answer.status_code == 422 and "text" in answer.context["forms"]["note"].errors
    assert li.post(act, {"note-files": [sent()]}).status_code == 302
    assert li.post(act, {"note-text": "only words"}).status_code == 302
    assert Entry.objects.filter(kind=EntryKind.NOTE).get().text == "only words"


def test_a_bad_file_is_named_at_its_field_and_the_words_stay(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    answer = li.post(
        reverse("tickets:act", args=[ticket.pk, "note"]),
        {
            "note-text": "说明在此",
            "note-files": [sent("virus.exe"), sent("ok.log", b"x\n"), sent("e.log", b"")],
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert len(answer.context["forms"]["note"].errors["files"]) == 2
    assert "virus.exe" in text and "说明在此" in text and "choose the files again" in text
    assert not Attachment.objects.exists()


def test_the_script_is_told_which_file_is_bad(cast: Cast, li: Browser) -> None:
    to = reverse("tickets:attach", args=[cast.ticket().pk])
    answer = li.post(to, {"note-text": "", "note-files": [sent(), sent("virus.exe")]})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert (fault["field"], fault["place"]) == ("files", 1) and "virus.exe" in fault["says"]
    good = li.post(to, {"note-files": [sent()]})
    assert good.status_code == 201 and "Added to the history" in li.get(good.json()["url"]).content.decode()
    nothing = li.post(to, {"note-text": ""})
    assert [fault["field"] for fault in nothing.json()["faults"]] == ["text"]
    assert li.get(to).status_code == 405


def test_what_is_too_large_is_cut_off_on_the_way_and_refused(cast: Cast, li: Browser, settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100_000
    answer = li.post(
        reverse("tickets:act", args=[cast.ticket().pk, "note"]),
        {"note-text": "还在", "note-files": [sent("big.log", b"x" * 5_000_000)]},
    )
    assert answer.status_code == 422
    (says,) = answer.context["forms"]["note"].errors["files"]
    assert "big.log" in says and "larger than" in says and "还在" in answer.content.decode()


def test_of_a_strangers_files_nothing_is_written_down(db: None) -> None:
    answer = Browser().post(
        reverse("login"), {"username": "x", "password": "y", "file": sent("a.log", b"x" * 9)}
    )
    assert answer.status_code == 200
    assert answer.wsgi_request.FILES["file"].size == 0


def test_the_scan_of_a_fax_belongs_to_the_entry_of_its_call(cast: Cast, li: Browser) -> None:
    li.post(reverse("tickets:create"), CALL | {"files": [sent("传真.png")]})
    file = Attachment.objects.get()
    assert file.entry.kind == EntryKind.LOGGED and file.ticket.channel == "fax"
    page = li.get(reverse("tickets:detail", args=[file.ticket_id])).content.decode()
    assert "传真.png" in page


def test_a_call_with_a_bad_file_is_not_recorded_and_says_which(cast: Cast, li: Browser) -> None:
    answer = li.post(
        reverse("tickets:create"), CALL | {"files": [sent("fax.tiff", b"II*\0")], "details": "三页"}
    )
    assert answer.status_code == 422
    assert "fax.tiff" in answer.context["form"].errors["files"][0] and "三页" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_further_call_brings_its_files_along(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    li.post(reverse("tickets:add_call", args=[ticket.pk]), CALL | {"files": [sent("second.png")]})
    assert Attachment.objects.get().entry.kind == EntryKind.REPEAT_CONTACT
    bad = li.post(reverse("tickets:add_call", args=[ticket.pk]), CALL | {"files": [sent("x.exe")]})
    assert bad.status_code == 422 and "x.exe" in bad.context["form"].errors["files"][0]
    assert Entry.objects.filter(kind=EntryKind.REPEAT_CONTACT).count() == 1


# Given out


def test_a_picture_is_shown_and_everything_else_is_saved(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    picture, page = (
        attached(ticket, cast.li, "图.png", hostile.picture()),
        attached(ticket, cast.li, "页.pdf", hostile.PDF),
    )
    shown, saved = li.get(address(picture)), li.get(address(page))
    assert shown["Content-Type"] == "image/png" and saved["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"] == f"inline; filename*=utf-8''{quote('图.png')}"
    assert saved["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('页.pdf')}"
    assert body(saved) == hostile.PDF
    for answer in (shown, saved):
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer["Content-Length"] and answer.streaming


@pytest.mark.parametrize("name", ["page.txt", "x.csv", "x.json", "x.eml", "x.zip", "x.docx", "x.mp4"])
def test_nothing_but_a_picture_is_ever_opened_in_the_page(cast: Cast, li: Browser, name: str) -> None:
    content = {
        "eml": hostile.MAIL,
        "zip": hostile.archive({"a": b""}),
        "docx": hostile.office("word"),
        "mp4": hostile.HARMLESS["phone.mp4"],
    }.get(name.rpartition(".")[2], hostile.SCRIPT)
    answer = li.get(address(attached(cast.ticket(), cast.li, name, content)))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "html" not in answer["Content-Type"]


def test_a_file_that_is_there_already_is_not_sent_again(cast: Cast, li: Browser) -> None:
    file = attached(cast.ticket(), cast.li)
    first = li.get(address(file))
    assert first["ETag"] == f'"{file.sha256}"'
    again = li.get(address(file), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again["Cache-Control"] == "private, no-cache"
    assert li.head(address(file)).status_code == 200


def test_a_file_that_a_restored_backup_lacks_is_missed_and_written_down(
    cast: Cast, li: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    file = attached(cast.ticket(), cast.li)
    shelf.remove(file.stored)
    assert li.get(address(file)).status_code == 404
    assert f"tickets.Attachment {file.pk} is gone" in caplog.text


def test_a_foreign_records_file_is_not_there(cast: Cast) -> None:
    file = attached(cast.ticket(), cast.li)
    other = cast.ticket()
    outsider = signed_in(cast.outsider)
    for what in ("file", "withdraw"):
        assert outsider.get(address(file, what)).status_code == 404
    assert outsider.post(address(file, "withdraw"), {"reason": "x"}).status_code == 404
    assert (
        outsider.post(reverse("tickets:attach", args=[file.ticket_id]), {"note-files": [sent()]}).status_code
        == 404
    )
    assert Browser().get(address(file)).status_code == 302
    # Through another record that one may see, it is not there either.
    assert signed_in(cast.li).get(reverse("tickets:file", args=[other.pk, file.pk])).status_code == 404
    assert Attachment.objects.present().count() == 1


def test_a_contact_gets_only_what_is_his(cast: Cast) -> None:
    ticket = cast.ticket()
    ours, his = attached(ticket, cast.li, "ours.log"), attached(ticket, cast.sun, "his.log")
    scan = keep(
        ticket,
        ticket.entries.get(kind=EntryKind.LOGGED),
        Upload("scan.txt", io.BytesIO(b"x\n")),
        by=cast.li,
        now=timezone.now(),
    )
    sun = signed_in(cast.sun)
    assert sun.get(address(ours)).status_code == 404
    assert sun.get(address(his)).status_code == sun.get(address(scan)).status_code == 200
    page = sun.get(reverse("portal:report", args=[ticket.pk])).content.decode()
    assert "his.log" in page and "scan.txt" in page and "ours.log" not in page


def test_a_contact_sends_files_with_his_report_and_after_it(cast: Cast) -> None:
    sun = signed_in(cast.sun)
    told = {"title": "打印不出来", "kind": "fault", "files": [sent("a.log", b"down\n")]}
    page = sun.post(reverse("portal:new"), told).url
    [first] = Attachment.objects.visible_to(cast.sun)
    sun.post(reverse("portal:say", args=[first.ticket_id, "add"]), {"add-files": [sent("b.log", b"again\n")]})
    shown = sun.get(page).content.decode()
    assert "a.log" in shown and "b.log" in shown
    refused = sun.post(
        reverse("portal:say", args=[first.ticket_id, "add"]),
        {"add-text": "看这个", "add-files": [sent("c.exe")]},
    )
    assert refused.status_code == 422 and "看这个" in refused.content.decode()
    assert Attachment.objects.count() == 2


def test_a_withdrawn_file_keeps_its_name_on_the_page_and_is_not_given_out(
    cast: Cast, li: Browser, django_capture_on_commit_callbacks
) -> None:
    file = attached(cast.ticket(), cast.li, "password.log")
    assert li.get(address(file, "withdraw")).status_code == 200
    empty = li.post(address(file, "withdraw"), {"reason": " "})
    assert empty.status_code == 422 and "reason" in empty.context["form"].errors
    assert signed_in(cast.chen).post(address(file, "withdraw"), {"reason": "x"}).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        done = li.post(address(file, "withdraw"), {"reason": "里面有口令"})
    page = li.get(done.url).content.decode()
    assert "<del" in page and "password.log" in page and "里面有口令" in page
    assert li.get(address(file)).status_code == 404
    assert li.post(address(file, "withdraw"), {"reason": "again"}).status_code == 404


def test_many_files_cost_the_page_no_more_queries(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket()
    page = reverse("tickets:detail", args=[ticket.pk])
    li.get(page)
    attached(ticket, cast.li)
    with CaptureQueriesContext(connection) as few:
        li.get(page)
    for number in range(20):
        attached(ticket, cast.li, f"{number}.log")
    with CaptureQueriesContext(connection) as many:
        li.get(page)
    assert len(many) == len(few)


# REST


def post(
    user: User,
    ticket: Ticket,
    files: list[SimpleUploadedFile],
    key: str | None = None,
    token: str = "",
    **fields: str,
):
    headers = {"Authorization": f"Bearer {token or caller(user).token}", "Accept-Language": "en"}
    headers |= {"Idempotency-Key": key} if key else {}
    path = f"{ROOT}/tickets/{ticket.number}/attachments/"
    return Browser().post(path, {"files": files, **fields}, headers=headers)


def test_files_are_attached_listed_and_fetched_with_a_token(cast: Cast) -> None:
    ticket, li = cast.ticket(), caller(cast.li)
    answer = post(cast.li, ticket, [sent("图.png"), sent("a.log", b"down\n")], text="看图")
    assert answer.status_code == 201
    picture, log = answer.json()["results"]
    assert (picture["name"], picture["media_type"], picture["width"]) == ("图.png", "image/png", 60)
    assert picture["by"]["id"] == "li" and picture["entry"] == log["entry"]
    listed = li.get(f"/tickets/{ticket.number}/attachments/").json()
    assert listed == {"results": [picture, log], "next": None}
    content = li.get(log["content"].partition(ROOT)[2])
    assert body(content) == b"down\n" and content["ETag"] == f'"{log["sha256"]}"'
    assert content["Content-Disposition"] == 'attachment; filename="a.log"'
    assert content["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert Entry.objects.get(kind=EntryKind.ATTACHED).text == "看图"


def test_a_problem_names_each_file_at_fault(cast: Cast) -> None:
    ticket = cast.ticket()
    answer = post(cast.li, ticket, [sent("x.exe"), sent(), sent("e.log", b"")])
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    assert faults(answer) == {"#/files/0": "file_kind", "#/files/2": "empty_file"}
    assert faults(post(cast.li, ticket, [])) == {"#/files": "required"}
    assert faults(post(cast.li, ticket, [sent()], colour="red")) == {"#/colour": "unknown_field"}
    assert not Attachment.objects.exists()


def test_the_same_files_sent_twice_under_one_key_are_kept_once(cast: Cast) -> None:
    ticket, key = cast.ticket(), str(uuid.uuid4())
    log = [("a.log", b"one\n"), ("b.log", b"two\n")]
    first = post(cast.li, ticket, [sent(*file) for file in log], key)
    again = post(cast.li, ticket, [sent(*file) for file in log], key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again["Idempotent-Replayed"] == "true"
    other = post(cast.li, ticket, [sent("a.log", b"ONE\n"), sent("b.log", b"two\n")], key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Attachment.objects.count() == 2


def test_json_instead_of_files_is_the_wrong_media_type(cast: Cast) -> None:
    answer = caller(cast.li).post(f"/tickets/{cast.ticket().number}/attachments/", {"files": ["x"]})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_the_walls_are_the_same_with_a_token(cast: Cast) -> None:
    ticket = cast.ticket()
    ours, his = attached(ticket, cast.li, "ours.log"), attached(ticket, cast.sun, "his.log")
    path = f"/tickets/{ticket.number}/attachments/"
    outsider, sun = caller(cast.outsider), caller(cast.sun)
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"{path}{ours.pk}/content/").status_code == 404
    assert post(cast.outsider, ticket, [sent()]).status_code == 404
    assert [file["name"] for file in sun.get(path).json()["results"]] == ["his.log"]
    assert sun.get(f"{path}{ours.pk}/content/").status_code == 404
    assert sun.get(f"{path}{his.pk}/content/").status_code == 200
    assert sun.get(f"{path}{10**18 + 1}/content/").status_code == 404
    refused = post(cast.zhao, ticket, [sent()])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    read_only = caller(cast.li, may_write=False)
    assert read_only.get(path).status_code == 200
    assert post(cast.li, ticket, [sent()], token=read_only.token).json()["code"] == "read_only_token"

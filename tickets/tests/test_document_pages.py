"""Notices and reports on pages, in the portal and through REST: parse, call one action, answer."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from tickets import actions
from tickets.documents.making import NotMade
from tickets.models import IssuedDocument, Ticket
from tickets.tests.story import HOUR, running, solved
from tickets.tests.test_documents import ordered
from tickets.tests.test_views import detail, signed_in
from tickets.views import documents

PDF, WORD = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def runs(cast: Cast, now: datetime) -> Ticket:
    return running(cast, now - HOUR)


@pytest.fixture
def over(cast: Cast, now: datetime) -> Ticket:
    return solved(cast, now - 9 * HOUR)


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def new(ticket: Ticket, kind: str) -> str:
    return reverse("tickets:new_document", args=[ticket.pk, kind])


def page_of(issued: IssuedDocument, portal: bool = False) -> str:
    return reverse("portal:document" if portal else "tickets:document", args=[issued.ticket_id, issued.pk])


def file_of(issued: IssuedDocument, form: str = "pdf") -> str:
    return reverse("tickets:document_file", args=[issued.ticket_id, issued.pk, form])


def typed(ticket: Ticket, now: datetime, **more: object) -> dict[str, object]:
    return {
        "edition": "client",
        "language": "en",
        "affected": "住院收费全停",
        "done": "",
        "next_step": "换控制器",
        "next_message_at": f"{timezone.localtime(now + HOUR):%Y-%m-%dT%H:%M}",
        "seen_version": Ticket.objects.get(pk=ticket.pk).version,
    } | more


def issued(ticket: Ticket, cast: Cast, kind: str = "notice", edition: str = "internal") -> IssuedDocument:
    now = timezone.now()
    more = {"next_message_at": now + HOUR} if kind == "notice" else {}
    return actions.issue_document(ticket, ordered(kind, edition, "en", **more), by=cast.wang, now=now)


def text_of(answer) -> str:
    return answer.content.decode()


def test_drafted_previewed_issued_and_listed(cast: Cast, runs: Ticket, li: Browser, now: datetime) -> None:
    assert new(runs, "notice") in text_of(li.get(detail(runs)))
    draft = text_of(li.get(new(runs, "notice")))
    assert "HIS inpatient: 系统崩溃,无法登录" in draft  # what the record knows is there already
    assert f"{runs.number}-NI1" in draft and not IssuedDocument.objects.exists()
    preview = li.post(new(runs, "notice"), typed(runs, now, do="preview", next_step="先重启"))
    assert (
        preview.status_code == 200 and text_of(preview).count("先重启") == 2
    )  # in the form and in the draft
    assert f"{runs.number}-NC1" in text_of(preview) and not IssuedDocument.objects.exists()
    answer = li.post(new(runs, "notice"), typed(runs, now))
    document = IssuedDocument.objects.get()
    assert answer.url == page_of(document)
    assert "换控制器" in text_of(li.get(page_of(document)))
    assert document.reference in text_of(li.get(detail(runs)))
    again = text_of(li.get(new(runs, "notice")))
    assert "换控制器" in again and f"{runs.number}-NC2" in again  # the next one begins with what was written


def test_what_changed_since_the_draft_is_shown_before_it_is_issued(
    cast: Cast, runs: Ticket, li: Browser, now: datetime
) -> None:
    sent = typed(runs, now, edition="internal")
    actions.add_note(runs, text="刚发现备机也坏了", by=cast.chen, now=now)
    answer = li.post(new(runs, "notice"), sent)
    assert answer.status_code == 409 and not IssuedDocument.objects.exists()
    assert "刚发现备机也坏了" in text_of(answer) and "换控制器" in text_of(answer)
    seen = Ticket.objects.get(pk=runs.pk).version
    assert f'name="seen_version" value="{seen}"' in text_of(answer)
    assert li.post(new(runs, "notice"), sent | {"seen_version": seen}).status_code == 302


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"next_step": ""}, "next_step"),
        ({"affected": "x" * 4001}, "affected"),
        ({"next_message_at": "2020-01-01T00:00"}, "next_message_at"),
        ({"next_message_at": "soon"}, "next_message_at"),
        ({"edition": "press"}, "edition"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    cast: Cast, runs: Ticket, li: Browser, now: datetime, more: dict, field: str
) -> None:
    answer = li.post(new(runs, "notice"), typed(runs, now, done="仍在排查") | more)
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert "仍在排查" in text_of(answer) and not IssuedDocument.objects.exists()


def test_nothing_is_issued_of_what_has_no_such_document(
    cast: Cast, runs: Ticket, over: Ticket, li: Browser, now: datetime
) -> None:
    for ticket, kind in ((runs, "report"), (over, "notice")):
        assert li.get(new(ticket, kind)).url == li.post(new(ticket, kind), typed(ticket, now)).url
        assert new(ticket, kind) not in text_of(li.get(detail(ticket)))
    assert li.get(new(runs, "obituary")).status_code == 404
    assert not IssuedDocument.objects.exists()


def test_who_reads_and_who_issues(cast: Cast, runs: Ticket, now: datetime) -> None:
    document, for_client = issued(runs, cast), issued(runs, cast, edition="client")
    outsider = signed_in(cast.outsider)
    for path in (new(runs, "notice"), page_of(document), file_of(document)):
        assert outsider.get(path).status_code == 404
    for who in (cast.zhou, cast.zhao):
        browser = signed_in(who)
        assert browser.get(page_of(document)).status_code == 200
        assert browser.get(new(runs, "notice")).status_code == 403
        assert browser.post(new(runs, "notice"), typed(runs, now)).status_code == 403
        assert new(runs, "notice") not in text_of(browser.get(detail(runs)))
    sun = signed_in(cast.sun)
    assert sun.get(new(runs, "notice")).status_code == 403
    assert sun.get(page_of(document)).url == page_of(document, portal=True)
    assert (
        sun.get(page_of(document, portal=True)).status_code == sun.get(file_of(document)).status_code == 404
    )
    shown = text_of(sun.get(page_of(for_client, portal=True)))
    assert "住院收费全停" in shown and "内部备注" not in shown
    listed = text_of(sun.get(reverse("portal:report", args=[runs.pk])))
    assert for_client.reference in listed and document.reference not in listed
    other = Ticket.objects.filter(pk=runs.pk)
    other.update(contact=None)
    assert sun.get(file_of(for_client)).status_code == 404


def test_files_are_given_out_under_a_plain_name_and_run_nowhere(
    cast: Cast, runs: Ticket, li: Browser
) -> None:
    document = issued(runs, cast, edition="client")
    for reader in (li, signed_in(cast.sun)):
        pdf, word = reader.get(file_of(document)), reader.get(file_of(document, "docx"))
        assert (pdf["Content-Type"], word["Content-Type"]) == (PDF, WORD)
        assert pdf.content.startswith(b"%PDF")
        assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word.content)).namelist()
        assert pdf["Content-Disposition"] == f'attachment; filename="{runs.number}-NC1.pdf"'
        assert pdf["X-Content-Type-Options"] == "nosniff" and "sandbox" in pdf["Content-Security-Policy"]
    assert li.get(file_of(document), headers={"If-None-Match": pdf["ETag"]}).status_code == 304
    assert li.get(file_of(document, "exe")).status_code == 404


def test_a_file_that_cannot_be_made_says_so_and_the_page_stays(
    cast: Cast, runs: Ticket, li: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object) -> bytes:
        raise NotMade

    document = issued(runs, cast)
    monkeypatch.setattr(documents, "made", never)
    answer = li.get(file_of(document), follow=True)
    assert answer.redirect_chain == [(page_of(document), 302)] and "in time" in text_of(answer)
    rest = caller(cast.li).get(f"/tickets/{runs.number}/documents/{document.pk}/pdf/")
    assert (rest.status_code, rest.json()["code"], rest["Retry-After"]) == (503, "unavailable", "60")


def test_rulings_are_read_by_those_who_may_read_the_cases(cast: Cast, over: Ticket) -> None:
    document = issued(over, cast, "report")
    for who, reads in ((cast.wang, True), (cast.zhou, True), (cast.li, False)):
        page = text_of(signed_in(who).get(page_of(document)))
        rest = text_of(caller(who).get(f"/tickets/{over.number}/documents/{document.pk}/"))
        draft = text_of(signed_in(who).get(new(over, "report"))) if who.may_work else page
        for text in (page, rest, draft):
            assert ("王强裁定" in text) == reads, (who, reads)
            assert ("Left out here" in text) != reads
    ours, theirs = (signed_in(who).get(file_of(document)) for who in (cast.wang, cast.li))
    assert ours["ETag"] != theirs["ETag"] and len(ours.content) != len(theirs.content)


def test_a_newer_issue_is_pointed_to(cast: Cast, runs: Ticket, li: Browser) -> None:
    first, second = issued(runs, cast), issued(runs, cast)
    assert page_of(second) in text_of(li.get(page_of(first)))
    assert page_of(first) not in text_of(li.get(page_of(second)))


def test_the_record_costs_one_query_more_however_many_documents(
    cast: Cast, runs: Ticket, li: Browser
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            li.get(detail(runs))
        return len(asked)

    queries()
    none = queries()
    issued(runs, cast)
    one = queries()
    for _ in range(5):
        issued(runs, cast, edition="client")
    assert queries() == one == none + 1


def test_through_rest(cast: Cast, runs: Ticket, now: datetime) -> None:
    rest, path = caller(cast.li), f"/tickets/{runs.number}/documents/"
    body = {
        "kind": "notice",
        "edition": "client",
        "language": "en",
        "affected": "全院",
        "next_step": "换控制器",
        "next_message_at": (now + timedelta(hours=2)).isoformat(),
    }
    missing = rest.post(path, body | {"next_step": " "})
    assert missing.status_code == 422 and faults(missing) == {"#/next_step": "required"}
    assert rest.post(path, body | {"kind": "report"}).status_code == 409
    assert rest.post(path, body, If_Match='"0"').status_code == 412
    answer = rest.post(path, body, key="once")
    assert answer.status_code == 201, answer.json()
    assert rest.post(path, body, key="once").json() == answer.json()
    document = IssuedDocument.objects.get()
    found = answer.json()
    assert (found["reference"], found["number"]) == (f"{runs.number}-NC1", 1)
    assert answer["Location"].endswith(f"{path}{document.pk}/")
    assert rest.get(f"{path}{document.pk}/").json() == found
    assert [row["id"] for row in rest.get(path).json()["results"]] == [document.pk]
    assert rest.get(f"{path}{document.pk}/pdf/").content.startswith(b"%PDF")
    assert rest.get(f"{path}{document.pk}/exe/").status_code == 404
    sun = caller(cast.sun)
    assert sun.get(f"{path}{document.pk}/").status_code == 200
    assert sun.post(path, body).status_code == 403
    assert caller(cast.outsider).get(path).status_code == 404
    inside = issued(runs, cast)
    assert sun.get(f"{path}{inside.pk}/").status_code == 404
    assert [row["id"] for row in sun.get(path).json()["results"]] == [document.pk]

"""Remote access on pages, in the portal and through REST: parse, call one action, answer."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults, record_for, with_authorisation
from staff.files import Upload
from staff.models import Notice
from tickets import actions
from tickets.models import EntryKind, Grade, HowGiven, RemoteAuthorisation, RemoteSession, Ticket
from tickets.tests.test_views import detail, signed_in

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return record_for("pause", cast)


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def local(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def typed(cast: Cast, **more: object) -> dict[str, object]:
    now = timezone.now()
    return {
        "contact": cast.contact.pk,
        "how": "fax",
        "systems": [cast.his.pk],
        "purpose": "查看归档日志",
        "window_from": local(now - HOUR),
        "window_to": local(now + HOUR),
        "max_sessions": 2,
    } | more


def at(access: RemoteAuthorisation, verb: str = "") -> str:
    name, more = ("act_remotely", [verb]) if verb else ("remote_access", [])
    return reverse(f"tickets:{name}", args=[access.ticket_id, access.pk, *more])


def text_of(answer) -> str:
    return answer.content.decode()


def test_recorded_with_the_fax_used_and_ended_by_the_page(cast: Cast, ticket: Ticket, li: Browser) -> None:
    path = reverse("tickets:authorise_remote", args=[ticket.pk])
    assert "孙主任" in text_of(li.get(path))
    fax = SimpleUploadedFile("传真.txt", b"x")
    answer = li.post(path, typed(cast, file=fax))
    access = RemoteAuthorisation.objects.get()
    assert answer.url == at(access)
    assert (access.given_by, access.contact, access.evidence.name) == ("孙主任", cast.contact, "传真.txt")
    assert list(access.systems.all()) == [cast.his]
    page = text_of(li.get(at(access)))
    assert "A session may begin now." in page and "传真.txt" in page
    assert "孙主任" in text_of(li.get(detail(ticket)))
    li.post(at(access, "open"))
    session = RemoteSession.objects.get()
    assert "End my session" in text_of(li.get(detail(ticket)))
    assert "Logged in now" in text_of(li.get(reverse("tickets:remote")))
    nothing = li.post(at(access, "close"), {"session": session.pk, "close-witness": "孙主任"})
    assert nothing.status_code == 422 and 'value="孙主任"' in text_of(nothing)
    li.post(at(access, "close"), {"session": session.pk, "close-summary": "清理归档"})
    assert "清理归档" in text_of(li.get(at(access)))
    kinds = set(ticket.entries.values_list("kind", flat=True))
    assert {EntryKind.AUTHORISED, EntryKind.REMOTE_OPENED, EntryKind.REMOTE_CLOSED} <= kinds


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"contact": "", "given_by": ""}, "given_by"),
        ({"how": "phone", "callback_number": "1"}, "how"),
        ({"systems": []}, "systems"),
        ({"window_to": "2020-01-01T00:00"}, "window_to"),
        ({"purpose": ""}, "purpose"),
        ({"max_sessions": 99}, "max_sessions"),
        ({"file": "program.exe"}, "file"),
    ],
)
def test_what_is_refused_comes_back_at_its_field_with_what_was_typed(
    cast: Cast, ticket: Ticket, li: Browser, more: dict, field: str
) -> None:
    if "file" in more:
        more = {"file": SimpleUploadedFile(more["file"], b"MZ")}
    answer = li.post(
        reverse("tickets:authorise_remote", args=[ticket.pk]), typed(cast, other_systems="") | more
    )
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert field == "purpose" or "查看归档日志" in text_of(answer)
    assert not RemoteAuthorisation.objects.exists()


def test_a_refused_session_says_why(cast: Cast, ticket: Ticket, li: Browser) -> None:
    access = with_authorisation(ticket, cast, has_paper=False)
    answer = li.post(at(access, "open"))
    assert answer.status_code == 422 and "The evidence is missing" in text_of(answer)
    li.post(at(access, "evidence"), {"evidence-attached": ticket.attachments.get().pk})
    li.post(at(access, "open"))
    assert RemoteSession.objects.get().operator == cast.li
    li.post(at(access, "revoke"), {"revoke-reason": "客户来电撤回"})
    page = text_of(li.get(at(access)))
    assert "The authorisation has been withdrawn." in page and "客户来电撤回" in page
    assert "End the session" in page  # who is logged in still has to write down what he did


def test_leaders_and_auditors_read_and_do_nothing(cast: Cast, ticket: Ticket) -> None:
    access = with_authorisation(ticket, cast)
    for who in (cast.zhou, cast.zhao):
        browser = signed_in(who)
        page = text_of(browser.get(at(access)))
        assert "孙主任" in page and "Begin a session" not in page and "Withdraw the" not in page
        assert ticket.number in text_of(browser.get(reverse("tickets:remote")))
        assert browser.post(at(access, "open")).status_code == 422
        assert browser.get(reverse("tickets:authorise_remote", args=[ticket.pk])).status_code == 403
    assert not RemoteSession.objects.exists()


def test_foreign_records_are_not_found_and_nothing_is_changed_by_get(cast: Cast, ticket: Ticket) -> None:
    access, outsider = with_authorisation(ticket, cast), signed_in(cast.outsider)
    assert outsider.get(at(access)).status_code == outsider.post(at(access, "open")).status_code == 404
    assert outsider.get(reverse("tickets:authorise_remote", args=[ticket.pk])).status_code == 404
    assert ticket.number not in text_of(outsider.get(reverse("tickets:remote")))
    other = with_authorisation(record_for("pause", cast), cast)
    crossed = reverse("tickets:remote_access", args=[ticket.pk, other.pk])
    li = signed_in(cast.li)
    assert li.get(crossed).status_code == 404 and li.post(at(access, "explode")).status_code == 404
    assert li.get(at(access, "open")).status_code == li.get(at(access, "revoke")).status_code == 405
    session = actions.open_remote(other, by=cast.li, now=timezone.now())
    stray = {"session": session.pk, "close-summary": "x"}
    assert li.post(at(access, "close"), stray).status_code == 404


def test_a_record_without_an_authorisation_costs_no_query_more(cast: Cast, ticket: Ticket) -> None:
    wang = signed_in(cast.wang)
    wang.get(detail(ticket))
    with CaptureQueriesContext(connection) as without:
        page = text_of(wang.get(detail(ticket)))
    asked = [query["sql"] for query in without.captured_queries if "remote" in query["sql"]]
    assert len(asked) == 1 and "EXISTS" in asked[0]  # beside the record itself
    assert "The client has authorised nothing." in page
    with_authorisation(ticket, cast)
    with CaptureQueriesContext(connection) as with_one:
        wang.get(detail(ticket))
    assert len(with_one) > len(without)  # the control


def test_the_overview_shows_what_is_owed_in_few_queries(cast: Cast, ticket: Ticket) -> None:
    now = timezone.now()
    grave = actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)
    grave = actions.acknowledge(grave, by=cast.chen, now=now)
    with_authorisation(grave, cast, how=HowGiven.PHONE, callback_number="1")
    for _number in range(4):
        actions.open_remote(with_authorisation(ticket, cast), by=cast.chen, now=now)
    wang = signed_in(cast.wang)
    with CaptureQueriesContext(connection) as queries:
        page = text_of(wang.get(reverse("tickets:remote")))
    assert "To follow in writing" in page and page.count("陈工</td>") == 4
    assert len(queries) < 20


# The client -------------------------------------------------------------------------------------------------


def test_a_contact_sees_what_he_allows_and_takes_it_back(cast: Cast, ticket: Ticket) -> None:
    access, sun = with_authorisation(ticket, cast), signed_in(cast.sun)
    actions.open_remote(access, by=cast.chen, now=timezone.now())
    report = reverse("portal:report", args=[ticket.pk])
    page = text_of(sun.get(report))
    assert "Remote access to your systems" in page and "陈工" in page and "logged in now" in page
    withdraw = reverse("portal:withdraw_remote", args=[ticket.pk, access.pk])
    assert sun.get(withdraw).status_code == 405
    sun.post(withdraw, {"reason": " "})
    access.refresh_from_db()
    assert not access.is_revoked
    sun.post(withdraw, {"reason": "今晚不方便"})
    access.refresh_from_db()
    assert (access.revoked_by, access.revoked_reason) == (cast.sun, "今晚不方便")
    page = text_of(sun.get(report))
    assert "You withdrew your authorisation" in page and "今晚不方便" in page and "Withdraw this" not in page
    assert Notice.objects.filter(kind="remote_revoked", recipient=cast.chen).exists()
    too_late = sun.post(withdraw, {"reason": "再说一次"}, follow=True)
    assert "再说一次" in text_of(too_late)  # what was typed is not lost


def test_a_contact_does_not_find_what_is_not_his(cast: Cast) -> None:
    other = with_authorisation(cast.ticket(timezone.now(), contact=None), cast)
    sun = signed_in(cast.sun)
    withdraw = reverse("portal:withdraw_remote", args=[other.ticket_id, other.pk])
    assert sun.post(withdraw, {"reason": "x"}).status_code == 404
    assert signed_in(cast.li).post(withdraw, {"reason": "x"}).status_code == 403


# REST -------------------------------------------------------------------------------------------------------


def test_the_story_through_rest(cast: Cast, ticket: Ticket) -> None:
    li, base, now = caller(cast.li), f"/tickets/{ticket.number}", timezone.now()
    body = {
        "given_by": "孙主任",
        "contact": cast.contact.pk,
        "how": "letter",
        "systems": [cast.his.pk],
        "purpose": "x",
        "window_from": (now - HOUR).isoformat(),
        "window_to": (now + HOUR).isoformat(),
    }
    assert li.post(f"{base}/authorise_remote/", body).status_code == 200
    access = RemoteAuthorisation.objects.get()
    refused = li.post(f"{base}/open_remote/", {"authorisation": access.pk})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_evidence")
    [row] = li.get(f"{base}/remote_authorisations/").json()["results"]
    assert (row["is_valid"], row["why_not"], row["systems"][0]["id"]) == (False, "no_evidence", cast.his.pk)
    paper = actions.attach(ticket, [upload()], by=cast.li, now=now).attachments.get()
    assert (
        li.post(f"{base}/add_evidence/", {"authorisation": access.pk, "evidence": paper.pk}).status_code
        == 200
    )
    assert li.post(f"{base}/open_remote/", {"authorisation": access.pk}).status_code == 200
    [session] = li.get(f"{base}/remote_sessions/").json()["results"]
    ended = li.post(f"{base}/close_remote/", {"session": session["id"], "summary": "完成"})
    assert ended.status_code == 200
    [session] = li.get(f"{base}/remote_sessions/").json()["results"]
    assert (session["summary"], session["operator"]["id"]) == ("完成", "li")
    sun = caller(cast.sun)
    assert sun.post(f"{base}/open_remote/", {"authorisation": access.pk}).status_code == 403
    assert sun.post(f"{base}/revoke_remote/", {"authorisation": access.pk, "reason": "x"}).status_code == 200
    [his] = sun.get(f"{base}/remote_sessions/").json()["results"]
    assert (his["summary"], his["operator"]["id"], his["operator"]["name"]) == ("", None, "李敏")
    assert sun.get(f"{base}/remote_authorisations/").json()["results"][0]["why_not"] == "revoked"


def test_rest_names_the_field_at_fault_and_finds_nothing_foreign(cast: Cast, ticket: Ticket) -> None:
    li, base, now = caller(cast.li), f"/tickets/{ticket.number}", timezone.now()
    body = {"given_by": "x", "how": "fax", "purpose": "x", "window_from": now.isoformat()}
    body |= {"window_to": (now + HOUR).isoformat()}
    for more, pointer, code in (
        ({}, "#/systems", "required"),
        ({"systems": [10**9]}, "#/systems", "does_not_exist"),
        ({"other_systems": "x", "contact": 10**9}, "#/contact", "does_not_exist"),
        ({"other_systems": "x", "evidence": 10**9}, "#/evidence", "does_not_exist"),
        ({"other_systems": "x", "how": "phone"}, "#/how", "not_grade_one"),
        ({"other_systems": "x", "password": "x"}, "#/password", "unknown_field"),
    ):
        answer = li.post(f"{base}/authorise_remote/", body | more)
        assert answer.status_code == 422 and faults(answer) == {pointer: code}
    foreign = with_authorisation(record_for("pause", cast), cast)
    answer = li.post(f"{base}/open_remote/", {"authorisation": foreign.pk})
    assert faults(answer) == {"#/authorisation": "does_not_exist"}
    outsider = caller(cast.outsider)
    assert outsider.get(f"{base}/remote_authorisations/").status_code == 404
    assert outsider.post(f"{base}/open_remote/", {"authorisation": foreign.pk}).status_code == 404


def upload() -> Upload:
    return Upload("a.txt", BytesIO(b"x"))

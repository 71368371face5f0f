"""Every refusal of the REST interface is a problem that names the field, whatever is thrown at it."""

import json
import logging
from itertools import product

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client as Browser
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from opsdesk import problems
from opsdesk.tests.rest import caller, faults, record_for
from tickets import actions

CALL = {"client": "hospital", "caller_name": "孙主任", "title": "系统崩溃"}
VERBS = {
    "grade": {"grade": 2, "reason": "x"},
    "assign": {"owner": "wang", "text": "x"},
    "acknowledge": {"x": "y"},
    "diagnose": {"diagnosis": "x", "cause": "other"},
    "notes": {"text": "x"},
    "messages": {"text": "x"},
    "pause": {"reason": "parts", "text": "x", "until": "2026-12-01T00:00:00Z"},
    "resume": {"text": "x"},
    "resolve": {"solution": "x", "cause": "other"},
    "confirm": {"confirmed_by": "x", "channel": "phone", "text": "x"},
    "reopen": {"reason": "x"},
}
EVERYTHING = CALL | {
    "system": 1,
    "contact": 1,
    "callback_number": "1",
    "details": "x",
    "kind": "fault",
    "channel": "api",
    "reported_at": "2026-11-23T09:00:00Z",
    "external_ref": "x",
    "grade": 1,
    "grade_reason": "x",
}
# Values as they stand in the JSON, so that what Python would not write can be sent too.
HOSTILE = {
    "NUL": r'"a\u0000b"',
    "lone surrogate": r'"a\ud800b"',
    "emoji": r'"\ud83d\ude00"',
    "right to left": r'"\u202egnp.exe"',
    "100 kB": '"' + "x" * 100_000 + '"',
    "empty": '""',
    "null": "null",
    "true": "true",
    "list": "[1]",
    "object": '{"a": {"b": 1}}',
    "minus": "-1",
    "huge": "9" * 400,
    "larger than a column": str(2**63),
    "fraction": "1.5",
    "too large a fraction": "1e999",
    "year 1": '"0001-01-01T00:00:00+14:00"',
    "year 9999": '"9999-12-31T23:59:59.999999-14:00"',
    "no such day": '"2026-02-30T00:00:00Z"',
    "a bare date": '"2026-02-28"',
    "a formula": '"=1+1"',
    "markup": '"<script>alert(1)</script>"',
}


@pytest.fixture
def li(cast):
    return caller(cast.li)


def assert_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert (
        problem["type"].endswith(f"/api/v1/docs/#problem-{problem['code']}")
        or "#problem-refused" in problem["type"]
    )
    assert problem["request_id"] == answer["X-Request-Id"]
    assert problem["title"] and problem["detail"] and problem["code"]
    assert answer["Cache-Control"] == "private, no-store"
    return problem


def sent(li, path, body, name, raw):
    """Send `body` with one value replaced by raw JSON."""
    text = json.dumps(body | {name: "@@"}).replace('"@@"', raw)
    return li.post(path, text)


@pytest.mark.parametrize("name", [*EVERYTHING, "unknown"])
def test_no_value_of_a_call_breaks_the_house(cast, li, name):
    body = EVERYTHING | {"system": cast.his.pk, "contact": cast.contact.pk}
    for kind, raw in HOSTILE.items():
        answer = sent(li, "/tickets/", body | {"external_ref": kind}, name, raw)
        assert answer.status_code in (201, 422), (kind, answer.content)
        assert answer.status_code == 201 or f"#/{name}" in faults(answer), kind


@pytest.mark.parametrize("verb", VERBS)
def test_no_value_of_a_verb_breaks_the_house(cast, li, verb):
    ticket = record_for(verb, cast)
    for name, kind in product(VERBS[verb], HOSTILE):
        answer = sent(li, f"/tickets/{ticket.number}/{verb}/", VERBS[verb], name, HOSTILE[kind])
        assert answer.status_code in (200, 422), (name, kind, answer.content)
        if answer.status_code == 200:
            ticket = record_for(verb, cast)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"\xff\xfe{}", 400, "malformed"),
        (b'{"title": NaN}', 400, "malformed"),
        (b'{"title": ' + b"9" * 5000 + b"}", 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"a":' * 50_000, 400, "malformed"),
        (b'{"title": "' + b"x" * 1_000_001 + b'"}', 413, "too_large"),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"7", 422, "invalid"),
    ],
)
def test_a_body_that_is_no_object_is_refused(cast, li, body, status, code):
    assert assert_problem(li.post("/tickets/", body), status)["code"] == code


def test_another_kind_of_body_is_refused(cast, li):
    answer = Browser().post(
        "/api/v1/tickets/",
        {"title": "x"},
        headers={"Authorization": f"Bearer {li.token}", "Idempotency-Key": "k"},
    )
    assert assert_problem(answer, 415)["code"] == "unsupported_media_type"


def test_a_body_in_chunks_is_refused_rather_than_taken_for_an_empty_one(cast, li):
    path = f"/api/v1/tickets/{cast.ticket().number}/acknowledge/"
    headers = {"Authorization": f"Bearer {li.token}", "Transfer-Encoding": "chunked"}
    assert assert_problem(Browser().generic("POST", path, headers=headers), 411)["code"] == "length_required"


def test_a_verb_without_fields_needs_no_body(cast, li):
    ticket = cast.ticket()
    headers = {"Authorization": f"Bearer {li.token}"}
    path = f"/api/v1/tickets/{ticket.number}/acknowledge/"
    assert Browser().generic("POST", path, headers=headers).status_code == 200


def test_whatever_format_is_asked_for_there_is_one(cast, li):
    for accept in ("text/html", "application/problem+json", "nonsense", "*/*;q=0"):
        assert li.get("/me/", Accept=accept)["Content-Type"] == "application/json"


def test_each_fault_is_named_with_its_pointer(cast, li):
    answer = li.post("/tickets/", CALL | {"title": "", "kind": "x", "a/b~c": 1})
    problem = assert_problem(answer, 422)
    assert problem["code"] == "invalid" and problem["title"] == "Some fields are not right"
    assert faults(answer) == {"#/title": "blank", "#/kind": "invalid_choice", "#/a~1b~0c": "unknown_field"}
    assert all(fault["detail"] for fault in problem["errors"])


def test_names_with_broken_characters_are_named_as_far_as_they_can_be(cast, li):
    answer = li.post("/tickets/", r'{"title": "x", "a\ud800": 1, "\u0000": 2}')
    assert set(faults(answer)) >= {"#/a?", "#/\0"}


@pytest.mark.parametrize(
    "path", ["/", "/nothing/", "/tickets", "/tickets/T-1/fly/", "/tickets/%00/", "/me/x/", "/%ff"]
)
def test_an_address_that_is_none_is_a_problem_not_a_page(cast, li, path):
    assert_problem(li.get(path), 404)
    assert_problem(li.post(path), 404)
    assert_problem(Browser().get(f"/api/v1{path}"), 404)


def test_an_address_without_its_slash_is_told_of_it(cast, li):
    assert "slash" in assert_problem(li.post("/tickets", CALL), 404)["detail"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST"])
def test_a_method_that_is_none_is_a_problem(cast, li, method):
    answer = Browser().generic(method, "/api/v1/me/", headers={"Authorization": f"Bearer {li.token}"})
    assert_problem(answer, 405)
    assert answer["Allow"] == "GET, HEAD"


def test_the_words_follow_the_language_and_the_code_does_not(cast):
    english, chinese = (caller(cast.li, language).post("/tickets/", {}) for language in ("en", "zh-CN"))
    assert english.json()["code"] == chinese.json()["code"] == "invalid"
    assert english.json()["errors"][0]["detail"] == "This field is required."
    assert chinese.json()["errors"][0]["detail"] != "This field is required."


def test_what_nobody_foresaw_is_a_problem_with_an_id_and_no_word_of_the_cause(cast, li, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(actions, "acknowledge", broken)
    ticket = cast.ticket()
    browser = Browser(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "django.request"):
        path = f"/api/v1/tickets/{ticket.number}/acknowledge/"
        answer = browser.generic("POST", path, headers={"Authorization": f"Bearer {li.token}"})
    assert_problem(answer, 500)
    assert "secret" not in answer.content.decode() and "a secret of the house" in caplog.text


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_does_not_answer_is_503_with_the_time_to_come_back(cast, li, monkeypatch, kind):
    def gone(*args, **kwargs):
        raise kind("server closed the connection unexpectedly")

    monkeypatch.setattr(actions, "acknowledge", gone)
    answer = li.post(f"/tickets/{cast.ticket().number}/acknowledge/")
    assert_problem(answer, 503)
    assert answer["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/records/", "/api/v1/tickets/"])
def test_a_database_that_is_away_before_any_view_is_asked_is_503_too(cast, path, monkeypatch):
    def gone(*args, **kwargs):
        raise DatabaseError("server closed the connection unexpectedly")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", gone)
    monkeypatch.setattr("staff.authentication.digest_of", gone)
    browser = Browser(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32
    answer = browser.get(path, headers={"Authorization": "Bearer opsd_x"} if "api" in path else {})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    if "api" in path:
        assert_problem(answer, 503)
    else:
        assert "base_plain" not in answer.content.decode() and "503" in answer.content.decode()


def test_errors_outside_the_views_are_problems_under_api_and_pages_elsewhere(db):
    rest, page = RequestFactory().get("/api/v1/x/"), RequestFactory().get("/records/")
    for request in (rest, page):
        request.request_id, request.user = "abc", None
    for answer, status in (
        (problems.bad_request(rest, ValueError()), 400),
        (problems.page_not_found(rest, ValueError()), 404),
        (problems.server_error(rest), 500),
    ):
        assert answer.status_code == status and json.loads(answer.content)["request_id"] == "abc"
        assert answer["Content-Type"] == "application/problem+json"
    for answer in (problems.bad_request(page, ValueError()), problems.server_error(page)):
        assert answer["Content-Type"].startswith("text/html")


ANY_JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=some.dictionaries(some.sampled_from([*EVERYTHING, "x"]), ANY_JSON) | ANY_JSON)
def test_no_json_at_all_is_a_500(cast, li, body):
    answer = li.post("/tickets/", json.dumps(body))
    assert answer.status_code in (201, 403, 422), answer.content

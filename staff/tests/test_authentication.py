"""Who calls: a token is known by its digest, and everything else is one and the same 401."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from opsdesk.tests.rest import Caller, caller
from staff.actions import issue_token, revoke_token
from staff.models import ApiToken


def test_a_token_tells_who_calls(cast):
    answer = caller(cast.li).get("/me/")
    assert answer.status_code == 200
    assert answer.json()["id"] == "li" and answer.json()["group"]["id"] == "south"
    assert answer.json()["token"]["may_write"] is True


def test_without_a_token_there_is_a_401_that_says_how_and_no_redirect(cast):
    answer = Browser().get("/api/v1/tickets/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_a_signed_in_browser_is_not_enough(cast):
    browser = Browser()
    browser.force_login(cast.li, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/tickets/").status_code == 401
    assert browser.post("/api/v1/tickets/", {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    "path", ["/tickets/", "/tickets/T-10001/", "/clients/", "/clients/x/", "/systems/", "/me/"]
)
def test_nothing_is_to_be_had_without_a_token(cast, path):
    assert Browser().get(f"/api/v1{path}").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer opsd_unknown",
        "bearer \xff\xfe",
        "Basic bGk6eA==",
        "Token opsd_x",
        "Bearer " + "x" * 7000,
    ],
)
def test_a_broken_header_is_a_401(cast, header):
    answer = Browser().get("/api/v1/me/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] in ("token_invalid", "not_authenticated")


def test_an_expired_a_revoked_and_an_unknown_token_cannot_be_told_apart(cast):
    now = timezone.now()
    expired = caller(cast.li, now=now - timedelta(days=31))
    token, secret = issue_token(cast.li, "old", days=30, now=now)
    revoke_token(token, now=now)
    answers = [who.get("/me/") for who in (expired, Caller(secret), Caller("opsd_never"))]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_revoking_works_at_once(cast):
    token, secret = issue_token(cast.li, "x", days=1, now=timezone.now())
    assert Caller(secret).get("/me/").status_code == 200
    revoke_token(token, now=timezone.now())
    assert Caller(secret).get("/me/").status_code == 401


def test_who_has_left_has_no_token_any_more(cast):
    who = caller(cast.li)
    cast.li.is_active = False
    cast.li.save()
    assert who.get("/me/").status_code == 401


def test_a_reading_token_reads_and_writes_nothing(cast):
    ticket, reader = cast.ticket(), caller(cast.li, may_write=False)
    assert reader.get(f"/tickets/{ticket.number}/").status_code == 200
    refused = reader.post(f"/tickets/{ticket.number}/acknowledge/")
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only_token")
    assert reader.post("/tickets/", {"title": "x"}).status_code == 403


def test_only_the_digest_is_stored(cast):
    _token, secret = issue_token(cast.li, "x", days=1, now=timezone.now())
    stored = " ".join(str(value) for row in ApiToken.objects.values() for value in row.values())
    assert secret not in stored and secret[12:] not in stored


def test_the_last_use_is_noted_once_a_minute(cast, django_assert_num_queries):
    token, secret = issue_token(cast.li, "x", days=1, now=timezone.now())
    Caller(secret).get("/me/")
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        Caller(secret).get("/me/")
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(seconds=61))
    Caller(secret).get("/me/")
    assert ApiToken.objects.get(pk=token.pk).last_used_at > first


@pytest.mark.parametrize(
    ("asked", "own", "spoken"),
    [
        ("en", "zh-hans", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "en", "zh-hans"),
        ("", "en", "en"),
        ("fr", "en", "en"),
        ("fr, en;q=0.1", "", "en"),
        ("", "", "zh-hans"),
        ("\xff;q=x" * 200, "", "zh-hans"),
    ],
)
def test_the_answer_speaks_the_language_asked_for_else_the_persons_own(cast, asked, own, spoken):
    cast.li.language = own
    cast.li.save()
    answer = caller(cast.li, language=asked).get("/me/")
    assert answer.status_code == 200
    assert answer["Content-Language"] == spoken


def test_answers_about_people_are_kept_in_no_cache(cast):
    assert caller(cast.li).get("/me/")["Cache-Control"] == "private, no-store"
    assert Browser().get("/api/v1/me/")["Cache-Control"] == "private, no-store"

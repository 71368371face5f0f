"""Bearer tokens: issued once in clear, one's own only, revocable."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from staff.actions import digest_of, issue_token
from staff.models import ApiToken

URL = reverse("staff:tokens")


@pytest.fixture
def browser(cast, client):
    client.force_login(cast.li)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def a_token(person, name="backup script", days=90):
    return issue_token(person, name, days=days, now=timezone.now())[0]


def test_a_new_token_is_shown_once_and_stored_as_a_digest(cast, browser):
    page = browser.post(URL, {"name": "monitoring", "days": 30, "may_write": "on"})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    token = ApiToken.objects.get(user=cast.li)
    assert (token.name, token.may_write, token.digest) == ("monitoring", True, digest_of(secret))
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert secret not in browser.get(URL).content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_a_token_may_be_for_reading_alone(cast, browser):
    browser.post(URL, {"name": "dashboard", "days": 30})
    assert ApiToken.objects.get().may_write is False


@pytest.mark.parametrize("bad", [{"name": ""}, {"days": "0"}, {"days": "367"}, {"days": "soon"}])
def test_bad_input_issues_nothing_and_keeps_what_was_typed(cast, browser, bad):
    page = browser.post(URL, {"name": "my printer", "days": "40"} | bad)
    assert page.status_code == 422 and page.context["secret"] is None
    assert ("my printer" if "days" in bad else 'value="40"') in page.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_leaves_the_list(cast, browser):
    token = a_token(cast.li)
    assert "backup script" in browser.get(URL).content.decode()
    browser.post(reverse("staff:token_revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert list(browser.get(URL).context["valid"]) == []


def test_a_token_of_somebody_else_is_neither_shown_nor_revoked(cast, browser):
    foreign = a_token(cast.wang, name="boss")
    assert "boss" not in browser.get(URL).content.decode()
    assert browser.post(reverse("staff:token_revoke", args=[foreign.pk])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_no_token_is_revoked_by_get(cast, browser):
    token = a_token(cast.li)
    assert browser.get(reverse("staff:token_revoke", args=[token.pk])).status_code == 405
    assert browser.put(URL).status_code == 405


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get(URL).url.startswith(reverse("login"))

"""A person's own settings, password and language."""

import pytest
from django.conf import settings
from django.urls import reverse

from opsdesk.testing import PASSWORD
from staff.models import User

URL = reverse("staff:settings")
LANGUAGE_URL = reverse("set_language")
COOKIE = settings.LANGUAGE_COOKIE_NAME
CHOSEN = {
    "language": "en",
    "time_format": "12",
    "theme": "dark",
    "density": "comfortable",
    "phone": "0755-8888 8899",
}


@pytest.fixture
def li(cast, client) -> User:
    client.force_login(cast.li)
    return cast.li


def test_a_person_sees_his_settings(client, li):
    page = client.get(URL)
    assert page.status_code == 200
    assert page.context["form"].initial["time_format"] == "24"


def test_saving_changes_the_person_and_the_language_of_the_next_page(client, li):
    answer = client.post(URL, CHOSEN)
    assert answer.url == URL
    li.refresh_from_db()
    assert (li.language, li.time_format, li.theme, li.density) == ("en", "12", "dark", "comfortable")
    assert (li.email_notices, li.single_keys) == (False, False) and li.phone == "0755-8888 8899"
    assert answer.cookies[COOKIE].value == "en"
    assert client.get(URL).headers["Content-Language"] == "en"


def test_no_language_of_ones_own_forgets_the_cookie_too(client, li):
    client.cookies[COOKIE] = "en"
    client.post(URL, CHOSEN | {"language": ""})
    assert client.get(URL, headers={"accept-language": "zh-CN"}).headers["Content-Language"] == "zh-hans"


def test_bad_input_changes_nothing_and_keeps_what_was_typed(client, li):
    page = client.post(URL, CHOSEN | {"time_format": "25"})
    assert page.status_code == 422
    assert "0755-8888 8899" in page.content.decode()
    li.refresh_from_db()
    assert li.theme == "auto"


def test_nobody_can_give_himself_another_role(client, li):
    client.post(URL, CHOSEN | {"role": "administrator", "is_superuser": "on", "group": ""})
    li.refresh_from_db()
    assert (li.role, li.is_superuser) == ("operator", False) and li.group is not None


def test_settings_know_only_their_methods_and_only_people_who_are_signed_in(client, cast):
    assert client.get(URL).status_code == 302
    client.force_login(cast.sun)
    assert client.get(URL).status_code == 200
    assert client.delete(URL).status_code == 405


def test_a_changed_password_opens_the_door_from_then_on(client, li):
    url = reverse("staff:password")
    new = {
        "old_password": PASSWORD,
        "new_password1": "staple battery 91",
        "new_password2": "staple battery 91",
    }
    refused = client.post(url, new | {"old_password": "wrong"})
    assert refused.status_code == 422 and refused.context["form"].errors.keys() == {"old_password"}
    assert client.post(url, new).status_code == 302
    assert client.get(URL).status_code == 200
    li.refresh_from_db()
    assert li.check_password("staple battery 91")


def test_a_stranger_chooses_a_language_by_cookie(client, db):
    answer = client.post(LANGUAGE_URL, {"language": "en", "next": "/sign-in/"})
    assert (answer.status_code, answer.url, answer.cookies[COOKIE].value) == (302, "/sign-in/", "en")
    assert answer.cookies[COOKIE]["httponly"]


def test_a_persons_language_is_saved(client, li):
    client.post(LANGUAGE_URL, {"language": "en"})
    li.refresh_from_db()
    assert li.language == "en"


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", ""])
def test_the_language_switch_leads_nowhere_else(client, db, elsewhere):
    assert client.post(LANGUAGE_URL, {"language": "en", "next": elsewhere}).url == "/"


def test_a_language_that_is_not_spoken_is_refused(client, li):
    assert client.post(LANGUAGE_URL, {"language": "xx"}).status_code == 400
    assert client.get(LANGUAGE_URL).status_code == 405

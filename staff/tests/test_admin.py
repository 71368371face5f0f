"""The administrators' rooms: they open, and say no where only actions write."""

import pytest
from django.contrib import admin
from django.urls import reverse

from staff.admin import ReadOnlyAdmin
from staff.models import User

NEW = {
    "username": "wu",
    "usable_password": "true",
    "password1": "staple battery 91",
    "password2": "staple battery 91",
    "name": "吴工",
    "role": "engineer",
    "management_level": "0",
}


@pytest.fixture
def browser(cast, client):
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(pk=cast.admin.pk))
    return client


def lists() -> dict[str, admin.ModelAdmin]:
    return {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"): room
        for model, room in admin.site._registry.items()
        if model._meta.app_label in ("staff", "clients", "duty", "tickets")
    }


def test_every_list_opens_and_those_that_actions_write_are_to_look_at(browser):
    for url, room in lists().items():
        assert browser.get(url).status_code == 200, url
        if isinstance(room, ReadOnlyAdmin):
            assert browser.get(f"{url}add/").status_code == 403, url


def test_a_person_is_added_with_his_group(cast, browser):
    url = reverse("admin:staff_user_add")
    assert browser.post(url, NEW | {"group": ""}).status_code == 200
    assert not User.objects.filter(username="wu").exists()
    assert browser.post(url, NEW | {"group": cast.south.pk}).status_code == 302
    assert User.objects.get(username="wu").group == cast.south


def test_nobody_is_deleted_for_his_records_stay_his(cast, browser):
    assert (
        browser.post(reverse("admin:staff_user_delete", args=[cast.li.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert browser.get(reverse("admin:staff_user_change", args=[cast.li.pk])).status_code == 200


def test_the_house_s_people_do_not_get_in(cast, client):
    client.force_login(cast.wang)
    assert client.get(reverse("admin:index")).status_code == 302

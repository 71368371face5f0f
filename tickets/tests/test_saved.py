"""Views under a name: one's own, the group's, and nobody else's."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from opsdesk.testing import Cast
from staff.models import User
from tickets.actions.saved import MOST_VIEWS, delete_view, save_view
from tickets.lifecycle import Refused
from tickets.models import SavedView
from tickets.tests.test_views import signed_in

SAVE, LIST = reverse("tickets:save_view"), reverse("tickets:list")


def save(browser: Browser, name: str, query: str = "queue=overdue&grade=1", **more: str):
    return browser.post(SAVE, {"name": name, "query": query} | more)


def names(user: User) -> list[str]:
    return [view.name for view in signed_in(user).get(LIST).context["saved_views"]]


def test_a_view_is_kept_under_a_name_and_leads_back_to_its_filters(cast: Cast) -> None:
    browser = signed_in(cast.li)
    answer = save(
        browser, "  Grade 1, late ", "queue=overdue&grade=1&cursor=abc&csrfmiddlewaretoken=x&status="
    )
    view = SavedView.objects.get()
    assert (view.name, view.query, view.owner, view.group) == (
        "Grade 1, late",
        "queue=overdue&grade=1",
        cast.li,
        None,
    )
    assert answer.url == f"{LIST}?queue=overdue&grade=1"
    page = browser.get(answer.url).content.decode()
    assert 'href="/records/?queue=overdue&amp;grade=1" aria-current="true"' in page


def test_the_same_name_again_replaces_the_view(cast: Cast) -> None:
    browser = signed_in(cast.li)
    save(browser, "late", shared="1")
    save(browser, "late", "queue=near")
    view = SavedView.objects.get()
    assert (view.query, view.group) == ("queue=near", None)


def test_a_personal_view_is_ones_own_and_a_shared_one_is_the_groups(cast: Cast) -> None:
    save_view("mine", "queue=mine", shared=False, by=cast.li)
    save_view("ours", "queue=near", shared=True, by=cast.li)
    assert names(cast.li) == ["mine", "ours"]
    assert names(cast.chen) == ["ours"]
    assert names(cast.outsider) == names(cast.zhou) == []


def test_a_shared_view_shows_each_reader_his_own_records(cast: Cast) -> None:
    view = save_view("all", "queue=all&group=south", shared=True, by=cast.outsider)
    assert view.group == cast.north
    ticket = cast.ticket()
    page = signed_in(cast.outsider).get(f"{LIST}?{view.query}").content.decode()
    assert ticket.number not in page


def test_only_the_owner_deletes_a_view_and_nobody_by_get(cast: Cast) -> None:
    view = save_view("ours", "queue=near", shared=True, by=cast.li)
    address = reverse("tickets:delete_view", args=[view.pk])
    for user in (cast.chen, cast.wang, cast.outsider, cast.admin, cast.sun):
        assert signed_in(user).post(address).status_code == 404
    with pytest.raises(Refused):
        delete_view(view, by=cast.wang)
    owner = signed_in(cast.li)
    assert owner.get(address).status_code == 405
    assert SavedView.objects.exists()
    assert owner.post(address).status_code == 302
    assert not SavedView.objects.exists()


def test_saving_by_get_does_nothing(cast: Cast) -> None:
    assert signed_in(cast.li).get(SAVE, {"name": "x"}).status_code == 405


def test_a_contact_saves_no_views(cast: Cast) -> None:
    save(signed_in(cast.sun), "x")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "shared"),
    [("", "", False), ("  ", "", False), ("x", "q=" + "y" * 600, False), ("x", "", True)],
)
def test_what_cannot_be_saved_is_refused(cast: Cast, name: str, query: str, shared: bool) -> None:
    by = cast.zhou if shared else cast.li  # an auditor belongs to no group
    with pytest.raises(Refused):
        save_view(name, query, shared=shared, by=by)
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_views_than_he_can_find_again(cast: Cast) -> None:
    for number in range(MOST_VIEWS):
        save_view(str(number), "", shared=False, by=cast.li)
    with pytest.raises(Refused):
        save_view("one more", "", shared=False, by=cast.li)
    save_view("0", "queue=mine", shared=False, by=cast.li)
    save_view("another person's", "", shared=False, by=cast.chen)

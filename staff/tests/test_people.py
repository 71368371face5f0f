"""The list of people."""

import pytest
from django.urls import reverse

from staff.models import User

URL = reverse("staff:people")


def names(page) -> set[str]:
    return {person.username for person in page.context["page"].rows}


def test_a_group_sees_its_own_people(cast, client):
    client.force_login(cast.li)
    assert names(client.get(URL)) == {"li", "chen", "wang"}


def test_leaders_see_everybody_of_the_house_and_filter(cast, client):
    client.force_login(cast.zhao)
    assert {"li", "outsider", "liu", "zhou", "qian"} <= names(client.get(URL))
    assert "sun" not in names(client.get(URL))
    assert names(client.get(URL, {"group": "north"})) == {"outsider"}
    assert names(client.get(URL, {"group": "south", "role": "supervisor"})) == {"wang"}


def test_a_foreign_group_in_the_address_opens_nothing(cast, client):
    client.force_login(cast.li)
    assert names(client.get(URL, {"group": "north"})) == {"li", "chen", "wang"}


@pytest.mark.parametrize(
    "nonsense", [{"group": "\0"}, {"group": "nowhere"}, {"role": "king"}, {"cursor": "x"}]
)
def test_nonsense_in_the_address_is_no_filter(cast, client, nonsense):
    client.force_login(cast.zhao)
    assert names(client.get(URL, nonsense)) == names(client.get(URL))


def test_a_client_s_contact_may_not_read_the_list(cast, client):
    client.force_login(cast.sun)
    assert client.get(URL).status_code == 403
    client.force_login(cast.li)
    assert client.post(URL).status_code == 405


def test_people_who_left_are_not_there(cast, client):
    User.objects.filter(pk=cast.chen.pk).update(is_active=False)
    client.force_login(cast.li)
    assert names(client.get(URL)) == {"li", "wang"}


def test_the_list_costs_the_same_however_long_it_is(cast, client, django_assert_max_num_queries):
    User.objects.bulk_create(
        User(username=f"p{n}", name=f"p{n:02}", role="engineer", group=cast.south) for n in range(60)
    )
    client.force_login(cast.zhao)
    with django_assert_max_num_queries(13):
        page = client.get(URL)
    assert len(page.context["page"].rows) == 50 and page.context["page"].older_url

"""Clients and their systems through the REST interface."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.serializers import Serializer

from clients.api import ClientRow
from clients.models import Client, Contact, System
from opsdesk.tests.rest import caller, faults


@pytest.fixture
def li(cast):
    return caller(cast.li)


@pytest.fixture
def school(cast):
    """A client of the other group, with a system."""
    school = Client.objects.create(
        code="school", name="一中", name_en="First School", type=cast.hospital.type, group=cast.north,
        hours=cast.hospital.hours,
    )  # fmt: skip
    System.objects.create(client=school, name="OA")
    return school


def codes(answer):
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize("who", ["li", "sun"])
def test_a_client_is_written_out_as_its_fields_describe(cast, school, who):
    row = ClientRow(context={"user": getattr(cast, who)})
    for client in Client.objects.all():
        described = Serializer.to_representation(row, client)
        if who == "sun":
            described["preferences"] = None
        assert list(row.to_representation(client).items()) == list(described.items())


def test_a_client_is_shown_with_his_contacts_but_never_their_numbers(cast, li):
    cast.contact.email = "sun@hospital.test"
    cast.contact.save()
    answer = li.get("/clients/hospital/")
    shown = answer.json()
    assert (shown["id"], shown["name"], shown["name_en"]) == ("hospital", "市一医院", "First Hospital")
    assert (shown["type"]["id"], shown["group"]["id"], shown["hours"]["id"]) == ("A", "south", "office")
    assert [contact["id"] for contact in shown["contacts"]] == [cast.contact.pk]
    assert "8888" not in answer.content.decode() and "sun@" not in answer.content.decode()


def test_a_system_names_its_maintainer(cast, li):
    (system,) = li.get("/systems/").json()["results"]
    assert system["id"] == cast.his.pk and system["client"]["id"] == "hospital"
    assert system["maintainer"] == {"id": "chen", "name": "陈工", "name_en": ""} and system["backup"] is None


def test_a_group_sees_its_own_clients_and_leaders_see_all(cast, li, school):
    assert codes(li.get("/clients/")) == ["hospital"]
    assert li.get("/clients/school/").status_code == 404
    assert li.get("/systems/", {"client": "school"}).json()["results"] == []
    everyone = caller(cast.zhao)
    assert codes(everyone.get("/clients/")) == ["hospital", "school"]
    assert len(everyone.get("/systems/", {"client": "school"}).json()["results"]) == 1


def test_a_contact_sees_his_own_client_without_the_houses_remarks(cast, school):
    cast.hospital.preferences = "午休不接电话"
    cast.hospital.save()
    Contact.objects.create(client=cast.hospital, name="郑主任")
    sun = caller(cast.sun)
    assert codes(sun.get("/clients/")) == ["hospital"]
    shown = sun.get("/clients/hospital/").json()
    assert shown["preferences"] is None
    assert [contact["name"] for contact in shown["contacts"]] == ["孙主任"]
    assert sun.get("/clients/school/").status_code == 404
    (system,) = sun.get("/systems/").json()["results"]
    assert system["maintainer"]["id"] is None
    assert caller(cast.li).get("/clients/hospital/").json()["preferences"] == "午休不接电话"


def test_clients_are_searched_by_name_or_code(cast, school):
    everyone = caller(cast.zhao)
    assert codes(everyone.get("/clients/", {"q": "一中"})) == ["school"]
    assert codes(everyone.get("/clients/", {"q": "HOSP"})) == ["hospital"]
    assert codes(everyone.get("/clients/", {"q": "%"})) == []


def test_pages_of_clients_go_by_code(cast, school):
    everyone = caller(cast.zhao)
    first = everyone.get("/clients/", {"limit": 1}).json()
    rest = everyone.get(first["next"].partition("/api/v1")[2])
    assert codes(rest) == ["school"] and rest.json()["next"] is None


@pytest.mark.parametrize("path", ["/clients/", "/systems/"])
def test_lists_refuse_what_they_do_not_know(cast, li, path):
    assert faults(li.get(path, {"search": "x"})) == {"search": "unknown_field"}
    assert li.post(path, {"name": "x"}).status_code == 405


@pytest.mark.parametrize("path", ["/clients/", "/systems/"])
def test_a_list_costs_the_same_queries_however_long_it_is(cast, path):
    everyone = caller(cast.zhao)
    everyone.get("/me/")

    def grow(start, end):
        for number in range(start, end):
            client = Client.objects.create(
                code=f"c{number}",
                name="x",
                type=cast.hospital.type,
                group=cast.north,
                hours=cast.hospital.hours,
            )
            System.objects.create(client=client, name="y", maintainer=cast.chen, backup=cast.wang)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            rows = everyone.get(path).json()["results"]
        return len(captured), len(rows)

    grow(0, 4)
    few, rows = cost()
    assert rows == 5
    grow(4, 49)
    many, rows = cost()
    assert rows == 50 and few == many == 2

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
    assert li.post(path, {"name": "x"}).status_code == (422 if path == "/clients/" else 405)


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


# The archive for the house


def test_what_is_for_the_house_is_not_for_the_clients_people(cast):
    sun = caller(cast.sun)
    for path in ("contacts", "sites", "systems", "contracts", "history", "reach", "archive"):
        assert sun.get(f"/clients/hospital/{path}/").status_code == 403
    assert sun.get(f"/contacts/{cast.contact.pk}/").status_code == 403
    assert sun.post("/clients/hospital/change/", {"taboos": "x"}).status_code == 403


def test_another_groups_and_readers_change_nothing(cast):
    for person, status in ((cast.outsider, 404), (cast.zhou, 422), (cast.zhao, 422), (cast.li, 422)):
        answer = caller(person).post("/clients/hospital/change/", {"taboos": "x"})
        assert answer.status_code in (status, 403), (person, answer.json())
    cast.hospital.refresh_from_db()
    assert cast.hospital.taboos == ""


def test_if_match_guards_against_the_change_of_another(cast):
    wang, path = caller(cast.wang), f"/systems/{cast.his.pk}/"
    etag = wang.get(path)["ETag"]
    assert wang.post(f"{path}change/", {"version": "2"}, If_Match=etag)["ETag"] != etag
    stale = wang.post(f"{path}change/", {"version": "3"}, If_Match=etag)
    assert stale.status_code == 412 and stale.json()["code"] == "stale"
    assert System.objects.get(pk=cast.his.pk).version == "2"


def test_a_contact_is_added_once_however_often_it_is_sent(cast, li):
    body = {"name": "周", "phones": [{"kind": "fax", "number": "0755-8888 8800"}], "roles": ["finance"]}
    first = li.post("/clients/hospital/contacts/", body, key="once")
    again = li.post("/clients/hospital/contacts/", body, key="once")
    assert first.status_code == again.status_code == 201 and first.json()["id"] == again.json()["id"]
    shown = li.get(f"/contacts/{first.json()['id']}/").json()
    assert shown["phones"][0]["kind"] == "fax" and shown["roles"][0]["id"] == "finance"
    reach = li.get("/clients/hospital/reach/", {"contact": shown["id"]}).json()
    assert reach["fax"] == "0755-8888 8800"


def test_what_is_wrong_with_a_body_stands_at_its_field(cast, li):
    wang = caller(cast.wang)
    assert "phones" in str(
        li.post("/clients/hospital/contacts/", {"name": "x", "phones": [{"number": "abc"}]}).json()
    )
    assert "type" in str(wang.post("/clients/hospital/change/", {"type": "nothing"}).json())
    assert "number" in str(
        wang.post(
            "/clients/hospital/contracts/",
            {"number": "HT-1", "starts_on": "2027-01-01", "ends_on": "2027-12-31"},
        ).json()
    )
    assert faults(wang.post("/clients/hospital/change/", {"colour": "x"})) == {"#/colour": "unknown_field"}

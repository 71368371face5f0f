"""Doubles become one, and two again; nothing that points at one of them is forgotten (§5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.actions import save_contact, save_site
from clients.models import ArchiveEntry, ArchiveMerge, Client, Contact, Site, System
from clients.search import search
from opsdesk.merging import HANDLED, How, keys_to, merge, preview, unmerge
from opsdesk.suggesting import suggestions
from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller
from reports.models import ClientEdition, MonthlySubscription
from staff.refused import Refused
from tickets.actions import follow_names
from tickets.models import Ticket
from tickets.search import find


@pytest.fixture
def double(cast: Cast) -> Client:
    """The hospital once more, with a contact, a site and a record of its own."""
    client = Client.objects.create(
        code="hospital-2",
        name="市第一医院",
        name_en="First Hospital",
        type=cast.hospital.type,
        group=cast.south,
        hours=cast.hospital.hours,
    )
    save_contact(Contact(client=client, name="李主任"), ["0755-8888 8877", "13800138000"])
    for whom in (client, cast.hospital):
        save_site(Site(client=whom, name="总院"), by=cast.li, now=MONDAY)
    System.objects.create(client=client, name="LIS")
    return client


def test_every_key_to_a_client_or_contact_is_known():
    found = {name for model in (Client, Contact) for name, _field in keys_to(model)}
    assert found == set(HANDLED), "say in opsdesk.merging.HANDLED what becomes of it"


def test_all_that_points_at_the_double_moves_and_its_page_leads_on(cast: Cast, double: Client, client):
    contact = double.contacts.get()
    ticket = cast.ticket(client=double, system=None, contact=contact)
    counts = {one.name: one.count for one in preview(double, cast.hospital, by=cast.wang)}
    assert counts["tickets.Ticket.client"] == 1 and counts["clients.Contact.client"] == 1
    merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    ticket.refresh_from_db()
    assert ticket.client == cast.hospital and ticket.contact.client == cast.hospital
    for name, field in keys_to(Client):
        if HANDLED[name] is not How.STAY:
            assert not field.model._default_manager.filter(**{field.name: double}).exists(), name
    assert sorted(cast.hospital.sites.values_list("name", flat=True)) == ["总院", "总院 (hospital-2)"]
    double.refresh_from_db()
    assert double.merged_into == cast.hospital and not double.is_active
    client.force_login(cast.li)
    answer = client.get(reverse("clients:detail", args=[double.pk]))
    assert answer.status_code == 302 and answer["Location"] == reverse(
        "clients:detail", args=[cast.hospital.pk]
    )
    assert caller(cast.li).get("/clients/hospital-2/").json()["id"] == "hospital"
    assert list(search(Client.objects.all(), "hospital-2").active()) == [cast.hospital]
    deeds = ArchiveEntry.objects.filter(deed__in=["merged", "merged_away"]).values_list(
        "client__code", "deed"
    )
    assert set(deeds) == {("hospital", "merged"), ("hospital-2", "merged_away")}


def test_records_are_found_under_the_name_that_stays(cast: Cast, double: Client):
    Client.objects.filter(pk=cast.hospital.pk).update(name="港湾总医院")
    ticket = cast.ticket(client=double, system=None, contact=None)
    follow_names(now=MONDAY)
    assert ticket.pk not in {hit.pk for hit in found("港湾总医院", cast)}
    merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    follow_names(now=MONDAY + timedelta(minutes=1))
    assert ticket.pk in {hit.pk for hit in found("港湾总医院", cast)}


def found(words: str, cast: Cast) -> list[Ticket]:
    return list(find(Ticket.objects.visible_to(cast.li), words, cast.li).rows)


def test_a_merge_is_undone_as_it_was(cast: Cast, double: Client):
    ticket = cast.ticket(client=double, system=None, contact=None)
    row = merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    later = cast.ticket(MONDAY + timedelta(hours=1))
    unmerge(row, by=cast.wang, now=MONDAY + timedelta(days=1))
    for record, whose in ((ticket, double), (later, cast.hospital)):
        record.refresh_from_db()
        assert record.client == whose
    double.refresh_from_db()
    assert double.is_active and double.merged_into is None and double.contacts.count() == 1
    with pytest.raises(Refused):
        unmerge(row, by=cast.wang, now=MONDAY + timedelta(days=1))


def test_after_thirty_days_it_stays(cast: Cast, double: Client):
    row = merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        unmerge(row, by=cast.wang, now=MONDAY + timedelta(days=31))


def test_contacts_of_one_client_are_merged_with_their_numbers(cast: Cast):
    other = save_contact(Contact(client=cast.hospital, name="孙主任"), ["0755-8888 8877", "13800138000"])
    ticket = cast.ticket(contact=other)
    merge(other, cast.contact, by=cast.wang, now=MONDAY)
    ticket.refresh_from_db()
    assert ticket.contact == cast.contact
    assert sorted(cast.contact.phones.values_list("digits", flat=True)) == ["8613800138000", "8675588888877"]
    unmerge(ArchiveMerge.objects.get(), by=cast.wang, now=MONDAY)
    assert other.phones.count() == 2


def test_who_is_told_of_a_clients_report_goes_with_the_contacts(cast: Cast, double: Client):
    """A contact's place, a client's whole list, an agreement of the double alone; and all of it back."""
    other = save_contact(Contact(client=cast.hospital, name="孙主任"), ["13800138000"])
    own = ClientEdition.objects.create(client=cast.hospital)
    own.told.add(other)
    merge(other, cast.contact, by=cast.wang, now=MONDAY)
    assert list(own.told.all()) == [cast.contact]
    moved = double.contacts.get()
    theirs = ClientEdition.objects.create(client=double, is_wanted=False)
    theirs.told.add(moved)
    MonthlySubscription.objects.create(user=cast.chen, edition="client", client=double, since=MONDAY)
    row = merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    assert set(own.told.all()) == {cast.contact, moved} and own.is_wanted
    assert MonthlySubscription.objects.get().client == cast.hospital
    unmerge(row, by=cast.wang, now=MONDAY)
    assert list(own.told.all()) == [cast.contact] and list(theirs.told.all()) == [moved]
    assert MonthlySubscription.objects.get().client == double

    own.delete()
    row = merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    assert ClientEdition.objects.get() == theirs and ClientEdition.objects.get().client == cast.hospital
    unmerge(row, by=cast.wang, now=MONDAY)
    assert ClientEdition.objects.get().client == double


def test_what_may_not_be_merged_is_refused(cast: Cast, double: Client):
    for who in (cast.li, cast.zhou):
        with pytest.raises(Refused) as refused:
            merge(double, cast.hospital, by=who, now=MONDAY)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused):
        merge(double, double, by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        merge(double.contacts.get(), cast.contact, by=cast.wang, now=MONDAY)
    merge(double, cast.hospital, by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        merge(cast.hospital, double, by=cast.wang, now=MONDAY)


def test_doubles_are_suggested_and_merged_on_their_pages(cast: Cast, double: Client, client):
    (one,) = [each for each in suggestions(cast.wang) if each.thing == "client"]
    assert {one.first, one.second} == {cast.hospital, double} and one.number and one.likeness == 100
    client.force_login(cast.wang)
    assert client.get(reverse("doubles")).status_code == 200
    with CaptureQueriesContext(connection) as few:
        suggestions(cast.wang)
    assert len(few) <= 4
    address = reverse("merge", args=["client", double.pk, cast.hospital.pk])
    assert client.get(address).status_code == 200 and Client.objects.active().count() == 2
    assert client.post(address).status_code == 302 and Client.objects.active().count() == 1
    assert client.get(reverse("doubles")).status_code == 200
    assert client.post(reverse("unmerge", args=[ArchiveMerge.objects.get().pk])).status_code == 302
    assert Client.objects.active().count() == 2
    found_ = client.get(reverse("doubles"), {"loser": "hospital-2", "winner": "nobody"})
    assert found_.status_code == 200 and "form" in found_.context and found_.context["form"].errors
    client.force_login(cast.li)
    assert client.post(address).status_code == 403

"""The archive keeps its history, is guarded against overwriting, and reminds of contracts that end."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.urls import reverse

from clients import actions
from clients.actions import (
    Number,
    WantsNoSurveys,
    Wishes,
    remind_of_renewals,
    save_client,
    save_contact,
    save_contract,
    save_site,
    save_system,
    save_type,
    set_renewal_terms,
)
from clients.history import told
from clients.models import (
    ArchiveEntry,
    ClientType,
    Contact,
    ContactRole,
    Contract,
    Deed,
    PhoneKind,
    RenewalReminder,
    Site,
    System,
)
from clients.quiet import Hours, Period
from clients.reaching import how_to_reach
from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import record_for
from staff.models import Notice
from staff.refused import Refused


def last() -> ArchiveEntry:
    return ArchiveEntry.objects.latest("pk")


def test_every_change_is_an_entry_with_old_and_new(cast: Cast):
    cast.hospital.address = "New Road 1"
    save_client(cast.hospital, by=cast.wang, now=MONDAY)
    assert last().changes == [{"field": "address", "old": "深圳市罗湖区", "new": "New Road 1"}]
    assert (last().by, last().deed, told(last())[0].new) == (cast.wang, Deed.CHANGED, "New Road 1")
    count = ArchiveEntry.objects.count()
    save_client(cast.hospital, by=cast.wang, now=MONDAY)
    assert ArchiveEntry.objects.count() == count  # nothing differs, nothing is written


def test_history_is_append_only(cast: Cast):
    save_site(Site(client=cast.hospital, name="Main"), by=cast.li, now=MONDAY)
    for statement in ("UPDATE clients_archiveentry SET note = 'x'", "DELETE FROM clients_archiveentry"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_version_of_a_system_has_a_history(cast: Cast):
    for version in ("5.1", "5.2"):
        cast.his.version = version
        save_system(cast.his, by=cast.chen, now=MONDAY)
    changes = [
        entry.changes[0]["new"] for entry in ArchiveEntry.objects.filter(thing="system").order_by("pk")
    ]
    assert changes == ["5.1", "5.2"]


def test_who_edits_what_another_has_changed_is_told_and_loses_nothing(cast: Cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(cast.wang)
    address = reverse("clients:system_edit", args=[cast.his.pk])
    page = client.get(address)
    form = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    form |= {"revision": cast.his.revision, "version": "mine", "is_active": "on", "name": cast.his.name}
    theirs = System.objects.get(pk=cast.his.pk)
    theirs.environment = "two nodes"
    save_system(theirs, by=cast.chen, now=MONDAY)
    answer = client.post(address, form)
    text = answer.content.decode()
    assert answer.status_code == 422 and "陈工 has changed this" in text and "two nodes" in text
    assert 'value="mine"' in text and f'value="{theirs.revision}"' in text
    assert client.post(address, form | {"revision": theirs.revision}).status_code == 302
    assert System.objects.get(pk=cast.his.pk).version == "mine"


def test_a_contact_has_roles_kinds_of_numbers_wishes_and_may_want_no_surveys(cast: Cast):
    roles = ContactRole.objects.filter(code__in=["decides", "signs"])
    save_contact(
        cast.contact,
        ["13800138000", Number("0755-8888 8800", PhoneKind.FAX)],
        by=cast.li,
        now=MONDAY,
        roles=roles,
        wishes=Wishes([Hours(0, time(9), time(11))], [Period(MONDAY.date(), MONDAY.date(), reason="leave")]),
        no_surveys=WantsNoSurveys(True, "too many"),
    )
    contact = Contact.objects.get(pk=cast.contact.pk)
    assert [phone.kind for phone in contact.phones.all()] == ["mobile", "fax"]
    assert (contact.no_surveys_since, contact.no_surveys_by) == (MONDAY, cast.li)
    reach = how_to_reach(cast.hospital, contact, MONDAY)
    assert reach.fax == "0755-8888 8800" and not reach.may_now and reach.quiet.reason == "leave"
    assert reach.next_at == MONDAY.replace(hour=9, minute=0) + timedelta(days=7)
    assert reach.wants_no_surveys and contact.roles.count() == 2
    actions.refuse_surveys(contact, wanted=False, by=None, now=MONDAY)
    assert not Contact.objects.get(pk=contact.pk).wants_no_surveys


def test_the_contacts_wish_comes_before_the_clients(cast: Cast):
    cast.hospital.preferred_channel, cast.hospital.taboos = "email", "Never on the wards"
    cast.hospital.save()
    assert how_to_reach(cast.hospital, cast.contact, MONDAY).channel == "email"
    cast.contact.preferred_channel, cast.contact.taboos = "phone", "Never before nine"
    cast.contact.save()
    reach = how_to_reach(cast.hospital, cast.contact, MONDAY)
    assert reach.channel == "phone" and reach.taboos == ["Never before nine", "Never on the wards"]


def test_taboos_stand_where_somebody_is_about_to_contact(cast: Cast, client):
    cast.contact.taboos = "Never mention the merger"
    cast.contact.save()
    ticket = cast.ticket()
    client.force_login(cast.li)
    client.post(reverse("tickets:act", args=[ticket.pk, "acknowledge"]))
    pages = [
        reverse("tickets:detail", args=[ticket.pk]),
        reverse("tickets:verb_form", args=[ticket.pk, "message"]),
        reverse("tickets:verb_form", args=[ticket.pk, "tell_client"]),
        reverse("tickets:verb_form", args=[record_for("dispatch", cast).pk, "dispatch"]),
        reverse("tickets:caller") + "?callback_number=075588888877",
    ]
    for page in pages:
        assert "Never mention the merger" in client.get(page).content.decode(), page
    portal = client.__class__()
    portal.force_login(cast.sun)
    for page in (*pages, reverse("clients:detail", args=[cast.hospital.pk])):
        assert "Never mention" not in portal.get(page).content.decode()


def test_coverage_is_what_a_contract_lists_by_system_or_by_site(cast: Cast):
    main = Site.objects.create(client=cast.hospital, name="Main")
    pacs = System.objects.create(client=cast.hospital, name="PACS", site=main)
    contract, day = Contract.objects.get(), MONDAY.date()

    def covers(system) -> bool:
        return Contract.objects.covering(cast.hospital, system, day).exists()

    assert covers(cast.his) and covers(pacs) and covers(None)
    save_contract(contract, [], [main], by=cast.wang, now=MONDAY)
    assert covers(pacs) and not covers(cast.his) and covers(None)
    save_contract(contract, [cast.his], [main], by=cast.wang, now=MONDAY)
    assert covers(pacs) and covers(cast.his)
    save_contract(contract, [pacs], [], by=cast.wang, now=MONDAY)
    assert not covers(cast.his)
    assert not cast.ticket(MONDAY + timedelta(minutes=1)).in_coverage


def ending(cast: Cast, days: int) -> Contract:
    contract = Contract.objects.get()
    contract.ends_on = MONDAY.date() + timedelta(days=days)
    contract.save()
    return contract


def test_the_people_of_a_contract_are_reminded_once_by_each_term(cast: Cast):
    contract = ending(cast, 60)
    assert remind_of_renewals(now=MONDAY) == 1 and remind_of_renewals(now=MONDAY) == 0
    told_to = set(Notice.objects.filter(kind="contract_ending").values_list("recipient__username", flat=True))
    assert told_to == {"wang", "chen"}
    for days, expected in ((29, 0), (30, 1), (52, 0), (53, 1), (60, 0), (61, 0)):
        assert remind_of_renewals(now=MONDAY + timedelta(days=days)) == expected, days
    assert [row.days for row in RenewalReminder.objects.order_by("pk")] == [60, 30, 7]
    assert ArchiveEntry.objects.filter(thing="contract", deed=Deed.REMINDED).count() == 3
    contract.refresh_from_db()


def test_who_comes_late_is_told_once(cast: Cast):
    ending(cast, 5)
    assert remind_of_renewals(now=MONDAY) == 1
    assert RenewalReminder.objects.get().days == 7


def test_nobody_is_reminded_of_what_is_settled_or_followed(cast: Cast):
    contract = ending(cast, 20)
    following = Contract.objects.create(
        client=cast.hospital,
        number="HT-2",
        starts_on=contract.ends_on + timedelta(days=1),
        ends_on=contract.ends_on + timedelta(days=400),
    )
    assert remind_of_renewals(now=MONDAY) == 0
    following.delete()
    contract.renewal_settled = True
    save_contract(contract, [], by=cast.wang, now=MONDAY)
    assert remind_of_renewals(now=MONDAY) == 0


def test_contracts_that_end_soon_are_listed(cast: Cast, client):
    ending(cast, 20)
    Contract.objects.update(ends_on=date.today() + timedelta(days=20))  # noqa: DTZ011
    client.force_login(cast.li)
    assert "HT-1" in client.get(reverse("clients:ending")).content.decode()
    assert "HT-1" not in client.get(reverse("clients:ending"), {"within": "7"}).content.decode()
    client.force_login(cast.outsider)
    assert "HT-1" not in client.get(reverse("clients:ending")).content.decode()


def test_terms_and_types_are_a_supervisors(cast: Cast):
    assert set_renewal_terms([90, 30, 30], by=cast.wang, now=MONDAY) == [90, 30]
    for days in ([], [0], [366]):
        with pytest.raises(Refused) as refused:
            set_renewal_terms(days, by=cast.wang, now=MONDAY)
        assert refused.value.field == "days"
    type_ = save_type(ClientType(code="D", name="D"), by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        save_type(type_, by=cast.li, now=MONDAY)
    used = cast.hospital.type
    used.is_active = False
    with pytest.raises(Refused) as refused:
        save_type(used, by=cast.admin, now=MONDAY)
    assert refused.value.field == "is_active"


@pytest.mark.parametrize("name", ["types", "ending", "terms", "transfer", "template", "export"])
def test_a_clients_contact_sees_none_of_the_pages(cast: Cast, client, name):
    client.force_login(cast.sun)
    assert client.get(reverse(f"clients:{name}")).status_code == 403
    for page in ("contracts", "history"):
        assert client.get(reverse(f"clients:{page}", args=[cast.hospital.pk])).status_code == 403
    assert client.get(reverse("client_timeline", args=[cast.hospital.pk])).status_code == 403


def test_auditors_and_leaders_read_and_do_not_change(cast: Cast, client):
    for person in (cast.zhou, cast.zhao):
        client.force_login(person)
        for name in ("types", "ending", "export"):
            assert client.get(reverse(f"clients:{name}")).status_code == 200
        for page in ("clients:contracts", "clients:history", "client_timeline"):
            assert client.get(reverse(page, args=[cast.hospital.pk])).status_code == 200
        for name in ("terms", "type_create", "transfer"):
            assert client.post(reverse(f"clients:{name}"), {}).status_code == 403
        assert client.get(reverse("doubles")).status_code == 403

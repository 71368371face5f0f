"""The pages of the client archive."""

import pytest
from django.urls import reverse

from clients.models import Client, Contact, Contract, System

LIST = reverse("clients:list")


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def foreign(cast) -> Client:
    """A client of the other group, with one of everything."""
    client = Client.objects.create(
        code="port", name="港务局", type=cast.hospital.type, group=cast.north, hours=cast.hospital.hours
    )
    Contact.objects.create(client=client, name="周经理")
    System.objects.create(client=client, name="TOS")
    Contract.objects.create(client=client, number="HT-9", starts_on="2026-01-01", ends_on="2026-12-31")
    return client


def url(name: str, *args) -> str:
    return reverse(f"clients:{name}", args=[getattr(each, "pk", each) for each in args])


def codes(page) -> list[str]:
    return [client.code for client in page.context["page"].rows]


def client_form(cast, **more) -> dict[str, object]:
    return {
        "code": "second",
        "name": "市二医院",
        "name_en": "Second Hospital",
        "type": cast.hospital.type.pk,
        "group": cast.south.pk,
        "hours": cast.hospital.hours.pk,
        "address": "深圳市南山区",
        "preferred_channel": "phone",
        "preferences": "上午勿扰",
        "is_active": "on",
    } | more


# The list


def test_a_group_sees_its_own_clients_and_those_above_see_all(cast, foreign, sign_in):
    assert codes(sign_in(cast.li).get(LIST)) == ["hospital"]
    assert codes(sign_in(cast.outsider).get(LIST)) == ["port"]
    assert codes(sign_in(cast.zhou).get(LIST)) == ["hospital", "port"]
    assert codes(sign_in(cast.zhou).get(LIST, {"group": "north"})) == ["port"]


def test_the_list_is_searched_and_filtered(cast, sign_in):
    browser = sign_in(cast.li)
    assert codes(browser.get(LIST, {"q": "8888 8877"})) == ["hospital"]
    assert codes(browser.get(LIST, {"type": "B"})) == []
    page = browser.get(LIST, {"q": "没有这家<b>"}).content.decode()
    assert "No client found" in page and "没有这家&lt;b&gt;" in page


def test_former_clients_show_only_when_asked_for(cast, sign_in):
    Client.objects.update(is_active=False)
    assert codes(sign_in(cast.li).get(LIST)) == []
    assert codes(sign_in(cast.li).get(LIST, {"former": "1"})) == ["hospital"]


def test_only_supervisors_are_offered_to_add_a_client(cast, sign_in):
    assert url("create") in sign_in(cast.wang).get(LIST).content.decode()
    assert url("create") not in sign_in(cast.li).get(LIST).content.decode()


@pytest.mark.parametrize("nonsense", [{"q": "\0"}, {"type": "\0"}, {"cursor": "x"}, {"group": "\0"}])
def test_nonsense_in_the_address_breaks_nothing(cast, sign_in, nonsense):
    assert codes(sign_in(cast.admin).get(LIST, nonsense)) == ["hospital"]


def test_the_list_costs_the_same_however_long_it_is(cast, sign_in, django_assert_max_num_queries):
    for number in range(60):
        client = Client.objects.create(
            code=f"c{number:02}",
            name=f"客户 {number}",
            type=cast.hospital.type,
            group=cast.south,
            hours=cast.hospital.hours,
        )
        System.objects.create(client=client, name="OA")
    browser = sign_in(cast.admin)
    with django_assert_max_num_queries(15):
        page = browser.get(LIST)
    assert len(codes(page)) == 50
    assert codes(browser.get(LIST + page.context["page"].older_url))[-1] == "hospital"


# One client


def test_the_page_shows_everything_about_a_client(cast, sign_in, django_assert_max_num_queries):
    browser = sign_in(cast.li)
    with django_assert_max_num_queries(16):
        page = browser.get(url("detail", cast.hospital)).content.decode()
    for expected in (
        "First Hospital",
        "0755-8888 8877",
        "HIS inpatient",
        "陈工",
        "HT-1",
        "in force",
        "09:00–12:00",
    ):
        assert expected in page


def test_a_client_without_a_contract_in_force_is_marked(cast, sign_in):
    Contract.objects.update(starts_on="2020-01-01", ends_on="2020-12-31")
    assert (
        "No contract covers this client today"
        in sign_in(cast.li).get(url("detail", cast.hospital)).content.decode()
    )


def test_buttons_are_there_for_those_who_may_use_them(cast, sign_in):
    def offered(person) -> set[str]:
        page = sign_in(person).get(url("detail", cast.hospital)).content.decode()
        names = ("edit", "contact_add", "system_add", "contract_add")
        return {name for name in names if f'"{url(name, cast.hospital)}"' in page}

    assert offered(cast.wang) == {"edit", "contact_add", "system_add", "contract_add"}
    assert offered(cast.li) == offered(cast.chen) == {"contact_add", "system_add"}
    assert offered(cast.zhou) == set()


# Foreign, forbidden, wrong method


def pages_of(client: Client) -> list[str]:
    return [
        url("detail", client),
        url("edit", client),
        url("contact_add", client),
        url("system_add", client),
        url("contract_add", client),
        url("contact_edit", client.contacts.first()),
        url("system_edit", client.systems.first()),
        url("contract_edit", client.contracts.first()),
        url("site_add", client),
        url("client_file_add", client),
        url("contract_file_add", client.contracts.first()),
    ]


def test_everything_of_another_group_s_client_is_a_404(cast, foreign, sign_in):
    for person in (cast.li, cast.wang):
        browser = sign_in(person)
        for page in pages_of(foreign):
            assert browser.get(page).status_code == 404, page
            assert page.endswith(f"/{foreign.pk}/") or browser.post(page).status_code == 404, page


def test_who_sees_but_may_not_write_gets_a_403(cast, sign_in):
    read, *write = pages_of(cast.hospital)
    for person in (cast.zhou, cast.zhao):
        assert sign_in(person).get(read).status_code == 200
        assert {sign_in(person).get(page).status_code for page in (*write, url("create"))} == {403}
        assert {sign_in(person).post(page).status_code for page in (*write, url("create"))} == {403}
    for name in ("edit", "contract_add"):
        assert sign_in(cast.li).get(url(name, cast.hospital)).status_code == 403


def test_a_client_s_contact_may_not_read_what_the_house_notes_about_him(cast, sign_in):
    browser = sign_in(cast.sun)
    assert {browser.get(page).status_code for page in (LIST, *pages_of(cast.hospital))} == {403}


def test_pages_know_only_their_methods(cast, sign_in):
    browser = sign_in(cast.admin)
    assert {
        browser.post(page).status_code for page in (LIST, url("detail", cast.hospital), url("lookup"))
    } == {405}
    assert {browser.delete(page).status_code for page in pages_of(cast.hospital)} == {405}


def test_strangers_are_sent_to_sign_in(cast, client):
    for page in (LIST, url("lookup"), *pages_of(cast.hospital)):
        assert client.get(page).url.startswith(reverse("login"))


# Writing


def test_a_supervisor_adds_a_client_to_his_own_group(cast, sign_in):
    browser = sign_in(cast.wang)
    assert list(browser.get(url("create")).context["form"].fields["group"].queryset) == [cast.south]
    answer = browser.post(url("create"), client_form(cast))
    added = Client.objects.get(code="second")
    assert answer.url == url("detail", added) and added.group == cast.south


def test_a_supervisor_cannot_smuggle_a_client_into_another_group(cast, sign_in):
    page = sign_in(cast.wang).post(url("create"), client_form(cast, group=cast.north.pk))
    assert page.status_code == 422 and "group" in page.context["form"].errors


def test_a_code_that_is_taken_is_an_error_at_its_field_and_nothing_typed_is_lost(cast, sign_in):
    page = sign_in(cast.wang).post(url("create"), client_form(cast, code="hospital"))
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"code"}
    assert "深圳市南山区" in page.content.decode() and "上午勿扰" in page.content.decode()


def test_an_edited_client_is_saved_and_a_refused_one_is_not(cast, sign_in):
    browser = sign_in(cast.wang)
    browser.post(url("edit", cast.hospital), client_form(cast, code="hospital", name="市第一人民医院"))
    assert Client.objects.get(code="hospital").name == "市第一人民医院"
    page = browser.post(url("edit", cast.hospital), client_form(cast, code="", name="改名"))
    assert page.status_code == 422 and Client.objects.get(code="hospital").name == "市第一人民医院"
    assert page.context["client"].name == "市第一人民医院"


def test_an_operator_adds_a_contact_with_his_numbers(cast, sign_in):
    numbers = "0755-8888 8899 转 12\n\n138 0013 8000"
    form = {"name": "钱护士", "phones": numbers, "is_active": "on"}
    answer = sign_in(cast.li).post(url("contact_add", cast.hospital), form)
    assert answer.url == url("detail", cast.hospital)
    contact = Contact.objects.get(name="钱护士")
    assert [(p.digits, p.extension) for p in contact.phones.all()] == [
        ("8675588888899", "12"),
        ("8613800138000", ""),
    ]


def test_a_broken_number_is_named_at_its_field_and_nothing_typed_is_lost(cast, sign_in):
    form = {"name": "钱护士", "phones": "13800138000\nabc", "preferences": "勿打手机", "is_active": "on"}
    page = sign_in(cast.li).post(url("contact_add", cast.hospital), form)
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"phones"}
    text = page.content.decode()
    assert "abc: A phone number has digits" in text and "勿打手机" in text and "13800138000\nabc" in text


def test_the_contact_form_opens_with_the_numbers_that_are_stored(cast, sign_in):
    page = sign_in(cast.li).get(url("contact_edit", cast.contact))
    assert page.context["form"]["phones"].value() == "0755-8888 8877"


def test_only_an_administrator_ties_a_contact_to_an_account(cast, sign_in):
    assert "user" not in sign_in(cast.wang).get(url("contact_edit", cast.contact)).context["form"].fields
    accounts = (
        sign_in(cast.admin).get(url("contact_edit", cast.contact)).context["form"].fields["user"].queryset
    )
    assert list(accounts) == [cast.sun]


def test_editing_a_contact_as_an_operator_keeps_his_account(cast, sign_in):
    form = {"name": "孙副院长", "phones": "0755-8888 8877", "is_active": "on"}
    sign_in(cast.li).post(url("contact_edit", cast.contact), form)
    cast.contact.refresh_from_db()
    assert (cast.contact.name, cast.contact.user) == ("孙副院长", cast.sun)


def test_a_supervisor_adds_and_edits_a_system(cast, sign_in):
    browser = sign_in(cast.wang)
    form = {"name": "PACS", "maintainer": cast.chen.pk, "backup": cast.liu.pk, "is_active": "on"}
    browser.post(url("system_add", cast.hospital), form)
    system = System.objects.get(name="PACS")
    assert (system.client, system.maintainer, system.backup) == (cast.hospital, cast.chen, cast.liu)
    page = browser.post(url("system_edit", system), form | {"backup": cast.chen.pk})
    assert page.status_code == 422 and "The backup must be another person" in page.content.decode()
    page = browser.post(url("system_edit", system), form | {"maintainer": cast.outsider.pk})
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"maintainer"}


def test_a_refusal_of_the_action_is_shown_at_its_field(cast, sign_in):
    cast.his.maintainer = cast.zhou  # was put there before the rule, by an import
    cast.his.save()
    form = {"name": "HIS 3", "maintainer": cast.zhou.pk, "is_active": "on"}
    page = sign_in(cast.wang).post(url("system_edit", cast.his), form)
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"maintainer"}
    assert "HIS 3" in page.content.decode() and System.objects.get(pk=cast.his.pk).name != "HIS 3"


def test_a_supervisor_adds_and_edits_a_contract(cast, sign_in):
    browser = sign_in(cast.wang)
    form = {"number": "HT-2", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "systems": [cast.his.pk]}
    browser.post(url("contract_add", cast.hospital), form)
    contract = Contract.objects.get(number="HT-2")
    assert list(contract.systems.all()) == [cast.his] and not contract.grade_two_round_the_clock
    page = browser.post(url("contract_edit", contract), form | {"ends_on": "2025-12-31"})
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"ends_on"}
    assert "2025-12-31" in page.content.decode()


def test_a_foreign_system_is_no_choice_in_a_contract(cast, foreign, sign_in):
    form = {"number": "HT-2", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    page = sign_in(cast.admin).post(
        url("contract_add", cast.hospital), form | {"systems": [foreign.systems.get().pk]}
    )
    assert page.status_code == 422 and "systems" in page.context["form"].errors


# Pieces for other forms


def test_the_lookup_offers_at_most_ten_clients_that_one_may_see(cast, foreign, sign_in):
    browser = sign_in(cast.li)
    assert f'({cast.hospital.code})"' in browser.get(url("lookup"), {"client": "8877"}).content.decode()
    assert "<option" not in browser.get(url("lookup"), {"client": "港务"}).content.decode()
    assert browser.get(url("lookup")).content.decode().strip() == ""
    for number in range(12):
        Client.objects.create(
            code=f"c{number}",
            name="诊所",
            type=cast.hospital.type,
            group=cast.south,
            hours=cast.hospital.hours,
        )
    assert browser.get(url("lookup"), {"client": "诊所"}).content.decode().count("<option") == 10

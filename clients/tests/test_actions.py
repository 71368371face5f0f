"""Who may write what into the archive."""

import pytest

from clients.actions import save_client, save_contact, save_contract, save_system
from clients.models import Client, Contact, Contract, System
from opsdesk.testing import MONDAY
from staff.models import User
from staff.refused import Refused


def another_hospital(cast, **more) -> Client:
    same = {"type": cast.hospital.type, "hours": cast.hospital.hours, "group": cast.south}
    return Client(code="second", name="市二医院", **(same | more))


@pytest.mark.parametrize("who", ["wang", "admin"])
def test_the_group_s_supervisor_and_administrators_save_a_client(cast, who):
    assert save_client(another_hospital(cast), by=getattr(cast, who), now=MONDAY).pk


@pytest.mark.parametrize("who", ["li", "chen", "liu", "zhou", "zhao", "sun", "outsider"])
def test_nobody_else_does(cast, who):
    with pytest.raises(Refused) as refused:
        save_client(another_hospital(cast), by=getattr(cast, who), now=MONDAY)
    assert refused.value.code == "forbidden"
    assert not Client.objects.filter(code="second").exists()


def test_a_supervisor_neither_gives_a_client_away_nor_takes_one(cast):
    cast.hospital.group = cast.north
    with pytest.raises(Refused):
        save_client(cast.hospital, by=cast.wang, now=MONDAY)
    theirs = save_client(another_hospital(cast, group=cast.north), by=cast.admin, now=MONDAY)
    theirs.group = cast.south
    with pytest.raises(Refused):
        save_client(theirs, by=cast.wang, now=MONDAY)
    assert Client.objects.get(code="second").group == cast.north


def test_an_administrator_moves_a_client_to_another_group(cast):
    cast.hospital.group = cast.north
    save_client(cast.hospital, by=cast.admin, now=MONDAY)
    assert Client.objects.get(pk=cast.hospital.pk).group == cast.north


@pytest.mark.parametrize("who", ["li", "chen", "wang", "liu", "admin"])
def test_whoever_works_there_writes_down_a_number_learnt_on_the_phone(cast, who):
    contact = save_contact(
        Contact(client=cast.hospital, name="钱护士"), ["13800138000"], by=getattr(cast, who)
    )
    assert [phone.digits for phone in contact.phones.all()] == ["8613800138000"]


@pytest.mark.parametrize("who", ["outsider", "zhou", "zhao", "sun"])
def test_others_write_down_no_contact(cast, who):
    with pytest.raises(Refused):
        save_contact(Contact(client=cast.hospital, name="钱护士"), [], by=getattr(cast, who), now=MONDAY)


def test_two_spellings_of_a_number_are_one_number_in_the_first_spelling(cast):
    contact = save_contact(
        cast.contact, ["0755-8888 8877", "+86 755 88888877", "13800138000"], by=cast.li, now=MONDAY
    )
    assert [phone.number for phone in contact.phones.all()] == ["0755-8888 8877", "13800138000"]


def test_a_broken_number_saves_nothing(cast):
    cast.contact.name = "孙副院长"
    with pytest.raises(ValueError):
        save_contact(cast.contact, ["13800138000", "not a number"], by=cast.li, now=MONDAY)
    stored = Contact.objects.get(pk=cast.contact.pk)
    assert stored.name == "孙主任" and [p.digits for p in stored.phones.all()] == ["8675588888877"]


def test_a_system_has_a_maintainer_and_another_person_as_backup(cast):
    system = System(client=cast.hospital, name="PACS", maintainer=cast.chen, backup=cast.liu)
    assert save_system(system, by=cast.wang, now=MONDAY).pk
    system.backup = cast.chen
    with pytest.raises(Refused) as refused:
        save_system(system, by=cast.wang, now=MONDAY)
    assert refused.value.field == "backup"


@pytest.mark.parametrize("who", ["outsider", "zhou", "sun"])
def test_only_people_who_work_for_the_client_maintain_its_systems(cast, who):
    with pytest.raises(Refused) as refused:
        save_system(
            System(client=cast.hospital, name="PACS", maintainer=getattr(cast, who)), by=cast.wang, now=MONDAY
        )
    assert refused.value.field == "maintainer"


def test_a_person_who_left_maintains_nothing(cast):
    User.objects.filter(pk=cast.chen.pk).update(is_active=False)
    cast.chen.refresh_from_db()
    with pytest.raises(Refused):
        save_system(System(client=cast.hospital, name="PACS", maintainer=cast.chen), by=cast.wang, now=MONDAY)


def test_an_engineer_saves_systems_of_his_group_but_no_contracts(cast):
    assert save_system(System(client=cast.hospital, name="PACS"), by=cast.chen, now=MONDAY).pk
    with pytest.raises(Refused):
        save_system(System(client=cast.hospital, name="LIS"), by=cast.outsider, now=MONDAY)
    with pytest.raises(Refused):
        save_contract(Contract.objects.get(), [], by=cast.chen, now=MONDAY)


def test_a_contract_covers_systems_of_its_own_client_alone(cast):
    foreign = System.objects.create(
        client=save_client(another_hospital(cast), by=cast.wang, now=MONDAY), name="LIS"
    )
    contract = Contract(client=cast.hospital, number="HT-2", starts_on="2026-01-01", ends_on="2026-12-31")
    with pytest.raises(Refused) as refused:
        save_contract(contract, [cast.his, foreign], by=cast.wang, now=MONDAY)
    assert refused.value.field == "systems"
    assert not Contract.objects.filter(number="HT-2").exists()
    assert list(save_contract(contract, [cast.his], by=cast.wang, now=MONDAY).systems.all()) == [cast.his]


def test_a_contract_does_not_end_before_it_begins(cast):
    contract = Contract.objects.get()
    contract.ends_on = contract.starts_on.replace(year=2020)
    with pytest.raises(Refused) as refused:
        save_contract(contract, [], by=cast.wang, now=MONDAY)
    assert refused.value.field == "ends_on"

"""A record is found under the new name of its client, system or contact, and nobody has to ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from clients.actions import save_client, save_contact, save_system
from clients.models import Client
from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.actions import naming
from tickets.models import KnownName, StaleIndex, Ticket
from tickets.search import find
from tickets.tasks import follow_names as task

MINUTE = timedelta(minutes=1)


def found(words: str, cast: Cast) -> list[int]:
    rows = find(Ticket.objects.visible_to(cast.li), words, cast.li).rows
    return sorted(rows.values_list("pk", flat=True))


def settle(cast: Cast) -> Ticket:
    """A record whose names have been compared, and looked at again."""
    ticket = cast.ticket()
    actions.follow_names(now=MONDAY)
    actions.follow_names(now=MONDAY + 6 * MINUTE)
    assert actions.follow_names(now=MONDAY + 7 * MINUTE) == 0
    return ticket


def test_a_renamed_client_is_found_under_his_new_name_and_still_under_his_old_one(cast: Cast) -> None:
    ticket = settle(cast)
    cast.hospital.name, cast.hospital.name_en = "南山人民医院", "Nanshan People's"
    save_client(cast.hospital, by=cast.wang, now=MONDAY)
    assert found("南山人民", cast) == []
    assert actions.follow_names(now=MONDAY + 10 * MINUTE) == 1
    assert found("南山人民", cast) == found("nanshan", cast) == [ticket.pk]
    assert actions.follow_names(now=MONDAY + 11 * MINUTE) == 0


def test_a_renamed_system_and_a_renamed_contact_are_followed_too(cast: Cast) -> None:
    ticket = settle(cast)
    cast.his.name = "电子病历平台"
    save_system(cast.his, by=cast.wang, now=MONDAY)
    cast.contact.name = "欧阳副院长"
    save_contact(cast.contact, ["0755-8888 8877"], by=cast.li, now=MONDAY)
    actions.follow_names(now=MONDAY + 10 * MINUTE)
    assert found("病历", cast) == found("欧阳", cast) == [ticket.pk]


def test_a_contacts_new_number_finds_his_records(cast: Cast) -> None:
    ticket = settle(cast)
    save_contact(cast.contact, ["139 1234 5678"], by=cast.li, now=MONDAY)
    actions.follow_names(now=MONDAY + 10 * MINUTE)
    assert found("13912345678", cast) == [ticket.pk]


def test_a_name_changed_past_every_action_is_followed_as_well(cast: Cast) -> None:
    ticket = settle(cast)
    Client.objects.filter(pk=cast.hospital.pk).update(name="宝安中心医院")
    actions.follow_names(now=MONDAY + 10 * MINUTE)
    assert found("宝安", cast) == [ticket.pk]


def test_only_the_records_of_whoever_was_renamed_are_indexed(cast: Cast) -> None:
    other = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    cast.ticket(client=other, system=None, contact=None)
    settle(cast)
    other.name = "第一中学"
    other.save()
    assert actions.follow_names(now=MONDAY + 10 * MINUTE) == 1


def test_a_run_is_bounded_and_the_next_one_goes_on(cast: Cast) -> None:
    tickets = [cast.ticket() for _ in range(5)]
    settle(cast)
    cast.hospital.name = "南山人民医院"
    cast.hospital.save()
    assert actions.follow_names(now=MONDAY + 10 * MINUTE, at_most=2) == 2
    assert found("南山", cast) == [ticket.pk for ticket in tickets[:2]]
    assert StaleIndex.objects.count() == 4
    assert actions.follow_names(now=MONDAY + 11 * MINUTE) == 4
    assert len(found("南山", cast)) == 6


def test_a_crash_half_way_loses_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = settle(cast)
    cast.hospital.name = "南山人民医院"
    cast.hospital.save()

    def die(tickets: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt), transaction.atomic():
        broken.setattr(naming, "index", die)
        actions.follow_names(now=MONDAY + 10 * MINUTE)
    assert found("南山", cast) == []
    assert actions.follow_names(now=MONDAY + 11 * MINUTE) == 1
    assert found("南山", cast) == [ticket.pk]


def test_a_record_written_while_the_name_changed_is_looked_at_again(cast: Cast) -> None:
    settle(cast)
    now = MONDAY + 10 * MINUTE
    stale = Client.objects.get(pk=cast.hospital.pk)
    cast.hospital.name = "南山人民医院"
    cast.hospital.save()
    actions.follow_names(now=now)
    late = actions.log_call(cast.call(client=stale), by=cast.li, now=now)  # it had read the old name
    actions.follow_names(now=now + MINUTE)
    assert late.pk not in found("南山", cast)
    actions.follow_names(now=now + naming.SETTLED)
    assert late.pk in found("南山", cast)
    assert not KnownName.objects.filter(look_again_at__isnull=False).exists()


def test_indexing_everything_by_command_leaves_nothing_on_the_list(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.notice_names(now=MONDAY)
    assert StaleIndex.objects.count() == 1
    cast.hospital.name = "南山人民医院"
    cast.hospital.save()
    call_command("index_records")
    assert not StaleIndex.objects.exists()
    assert found("南山", cast) == [ticket.pk]
    assert actions.follow_names(now=MONDAY) == 0


def test_comparing_costs_as_many_statements_however_many_names_there_are(
    cast: Cast, django_assert_max_num_queries
) -> None:
    settle(cast)
    with django_assert_max_num_queries(12):  # 6 statements, one look at the list, and the savepoints
        task()
    assert connection.in_atomic_block

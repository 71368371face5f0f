"""From an abnormal item of an inspection to its record, and back."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from duty.actions import Said, finish_inspection, make_plan
from duty.models import Inspection, InspectionAnswer
from duty.tests.inspections import daily, item_of, published, say
from opsdesk.testing import Cast
from staff.refused import Refused
from tickets import actions
from tickets.models import EntryKind, InspectionRecord, Ticket


def begun(cast: Cast, **sheet) -> Inspection:
    """Tomorrow's inspection of the hospital's system."""
    now = timezone.now()
    plan = make_plan(
        published(cast, now=now, **sheet), daily(since=timezone.localdate(now)), by=cast.wang, now=now
    )
    related = plan.inspections.select_related("version__sheet__system__client")
    return related.latest("day")


@pytest.fixture
def inspection(cast: Cast) -> Inspection:
    return begun(cast)


def abnormal(inspection: Inspection, cast: Cast) -> InspectionAnswer:
    say(inspection, cast.chen, timezone.now(), cpu=Said(value="97", note="报表占满"), backup="yes", lamp="绿")
    return inspection.answers.select_related("item", "inspection__version__sheet__system__client").get(
        item=item_of(inspection, "CPU load")
    )


def test_the_record_is_filled_from_the_item_and_tied_both_ways(cast, inspection):
    answer, now = abnormal(inspection, cast), timezone.now()
    ticket = actions.open_record_of(answer, by=cast.chen, now=now)
    assert (ticket.client, ticket.system, ticket.taken_by, ticket.channel) == (
        cast.hospital,
        cast.his,
        cast.chen,
        "on_site",
    )
    assert "97 %" in ticket.title and "报表占满" in ticket.title and ticket.next_due_at
    assert ticket.entries.get(kind=EntryKind.LOGGED).changes["inspection"] == [None, inspection.pk]
    assert InspectionRecord.objects.get(ticket=ticket).answer == answer
    with pytest.raises(Refused) as refused:
        actions.open_record_of(answer, by=cast.chen, now=now)
    assert refused.value.code == "taken" and Ticket.objects.count() == 1
    assert finish_inspection(inspection, by=cast.chen, now=now).finished_at


def test_of_what_is_normal_there_is_no_record(cast, inspection):
    say(inspection, cast.chen, timezone.now(), cpu="12")
    with pytest.raises(Refused) as refused:
        actions.open_record_of(inspection.answers.get(), by=cast.chen, now=timezone.now())
    assert refused.value.field == "result" and not Ticket.objects.exists()


def test_one_click_keeps_what_was_typed_and_leads_to_the_record(cast, client, inspection):
    cpu, backup = (item_of(inspection, name).pk for name in ("CPU load", "Backup done"))
    client.force_login(cast.chen)
    typed = {f"value_{cpu}": "97", f"note_{cpu}": "hot", f"value_{backup}": "yes"}
    answer = client.post(reverse("tickets:inspection_record", args=[inspection.pk, cpu]), typed)
    ticket = Ticket.objects.get()
    assert answer.status_code == 302 and answer.url == reverse("tickets:detail", args=[ticket.pk])
    assert inspection.answers.get(item=backup).result == "normal"
    page = client.get(reverse("duty:inspection", args=[inspection.pk])).content.decode()
    assert ticket.number in page and reverse("tickets:detail", args=[ticket.pk]) in page
    page = client.get(reverse("tickets:detail", args=[ticket.pk])).content.decode()
    assert reverse("duty:inspection", args=[inspection.pk]) in page


def test_a_record_may_follow_later_though_the_inspection_is_finished(cast, client, inspection):
    say(inspection, cast.chen, timezone.now(), cpu=Said(value="97", note="hot", reason="a test runs"))
    say(inspection, cast.chen, timezone.now(), backup="yes", lamp="绿")
    finish_inspection(inspection, by=cast.chen, now=timezone.now())
    cpu = item_of(inspection, "CPU load").pk
    address = reverse("tickets:inspection_record", args=[inspection.pk, cpu])
    client.force_login(cast.li)
    assert address in client.get(reverse("duty:inspection", args=[inspection.pk])).content.decode()
    answer = client.post(address)
    assert answer.url == reverse("tickets:detail", args=[Ticket.objects.get().pk])
    assert address not in client.get(reverse("duty:inspection", args=[inspection.pk])).content.decode()
    assert client.post(address).url == reverse("duty:inspection", args=[inspection.pk])
    assert Ticket.objects.count() == 1


def test_what_cannot_be_kept_or_is_not_abnormal_stands_at_its_field(cast, client, inspection):
    cpu = item_of(inspection, "CPU load").pk
    client.force_login(cast.chen)
    address = reverse("tickets:inspection_record", args=[inspection.pk, cpu])
    for value in ("much", "12", ""):
        answer = client.post(address, {f"value_{cpu}": value}, headers={"Accept-Language": "en"})
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert f"value_{cpu}" in errors or f"result_{cpu}" in errors
    assert not Ticket.objects.exists()


def test_of_the_groups_own_surroundings_the_client_is_asked_for(cast, client):
    inspection = begun(cast, system=None)
    cpu = item_of(inspection, "CPU load").pk
    client.force_login(cast.chen)
    answer = client.post(
        reverse("tickets:inspection_record", args=[inspection.pk, cpu]), {f"value_{cpu}": "97"}
    )
    asked = reverse("tickets:inspection_client", args=[inspection.pk, cpu])
    assert answer.url == asked and client.get(asked).status_code == 200
    assert client.post(asked, {}).status_code == 422
    answer = client.post(asked, {"client": cast.hospital.pk})
    assert answer.url == reverse("tickets:detail", args=[Ticket.objects.get().pk])
    assert Ticket.objects.get().client == cast.hospital


def test_whoever_may_not_inspect_opens_no_record_of_it(cast, client, inspection):
    cpu = item_of(inspection, "CPU load").pk
    address = reverse("tickets:inspection_record", args=[inspection.pk, cpu])
    for person, status in ((cast.outsider, 404), (cast.zhou, 403), (cast.sun, 403)):
        client.force_login(person)
        assert client.post(address, {f"value_{cpu}": "97"}).status_code == status
        assert client.get(reverse("tickets:inspection_client", args=[inspection.pk, cpu])).status_code in (
            403,
            404,
        )
    client.force_login(cast.chen)
    assert client.get(address).status_code == 405
    assert not Ticket.objects.exists()


def test_a_record_that_is_not_the_readers_is_not_named(cast, client, inspection):
    ticket = actions.open_record_of(abnormal(inspection, cast), by=cast.chen, now=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(group=cast.north)
    assert not InspectionRecord.objects.visible_to(cast.li).exists()
    client.force_login(cast.li)
    page = client.get(reverse("duty:inspection", args=[inspection.pk])).content.decode()
    assert reverse("tickets:detail", args=[ticket.pk]) not in page

"""What a page of records is called, asked for at once, is what each of them would say of itself."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from opsdesk.testing import Cast
from tickets.models import Kind, Ticket
from tickets.names import known_names, names_of


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_names_are_those_that_the_models_give(cast: Cast, language: str, django_assert_num_queries) -> None:
    now = timezone.now()
    cast.li.name_en = "Li Min"
    cast.li.save()
    cast.ticket(now)
    cast.ticket(now, system=None, contact=None, kind=Kind.REQUEST)
    tickets = list(Ticket.objects.all())
    with override(language), django_assert_num_queries(1):
        names = names_of(tickets)
    with override(language):
        for ticket in Ticket.objects.select_related(
            "client", "system", "contact", "group", "owner", "taken_by"
        ):
            assert names.client[ticket.client_id].label == ticket.client.label
            assert names.group[ticket.group_id].label == ticket.group.label
            assert names.person[ticket.taken_by_id].label == ticket.taken_by.label
            for kind, thing in (
                ("system", ticket.system),
                ("contact", ticket.contact),
                ("person", ticket.owner),
            ):
                found = getattr(names, kind).get(thing and thing.pk)
                assert (found and found.label) == (thing and thing.label)


def test_what_is_loaded_already_is_not_asked_for(cast: Cast, django_assert_num_queries) -> None:
    cast.ticket(timezone.now())
    cast.ticket(timezone.now(), system=None, contact=None)
    related = ("client", "system", "contact", "group", "owner", "taken_by")
    for ticket in Ticket.objects.select_related(*related):
        with django_assert_num_queries(0):
            known = known_names(ticket)
        assert known == names_of([ticket])
    assert known_names(Ticket.objects.select_related(*related[:-1]).first()) is None


def test_no_records_have_no_names(db: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert not any(names_of([]))

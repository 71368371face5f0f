"""A record of a long list is the record that any other query gives."""

import pytest
from django.db.models import F
from django.utils import timezone

from opsdesk.testing import Cast
from staff.lean import lean
from tickets.models import Ticket


def test_lean_rows_are_the_usual_rows(cast: Cast, django_assert_num_queries) -> None:
    cast.ticket(timezone.now())
    cast.ticket(timezone.now(), system=None, contact=None)
    rows = Ticket.objects.annotate(who=F("owner__name")).without_texts().order_by("pk")
    for kind in (rows, rows.select_related("client"), Ticket.objects.order_by("pk")):
        with django_assert_num_queries(1):
            found = list(lean(kind))
        for usual, read in zip(kind, found, strict=True):
            facts, had = ({k: v for k, v in t.__dict__.items() if k != "_state"} for t in (read, usual))
            assert facts == had
            assert (read, read._state.adding, read._state.db) == (usual, False, "default")
            assert read.get_deferred_fields() == usual.get_deferred_fields()


@pytest.mark.django_db
def test_a_lean_row_can_be_read_on_and_saved(cast: Cast, django_assert_num_queries) -> None:
    ticket = cast.ticket(timezone.now())
    [read] = lean(Ticket.objects.without_texts())
    with django_assert_num_queries(2):
        assert (read.details, read.client) == (ticket.details, cast.hospital)
    read.title = "Another"
    read.save()
    ticket.refresh_from_db()
    assert ticket.title == "Another"

"""What the REST interface shows of a record, and what its description says."""

import pytest
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override
from rest_framework.serializers import Serializer

from clients.models import Channel
from opsdesk.testing import Cast
from staff.rest import Json
from tickets import actions
from tickets.models import Clock, Entry, Grade, Kind, Ticket
from tickets.serializers import INTERNAL, ClockSerializer, EntrySerializer, TicketRow
from tickets.tests.test_queues import solved


@pytest.mark.parametrize("who", ["li", "sun", "zhou"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_written_out_by_hand_is_what_the_fields_describe(cast: Cast, who: str, language: str) -> None:
    now = timezone.now()
    done = solved(cast.ticket(now), cast)
    actions.confirm(done, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.chen, now=now)
    cast.ticket(now, system=None, contact=None, kind=Kind.REQUEST)
    actions.assign(cast.ticket(now), group=cast.north, by=cast.admin, now=now)
    actions.grade(cast.ticket(now), Grade.ONE, reason="down", by=cast.li, now=now)
    request = RequestFactory().get("/api/v1/tickets/", headers={"host": "desk.example"})
    row = TicketRow(context={"request": request, "user": getattr(cast, who), "now": now})
    with override(language):
        for ticket in Ticket.objects.all():
            described = Serializer.to_representation(row, ticket)
            if who == "sun":
                described |= dict.fromkeys(INTERNAL)
            assert Json().render(row.to_representation(ticket)) == Json().render(described)
            page = "portal" if who == "sun" else "records"
            assert described["url"] == request.build_absolute_uri(f"/{page}/{ticket.pk}/")


@pytest.mark.parametrize("who", ["li", "sun"])
def test_clocks_and_entries_are_written_out_as_their_fields_describe(cast: Cast, who: str) -> None:
    now = timezone.now()
    done = solved(cast.ticket(now), cast)
    actions.confirm(done, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.chen, now=now)
    cast.ticket(now)
    context = {"user": getattr(cast, who), "now": now}
    for serializer, rows in ((ClockSerializer, Clock), (EntrySerializer, Entry)):
        row = serializer(context=context)
        for thing in rows.objects.all():
            described = Serializer.to_representation(row, thing)
            assert Json().render(row.to_representation(thing)) == Json().render(described)

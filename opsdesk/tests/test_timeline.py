"""One timeline of everything that happened with a client (§5.3)."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.actions import save_site
from clients.models import ArchiveEntry, Deed, Site, Thing
from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller
from opsdesk.timeline import SOURCES, timeline
from tickets import actions

LATER = MONDAY + timedelta(days=1)


def told(cast: Cast, **more):
    return timeline(cast.hospital, **({"viewer": cast.li, "now": LATER} | more))


def test_all_apps_tell_newest_first(cast: Cast):
    ticket = cast.ticket()
    actions.acknowledge(ticket, by=cast.chen, now=MONDAY + timedelta(minutes=5))
    ticket.refresh_from_db()
    save_site(Site(client=cast.hospital, name="Main"), by=cast.li, now=MONDAY + timedelta(minutes=9))
    found = told(cast).happenings
    assert [one.source for one in found] == ["archive", "records", "contracts"]
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    assert [one.source for one in told(cast, about=["archive"]).happenings] == ["archive"]
    assert {one.source for one in found} <= set(SOURCES)


def test_pages_follow_each_other_without_gap_or_twin_also_at_one_instant(cast: Cast):
    for number in range(7):
        cast.ticket(title=f"call {number}")
    for number in range(5):
        save_site(Site(client=cast.hospital, name=f"S{number}"), by=cast.li, now=MONDAY)
    whole = told(cast).happenings
    assert len(whole) == 13
    pages, cursor = [], ""
    while True:
        page = told(cast, cursor=cursor, limit=2)
        pages += page.happenings
        if page.older is None:
            break
        cursor = page.older
    assert [one.mark for one in pages] == [one.mark for one in whole]


def test_only_what_one_may_see_is_told(cast: Cast):
    cast.ticket()
    assert told(cast, viewer=cast.sun).happenings == []
    assert told(cast, viewer=cast.outsider).happenings == []
    assert caller(cast.sun).get("/clients/hospital/timeline/").status_code == 403
    assert caller(cast.outsider).get("/clients/hospital/timeline/").status_code == 404


def test_it_costs_the_same_queries_however_long_it_is(cast: Cast, client):
    client.force_login(cast.li)
    address = reverse("client_timeline", args=[cast.hospital.pk])

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    cast.ticket()
    cost()
    few = cost()
    for _ in range(30):
        cast.ticket()
    assert cost() == few


def test_two_thousand_happenings_leave_the_clients_page_as_cheap_as_before(cast: Cast, client):
    facts = {"client": cast.hospital, "thing": Thing.SITE, "thing_id": 1, "label": "Main", "by": cast.li}
    ArchiveEntry.objects.bulk_create(
        ArchiveEntry(**facts, deed=Deed.CHANGED, at=MONDAY + timedelta(seconds=number), changes=[])
        for number in range(2000)
    )
    client.force_login(cast.li)
    for name, most in (("clients:detail", 12), ("client_timeline", 12)):
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse(name, args=[cast.hospital.pk])).content.decode()
        assert len(captured) <= most, name
        assert page.count('class="happening"') == (50 if name == "client_timeline" else 0)


def test_a_forged_cursor_is_the_first_page_and_refused_by_rest(cast: Cast):
    cast.ticket()
    assert told(cast, cursor="x").happenings == told(cast).happenings
    assert caller(cast.li).get("/clients/hospital/timeline/", {"cursor": "x"}).status_code == 422
    rest = caller(cast.li).get("/clients/hospital/timeline/", {"limit": 1}).json()
    assert rest["next"] and len(rest["results"]) == 1

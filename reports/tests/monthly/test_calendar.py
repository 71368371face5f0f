"""Who has which days in his calendar of monthly reports; what the portal says of figures adjusted since."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from icalendar import Calendar

from duty import actions as duty
from duty.models import FeedKind
from opsdesk.testing import SHANGHAI
from reports.monthly import actions as monthly
from reports.monthly.adjusting import adjusted
from reports.monthly.calendar import events_of
from reports.monthly.kinds import Edition
from reports.tests.monthly.world import DRAFTED
from tickets import actions

DAY = timedelta(days=1)


def titles(user, now=DRAFTED + 3 * DAY) -> list[str]:
    with translation.override("en"):
        return [f"{one.on} {one.title}" for one in events_of(user, now=now, tz=SHANGHAI)]


def test_who_writes_sees_due_days_and_who_is_told_what_came_out(world, cast):
    """Nobody has anything in it that is not his to see."""
    assert titles(cast.wang) == [
        "2026-11-06 Monthly reports of 2026-10: 3 to be published",
        "2026-12-07 Monthly reports of 2026-11 are to be published",
    ]
    assert titles(cast.zhou)[0] == "2026-11-06 Monthly reports of 2026-10: 1 to be published"
    assert titles(cast.zhao) == titles(cast.li) == []  # they write none
    report = world.publish(Edition.GROUP)
    theirs = world.publish(Edition.CLIENT)
    assert titles(cast.zhao) == ["2026-11-03 Monthly report 2026-10 published: South"]
    assert "1 to be published" in titles(cast.wang)[0] and titles(cast.li) == []
    monthly.subscribe(theirs, wanted=True, by=cast.li, now=DRAFTED)
    assert titles(cast.li) == ["2026-11-03 Monthly report 2026-10 published: First Hospital"]
    cast.li.group = cast.north
    cast.li.save()
    assert titles(cast.li) == [] and report.is_published


def test_its_address_is_secret_and_answers_the_same_once_only(world, cast, client):
    world.publish(Edition.GROUP)
    client.force_login(cast.zhao)
    address = client.post(reverse("duty:feeds"), {"kind": "month"}).context["address"]
    assert address.endswith("/monthly.ics")
    answer = Browser().get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    again = Browser().get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    for event in Calendar.from_ical(answer.content).walk("VEVENT"):
        assert event["URL"].startswith("http") and event["UID"]
    _feed, other = duty.open_feed(FeedKind.WALL, by=cast.zhao, now=DRAFTED)
    assert Browser().get(reverse("reports:monthly:calendar", args=[other])).status_code == 404
    cast.zhao.is_active = False
    cast.zhao.save()
    assert Browser().get(address).status_code == 404


def test_the_portal_says_which_figures_were_adjusted(world, cast, client):
    report = world.publish(Edition.CLIENT)
    page = reverse("monthly_portal:report", args=[report.pk])
    client.force_login(cast.sun)
    assert 'id="adjusted"' not in client.get(page).content.decode()
    now = DRAFTED + 9 * DAY
    fault = world.faults[0]
    fault.refresh_from_db()
    actions.reopen(fault, reason="又坏了", by=cast.li, now=now)
    assert monthly.compare_published(now=now)
    shown = client.get(page).content.decode()
    assert 'id="adjusted"' in shown and all(escape(one.counted) in shown for one in adjusted(report))

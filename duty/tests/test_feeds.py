"""Calendars of a roster say what the roster says, and remember what they have said."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar

from duty import actions
from duty.actions import Duty
from duty.actions.announcing import announced_span
from duty.feeds import as_calendar, events_of, tag_of
from duty.models import BoardTheme, DutyRole, Feed, FeedEvent, FeedKind, OverrideKind, Shift
from duty.plans import pieces_of
from duty.tests.rosters import START, defined
from opsdesk.logs import MaskSecrets
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice, User
from staff.notices import render
from staff.refused import Refused

DAY = timedelta(days=1)


def opened(kind: FeedKind, person: User, now: datetime = MONDAY) -> tuple[Feed, str]:
    feed, secret = actions.open_feed(kind, by=person, now=now)
    return feed, reverse("duty:feed", args=[secret])


def read(feed: Feed, now: datetime) -> list[dict[str, object]]:
    """A calendar as a program that subscribes to it reads it."""
    calendar = Calendar.from_ical(as_calendar(feed, events_of(feed, now)))
    assert not calendar.errors
    found = []
    for event in calendar.walk("VEVENT"):
        assert not event.errors
        found.append(
            {
                "uid": str(event["UID"]),
                "span": (event.decoded("DTSTART"), event.decoded("DTEND")),
                "sequence": event["SEQUENCE"],
                "changed": event.decoded("LAST-MODIFIED"),
                "title": str(event["SUMMARY"]),
                "is_off": event["STATUS"] == "CANCELLED",
            }
        )
    return found


def expected(cast: Cast, now: datetime, person: User | None) -> set[tuple[datetime, datetime, str]]:
    """What the resolver says of the days ahead and the shifts of those that are over."""
    span, names = announced_span(now), {one.pk: one.name for one in User.objects.all()}
    past = Shift.objects.filter(group=cast.south, ends_at__gt=span.starts_at, starts_at__lte=now)
    found = [(one.starts_at, one.ends_at, one.role, one.user_id) for one in past]
    found += [
        (piece.starts_at, piece.ends_at, piece.role, piece.person)
        for piece in pieces_of(cast.south, now, span.ends_at + 2 * DAY)
        if piece.person and now < piece.starts_at < span.ends_at
    ]
    return {
        (starts, ends, f"{DutyRole(role).label} · {names[who] if person is None else cast.south.name}")
        for starts, ends, role, who in found
        if person is None or who == person.pk
    }


def test_over_a_year_calendars_are_what_the_resolver_says_across_an_edit_and_a_cancellation(cast: Cast):
    defined(cast)
    backup = defined(cast, role=DutyRole.BACKUP, people=[cast.wang, cast.chen], name="Backup")
    feeds = {None: opened(FeedKind.GROUP, cast.li)[0], cast.chen: opened(FeedKind.MINE, cast.chen)[0]}
    hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    seen: dict[Feed, dict[str, dict[str, object]]] = {feed: {} for feed in feeds.values()}
    called_off = 0

    def edit(now: datetime) -> None:
        """A colleague takes the next night of 李敏's, and the end of 陈工's has nobody."""
        nights = Shift.objects.filter(role=DutyRole.PRIMARY, starts_at__gt=now + 2 * DAY)
        primary, who = (cast.south, OverrideKind.REPLACE, DutyRole.PRIMARY), {"by": cast.wang, "now": now}
        hers = nights.filter(user=cast.li).earliest("starts_at")
        facts = {"user": hu, "instead_of": cast.li, "reason": "0755-8888 8877"}
        actions.place_override(*primary, hers.starts_at, hers.ends_at, **facts, **who)
        his = nights.filter(user=cast.chen).earliest("starts_at")
        kind = (cast.south, OverrideKind.REMOVE, DutyRole.PRIMARY)
        actions.place_override(*kind, his.ends_at - DAY / 4, his.ends_at, **who)

    def call_off(now: datetime) -> None:
        actions.end_rotation(backup, by=cast.wang, now=now)

    happens = {4: edit, 8: call_off}
    for step in range(14):
        now = MONDAY + step * 28 * DAY
        actions.publish_all(now=now)
        if step in happens:
            happens[step](now)
        for person, feed in feeds.items():
            found = read(feed, now)
            held = {(*event["span"], event["title"]) for event in found if not event["is_off"]}
            assert held == expected(cast, now, person), (step, person)
            assert len({event["uid"] for event in found}) == len(found)
            called_off += sum(event["is_off"] for event in found)
            for event in found:
                _check_follows(seen[feed].get(event["uid"]), event)
            still = {event["uid"] for event in found}
            since = announced_span(now).starts_at
            lost = [e for uid, e in seen[feed].items() if uid not in still and e["span"][1] > since]
            assert not lost, (step, person)  # what was shown is there, or is called off
            seen[feed] |= {event["uid"]: event for event in found}
    assert called_off > 100


def _check_follows(before: dict[str, object] | None, event: dict[str, object]) -> None:
    """A change is a higher number and a later instant; without one, all is as it was."""
    if before is None:
        return
    told = ("span", "title", "is_off")
    if [before[one] for one in told] == [event[one] for one in told]:
        assert (before["sequence"], before["changed"]) == (event["sequence"], event["changed"])
    else:
        assert event["sequence"] > before["sequence"] and event["changed"] > before["changed"]
        assert event["span"][0] == before["span"][0]


def test_a_swap_calls_one_duty_off_and_undone_brings_the_same_event_back(cast: Cast):
    defined(cast)
    feed, _address = opened(FeedKind.MINE, cast.chen)
    (first, *_rest) = read(feed, MONDAY)
    swap = actions.ask_swap(Duty(DutyRole.PRIMARY, START, START + DAY), reason="", by=cast.chen, now=MONDAY)
    actions.take_swap(swap, by=cast.wang, now=MONDAY + DAY / 48)
    off = read(feed, MONDAY)[0]
    assert (off["uid"], off["is_off"], off["sequence"]) == (first["uid"], True, 1)
    assert off["title"] != first["title"]
    actions.undo_swap(swap, by=cast.wang, now=MONDAY + DAY / 24)
    back = read(feed, MONDAY)[0]
    assert (back["uid"], back["is_off"], back["sequence"]) == (first["uid"], False, 2)
    assert back["title"] == first["title"]


def test_nothing_is_kept_of_a_roster_that_nobody_subscribes_to(cast: Cast):
    defined(cast)
    opened(FeedKind.WALL, cast.li)
    actions.publish_all(now=MONDAY + DAY)
    assert not FeedEvent.objects.exists()
    opened(FeedKind.MINE, cast.chen)
    assert FeedEvent.objects.filter(user=cast.li).exists()  # a group is announced as a whole


def test_who_moves_to_another_group_sees_his_old_duties_called_off(cast: Cast):
    defined(cast)
    feed, _address = opened(FeedKind.MINE, cast.chen)
    User.objects.filter(pk=cast.chen.pk).update(group=cast.north)
    actions.publish_all(now=MONDAY)
    assert all(event["is_off"] for event in read(feed, MONDAY))


def test_a_subscription_after_a_pause_is_in_step_again(cast: Cast):
    """What happened while nobody read is made up for, also of the fortnight that is over."""
    defined(cast)
    feed, _address = opened(FeedKind.GROUP, cast.li)
    actions.close_feed(feed, by=cast.li, now=MONDAY)
    actions.remove_shift(Shift.objects.earliest("starts_at"), by=cast.wang, now=MONDAY)
    later = MONDAY + 10 * DAY
    actions.publish_all(now=later)
    feed, _address = opened(FeedKind.GROUP, cast.li, later)
    held = {(*event["span"], event["title"]) for event in read(feed, later) if not event["is_off"]}
    assert held == expected(cast, later, None)


# The address


def test_it_is_served_without_signing_in_and_only_its_digest_is_kept(cast: Cast):
    defined(cast)
    feed, address = opened(FeedKind.GROUP, cast.li)
    secret = address.split("/")[-2]
    assert len(secret) >= 32 and secret not in feed.digest
    answer = Browser().get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"].startswith("private") and "Set-Cookie" not in answer
    text = answer.content.decode()
    assert "陈工" in text and "8888 8877" not in text and "市一医院" not in text
    feed.refresh_from_db()
    assert feed.read_at is not None


def test_what_is_known_already_is_not_sent_again_until_it_changes(cast: Cast, django_assert_num_queries):
    defined(cast)
    _feed, address = opened(FeedKind.GROUP, cast.li)
    tag = Browser().get(address)["ETag"]
    with django_assert_num_queries(2):
        answer = Browser().get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


def test_a_change_is_another_tag(cast: Cast):
    defined(cast)
    feed, _address = opened(FeedKind.GROUP, cast.li)
    before = tag_of(feed, events_of(feed, MONDAY), "en")
    assert (
        before == tag_of(feed, events_of(feed, MONDAY), "en") != tag_of(feed, events_of(feed, MONDAY), "zh")
    )
    actions.remove_shift(Shift.objects.earliest("starts_at"), by=cast.wang, now=MONDAY)
    assert tag_of(feed, events_of(feed, MONDAY), "en") != before


def test_revoked_replaced_and_unknown_addresses_and_those_of_the_gone_look_the_same(cast: Cast):
    defined(cast)
    _old, replaced = opened(FeedKind.MINE, cast.chen)
    feed, address = opened(FeedKind.MINE, cast.chen)
    assert Feed.objects.visible_to(cast.chen).valid().count() == 1
    assert Browser().get(replaced).status_code == 404 and Browser().get(address).status_code == 200
    User.objects.filter(pk=cast.chen.pk).update(is_active=False)
    assert Browser().get(address).status_code == 404
    User.objects.filter(pk=cast.chen.pk).update(is_active=True)
    actions.close_feed(feed, by=cast.chen, now=MONDAY)
    assert Browser().get(address).status_code == 404
    assert Browser().get(reverse("duty:feed", args=["x" * 32])).status_code == 404
    assert Browser().post(address).status_code == 405


def test_nobody_closes_the_address_of_another(cast: Cast, client):
    feed, _address = opened(FeedKind.MINE, cast.chen)
    with pytest.raises(Refused):
        actions.close_feed(feed, by=cast.li, now=MONDAY)
    client.force_login(cast.li)
    assert client.post(reverse("duty:feed_close", args=[feed.pk])).status_code == 404
    client.force_login(cast.chen)
    client.post(reverse("duty:feed_close", args=[feed.pk]))
    assert not Feed.objects.valid().exists()


def test_an_administrator_sees_everybodys_addresses_and_revokes_them(cast: Cast, client):
    feed, address = opened(FeedKind.MINE, cast.chen)
    board, _secret = actions.open_board(
        cast.south, language="en", theme=BoardTheme.DARK, by=cast.wang, now=MONDAY
    )
    everybodys, secret = reverse("duty:addresses"), address.split("/")[-2]
    for person in (cast.chen, cast.wang, cast.zhao, cast.sun):
        client.force_login(person)
        assert client.get(everybodys).status_code == 403
    client.force_login(cast.zhao)
    assert client.post(reverse("reports:wall_revoke", args=[board.pk])).status_code == 404

    client.force_login(cast.admin)
    page = client.get(everybodys)
    assert page.context["page"].rows == [board, feed]
    text = page.content.decode()
    assert cast.chen.label in text and cast.south.label in text
    assert secret not in text and feed.digest not in text
    own = client.get(reverse("duty:feeds")).context["kinds"]
    assert own and not any(feed for _kind, feed in own)
    assert not client.get(reverse("reports:wall_addresses")).context["feeds"]

    assert client.post(reverse("duty:feed_close", args=[feed.pk])).url == everybodys
    assert client.post(reverse("reports:wall_revoke", args=[board.pk])).url == everybodys
    assert Browser().get(address).status_code == 404
    assert client.get(everybodys).context["page"].rows == []
    revoked = client.get(everybodys, {"state": "revoked"})
    assert [(row.pk, row.revoked_by) for row in revoked.context["page"].rows] == [
        (board.pk, cast.admin),
        (feed.pk, cast.admin),
    ]
    told = Notice.objects.filter(kind="address_revoked")
    assert {notice.recipient for notice in told} == {cast.chen, cast.wang}


def test_a_row_says_who_revoked_its_address_and_the_first_one_counts(cast: Cast):
    old, _address = opened(FeedKind.MINE, cast.chen)
    new, _address = opened(FeedKind.MINE, cast.chen, MONDAY + DAY)
    for number, by in enumerate((cast.admin, cast.chen), start=2):
        actions.close_feed(new, by=by, now=MONDAY + number * DAY)
    for feed in (old, new):
        feed.refresh_from_db()
    assert (old.revoked_at, old.revoked_by) == (MONDAY + DAY, cast.chen)
    assert (new.revoked_at, new.revoked_by) == (MONDAY + 2 * DAY, cast.admin)
    notice = Notice.objects.get(recipient=cast.chen)
    assert render(notice, language="en")[0] == "管理员 has revoked a secret address of yours"


def test_the_page_shows_an_address_once(cast: Cast, client):
    client.force_login(cast.chen)
    page = client.post(reverse("duty:feeds"), {"kind": "mine"})
    address = page.context["address"]
    assert address.endswith("/duty.ics") and address in page.content.decode()
    assert page.context["webcal"].startswith("webcal://") and "no-store" in page["Cache-Control"]
    assert Browser().get(address).status_code == 200
    assert address.split("/")[-2] not in client.get(reverse("duty:feeds")).content.decode()
    assert client.post(reverse("duty:feeds"), {"kind": "all"}).status_code == 404


def test_without_a_group_there_is_no_calendar_of_duty(cast: Cast, client):
    client.force_login(cast.zhao)
    kinds = [kind for kind, _feed in client.get(reverse("duty:feeds")).context["kinds"]]
    assert kinds == [FeedKind.REPORTS, FeedKind.WALL]
    client.post(reverse("duty:feeds"), {"kind": "mine"})
    assert not Feed.objects.exists()
    client.force_login(cast.sun)
    assert client.get(reverse("duty:feeds")).status_code == 403


def test_no_secret_stands_in_a_log(cast: Cast, caplog: pytest.LogCaptureFixture):
    secret = "s3cret" * 6
    with caplog.at_level(logging.DEBUG):
        Browser().get(reverse("duty:feed", args=[secret]))
    assert "/feeds/…/duty.ics" in caplog.text and secret not in caplog.text
    line = '%(h)s "%(r)s" %(s)s'
    facts = {"h": "10.0.0.1", "r": f"GET /duty/feeds/{secret}/wall/ HTTP/1.1", "s": "200"}
    record = logging.LogRecord("gunicorn.access", logging.INFO, "", 0, line, (facts,), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == '10.0.0.1 "GET /duty/feeds/…/wall/ HTTP/1.1" 200'


def test_a_call_off_of_the_past_changes_nothing(cast: Cast):
    defined(cast)
    feed, _address = opened(FeedKind.GROUP, cast.li)
    later = at("2026-12-20 09:30")
    actions.publish_all(now=later)
    before = read(feed, later)
    actions.publish_all(now=later)
    assert read(feed, later) == before

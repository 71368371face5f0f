"""The wall-board of operations: what it says, to whom, how old it says it is, and what it never says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from clients.models import Client
from duty import actions as duty
from duty.holes import watched
from duty.models import BoardTheme, Feed, FeedKind, Inspection, Shift
from duty.tests.inspections import CPU, daily, make_plan, published
from opsdesk.testing import Cast
from reports.models import KpiTarget
from reports.scope import DEPARTMENT, Scope
from reports.wall.board import Board, board
from staff.models import Group, User
from staff.refused import Refused
from tickets import actions
from tickets.models import Clock, Grade, Ticket

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WALL, ADDRESSES = reverse("reports:wall"), reverse("reports:wall_addresses")
SENTINEL = "哨兵SENTINEL"
PHONE = "13899990000"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def opened(by: User, group: Group | None, **more: object) -> tuple[Feed, str]:
    facts = {"language": "en", "theme": BoardTheme.DARK} | more
    feed, secret = duty.open_board(group, **facts, by=by, now=timezone.now())
    return feed, reverse("reports:wall_feed", args=[secret])


def seen(cast: Cast, group: Group | None = None, *, has_names: bool = True) -> Board:
    groups = [group] if group else [cast.south, cast.north]
    scope = Scope(group=group.pk) if group else DEPARTMENT
    rostered = set(watched().values_list("pk", flat=True))
    return board(groups, rostered, scope, has_names=has_names, now=timezone.now())


def on_duty(cast: Cast) -> None:
    now = timezone.now()
    Shift.objects.create(group=cast.south, user=cast.chen, starts_at=now - HOUR, ends_at=now + 8 * HOUR)
    Shift.objects.create(group=cast.north, user=cast.outsider, starts_at=now + HOUR, ends_at=now + 9 * HOUR)


def due_in(ticket: Ticket, span: timedelta) -> Ticket:
    due = timezone.now() + span
    Clock.objects.filter(ticket=ticket).update(due_at=due, near_at=due - 5 * MINUTE)
    Ticket.objects.filter(pk=ticket.pk).update(next_due_at=due)
    return ticket


def test_it_counts_what_is_late_by_grade_what_is_open_and_what_came_today(cast: Cast):
    now = timezone.now()
    grave = actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)
    due_in(grave, -MINUTE)
    due_in(cast.ticket(now), HOUR)
    due_in(cast.ticket(now - timedelta(days=3), kind="request"), -HOUR)
    shown = seen(cast, cast.south)
    assert (shown.standing["overdue"], shown.standing["open"]) == (2, 3)
    assert shown.standing["unacknowledged"] == 3
    assert {row.grade: row.standing["overdue"] for row in shown.ageing} == {1: 1, 2: 0, 3: 0, None: 1}
    assert (shown.today.reported, shown.today.solved) == (2, 0)
    assert seen(cast, cast.north).standing["open"] == 0 and seen(cast).standing["open"] == 3


def test_what_breaks_next_stands_in_order_and_what_is_late_is_not_among_it(cast: Cast):
    now = timezone.now()
    late, second, first = (cast.ticket(now) for _ in range(3))
    for ticket, span in ((late, -MINUTE), (second, 2 * HOUR), (first, HOUR)):
        due_in(ticket, span)
    for _ in range(9):
        due_in(cast.ticket(now), 3 * HOUR)
    shown = seen(cast, has_names=False).deadlines
    assert [deadline.number for deadline in shown[:2]] == [first.number, second.number]
    assert len(shown) == 8 and late.number not in {deadline.number for deadline in shown}
    assert shown[0].clock and shown[0].due_at - shown[0].near_at == 5 * MINUTE
    assert {deadline.client for deadline in shown} == {""}
    with translation.override("zh-hans"):
        assert {deadline.client for deadline in seen(cast).deadlines} == {"市一医院"}


def test_it_says_who_is_on_duty_where_nobody_is_and_where_nobody_will_be(cast: Cast):
    on_duty(cast)
    north, south = seen(cast).watches
    assert (north.group, north.is_covered, north.person) == (cast.north, False, "")
    assert (south.group, south.is_covered, south.person) == (cast.south, True, "陈工")
    assert seen(cast).has_gap_now and not seen(cast, cast.south).has_gap_now
    assert seen(cast, cast.south).holes[0].starts_at == south.until
    assert {watch.person for watch in seen(cast, has_names=False).watches} == {""}
    past = {"starts_at": timezone.now() - 9 * HOUR, "ends_at": timezone.now() - HOUR}
    Shift.objects.filter(group=cast.north).update(**past)  # the roster has come to its end
    assert [watch.is_covered for watch in seen(cast).watches] == [False, True]
    Shift.objects.filter(group=cast.north).delete()  # there never was one
    assert [watch.group for watch in seen(cast).watches] == [cast.south]


def test_inspections_of_today_are_done_or_missed(cast: Cast):
    now = timezone.now()
    plan = make_plan(
        published(cast, CPU, now=now), daily(since=timezone.localdate(now)), by=cast.wang, now=now
    )
    today = {"day": timezone.localdate(now), "due_at": now - MINUTE, "closes_at": now + HOUR}
    row = Inspection.objects.filter(plan=plan).first()
    Inspection.objects.filter(pk=row.pk).update(**today, finished_at=now, finished_by=cast.chen)
    assert (seen(cast).today.inspected, seen(cast).today.missed, seen(cast).today.inspections) == (1, 0, 1)
    Inspection.objects.filter(pk=row.pk).update(finished_at=None, finished_by=None, missed_at=now)
    assert (seen(cast).today.inspected, seen(cast).today.missed) == (0, 1)
    assert seen(cast, cast.north).today.inspections == 0


def test_rates_have_a_light_where_there_is_enough_to_judge_by(cast: Cast):
    now = timezone.now()
    tickets = [cast.ticket(now - HOUR) for _ in range(6)]
    clocks = Clock.objects.filter(kind="response")

    def light(*late: Ticket) -> str:
        """Answered a minute before each fell due, or a minute after."""
        clocks.update(next_at=None, due_at=now - 2 * MINUTE, stopped_at=now - 3 * MINUTE)
        clocks.filter(ticket__in=late).update(stopped_at=now - MINUTE)
        (rate, *_more) = seen(cast).rates
        assert rate.figure.denominator == clocks.current().count()
        assert rate.figure.numerator == rate.figure.denominator - len(late)
        return rate.light

    assert light() == "green" and light(tickets[0]) == "red"
    month = timezone.localdate(now).replace(day=1)
    aimed = {"kpi": "response", "since": month, "reason": "模拟", "by": cast.zhao, "at": now}
    aim = KpiTarget.objects.create(**aimed, target=80)
    assert light(tickets[0]) == "green"
    aim.delete()
    (rate, *_more) = seen(cast, cast.north).rates
    assert rate.figure.value is None and rate.light == ""
    clocks.filter(ticket__in=tickets[:2]).update(superseded_at=now)
    assert light(tickets[5]) == ""


def test_a_secret_address_shows_numbers_and_not_one_name_title_or_phone(cast: Cast, client):
    """Everything that could name somebody carries the sentinel; whoever signs in does see some of it."""
    Client.objects.update(name=SENTINEL, name_en=SENTINEL)
    User.objects.update(name=SENTINEL, name_en=SENTINEL, phone=PHONE)
    now = timezone.now()
    more = {"title": SENTINEL, "details": SENTINEL, "caller_name": SENTINEL, "callback_number": PHONE}
    ticket = due_in(cast.ticket(now, **more), HOUR)
    on_duty(cast)
    for language in ("en", "zh-hans"):
        _feed, address = opened(cast.zhao, None, language=language)
        page = Browser().get(address)
        text = page.content.decode() + Browser().get(address, {"part": 1}).content.decode()
        assert ticket.number in text and page.status_code == 200
        assert SENTINEL not in text and PHONE not in text
        words = set(re.findall(r"\w+", re.sub(r"<[^>]*>", " ", text)))
        assert not words & set(User.objects.values_list("username", flat=True))
        assert cast.hospital.code not in text
        assert "Set-Cookie" not in page and page["Referrer-Policy"] == "no-referrer"
    client.force_login(cast.zhao)
    text = client.get(WALL).content.decode()
    assert text.count(SENTINEL) == 2 and PHONE not in text  # the client of the record, and who is on duty


def test_signed_in_one_sees_ones_own_group_and_who_sees_everything_all(cast: Cast, client):
    for person, asked, status, group in (
        (cast.li, {}, 200, cast.south),
        (cast.li, {"group": "south"}, 200, cast.south),
        (cast.li, {"group": "north"}, 404, None),
        (cast.zhao, {}, 200, None),
        (cast.zhao, {"group": "north"}, 200, cast.north),
        (cast.zhao, {"group": "west"}, 404, None),
        (cast.sun, {}, 403, None),
    ):
        client.force_login(person)
        answer = client.get(WALL, asked)
        assert answer.status_code == status, (person, asked)
        assert status != 200 or answer.context["group"] == group
        assert client.post(WALL).status_code in (403, 405)
    assert Browser().get(WALL).status_code == 302


def test_an_address_is_of_one_group_and_ends_with_its_owner_s_right_to_it(cast: Cast):
    due_in(cast.ticket(timezone.now()), HOUR)
    feed, address = opened(cast.wang, cast.south)
    assert "South" in Browser().get(address).content.decode()
    assert Browser().post(address).status_code == 405
    with pytest.raises(Refused):
        opened(cast.wang, cast.north)
    with pytest.raises(Refused):
        opened(cast.wang, None)
    with pytest.raises(Refused):
        opened(cast.li, cast.south)
    with pytest.raises(Refused):
        opened(cast.sun, None)
    with pytest.raises(Refused):
        duty.open_feed(FeedKind.OPERATIONS, by=cast.zhao, now=timezone.now())
    User.objects.filter(pk=cast.wang.pk).update(role="engineer")
    assert Browser().get(address).status_code == 404
    User.objects.filter(pk=cast.wang.pk).update(role="supervisor", group=cast.north)
    assert Browser().get(address).status_code == 404
    User.objects.filter(pk=cast.wang.pk).update(group=cast.south)
    assert Browser().get(address).status_code == 200
    duty.close_feed(feed, by=cast.wang, now=timezone.now())
    assert Browser().get(address).status_code == Browser().get(address, {"part": 1}).status_code == 404


def test_one_has_an_address_for_each_group_and_a_new_one_takes_the_old_one_s_place(cast: Cast):
    _feed, old = opened(cast.zhao, None)
    _feed, south = opened(cast.zhao, cast.south)
    _feed, new = opened(cast.zhao, None, theme=BoardTheme.LIGHT)
    assert [Browser().get(address).status_code for address in (old, south, new)] == [404, 200, 200]
    assert 'data-theme="light"' in Browser().get(new).content.decode()
    _feed, roster = duty.open_feed(FeedKind.WALL, by=cast.zhao, now=timezone.now())
    assert Browser().get(reverse("reports:wall_feed", args=[roster])).status_code == 404
    assert Feed.objects.boards().count() == 2


def test_the_same_is_answered_with_304_and_says_how_old_it_is(cast: Cast):
    due_in(cast.ticket(timezone.now()), HOUR)
    _feed, address = opened(cast.zhao, None)
    first = Browser().get(address, {"part": 1})
    assert first.status_code == 200 and "<html" not in first.content.decode()
    same = Browser().get(address, {"part": 1}, headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same["X-Board-At"]) == (304, first["X-Board-At"])  # the answer that was kept
    assert int(same["X-Board-Now"]) >= int(first["X-Board-Now"]) >= int(first["X-Board-At"])
    cache.clear()
    later = Browser().get(address, {"part": 1}, headers={"if-none-match": first["ETag"]})
    assert later.status_code == 304 and int(later["X-Board-At"]) > int(first["X-Board-At"])
    due_in(cast.ticket(timezone.now()), HOUR)
    cache.clear()
    other = Browser().get(address, {"part": 1}, headers={"if-none-match": first["ETag"]})
    assert other.status_code == 200 and other["ETag"] != first["ETag"]
    assert first["X-Board-Edition"] == other["X-Board-Edition"] in Browser().get(address).content.decode()


def test_a_full_answer_costs_at_most_twelve_questions_and_the_next_screen_s_nearly_none(cast: Cast, client):
    on_duty(cast)
    for _ in range(9):
        due_in(cast.ticket(timezone.now()), HOUR)
    _feed, address = opened(cast.zhao, None)
    Browser().get(address)
    client.force_login(cast.zhao)
    for browser, url, again in ((Browser(), address, 2), (client, WALL, 3)):  # who asks, and the groups
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            browser.get(url, {"part": 1})
        signing_in = again - 1 if browser is client else 0
        assert len(asked) - signing_in <= 12, [query["sql"][:90] for query in asked]
        with CaptureQueriesContext(connection) as asked:
            browser.get(url, {"part": 1})
        assert len(asked) <= again, [query["sql"][:90] for query in asked]


def test_addresses_are_made_on_a_page_of_their_own_and_shown_once(cast: Cast, client):
    client.force_login(cast.wang)
    assert (
        client.post(ADDRESSES, {"group": cast.north.pk, "language": "en", "theme": "dark"}).status_code == 422
    )
    assert client.post(ADDRESSES, {"group": "", "language": "en", "theme": "dark"}).status_code == 422
    page = client.post(ADDRESSES, {"group": cast.south.pk, "language": "zh-hans", "theme": "light"})
    address = page.context["address"]
    assert address in page.content.decode() and "no-store" in page["Cache-Control"]
    assert address.split("/")[-2] not in client.get(ADDRESSES).content.decode()
    assert 'lang="zh-hans"' in Browser().get(address).content.decode()
    feed = Feed.objects.boards().get()
    client.force_login(cast.zhao)
    assert client.post(reverse("reports:wall_revoke", args=[feed.pk])).status_code == 404
    client.force_login(cast.wang)
    assert client.get(reverse("reports:wall_revoke", args=[feed.pk])).status_code == 405
    client.post(reverse("reports:wall_revoke", args=[feed.pk]))
    assert Browser().get(address).status_code == 404
    for person in (cast.li, cast.sun):
        client.force_login(person)
        assert client.get(ADDRESSES).status_code == 403

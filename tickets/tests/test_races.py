"""Two people at the same instant, each with his own connection: one wins, the other is told by whom."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from opsdesk.testing import Cast, build_cast
from opsdesk.tests.faults.conftest import copy
from opsdesk.tests.rest import at_once, with_authorisation, with_checklist
from staff.models import Notice, User
from tickets import actions
from tickets.lifecycle import Moved
from tickets.models import Cause, Clock, Entry, EntryKind, Grade, Status, Ticket
from tickets.tests.test_stale import in_work, opened, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 300
Take = Callable[[Ticket, User], object]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


def many(cast: Cast, count: int) -> list[Ticket]:
    """So many records as the action writes one, with their clocks."""
    first = cast.ticket(timezone.now())
    tickets = Ticket.objects.bulk_create(copy(first) for _ in range(count))
    [clock] = first.clocks.all()
    Clock.objects.bulk_create(copy(clock, ticket=ticket) for ticket in tickets)
    return tickets


def take(ticket: Ticket, person: User) -> object:
    return actions.acknowledge(ticket, by=person, now=timezone.now())


def take_without_a_lock(ticket: Ticket, person: User) -> object:
    """The control: what the verb would be if it read, decided, and wrote."""
    fresh = Ticket.objects.get(pk=ticket.pk)
    if fresh.status != Status.LOGGED:
        raise Moved("somebody was faster")
    fresh.status, fresh.owner, fresh.acknowledged_at = Status.IN_PROGRESS, person, timezone.now()
    fresh.save()
    return fresh


def race(tickets: list[Ticket], people: tuple[User, User], how: Take) -> list[dict[User, object]]:
    """Let two people go for each record at the same instant; return for each record what became of whom."""
    outcomes: list[dict[User, object]] = [{} for _ticket in tickets]
    start = threading.Barrier(2)

    def run(person: User) -> None:
        try:
            for ticket, outcome in zip(tickets, outcomes, strict=True):
                seen = Ticket.objects.get(pk=ticket.pk)  # before either acts, as on two screens
                start.wait(30)
                try:
                    outcome[person] = how(seen, person)
                except Moved as moved:
                    outcome[person] = moved
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def winners(outcomes: list[dict[User, object]]) -> Counter[int]:
    """How many records were won by how many people at once."""
    return Counter(sum(isinstance(end, Ticket) for end in outcome.values()) for outcome in outcomes)


def test_three_hundred_times_two_take_the_same_record_and_one_gets_it(cast: Cast) -> None:
    tickets = many(cast, ROUNDS)
    people = (cast.chen, cast.wang)
    outcomes = race(tickets, people, take)
    assert winners(outcomes) == {1: ROUNDS}
    won, taken = Counter[User](), {}
    for ticket, outcome in zip(tickets, outcomes, strict=True):
        [winner] = [person for person, end in outcome.items() if isinstance(end, Ticket)]
        [loser] = [person for person in people if person != winner]
        assert isinstance(outcome[loser], Moved) and winner.label in str(outcome[loser])
        won[winner] += 1
        taken[ticket.pk] = winner.pk
    stand = Ticket.objects.filter(pk__in=taken, status=Status.IN_PROGRESS).values_list("pk", "owner")
    entries = Entry.objects.filter(ticket__in=taken, kind=EntryKind.ACKNOWLEDGED)
    assert dict(stand) == dict(entries.values_list("ticket", "by")) == taken
    assert entries.count() == ROUNDS
    assert set(won) == set(people)  # both were fast at times: the two did run at once


def test_without_the_lock_the_same_race_is_lost(cast: Cast) -> None:
    """The control: were this to pass as well, the race above would prove nothing."""
    for _attempt in range(5):
        if winners(race(many(cast, 60), (cast.chen, cast.wang), take_without_a_lock))[2]:
            return
    pytest.fail("nobody was overtaken in 300 rounds without a lock: the race does not race")


def test_two_saving_different_things_at_once_both_stand(cast: Cast) -> None:
    ticket = in_work(cast)
    before = ticket.version
    for number in range(25):

        def diagnose(number: int = number) -> object:
            return actions.diagnose(
                ticket, diagnosis=f"确诊{number}", cause=Cause.HARDWARE, by=cast.chen, now=timezone.now()
            )

        def note(number: int = number) -> object:
            return actions.add_note(ticket, text=f"备注{number}", minutes=5, by=cast.wang, now=timezone.now())

        assert all(at_once(diagnose, note))
    texts = set(ticket.entries.values_list("text", flat=True))
    assert {f"{what}{number}" for what in ("确诊", "备注") for number in range(25)} <= texts
    ticket.refresh_from_db()
    assert ticket.version == before + 50
    assert sum(spent.minutes for spent in ticket.time_spent.all()) == 125


@pytest.mark.parametrize("number", range(6))
def test_of_two_diagnosing_at_once_on_the_page_the_second_gets_to_compare(cast: Cast, number: int) -> None:
    ticket = in_work(cast)
    (chen, seen), (wang, _seen) = opened(cast.chen, ticket), opened(cast.wang, ticket)
    typed = {"chen": f"陈工的判断{number}", "wang": f"王强的判断{number}"}

    def post(browser: Browser, text: str) -> HttpResponse:
        return send(browser, ticket, "diagnose", seen, diagnosis=text, cause="hardware")

    answers = dict(
        zip(
            typed.values(),
            at_once(lambda: post(chen, typed["chen"]), lambda: post(wang, typed["wang"])),
            strict=True,
        )
    )
    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    [late] = [text for text, answer in answers.items() if answer.status_code == 409]
    page = answers[late].content.decode()
    assert all(text in page for text in typed.values()) and "Use mine" in page
    assert ticket.entries.filter(kind=EntryKind.DIAGNOSED).count() == 1


def test_two_ticking_the_same_item_the_second_is_told_by_whom(cast: Cast) -> None:
    for _round in range(15):
        ticket = actions.grade(
            cast.ticket(timezone.now()), Grade.THREE, reason="clause", by=cast.li, now=timezone.now()
        )
        item = with_checklist(ticket, cast)

        def tick(person: User, ticket: Ticket = ticket, item=item) -> object:
            try:
                return actions.tick(ticket, item, result=person.name, by=person, now=timezone.now())
            except Moved as moved:
                return moved

        ends = at_once(lambda: tick(cast.chen), lambda: tick(cast.wang))
        [told] = [end for end in ends if isinstance(end, Moved)]
        item.refresh_from_db()
        assert item.ticked_by is not None and item.result == item.ticked_by.name
        assert item.ticked_by.label in str(told)
        assert ticket.entries.filter(kind=EntryKind.TICKED).count() == 1


def behind(deed: Callable[[], object], other: Callable[[], object]) -> object:
    """Do `deed`, and commit it when `other`, begun meanwhile, waits for it; return what that came to."""
    is_held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            deed()
            is_held.set()
            until = time.monotonic() + 30
            while not somebody_waits():
                assert time.monotonic() < until, "nobody waits"
                time.sleep(0.01)

    def wait() -> object:
        is_held.wait(30)
        return other()

    return at_once(hold, wait)[1]


def somebody_waits() -> bool:
    """Whether another session waits for this one."""
    for_this = "NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM pg_locks WHERE {for_this})")
        return bool(cursor.fetchone()[0])


def test_who_waits_while_a_record_is_handed_to_another_group_gets_it_as_it_is_then(cast: Cast) -> None:
    ticket, now = cast.ticket(timezone.now()), timezone.now()
    entry = behind(
        lambda: actions.assign(ticket, group=cast.north, by=cast.wang, now=now),
        lambda: actions.add_note(ticket, text="备件已到", by=cast.admin, now=now),
    )
    assert isinstance(entry, Entry) and entry.ticket.group == cast.north
    assert Ticket.objects.get().group == cast.north


def test_the_watch_that_waits_for_a_record_warns_whoever_has_it_then(cast: Cast) -> None:
    ticket = actions.acknowledge(cast.ticket(timezone.now()), by=cast.chen, now=timezone.now())
    access = with_authorisation(ticket, cast)
    actions.open_remote(access, by=cast.li, now=timezone.now())
    late, now = access.window_to - timedelta(minutes=5), timezone.now()
    done = behind(
        lambda: actions.assign(ticket, owner=cast.wang, by=cast.chen, now=now),
        lambda: actions.watch_windows(now=late),
    )
    assert done == 1
    warned = Notice.objects.filter(kind="remote_ending").values_list("recipient__username", flat=True)
    assert set(warned) == {"li", "wang"}

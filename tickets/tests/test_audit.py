"""The auditor names every broken state that constraints cannot see; where all is well he finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection

from opsdesk.testing import MONDAY, Cast
from staff.files import Upload
from staff.models import Delivery, Notice, NoticeChannel
from staff.notices import item_of
from tickets import actions
from tickets.actions.drafting import draft_policy
from tickets.actions.rehearsal import ask_what_if
from tickets.audit import HEARTBEAT, audit, problems
from tickets.models import (
    Clock,
    ClockKind,
    CoordinationMeeting,
    Custody,
    Escalation,
    Grade,
    Heartbeat,
    HowGiven,
    Link,
    LinkKind,
    OutgoingMail,
    Overrun,
    Pause,
    RemoteSession,
    Status,
    Ticket,
    WhatIf,
)
from tickets.soundness import looks
from tickets.templatetags.tickets import PROBLEMS

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Long after all that happens: limits are exceeded, windows over, and everything was done in its time.
NOW = MONDAY + 5 * HOUR


@pytest.fixture
def house(cast: Cast) -> Cast:
    """A department in the middle of its day, with something of everything, all of it sound at NOW."""
    cast.contact.email = "sun@hospital.test"
    cast.contact.save()
    working(cast)
    waiting(cast)
    merged(cast)
    reported_up(cast)
    remote(cast)
    closed(cast)
    actions.enforce_deadlines(now=NOW)
    actions.convene_due(now=NOW)
    actions.tend_overruns(now=NOW)
    actions.watch_windows(now=NOW)
    Delivery.objects.update(state="sent", sent_at=NOW)
    OutgoingMail.objects.update(state="sent", sent_at=NOW)
    return cast


def working(cast: Cast) -> Ticket:
    ticket = actions.grade(cast.ticket(title="working"), Grade.THREE, reason="x", by=cast.li, now=MONDAY)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=MONDAY + MIN)
    return actions.write_to_client(ticket, text="备件明早到。", by=cast.chen, now=MONDAY + 2 * MIN)


def waiting(cast: Cast) -> Ticket:
    ticket = actions.acknowledge(cast.ticket(title="waiting"), by=cast.chen, now=MONDAY + MIN)
    ticket = actions.grade(ticket, Grade.THREE, reason="x", by=cast.li, now=MONDAY + MIN)
    until = NOW + DAY
    return actions.pause(ticket, reason="parts", text="备件", until=until, by=cast.chen, now=MONDAY + 2 * MIN)


def merged(cast: Cast) -> Ticket:
    target, duplicate = cast.ticket(title="answers"), cast.ticket(title="merged")
    duplicate = actions.grade(duplicate, Grade.THREE, reason="x", by=cast.li, now=MONDAY)
    duplicate = actions.acknowledge(duplicate, by=cast.chen, now=MONDAY)
    until = NOW + DAY
    duplicate = actions.pause(duplicate, reason="parts", text="x", until=until, by=cast.chen, now=MONDAY)
    return actions.merge(duplicate, into=target, by=cast.li, now=MONDAY + MIN)


def reported_up(cast: Cast) -> Ticket:
    """A grade-1 fault that nobody touches: breached, reported up, its meeting convened."""
    return actions.grade(cast.ticket(title="up"), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)


def remote(cast: Cast) -> Ticket:
    """A session that outlasts its window, and a password that was destroyed."""
    ticket = actions.grade(cast.ticket(title="remote"), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=MONDAY + MIN)
    grant = actions.Grant(
        given_by="孙主任",
        how=HowGiven.FAX,
        callback_number="1",
        purpose="x",
        other_systems="x",
        window_from=MONDAY,
        window_to=MONDAY + HOUR,
        evidence=Upload("a.txt", BytesIO(b"x")),
    )
    access = actions.authorise_remote(ticket, grant, by=cast.li, now=MONDAY + MIN)
    actions.open_remote(access, by=cast.chen, now=MONDAY + 2 * MIN)
    facts = {"account": "root", "ciphertext": "x", "key_id": "x"}
    Custody.objects.create(authorisation=access, **facts, deposited_by=cast.li, deposited_at=MONDAY)
    return ticket


def closed(cast: Cast) -> Ticket:
    ticket = actions.acknowledge(cast.ticket(title="closed"), by=cast.chen, now=MONDAY + MIN)
    ticket = actions.grade(ticket, Grade.THREE, reason="x", by=cast.li, now=MONDAY + MIN)
    ticket = actions.diagnose(ticket, diagnosis="x", cause="software", by=cast.chen, now=MONDAY + MIN)
    ticket = actions.resolve(ticket, solution="x", cause="software", by=cast.chen, now=MONDAY + MIN)
    return actions.confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=MONDAY + 2 * MIN)


def record(title: str) -> Ticket:
    return Ticket.objects.get(title=title)


def clock(title: str, kind: str) -> Clock:
    return Clock.objects.current().get(ticket__title=title, kind=kind)


def update(rows, **values) -> None:
    assert rows.update(**values) > 0


def unconstrained(sql: str, *values: object) -> None:
    """Write what the constraint refuses: what a careless hand at the database leaves behind."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_ticket DROP CONSTRAINT tickets_open_has_a_next_due_time")
        cursor.execute(sql, values)
        assert cursor.rowcount > 0


# Each breaks one thing in the sound house, by writing past the actions; the key is what the auditor says.


def no_running_clock(cast: Cast) -> str:
    update(Clock.objects.running().filter(ticket__title="working"), stopped_at=NOW, next_at=None)
    return "working"


def no_next_due_time(cast: Cast) -> str:
    unconstrained("UPDATE tickets_ticket SET next_due_at = NULL WHERE title = %s", "working")
    return "working"


def wrong_next_due_time(cast: Cast) -> str:
    update(Ticket.objects.filter(title="working"), next_due_at=NOW + 300 * DAY)
    return "working"


def no_next_step(cast: Cast) -> str:
    # Another clock keeps it from being found as one without any.
    rows = Clock.objects.running().filter(ticket__title="waiting", kind=ClockKind.NEXT_STEP)
    due_at = rows.get().due_at
    update(rows, kind=ClockKind.CONFIRMATION)
    assert Ticket.objects.get(title="waiting").next_due_at == due_at
    return "waiting"


def no_pause(cast: Cast) -> str:
    update(Pause.objects.filter(ticket__title="waiting"), ended_at=NOW)
    return "waiting"


def endless_pause(cast: Cast) -> str:
    ticket = record("working")
    Pause.objects.create(ticket=ticket, reason="parts", text="x", until=NOW, started_at=MONDAY)
    return "working"


def merged_into_nothing(cast: Cast) -> str:
    update(Link.objects.filter(record__title="merged"), kind=LinkKind.RELATED, record=record("merged"))
    return "merged"


def merged_but_not_so(cast: Cast) -> str:
    update(Link.objects.filter(record__title="merged"), record=record("working"), other=record("up"))
    Link.objects.create(
        record=record("merged"), other=record("answers"), kind=LinkKind.DUPLICATE, by=cast.li, at=NOW
    )
    return "working"


def due_and_not_fired(cast: Cast) -> str:
    """A clock that nobody enforces: as it stood before the last sweep."""
    row = clock("working", ClockKind.RESOLUTION)
    update(Clock.objects.filter(pk=row.pk), next_at=NOW - 61 * timedelta(seconds=1))
    return "working"


def keeps_failing(cast: Cast) -> str:
    rows = Clock.objects.filter(pk=clock("working", ClockKind.RESOLUTION).pk)
    update(rows, failures=3, next_at=NOW + MIN)
    return "working"


def never_rings(cast: Cast) -> str:
    update(Clock.objects.filter(pk=clock("working", ClockKind.RESOLUTION).pk), next_at=None)
    return "working"


def report_up_passed_over(cast: Cast) -> str:
    """A report-up that fell due and did not fire, on a clock that rings for another reason, later."""
    step = Escalation.objects.planned().filter(ticket__title="working").first()
    update(Escalation.objects.filter(pk=step.pk), due_at=NOW - 2 * MIN)
    return "working"


def limit_passed_over(cast: Cast) -> str:
    row = clock("up", ClockKind.RESOLUTION)
    assert row.next_at and row.next_at > NOW
    update(Clock.objects.filter(pk=row.pk), near_at=NOW - 2 * MIN, near_marked_at=None)
    return "up"


def rings_too_late(cast: Cast) -> str:
    rows = Clock.objects.filter(pk=clock("working", ClockKind.RESOLUTION).pk)
    update(rows, next_at=NOW + 300 * DAY)
    return "working"


def stands_still(cast: Cast) -> str:
    rows = Clock.objects.filter(pk=clock("up", ClockKind.RESOLUTION).pk)
    update(rows, due_at=None, near_at=None, next_at=None)
    update(Escalation.objects.filter(clock__in=rows, fired_at=None), due_at=None)
    return "up"


def runs_on_a_closed_one(cast: Cast) -> str:
    rows = Clock.objects.filter(pk=clock("closed", ClockKind.RESOLUTION).pk)
    update(rows, stopped_at=None)
    when = rows.get().near_at
    update(rows, next_at=when)
    return "closed"


def no_case(cast: Cast) -> str:
    assert Overrun.objects.filter(ticket__title="up", kind=ClockKind.RESPONSE).delete()
    return "up"


def window_end_unmarked(cast: Cast) -> str:
    update(RemoteSession.objects.all(), overrun_at=None)
    return "remote"


def password_left(cast: Cast) -> str:
    update(Custody.objects.all(), purged_at=None, purged_because="", ciphertext="x")
    return "remote"


def no_meeting(cast: Cast) -> str:
    meeting = CoordinationMeeting.objects.get(ticket__title="up")
    meeting.invited.clear()
    meeting.delete()
    update(Escalation.objects.fired().filter(ticket__title="up"), fired_at=NOW - 3 * MIN)
    return "up"


def nobody_told(cast: Cast) -> str:
    cases = Overrun.objects.filter(ticket__title="up", kind=ClockKind.RESPONSE)
    update(cases, told=0, opened_at=NOW - 6 * MIN)
    return "up"


def unsettled(cast: Cast) -> str:
    case = Overrun.objects.get(ticket__title="up", kind=ClockKind.RESPONSE)
    case = actions.explain(case, text="漏看", cause="own", by=cast.chen, now=NOW)
    actions.rule(case, cause="own", is_excused=False, reason="x", by=cast.wang, now=NOW)
    update(Overrun.objects.filter(pk=case.pk), appeal_until=NOW - 6 * MIN)
    return "up"


def what_if_left(cast: Cast) -> str:
    draft = draft_policy(title="x", why="x", by=cast.zhao, now=MONDAY)
    ask_what_if(draft, months=1, by=cast.zhao, now=NOW - 11 * MIN)
    return ""


def copy(cast: Cast, **more: object) -> str:
    update(Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk), state="waiting", **more)
    return ""


def copy_left(cast: Cast) -> str:
    return copy(cast, next_try_at=NOW - 16 * MIN, attempts=0)


def copy_of_a_dead_sender(cast: Cast) -> str:
    return copy(cast, next_try_at=NOW - 16 * MIN, attempts=1, lease=1)


def mail_left(cast: Cast) -> str:
    update(OutgoingMail.objects.all(), state="waiting", next_try_at=NOW - 16 * MIN, attempts=0)
    return "working"


def mail_of_a_dead_sender(cast: Cast) -> str:
    update(OutgoingMail.objects.all(), state="waiting", next_try_at=NOW - 16 * MIN, attempts=2)
    return "working"


BROKEN: list[tuple[Callable[[Cast], str], str]] = [
    (no_running_clock, "no_running_clock"),
    (no_next_due_time, "next_due_is_not_the_clock"),
    (wrong_next_due_time, "next_due_is_not_the_clock"),
    (no_next_step, "waits_without_a_next_step"),
    (no_pause, "waits_without_a_pause"),
    (endless_pause, "pause_without_an_end"),
    (merged_into_nothing, "merged_into_nothing"),
    (merged_but_not_so, "merged_but_not_so"),
    (due_and_not_fired, "deadline_not_enforced"),
    (keeps_failing, "deadline_keeps_failing"),
    (never_rings, "clock_without_next_instant"),
    (report_up_passed_over, "instant_passed_over"),
    (limit_passed_over, "instant_passed_over"),
    (rings_too_late, "clock_rings_too_late"),
    (stands_still, "clock_stands_still"),
    (runs_on_a_closed_one, "clock_of_a_closed_record"),
    (no_case, "overrun_without_a_case"),
    (window_end_unmarked, "window_end_not_marked"),
    (password_left, "password_not_destroyed"),
    (no_meeting, "meeting_not_convened"),
    (nobody_told, "overrun_not_told"),
    (unsettled, "ruling_not_settled"),
    (what_if_left, "what_if_stands_still"),
    (copy_left, "copy_not_sent"),
    (copy_of_a_dead_sender, "copy_given_back_by_nobody"),
    (mail_left, "mail_not_sent"),
    (mail_of_a_dead_sender, "mail_given_back_by_nobody"),
]


def found(now: datetime = NOW) -> dict[str, set[str]]:
    """What the auditor says, by kind: the titles of the records; "" for what is no record's."""
    titles = dict(Ticket.objects.values_list("pk", "title"))
    said: dict[str, set[str]] = {}
    for problem in problems(now):
        said.setdefault(problem.code, set()).add(titles[problem.ticket] if problem.ticket else "")
    return said


def test_nothing_is_found_where_all_is_well(house: Cast) -> None:
    """The control. Every kind of row that the auditor looks at is there, so that it has something to pass."""
    assert Overrun.objects.exists() and CoordinationMeeting.objects.exists() and Custody.objects.exists()
    assert Escalation.objects.fired().exists() and Escalation.objects.planned().exists()
    assert Clock.objects.running().filter(breached_marked_at__isnull=False).exists()
    assert RemoteSession.objects.open().exists() and OutgoingMail.objects.exists()
    assert found() == {}


@pytest.mark.parametrize(("breaks", "codes"), BROKEN, ids=[breaks.__name__ for breaks, _code in BROKEN])
def test_each_broken_state_is_found_and_named(house: Cast, breaks: Callable[[Cast], str], codes: str) -> None:
    title = breaks(house)
    assert found() == {code: {title} for code in codes.split()}


def test_every_question_has_a_broken_state_here_and_its_words() -> None:
    asked = {code for look in looks(NOW) for code in look.codes}
    planted = {code for _breaks, codes in BROKEN for code in codes.split()}
    assert asked == planted == set(PROBLEMS)


@pytest.mark.parametrize(
    ("spoil", "late_by"),
    [(copy_left, MIN), (mail_left, MIN), (what_if_left, MIN), (due_and_not_fired, timedelta(seconds=2))],
)
def test_what_is_only_a_little_late_is_left_to_whoever_does_it(house: Cast, spoil, late_by) -> None:
    spoil(house)
    assert found() and not found(NOW - late_by - timedelta(seconds=1))


def test_a_copy_that_its_channel_holds_back_is_none_that_was_forgotten(house: Cast) -> None:
    channel = NoticeChannel.objects.create(owner=house.chen, kind="email", name="x", created_at=NOW)
    update(NoticeChannel.objects.all(), paused_until=NOW + MIN)
    copy(house, next_try_at=NOW - HOUR, via=channel)
    assert found() == {}
    NoticeChannel.objects.update(paused_until=None)
    assert set(found()) == {"copy_not_sent"}


def test_the_second_of_two_runs_waits_for_its_turn(house: Cast) -> None:
    what_if_left(house)
    first = WhatIf.objects.get()
    WhatIf.objects.filter(pk=first.pk).update(carried_on_at=NOW - MIN)
    ask_what_if(first.version, months=1, by=house.zhao, now=NOW - 30 * MIN)
    assert found() == {}


def test_administrators_are_told_once_a_day_of_each_and_the_heartbeat_says_since_when(house: Cast) -> None:
    audit(now=NOW)
    beat = Heartbeat.objects.get(name=HEARTBEAT)
    assert (beat.at, beat.found, beat.since) == (NOW, 0, None)
    no_running_clock(house)
    what_if_left(house)
    audit(now=NOW)
    audit(now=NOW + MIN)
    told = Notice.objects.filter(kind="audit")
    assert sorted(told.values_list("recipient__username", "params__code", "params__number")) == [
        ("admin", "no_running_clock", record("working").number),
        ("admin", "what_if_stands_still", ""),
    ]
    assert {item_of(notice, "en").subject for notice in told} == {
        f"Record {record('working').number} could sink",
        "Something has come to a standstill",
    }
    beat.refresh_from_db()
    assert (beat.at, beat.found, beat.since) == (NOW + MIN, 2, NOW)
    WhatIf.objects.all().delete()
    Ticket.objects.filter(title="working").update(next_due_at=None, status=Status.MERGED)
    Link.objects.create(
        record=record("working"), other=record("up"), kind=LinkKind.DUPLICATE, by=house.li, at=NOW
    )
    audit(now=NOW + 2 * MIN)
    beat.refresh_from_db()
    assert (beat.found, beat.since) == (0, None)


def test_the_auditor_asks_as_many_questions_whatever_there_is(house: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(len(list(looks(NOW)))):
        problems(NOW)

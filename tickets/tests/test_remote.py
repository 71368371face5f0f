"""Remote access as a story: authorised, proven, used, withdrawn, and what passes with time (§4.2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clients.models import Client, Contact, System
from opsdesk.testing import Cast
from opsdesk.tests.rest import record_for, with_authorisation
from staff.files import Upload
from staff.models import Notice
from staff.notices import render
from staff.refused import Refused
from tickets import actions
from tickets.models import (
    EntryKind,
    Grade,
    HowGiven,
    RemoteAuthorisation,
    RemoteSession,
    Ticket,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A grade-3 fault in work, 李敏's."""
    return record_for("pause", cast)


def grave(cast: Cast, now: datetime) -> Ticket:
    ticket = actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def by_phone(cast: Cast, ticket: Ticket, now: datetime, **more: object) -> RemoteAuthorisation:
    facts = {
        "given_by": "孙主任",
        "how": HowGiven.PHONE,
        "callback_number": "0755-8888 8877",
        "purpose": "恢复数据库",
        "systems": [cast.his],
        "window_from": now,
        "window_to": now + 48 * HOUR,
        "max_sessions": 9,
    }
    return actions.authorise_remote(ticket, actions.Grant(**(facts | more)), by=cast.li, now=now)


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.entries.order_by("pk").values_list("kind", flat=True))


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def paper() -> Upload:
    return Upload("传真.txt", BytesIO(b"x"))


def test_from_the_authorisation_to_the_end_of_the_session(cast: Cast, ticket: Ticket, now: datetime) -> None:
    access = with_authorisation(ticket, cast)
    session = actions.open_remote(access, by=cast.chen, now=now)
    done = actions.close_remote(
        session, summary="清理归档", witness="孙主任", by=cast.chen, now=now + 20 * MINUTE
    )
    assert (done.ended_at, done.summary, done.witness) == (now + 20 * MINUTE, "清理归档", "孙主任")
    assert kinds(ticket)[-4:] == [
        EntryKind.AUTHORISED,
        EntryKind.REMOTE_OPENED,
        EntryKind.STEPPED,
        EntryKind.REMOTE_CLOSED,
    ]
    entry = ticket.entries.get(kind=EntryKind.REMOTE_CLOSED)
    assert (entry.by, entry.text, entry.changes["lasted"]) == (cast.chen, "清理归档", [None, 20])
    assert "overran" not in entry.changes
    first = ticket.entries.get(kind=EntryKind.AUTHORISED)
    assert first.changes["given_by"] == [None, "孙主任"] and first.changes["systems"] == [None, cast.his.name]


def test_no_session_without_evidence_and_one_with_it(cast: Cast, ticket: Ticket, now: datetime) -> None:
    access = with_authorisation(ticket, cast, has_paper=False)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=now)
    assert refused.value.code == "no_evidence"
    assert not RemoteSession.objects.exists() and EntryKind.REMOTE_OPENED not in kinds(ticket)
    actions.add_evidence(access, paper(), by=cast.li, now=now)
    assert actions.open_remote(access, by=cast.chen, now=now).is_open
    with pytest.raises(Refused) as refused:
        actions.add_evidence(access, paper(), by=cast.li, now=now)
    assert refused.value.code == "taken"


@pytest.mark.parametrize(("offset", "code"), [(-HOUR - MINUTE, "too_early"), (2 * HOUR + MINUTE, "too_late")])
def test_outside_of_its_window_it_is_refused(
    cast: Cast, ticket: Ticket, now: datetime, offset: timedelta, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        actions.open_remote(with_authorisation(ticket, cast), by=cast.chen, now=now + offset)
    assert refused.value.code == code


def test_as_many_sessions_as_the_client_allows_and_one_at_a_time_for_each(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    access = with_authorisation(ticket, cast, max_sessions=2)
    first = actions.open_remote(access, by=cast.chen, now=now)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=now)
    assert refused.value.code == "taken"
    actions.close_remote(first, summary="x", by=cast.chen, now=now)
    actions.open_remote(access, by=cast.chen, now=now)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.wang, now=now)
    assert refused.value.code == "used_up"
    facts = {"authorisation": access, "operator": cast.chen, "started_at": now}
    with pytest.raises(IntegrityError), transaction.atomic():
        RemoteSession.objects.create(**facts)


def test_by_phone_on_a_grade_one_fault_alone_and_only_until_the_paper_is_overdue(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        by_phone(cast, ticket, now)
    assert (refused.value.field, refused.value.code) == ("how", "not_grade_one")
    with pytest.raises(Refused) as refused:
        by_phone(cast, grave(cast, now), now, callback_number=" ")
    assert refused.value.field == "callback_number"
    access = by_phone(cast, grave(cast, now), now)
    assert access.written_due_at == now + 24 * HOUR
    actions.close_remote(
        actions.open_remote(access, by=cast.chen, now=now), summary="x", by=cast.chen, now=now
    )
    late = now + 24 * HOUR
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=late)
    assert refused.value.code == "written_overdue"
    actions.add_evidence(access, paper(), by=cast.li, now=late)
    access.refresh_from_db()
    assert access.written_received_at == late and access.written_evidence.name == "传真.txt"
    assert actions.open_remote(access, by=cast.chen, now=late).is_open


def test_a_word_by_phone_is_worth_nothing_once_the_fault_is_no_longer_grade_one(
    cast: Cast, now: datetime
) -> None:
    ticket = grave(cast, now)
    access = by_phone(cast, ticket, now)
    actions.grade(ticket, Grade.TWO, reason="已缓解", by=cast.wang, now=now)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=now)
    assert refused.value.code == "not_grade_one"


def test_withdrawn_nobody_logs_in_and_who_is_in_is_told(cast: Cast, ticket: Ticket, now: datetime) -> None:
    access = with_authorisation(ticket, cast)
    session = actions.open_remote(access, by=cast.chen, now=now)
    actions.revoke_remote(access, reason="改为到场", by=cast.sun, now=now)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.wang, now=now)
    assert refused.value.code == "revoked"
    assert told("remote_revoked") == {"chen", ticket.owner.username}
    entry = ticket.entries.get(kind=EntryKind.REVOKED)
    assert (entry.by, entry.text) == (cast.sun, "改为到场")
    assert actions.close_remote(session, summary="已退出", by=cast.chen, now=now).ended_at == now
    with pytest.raises(Refused):
        actions.revoke_remote(access, reason="x", by=cast.li, now=now)


def test_a_contact_may_withdraw_his_own_and_do_nothing_else(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    access = with_authorisation(ticket, cast)
    for deed in (
        lambda: actions.open_remote(access, by=cast.sun, now=now),
        lambda: actions.add_evidence(access, paper(), by=cast.sun, now=now),
        lambda: by_phone(cast, ticket, now) and actions.authorise_remote(ticket, None, by=cast.sun, now=now),
    ):
        with pytest.raises(Refused):
            deed()
    other = cast.ticket(now, contact=Contact.objects.create(client=cast.hospital, name="郑主任"))
    foreign = with_authorisation(other, cast)
    with pytest.raises(Refused) as refused:
        actions.revoke_remote(foreign, reason="x", by=cast.sun, now=now)
    assert refused.value.code == "forbidden"
    assert list(RemoteAuthorisation.objects.visible_to(cast.sun)) == [access]
    assert not RemoteAuthorisation.objects.visible_to(cast.outsider).exists()
    assert RemoteAuthorisation.objects.visible_to(cast.zhou).count() == 2


def test_nobody_authorises_access_to_another_clients_systems(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    clinic = Client.objects.create(
        code="clinic", name="诊所", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    for more, field in (
        ({"systems": [System.objects.create(client=clinic, name="LIS")]}, "systems"),
        ({"contact": Contact.objects.create(client=clinic, name="钱医生")}, "contact"),
        ({"systems": []}, "systems"),
        ({"given_by": " "}, "given_by"),
        ({"purpose": ""}, "purpose"),
    ):
        with pytest.raises(Refused) as refused:
            with_authorisation(ticket, cast, **more)
        assert refused.value.field == field
    stray = actions.attach(cast.ticket(now), [paper()], by=cast.li, now=now).attachments.get()
    with pytest.raises(Refused) as refused:
        with_authorisation(ticket, cast, evidence=stray)
    assert refused.value.field == "evidence"
    assert not RemoteAuthorisation.objects.exists()


def test_a_session_is_ended_by_its_operator_or_a_supervisor_with_what_was_done(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    session = actions.open_remote(with_authorisation(ticket, cast), by=cast.chen, now=now)
    for who, summary in ((cast.li, "x"), (cast.chen, "  ")):
        with pytest.raises(Refused):
            actions.close_remote(session, summary=summary, by=who, now=now)
    assert actions.close_remote(session, summary="代为结束", by=cast.wang, now=now).ended_by == cast.wang
    with pytest.raises(Refused) as refused:
        actions.close_remote(session, summary="x", by=cast.chen, now=now)
    assert refused.value.code == "wrong_status"


def test_nobody_logs_in_where_no_work_is_being_done(cast: Cast, ticket: Ticket, now: datetime) -> None:
    access = with_authorisation(ticket, cast)
    actions.resolve(ticket, solution="x", cause="other", by=cast.li, now=now)
    access = RemoteAuthorisation.objects.get(pk=access.pk)
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=now)
    assert refused.value.code == "wrong_status"


# As time passes ---------------------------------------------------------------------------------------------


def test_fifteen_minutes_before_the_end_who_is_in_and_the_owner_are_told_once(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    access = with_authorisation(ticket, cast)
    actions.open_remote(access, by=cast.liu, now=now)
    ends = access.window_to
    assert actions.watch_windows(now=ends - 16 * MINUTE) == 0 and not told("remote_ending")
    assert actions.watch_windows(now=ends - 15 * MINUTE) == 1
    assert told("remote_ending") == {"liu", ticket.owner.username}
    subject, body = render(Notice.objects.filter(kind="remote_ending")[0], language="en")
    assert ticket.number in subject and "刘工" in body
    assert actions.watch_windows(now=ends - MINUTE) == 0


def test_a_session_open_at_the_end_is_marked_and_the_supervisor_is_told_too(
    cast: Cast, ticket: Ticket, now: datetime
) -> None:
    access = with_authorisation(ticket, cast)
    session = actions.open_remote(access, by=cast.chen, now=now)
    end = access.window_to
    assert actions.watch_windows(now=end) == 1 and actions.watch_windows(now=end + HOUR) == 0
    session.refresh_from_db()
    assert session.overrun_at == end and session.is_open
    assert told("remote_overrun") == {"chen", ticket.owner.username, "wang"}
    actions.close_remote(session, summary="x", by=cast.chen, now=end + 7 * MINUTE)
    assert ticket.entries.get(kind=EntryKind.REMOTE_CLOSED).changes["overran"] == [None, 7]


def test_a_session_that_ended_in_time_is_left_alone(cast: Cast, ticket: Ticket, now: datetime) -> None:
    access = with_authorisation(ticket, cast)
    session = actions.open_remote(access, by=cast.chen, now=now)
    actions.close_remote(session, summary="x", by=cast.chen, now=now)
    assert actions.watch_windows(now=access.window_to + HOUR) == 0


def test_paper_that_does_not_come_is_asked_for_every_day(cast: Cast, now: datetime) -> None:
    ticket = grave(cast, now)
    access, due = by_phone(cast, ticket, now), now + 24 * HOUR
    assert actions.watch_windows(now=due - MINUTE) == 0
    assert actions.watch_windows(now=due) == 1 and actions.watch_windows(now=due + 23 * HOUR) == 0
    assert told("remote_written_overdue") == {"chen", "wang"}
    assert actions.watch_windows(now=due + 24 * HOUR) == 1
    assert Notice.objects.filter(kind="remote_written_overdue", recipient=cast.chen).count() == 2
    actions.add_evidence(access, paper(), by=cast.li, now=due + 25 * HOUR)
    assert actions.watch_windows(now=due + 90 * HOUR) == 0
    for language in ("zh-hans", "en"):
        subject, body = render(Notice.objects.latest("pk"), language=language)
        assert ticket.number in subject and body


@pytest.mark.parametrize(
    "facts",
    [
        {"window_to": "window_from"},
        {"given_by": ""},
        {"max_sessions": 0},
        {"how": HowGiven.PHONE},
        {"revoked_reason": "x"},
        {"written_received_at": "given_at"},
    ],
)
def test_the_database_refuses_what_cannot_be(cast: Cast, ticket: Ticket, facts: dict) -> None:
    access = with_authorisation(ticket, cast)
    values = {name: getattr(access, str(value), value) for name, value in facts.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        RemoteAuthorisation.objects.filter(pk=access.pk).update(**values)


@pytest.mark.parametrize(
    "facts", [{"ended_at": "before"}, {"summary": "x"}, {"ended_by": "chen", "summary": "x"}]
)
def test_a_session_ends_after_it_began_with_what_was_done(cast: Cast, ticket: Ticket, facts: dict) -> None:
    now = timezone.now()
    session = actions.open_remote(with_authorisation(ticket, cast), by=cast.chen, now=now)
    known = {"before": now - MINUTE, "chen": cast.chen}
    values = {name: known.get(value, value) for name, value in facts.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        RemoteSession.objects.filter(pk=session.pk).update(**values)

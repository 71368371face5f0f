"""Notices by chat robots and the like: in their pace, in quiet, by another way when one fails."""

import threading
from collections import Counter
from datetime import time, timedelta
from random import Random

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opsdesk.testing import MONDAY, Cast, at, build_cast
from staff import delivery
from staff.actions import Occasion, choose_topics, notify, notify_of, remove_channel, resend, save_channel
from staff.delivery import deliver
from staff.models import ChannelKind, Delivery, DeliveryState, NoticeChannel, User
from staff.outbox import LEASE, MOST_ATTEMPTS
from staff.refused import Refused
from staff.tests.provider import Provider, Reply, serving
from staff.topics import Topic
from tickets import actions
from tickets.models import Grade

SEC, MIN = timedelta(seconds=1), timedelta(minutes=1)
PARAMS = {
    "number": "T-10001",
    "title": "系统崩溃",
    "client": "市一医院",
    "client_en": "First Hospital",
    "grade": 2,
}
REPORT = {"clock": "response", "clock_due_at": None, "breached": True, "late": False}
NO = Reply({"errcode": 93000, "errmsg": "invalid webhook url"})


def channel_of(
    owner, provider: Provider, kind: str = "wecom", *, by: User | None = None, **more
) -> NoticeChannel:
    """A channel to the provider, that is told everything."""
    owned = {"owner": owner} if isinstance(owner, User) else {"group": owner}
    topics = more.pop("topics", list(Topic.values))
    new = NoticeChannel(kind=kind, name=more.pop("name", kind), topics=topics, **owned, **more)
    address = {"sms": "13800001111", "email": "chen@home.test", "webhook": f"{provider.url}/hook"}
    channel, _secret = save_channel(
        new, address=address.get(kind, f"{provider.url}/{kind}?key=k-1234567"), by=by or owner, now=MONDAY
    )
    return channel


def tell(person: User, key: str = "one", *, kind: str = "assigned", now=MONDAY, **params) -> None:
    notify([person], kind, PARAMS | params, url="/records/1/", key=key, now=now)


def tell_many(person: User, count: int, *, now=MONDAY, first: int = 0) -> None:
    notify_of(
        [
            Occasion(
                [person], "assigned", PARAMS | {"number": f"T-{number}"}, "/records/1/", f"many {number}"
            )
            for number in range(first, first + count)
        ],
        now=now,
    )


def copies(channel: NoticeChannel | None = None) -> list[Delivery]:
    return list(Delivery.objects.filter(via=channel).order_by("pk"))


def states(channel: NoticeChannel | None = None) -> set[str]:
    return {row.state for row in copies(channel)}


def about(instant, expected) -> bool:
    """Whether it is the instant, but for the time that the sending took."""
    return expected <= instant < expected + SEC


def fresh(channel: NoticeChannel) -> NoticeChannel:
    return NoticeChannel.objects.get(pk=channel.pk)


@pytest.fixture
def chen(cast: Cast) -> User:
    """An engineer who is sent no e-mail."""
    User.objects.filter(pk=cast.chen.pk).update(email_topics=[])
    return User.objects.get(pk=cast.chen.pk)


# Which notices take which way


@pytest.mark.parametrize("kind", ChannelKind.values)
def test_a_notice_leaves_once_by_a_channel_of_each_kind(chen, provider, kind):
    channel = channel_of(chen, provider, kind)
    tell(chen)
    assert deliver(now=MONDAY) == 1
    assert deliver(now=MONDAY + MIN) == 0
    assert len(provider.requests) + len(mail.outbox) == 1
    [row] = copies(channel)
    assert (row.state, row.channel, row.message) == ("sent", channel.slug, f"notice-{row.notice_id}")
    assert row.answer == ("sms-77" if kind == "sms" else "")
    assert fresh(channel).sent_at == row.sent_at


def test_each_way_gets_the_topics_chosen_for_it(chen, provider):
    channel_of(chen, provider, topics=[Topic.MENTION])
    User.objects.filter(pk=chen.pk).update(email_topics=[Topic.MINE])
    person = User.objects.get(pk=chen.pk)
    tell(person, "a", kind="assigned")
    tell(person, "b", kind="mentioned", by="李敏", by_en="Li", text="请看")
    tell(person, "c", kind="not_solved")
    assert set(Delivery.objects.values_list("notice__kind", "channel")) == {
        ("assigned", "email"),
        ("mentioned", NoticeChannel.objects.get().slug),
    }
    assert person.notices.count() == 3


def test_who_switched_e_mail_off_still_has_his_channels(cast, provider):
    User.objects.filter(pk=cast.chen.pk).update(email_notices=False)
    channel = channel_of(cast.chen, provider)
    tell(User.objects.get(pk=cast.chen.pk))
    assert [row.via for row in Delivery.objects.all()] == [channel]


def test_a_channel_switched_off_or_removed_is_sent_nothing(chen, provider):
    off, gone = channel_of(chen, provider, is_active=False), channel_of(chen, provider)
    remove_channel(gone, by=chen, now=MONDAY)
    tell(chen)
    assert not copies(off) and not copies(gone)


def test_a_groups_robot_is_told_once_of_what_is_reported_up_in_its_group(cast, provider):
    robot = channel_of(cast.south, provider, by=cast.wang)
    channel_of(cast.north, provider, by=cast.admin)
    people, facts = [cast.chen, cast.wang], PARAMS | REPORT
    same = Occasion(people, "report_up", facts, "/records/1/", "escalation:1", cast.south.pk)
    other = Occasion(people, "assigned", facts, "/records/1/", "assigned:1", cast.south.pk)
    for _time in range(2):
        notify_of([same, other], now=MONDAY)
    more = Occasion([*people, cast.liu], "report_up", facts, "/records/1/", "escalation:1", cast.south.pk)
    notify_of([more], now=MONDAY)  # another one is told of the same
    assert Counter(Delivery.objects.exclude(via=None).values_list("via", flat=True)) == {robot.pk: 1}
    deliver(now=MONDAY)
    assert "市一医院" in provider.requests[0].text


def test_a_report_up_reaches_the_robot_of_the_records_group(cast, provider):
    robot = channel_of(cast.south, provider, by=cast.wang)
    actions.grade(cast.ticket(MONDAY), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
    actions.enforce_deadlines(now=MONDAY + timedelta(hours=30))
    told = Delivery.objects.filter(via=robot)
    assert told.exists() and set(told.values_list("notice__kind", flat=True)) == {"report_up"}


def test_many_occasions_cost_as_many_statements_as_one(cast, provider, django_assert_num_queries):
    for person in (cast.chen, cast.wang, cast.li):
        channel_of(person, provider)
    channel_of(cast.south, provider, by=cast.wang)
    people = [cast.chen, cast.wang, cast.li, cast.liu]
    occasions = [
        Occasion(people, "report_up", PARAMS | REPORT, "/", f"escalation:{number}", cast.south.pk)
        for number in range(40)
    ]
    with django_assert_num_queries(3):
        notify_of(occasions, now=MONDAY)
    assert Delivery.objects.count() == 40 * (4 + 3 + 1)


def test_a_copy_speaks_the_language_of_its_channel(chen, provider):
    User.objects.filter(pk=chen.pk).update(language="en")
    for language in ("", "zh-hans", "both"):
        channel_of(chen, provider, language=language, name=language or "own")
    tell(chen)
    deliver(now=MONDAY)
    own, chinese, both = (request.text for request in provider.requests)
    assert "First Hospital" in own and "市一医院" not in own
    assert "市一医院" in chinese and "First Hospital" not in chinese
    assert "市一医院" in both and "First Hospital" in both and both.count("/records/1/") == 1


# Pace


def test_a_robot_never_gets_more_than_twenty_messages_a_minute_and_nothing_is_lost(chen, provider):
    channel = channel_of(chen, provider, "dingtalk", language="en")
    sent: list[int] = []
    for second in (*range(0, 80, 2), *range(80, 160, 10)):
        now = MONDAY + second * SEC
        if second < 80:
            tell_many(chen, 1, now=now, first=second)
        before = len(provider.requests)
        deliver(now=now)
        sent += [second] * (len(provider.requests) - before)
    assert max(sum(start <= second < start + 60 for second in sent) for start in range(150)) == 20
    assert states(channel) == {"sent"} and len(copies(channel)) == 40
    said = "\n".join(request.text for request in provider.requests)
    assert all(f"T-{number} " in said for number in range(0, 80, 2))
    names = Counter(row.message for row in copies(channel))
    assert len(names) == len(provider.requests) < 40
    merged = next(name for name, count in names.items() if count > 1)
    assert merged.startswith("digest-") and "notices in one message" in said


def test_what_waits_beyond_the_pace_goes_in_one_message(chen, provider):
    channel = channel_of(chen, provider, language="en")
    tell_many(chen, 30)
    assert deliver(now=MONDAY) == 30
    [request] = provider.requests
    assert len({row.message for row in copies(channel)}) == 1
    assert "30 notices in one message" in request.text and "T-0 " in request.text


def test_two_robots_have_a_pace_each(cast, provider):
    tell_to = (channel_of(cast.chen, provider), channel_of(cast.wang, provider))
    for person in (cast.chen, cast.wang):
        tell_many(person, 20)
    while deliver(now=MONDAY):
        pass
    assert len(provider.requests) == 40
    assert {states(channel) == {"sent"} for channel in tell_to} == {True}


def test_the_gravest_stand_first_where_a_message_is_cut(chen, provider):
    channel_of(chen, provider, language="en")
    tell_many(chen, 40)
    tell(chen, "last and grave", number="T-777", grade=1)
    deliver(now=MONDAY)
    [request] = provider.requests
    assert "T-777 " in request.text and "T-39 " not in request.text and "more:" in request.text


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_keep_to_the_pace(settings):
    cast = build_cast()
    with serving() as provider:
        settings.NOTICE_PRIVATE_HOSTS = ["127.0.0.1"]
        User.objects.filter(pk=cast.chen.pk).update(email_topics=[])
        person = User.objects.get(pk=cast.chen.pk)
        channel = channel_of(person, provider)
        tell_many(person, 15)
        barrier = threading.Barrier(4)

        def sender() -> None:
            barrier.wait()
            for number in range(8):
                deliver(now=MONDAY + number * SEC)
            connection.close()

        threads = [threading.Thread(target=sender) for _ in range(4)]
        for thread in threads:
            thread.start()
        tell_many(person, 30, first=15)
        for thread in threads:
            thread.join()
        assert len(provider.requests) <= 20
        deliver(now=MONDAY + 3 * MIN)
        assert states(channel) == {"sent"}
        names = Counter(row.message for row in copies(channel))
        assert len(provider.requests) == len(names) and sum(names.values()) == 45


# After an outage


@pytest.mark.parametrize("kind", ["email", "webhook", "sms"])
def test_after_an_outage_one_message_tells_of_all(chen, provider, kind):
    channel_of(chen, provider, kind)
    tell_many(chen, 11)
    assert deliver(now=MONDAY + 6 * MIN) == 11
    assert len(provider.requests) + len(mail.outbox) == 1


def test_after_an_outage_a_person_gets_one_e_mail(cast):
    User.objects.filter(pk=cast.chen.pk).update(language="en")
    tell_many(cast.chen, 11)
    tell_many(cast.wang, 10)
    deliver(now=MONDAY + 6 * MIN)
    assert Counter(message.to[0] for message in mail.outbox) == {
        "chen@example.test": 1,
        "wang@example.test": 10,
    }
    assert "11 notices in one message" in mail.outbox[0].subject and "T-10 " in mail.outbox[0].body
    assert states() == {"sent"}


def test_without_an_outage_each_notice_is_a_message(cast):
    tell_many(cast.chen, 15)
    deliver(now=MONDAY + 4 * MIN)
    assert len(mail.outbox) == 15


# At least once, under one name


class Ended(BaseException):
    """The sender is killed."""


def test_a_message_whose_sender_died_goes_again_with_the_same_notices_under_the_same_name(
    chen, provider, monkeypatch
):
    channel = channel_of(chen, provider, "webhook")
    tell_many(chen, 12)

    def die(*_args, **_more):
        raise Ended

    with monkeypatch.context() as patch, pytest.raises(Ended):
        patch.setattr("staff.delivery._mine", die)
        deliver(now=MONDAY + 6 * MIN)
    tell_many(chen, 3, first=100, now=MONDAY + 6 * MIN)
    now = MONDAY + 6 * MIN + LEASE + SEC
    while deliver(now=now):
        pass
    first, second = (
        request for request in provider.requests if request.headers["webhook-id"].startswith("digest")
    )
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.json["data"] == second.json["data"]
    assert len(provider.requests) == 5 and states(channel) == {"sent"}


def test_a_sender_that_slept_through_its_lease_marks_nothing(chen, provider, monkeypatch):
    channel = channel_of(chen, provider)
    tell(chen)
    send = delivery.send

    def slowly(*args):
        monkeypatch.setattr(delivery, "send", send)
        answer = send(*args)
        provider.replies = [Reply(status=500)]
        deliver(now=MONDAY + LEASE + SEC)  # another one, meanwhile
        return answer

    monkeypatch.setattr(delivery, "send", slowly)
    deliver(now=MONDAY)
    [row] = copies(channel)
    assert (row.state, row.lease, row.attempts, row.error) == ("waiting", 2, 2, "HTTP 500")


# Failing


def test_a_failing_robot_is_tried_later_and_later_then_the_notice_goes_by_mail_once(chen, provider):
    channel, now = channel_of(chen, provider), MONDAY
    provider.always = NO
    tell(chen)
    for minutes in (1, 2, 4, 8):
        assert deliver(now=now) == 0
        [row] = copies(channel)
        assert row.state == "waiting" and about(row.next_try_at, now + minutes * MIN)
        assert row.error == "93000: invalid webhook url"
        assert deliver(now=row.next_try_at - SEC) == 0
        now = row.next_try_at
    deliver(now=now)
    [row] = copies(channel)
    assert (row.state, row.attempts) == ("failed", MOST_ATTEMPTS)
    [instead] = copies(None)
    assert instead.instead_of == row and instead.channel == "email"
    assert deliver(now=now + 30 * MIN) + len(mail.outbox) >= 1
    assert len(mail.outbox) == 1 and len(provider.requests) == MOST_ATTEMPTS


def test_a_channel_that_is_chosen_for_it_takes_over(chen, provider):
    other = channel_of(chen, provider, "feishu", topics=[])
    channel = channel_of(chen, provider, fallback=other)
    provider.replies = [Reply(status=404)]
    tell(chen)
    deliver(now=MONDAY)
    assert states(channel) == {"failed"}  # no such robot: another attempt would not help
    assert deliver(now=MONDAY + SEC) + len(provider.requests) >= 2
    [row] = copies(other)
    assert (row.state, row.instead_of.via) == ("sent", channel)
    assert mail.outbox == []


def test_channels_that_stand_in_for_each_other_do_so_once(chen, provider):
    one = channel_of(chen, provider)
    two = channel_of(chen, provider, "feishu", fallback=one, topics=[])
    NoticeChannel.objects.filter(pk=one.pk).update(fallback=two)
    provider.always = Reply(status=404)
    tell(chen)
    for number in range(10):
        deliver(now=MONDAY + number * 10 * MIN)
    assert [row.state for row in Delivery.objects.all()] == ["failed", "failed"]
    assert len(provider.requests) == 2


def test_a_notice_that_has_gone_by_mail_does_not_go_there_again(cast, provider):
    channel_of(cast.chen, provider)
    provider.always = Reply(status=404)
    tell(cast.chen)
    for number in range(4):
        deliver(now=MONDAY + number * MIN)
    assert len(mail.outbox) == 1


def test_a_dead_robot_costs_one_attempt_and_not_one_a_notice(chen, cast, provider):
    channel = channel_of(chen, provider)
    provider.always = NO
    tell_many(chen, 15)
    tell(cast.wang)
    while deliver(now=MONDAY):
        pass
    assert len(provider.requests) == 1 and len(mail.outbox) == 1
    failing = fresh(channel)
    assert about(failing.failing_since, MONDAY) and about(failing.paused_until, MONDAY + MIN)
    assert failing.error == "93000: invalid webhook url"
    provider.always = None
    now = MONDAY + MIN + SEC
    while deliver(now=now):
        pass
    assert states(channel) == {"sent"} and fresh(channel).failing_since is None
    assert len(provider.requests) == 1 + 15


def test_what_comes_to_a_robot_long_dead_is_given_up_at_the_first_attempt(chen, provider):
    channel, now = channel_of(chen, provider), MONDAY
    provider.always = NO
    for number in range(MOST_ATTEMPTS):
        tell(chen, str(number), now=now)
        deliver(now=now)
        now = fresh(channel).paused_until
    assert deliver(now=now) + len(mail.outbox) >= 0
    tell(chen, "fresh", now=now)
    deliver(now=now + MIN)
    assert Delivery.objects.get(via=channel, notice__key="fresh").state == "failed"
    assert Delivery.objects.get(via=None, notice__key="fresh")


def test_a_provider_that_asks_to_be_left_alone_is(chen, provider):
    channel = channel_of(chen, provider, "dingtalk")
    provider.replies = [Reply({"errcode": 130101, "errmsg": "send too fast"})]
    tell(chen)
    deliver(now=MONDAY)
    assert about(copies(channel)[0].next_try_at, MONDAY + 10 * MIN)
    assert deliver(now=MONDAY + 9 * MIN) == 0 and deliver(now=MONDAY + 10 * MIN + SEC) == 1


@pytest.mark.parametrize("kind", ["wecom", "email"])
def test_a_notice_that_cannot_be_put_into_words_holds_up_no_other(chen, provider, kind):
    channel = channel_of(chen, provider, kind)
    tell(chen, "bad", kind="no-such-template")
    tell_many(chen, 3)
    assert deliver(now=MONDAY) == 3
    bad = Delivery.objects.get(via=channel, notice__key="bad")
    assert bad.state == "waiting" and bad.error and fresh(channel).failing_since is None


def test_a_message_that_no_mail_server_takes_does_not_stop_the_channel(chen, provider):
    channel = channel_of(chen, provider, "email")
    tell(chen, "bad", title="a\rBcc: everybody@example.test")
    tell(chen, "good")
    assert deliver(now=MONDAY) == 1
    assert fresh(channel).failures == 0


def test_what_takes_every_sender_with_it_is_given_up_and_goes_another_way(chen, provider):
    channel = channel_of(chen, provider)
    tell(chen)
    Delivery.objects.update(attempts=MOST_ATTEMPTS)
    deliver(now=MONDAY)
    assert states(channel) == {"failed"} and provider.requests == [] and len(mail.outbox) == 1


def test_a_channel_switched_off_with_copies_waiting_gives_them_up(chen, provider):
    channel = channel_of(chen, provider)
    tell_many(chen, 3)
    remove_channel(channel, by=chen, now=MONDAY)
    while deliver(now=MONDAY):
        pass
    deliver(now=MONDAY)
    assert states(channel) == {"failed"} and provider.requests == [] and len(mail.outbox) == 3


def test_a_secret_sealed_under_a_lost_key_is_an_error_that_says_so(chen, provider, settings):
    channel = channel_of(chen, provider)
    settings.SECRET_KEY = "another" * 10
    tell(chen)
    deliver(now=MONDAY)
    assert states(channel) == {"failed"} and copies(channel)[0].error
    settings.SECRET_KEY_FALLBACKS = ["only-for-tests-" + "0" * 40]
    assert fresh(channel).plain_address.startswith(provider.url)


def test_a_provider_that_fails_a_third_of_the_time_loses_nothing(chen, provider):
    """R24: every notice is delivered, or given up and sent by e-mail, and the pace holds."""
    dice = Random(24)
    channel, sent = channel_of(chen, provider), []
    told = 0
    for second in range(0, 1200, 15):
        now = MONDAY + second * SEC
        if second < 600 and dice.random() < 0.8:
            tell(chen, f"n{told}", now=now)
            told += 1
        if dice.random() < 0.3:
            provider.replies = [dice.choice([Reply(status=500), Reply(status=429), NO])]
        before = len(provider.requests)
        deliver(now=now)
        sent += [second] * (len(provider.requests) - before)
    assert max(sum(start <= second < start + 60 for second in sent) for start in range(1200)) <= 20
    provider.replies = []
    for minutes in range(21, 60, 3):  # whatever is left has its next attempts now
        deliver(now=MONDAY + minutes * MIN)
    assert states(channel) <= {"sent", "failed"} and len(copies(channel)) == told
    failed = {row.notice_id for row in copies(channel) if row.state == "failed"}
    assert failed == {row.notice_id for row in copies(None)}


# Quiet hours


NIGHT = at("2026-11-23 23:00")


def test_quiet_hours_hold_a_copy_and_not_the_notice(chen, provider):
    channel = channel_of(chen, provider, quiet_from=time(22), quiet_until=time(7))
    tell(chen, now=NIGHT)
    tell(chen, "grave", grade=1, now=NIGHT)
    assert chen.notices.count() == 2
    assert deliver(now=NIGHT) == 1
    assert [row.state for row in copies(channel)] == ["waiting", "sent"]
    assert copies(channel)[0].next_try_at == at("2026-11-24 07:00")
    assert deliver(now=at("2026-11-24 06:59")) == 0
    assert deliver(now=at("2026-11-24 07:00")) == 1


def test_what_was_due_before_the_quiet_hours_waits_for_their_end_all_the_same(chen, provider):
    channel = channel_of(chen, provider, quiet_from=time(22), quiet_until=time(7))
    tell(chen, now=at("2026-11-23 21:59"))
    tell(chen, "grave", grade=1, now=at("2026-11-23 21:59"))
    assert deliver(now=NIGHT) == 1
    [row, _grave] = copies(channel)
    assert (row.attempts, row.next_try_at) == (0, at("2026-11-24 07:00"))


def test_no_quiet_copy_slips_into_a_message_of_grave_ones(chen, provider):
    channel = channel_of(chen, provider, quiet_from=time(22), quiet_until=time(7))
    for number in range(12):
        tell(chen, f"grave {number}", grade=1, now=at("2026-11-23 21:50"))
        tell(chen, f"calm {number}", now=at("2026-11-23 21:50"))
    while deliver(now=NIGHT):
        pass
    sent = {row.notice.params["grade"] for row in copies(channel) if row.state == "sent"}
    assert sent == {1}


# Again, by hand


def test_what_was_given_up_is_sent_again_under_its_name(chen, provider):
    channel = channel_of(chen, provider)
    provider.replies = [Reply(status=404)]
    tell(chen)
    deliver(now=MONDAY)
    [row] = copies(channel)
    resend(row, now=MONDAY + MIN)
    with pytest.raises(Refused):
        resend(row, now=MONDAY + MIN)
    NoticeChannel.objects.update(paused_until=None)
    deliver(now=MONDAY + MIN)
    [again] = copies(channel)
    assert (again.state, again.message) == (DeliveryState.SENT, row.message)


def test_nothing_is_sent_again_by_a_channel_that_is_gone(chen, provider):
    channel = channel_of(chen, provider)
    tell(chen)
    deliver(now=MONDAY)
    remove_channel(channel, by=chen, now=MONDAY)
    with pytest.raises(Refused):
        resend(copies(channel)[0], now=MONDAY)


def test_a_channel_is_locked_so_that_notices_by_it_can_be_written_meanwhile(chen, provider):
    """A new copy refers to its channel: whoever writes one never waits for a sender, nor he for him."""
    channel = channel_of(chen, provider)
    tell(chen)
    provider.replies = [NO]
    with CaptureQueriesContext(connection) as seen:
        deliver(now=MONDAY)
        choose_topics(chen, by_mail=[], by_channel={channel.pk: [Topic.MINE]}, now=MONDAY)
    locks = [query["sql"] for query in seen if 'FROM "staff_noticechannel"' in query["sql"]]
    locks = [sql for sql in locks if "FOR " in sql]
    assert len(locks) == 3 and all("FOR NO KEY UPDATE" in sql for sql in locks)

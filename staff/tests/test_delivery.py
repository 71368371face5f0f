"""The outbox: a notice leaves at least once, each copy under one name, or is given up visibly."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from opsdesk.testing import MONDAY, Cast, build_cast
from staff import outbox
from staff.actions import notify
from staff.delivery import deliver
from staff.models import Delivery, DeliveryState, Notice, User
from staff.outbox import LEASE, MOST_ATTEMPTS

SEC, MIN = timedelta(seconds=1), timedelta(minutes=1)
PARAMS = {"number": "T-10001", "title": "系统崩溃", "client": "市一医院", "client_en": "First Hospital"}


def tell(person: User, key: str = "occasion", kind: str = "assigned", **params: object) -> Delivery | None:
    notify([person], kind, PARAMS | params, url="/tickets/1/", key=key, now=MONDAY)
    return Delivery.objects.filter(notice__recipient=person, notice__key=key).first()


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def names() -> list[str]:
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


@pytest.fixture
def use(settings):
    """Make a mail server of this module the one in use."""

    def switch(server: type[EmailBackend]) -> None:
        settings.EMAIL_BACKEND = f"{__name__}.{server.__name__}"

    return switch


class Refuses(EmailBackend):
    def send_messages(self, messages) -> int:
        raise ConnectionRefusedError("nobody listens")


class Dies(EmailBackend):
    """The message goes out, and the sender is gone before it can say so."""

    def send_messages(self, messages) -> int:
        super().send_messages(messages)
        raise SystemExit(9)


class Sleeps(EmailBackend):
    """The message hangs in the line; meanwhile another sender may do its part."""

    meanwhile = staticmethod(lambda: None)

    def send_messages(self, messages) -> int:
        sent = super().send_messages(messages)
        Sleeps.meanwhile()
        return sent


class Slow(EmailBackend):
    def send_messages(self, messages) -> int:
        time.sleep(0.03)
        return super().send_messages(messages)


def test_a_notice_is_sent_once_in_its_readers_language(cast: Cast) -> None:
    User.objects.filter(pk=cast.chen.pk).update(language="en")
    waiting = [tell(cast.chen), tell(cast.wang)]
    assert deliver(now=MONDAY) == 2
    assert deliver(now=MONDAY + 10 * MIN) == 0
    english, chinese = mail.outbox
    assert english.to == ["chen@example.test"]
    assert "First Hospital" in english.body
    assert "市一医院" in chinese.body
    assert "/tickets/1/" in chinese.body
    assert {fresh(row).state for row in waiting} == {DeliveryState.SENT}
    assert fresh(waiting[0]).sent_at >= MONDAY


def test_the_same_occasion_is_told_once(cast: Cast) -> None:
    tell(cast.chen)
    tell(cast.chen)
    assert deliver(now=MONDAY) == 1
    assert Notice.objects.filter(recipient=cast.chen, key="occasion").count() == 1


def test_who_wants_no_mail_has_it_in_his_inbox_alone(cast: Cast) -> None:
    User.objects.filter(pk=cast.chen.pk).update(email_notices=False)
    assert tell(User.objects.get(pk=cast.chen.pk)) is None
    assert Notice.objects.filter(recipient=cast.chen).exists()


def test_a_notice_of_what_was_rolled_back_never_leaves(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(cast.chen)
        raise ZeroDivisionError
    assert deliver(now=MONDAY) == 0


def test_a_sender_that_dies_after_sending_leaves_it_to_the_next_under_the_same_name(cast: Cast, use) -> None:
    row = tell(cast.chen)
    use(Dies)
    with pytest.raises(SystemExit):
        deliver(now=MONDAY)
    assert fresh(row).state == DeliveryState.WAITING
    use(EmailBackend)
    assert deliver(now=MONDAY + LEASE - SEC) == 0  # perhaps it still lives
    assert deliver(now=MONDAY + LEASE + SEC) == 1
    assert names() == [f"<notice-{row.notice_id}@opsdesk>"] * 2
    assert fresh(row).state == DeliveryState.SENT


@pytest.mark.parametrize("after", ["sent", "failed"])
def test_a_sender_that_slept_through_its_lease_marks_nothing(
    cast: Cast, use, monkeypatch, after: str
) -> None:
    row = tell(cast.chen)
    woken: list[Delivery] = []

    def another_sender() -> None:
        monkeypatch.setattr(Sleeps, "meanwhile", staticmethod(lambda: None))
        use({"sent": EmailBackend, "failed": Refuses}[after])
        deliver(now=MONDAY + LEASE + SEC)
        woken.append(fresh(row))

    monkeypatch.setattr(Sleeps, "meanwhile", staticmethod(another_sender))
    use(Sleeps)
    deliver(now=MONDAY)
    left = fresh(row)
    assert (left.state, left.sent_at, left.next_try_at, left.error) == (
        *(woken[0].state, woken[0].sent_at),
        *(woken[0].next_try_at, woken[0].error),
    )
    assert left.lease == 2
    assert len(set(names())) == 1


def test_a_failed_delivery_is_tried_again_later_and_later_then_given_up(cast: Cast, use) -> None:
    row, now = tell(cast.chen), MONDAY
    use(Refuses)
    for minutes in (1, 2, 4, 8):
        assert deliver(now=now) == 0
        assert fresh(row).error == "nobody listens"
        wait = fresh(row).next_try_at - now
        assert minutes * MIN <= wait < minutes * MIN + SEC
        deliver(now=now + wait - SEC)
        assert fresh(row).next_try_at - now == wait  # not before its time
        now += wait
    deliver(now=now)
    assert (fresh(row).state, fresh(row).attempts) == (DeliveryState.FAILED, MOST_ATTEMPTS)
    use(EmailBackend)
    assert deliver(now=now + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    "poison",
    [{"kind": "no-such-template"}, {"kind": "assigned", "title": "a\rBcc: everybody@example.test"}],
    ids=["that cannot be rendered", "that no mail server may be given"],
)
def test_a_notice_that_cannot_be_sent_does_not_hold_up_the_others(cast: Cast, poison: dict) -> None:
    bad = tell(cast.chen, "bad", **poison)
    good = [tell(person) for person in (cast.wang, cast.liu, cast.li)]
    assert deliver(now=MONDAY) == 3
    assert {fresh(row).state for row in good} == {DeliveryState.SENT}
    assert fresh(bad).state == DeliveryState.WAITING
    assert fresh(bad).error
    for _attempt in range(MOST_ATTEMPTS):
        deliver(now=fresh(bad).next_try_at + SEC)
    assert fresh(bad).state == DeliveryState.FAILED


def test_a_notice_that_takes_every_sender_with_it_is_given_up(cast: Cast, use) -> None:
    row = tell(cast.chen)
    use(Dies)
    for attempt in range(MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            deliver(now=MONDAY + attempt * (LEASE + SEC))
    assert deliver(now=MONDAY + MOST_ATTEMPTS * (LEASE + SEC)) == 0
    assert fresh(row).state == DeliveryState.FAILED
    assert fresh(row).error


def test_a_slow_mail_server_uses_up_no_leases_in_advance(cast: Cast, use, monkeypatch) -> None:
    monkeypatch.setattr(outbox, "STINT", timedelta(seconds=0.1))
    rows = [tell(cast.chen, f"occasion {number}") for number in range(20)]
    use(Slow)
    sent = deliver(now=MONDAY)
    assert 0 < sent < 20
    assert [fresh(row).attempts for row in rows] == [1] * sent + [0] * (20 - sent)
    while sent < 20:
        sent += deliver(now=MONDAY)  # without waiting for any lease to run out
    assert len(set(names())) == len(names()) == 20


def test_a_mail_server_that_never_answers_is_a_failure_like_any_other(cast: Cast, settings) -> None:
    row = tell(cast.chen)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        assert deliver(now=MONDAY) == 0
    assert fresh(row).state == DeliveryState.WAITING
    assert "timed out" in fresh(row).error


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_everything_once() -> None:
    cast, now = build_cast(), MONDAY
    for number in range(60):
        tell(cast.chen, f"occasion {number}")
    barrier = threading.Barrier(4)

    def sender() -> None:
        barrier.wait()
        while deliver(now=now):
            pass
        connection.close()

    threads = [threading.Thread(target=sender) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names()) == len(set(names())) == 60
    assert not Delivery.objects.exclude(state=DeliveryState.SENT, attempts=1).exists()

"""From the mail server into the record and back: by real SMTP, out of a real IMAP mailbox."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Channel, Contact
from opsdesk.testing import Cast, build_cast
from tickets import actions
from tickets import mailbox as reader
from tickets.mailbox import read_mailbox
from tickets.mailing import Outcome, Reason
from tickets.models import (
    Attachment,
    Entry,
    EntryKind,
    Heartbeat,
    IntakeMail,
    MailTry,
    OutgoingMail,
    ReceivedMail,
    Status,
    Ticket,
)
from tickets.post import post
from tickets.tests.mailserver import DONE, NAME, Mailbox, Post

SUN = "sun@hospital.test"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def reachable(cast: Cast) -> Cast:
    return with_address(cast)


def with_address(cast: Cast) -> Cast:
    Contact.objects.filter(pk=cast.contact.pk).update(email=SUN)
    cast.contact.refresh_from_db()
    return cast


def letter(text: str = "系统崩溃,无法登录", subject: str = "登录失败", sender: str = SUN, **headers: str):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, NAME, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def put(box: Mailbox, message: EmailMessage) -> None:
    box.put(message.as_bytes(policy=policy.SMTP))


def poll() -> int:
    return read_mailbox(now=timezone.now())


def sent_mail(office: Post) -> list[EmailMessage]:
    post(now=timezone.now())
    return [message_from_bytes(raw, policy=policy.default) for raw in office.sent]


def send(office_port: int, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", office_port) as server:
        server.send_message(message)


def test_what_a_contact_writes_becomes_a_record_with_its_files_and_is_confirmed_once(
    reachable: Cast,
    post_office: Post,
    settings,
) -> None:
    message = letter(Message_ID="<one@hospital.test>")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="屏幕截图.png")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="fix.exe")
    send(settings.EMAIL_PORT, message)
    assert poll() == 1
    assert poll() == 0
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.contact, ticket.client) == (
        Channel.EMAIL,
        reachable.contact,
        reachable.hospital,
    )
    assert (ticket.title, ticket.details, ticket.system) == ("登录失败", "系统崩溃,无法登录", reachable.his)
    assert ticket.owner == reachable.chen and ticket.taken_by is None
    assert Attachment.objects.get().name == "屏幕截图.png"
    attached = ticket.entries.get(kind=EntryKind.ATTACHED)
    logged = ticket.entries.get(kind=EntryKind.LOGGED)
    assert list(Attachment.objects.visible_to(reachable.sun)) == list(logged.attachments.all())
    assert logged.changes["confirmed_to"] == [None, SUN]
    assert "fix.exe" in attached.changes["refused"][1]
    (confirmation,) = sent_mail(post_office)
    assert ticket.number in confirmation["Subject"]
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert confirmation["In-Reply-To"] == "<one@hospital.test>"
    assert confirmation["To"] == SUN
    assert (post_office.mailbox.count(), post_office.mailbox.count(DONE)) == (0, 1)


def test_the_clients_answer_finds_the_record_that_it_answers(
    reachable: Cast,
    post_office: Post,
    settings,
) -> None:
    now = timezone.now()
    ticket = actions.acknowledge(reachable.ticket(now - timedelta(hours=1)), by=reachable.chen, now=now)
    actions.write_to_client(ticket, text="请问哪台机器?", by=reachable.chen, now=now)
    (question,) = sent_mail(post_office)
    answer = letter("三号楼\n\nOn Monday OpsDesk wrote:\n> 请问哪台机器?\n", subject="Re: your question")
    answer["In-Reply-To"] = question["Message-ID"]
    send(settings.EMAIL_PORT, answer)
    assert poll() == 1
    entry = ticket.entries.get(kind=EntryKind.REPLY)
    assert entry.text == "三号楼"
    assert "> 请问哪台机器?" in entry.received_mail.text
    assert Ticket.objects.count() == 1
    assert Entry.objects.visible_to(reachable.sun).filter(pk=entry.pk).exists()
    actions.write_to_client(ticket, text="谢谢", by=reachable.chen, now=timezone.now())
    thanks = sent_mail(post_office)[-1]
    assert thanks["In-Reply-To"] == question["Message-ID"]


def test_two_machines_do_not_talk_to_each_other(reachable: Cast, post_office: Post, settings) -> None:
    """An absence note answers our confirmation; nothing is answered, and no record is made of it."""
    send(settings.EMAIL_PORT, letter())
    assert poll() == 1
    (confirmation,) = sent_mail(post_office)
    absent = letter("I am away", subject=f"Auto: {confirmation['Subject']}", Auto_Submitted="auto-replied")
    absent["In-Reply-To"] = confirmation["Message-ID"]
    send(settings.EMAIL_PORT, absent)
    send(settings.EMAIL_PORT, letter("x", sender=f"OpsDesk <{NAME}>"))
    assert poll() == 2
    assert len(sent_mail(post_office)) == 1
    assert Ticket.objects.count() == 1
    assert not IntakeMail.objects.exists()
    assert sorted(ReceivedMail.objects.filter(outcome=Outcome.IGNORED).values_list("reason", flat=True)) == [
        Reason.AUTOMATIC,
        Reason.OWN,
    ]


def test_confirmations_to_one_address_end_even_when_a_machine_hides_what_it_is(
    reachable: Cast,
    post_office: Post,
    settings,
) -> None:
    settings.MAIL_CONFIRM_PER_DAY = 3
    for number in range(6):
        put(post_office.mailbox, letter(f"word {number}", subject=f"matter {number}"))
    assert poll() == 6
    assert Ticket.objects.count() == 6
    assert len(sent_mail(post_office)) == 3


def test_whoever_dies_between_taking_and_moving_leaves_no_second_record(
    reachable: Cast,
    mailbox: Mailbox,
    monkeypatch,
) -> None:
    put(mailbox, letter())
    put(mailbox, letter("no Message-ID either", subject="second"))

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reader.BaseMailBox, "move", die)
        with pytest.raises(Killed):
            poll()
    assert Ticket.objects.count() == 1
    assert mailbox.count() == 2
    assert poll() == 1
    assert Ticket.objects.count() == 2
    assert mailbox.count() == 0
    assert not MailTry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_do_no_harm(mailbox: Mailbox) -> None:
    with_address(build_cast())
    for number in range(8):
        put(mailbox, letter(f"word {number}", subject=f"matter {number}"))
    barrier, taken = threading.Barrier(2), []

    def read() -> None:
        barrier.wait()
        taken.append(poll())
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while mailbox.count():  # what one of them was refused because the other had it
        taken.append(poll())
    assert sum(taken) == 8
    assert Ticket.objects.count() == ReceivedMail.objects.count() == 8


def test_an_email_that_another_reader_moves_away_meanwhile_is_nobodys(
    reachable: Cast, mailbox: Mailbox
) -> None:
    put(mailbox, letter("word", subject="matter"))
    now = timezone.now()
    with reader._open() as box, reader._open() as other:
        [uid] = box.uids("ALL")
        piece = reader._piece(box, uid, now)
        assert piece is not None
        other.move(other.uids("ALL"), DONE)
        box.client.noop()
        assert reader._take_piece(box, 1, piece, now, is_deadly=False) is False
    assert not ReceivedMail.objects.exists()


def test_what_breaks_its_reader_waits_for_a_decision_and_holds_up_no_other(
    reachable: Cast,
    mailbox: Mailbox,
    monkeypatch,
) -> None:
    put(mailbox, letter("bomb"))
    put(mailbox, letter("fine", subject="second"))
    whole = reader.read

    def breaks(raw: bytes):
        if b"bomb" in raw:
            raise RecursionError("too deep")
        return whole(raw)

    monkeypatch.setattr(reader, "read", breaks)
    assert poll() == 2
    assert Ticket.objects.get().title == "second"
    waiting = IntakeMail.objects.get()
    assert waiting.mail.reason == Reason.FAILED
    assert "RecursionError" in waiting.mail.subject
    assert b"bomb" in bytes(waiting.raw)


def test_what_ends_whoever_reads_it_is_put_aside_after_three_tries(
    reachable: Cast,
    mailbox: Mailbox,
    monkeypatch,
) -> None:
    put(mailbox, letter("bomb"))
    put(mailbox, letter("fine", subject="second"))

    class Killed(BaseException):
        pass

    whole = reader.read

    def dies(raw: bytes):
        if b"bomb" in raw:
            raise Killed
        return whole(raw)

    monkeypatch.setattr(reader, "read", dies)
    for _ in range(3):
        with pytest.raises(Killed):
            poll()
    assert poll() == 2
    assert IntakeMail.objects.get().mail.reason == Reason.FAILED
    assert Ticket.objects.get().title == "second"
    assert mailbox.count() == 0


def test_what_is_too_large_is_not_read_whole(reachable: Cast, mailbox: Mailbox, settings) -> None:
    settings.MAIL_MAX_BYTES = 1_000_000
    mailbox.put(b"From: sun@hospital.test\r\nSubject: big\r\n\r\nhello\r\n" + b"x" * 30_000_000)
    put(mailbox, letter())
    assert poll() == 2
    waiting = IntakeMail.objects.get()
    assert waiting.mail.reason == Reason.TOO_LARGE
    assert waiting.mail.text.startswith("hello")
    assert waiting.size > 30_000_000 > 100_000 > len(waiting.raw)
    assert Ticket.objects.count() == 1


def test_the_heartbeat_tells_when_the_mailbox_was_read(cast: Cast, mailbox: Mailbox, settings) -> None:
    now = timezone.now()
    read_mailbox(now=now)
    assert Heartbeat.objects.get(name="mail").at == now
    settings.MAIL_IN_URL = mailbox.url.replace(f":{mailbox.port}/", ":1/")
    assert read_mailbox(now=now + timedelta(minutes=9)) == 0
    beat = Heartbeat.objects.get(name="mail")
    assert (beat.at, beat.note) == (now, "ConnectionRefusedError")


def test_a_wrong_password_is_noted_and_never_shown(cast: Cast, mailbox: Mailbox, settings, caplog) -> None:
    Heartbeat.objects.create(name="mail", at=timezone.now())
    settings.MAIL_IN_URL = mailbox.url.replace("rd@", "rong@")
    assert poll() == 0
    assert Heartbeat.objects.get(name="mail").note == "MailboxLoginError"
    assert "p@ss" not in caplog.text and "rong" not in caplog.text


def test_without_a_mailbox_nothing_is_read(cast: Cast, settings) -> None:
    settings.MAIL_IN_URL = ""
    assert poll() == 0
    assert not Heartbeat.objects.exists()


def test_the_clock_of_a_record_starts_when_the_mail_server_got_the_e_mail(
    reachable: Cast,
    mailbox: Mailbox,
) -> None:
    """Whatever its own Date says: 1970 or 2099."""
    arrived = (timezone.now() - timedelta(minutes=50)).replace(microsecond=0)
    for number, date in enumerate(
        ("Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 1 Jan 2099 00:00:00 +0000", "tomorrow")
    ):
        message = letter(f"word {number}", subject=f"matter {number}", Date="Mon, 23 Nov 2026 09:00:00 +0800")
        raw = message.as_bytes(policy=policy.SMTP).replace(b"Mon, 23 Nov 2026 09:00:00 +0800", date.encode())
        mailbox.put(raw, at=arrived)
    assert poll() == 3
    assert set(Ticket.objects.values_list("reported_at", flat=True)) == {arrived}
    assert not Ticket.objects.exclude(status=Status.LOGGED).exists()


def test_a_message_that_a_mail_server_returns_is_told_to_the_owner(
    reachable: Cast,
    post_office: Post,
) -> None:
    now = timezone.now()
    ticket = reachable.ticket(now)
    actions.write_to_client(ticket, text="word", by=reachable.li, now=now)
    (message,) = sent_mail(post_office)
    report = (
        "From: Mail Delivery System <MAILER-DAEMON@mx.test>\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n'
        f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {message['Message-ID']}\r\n\r\nword\r\n--b--\r\n"
    )
    post_office.mailbox.put(report.encode())
    assert poll() == 1
    assert ReceivedMail.objects.get().reason == Reason.BOUNCE
    assert OutgoingMail.objects.get().error == "returned by a mail server"
    assert reachable.chen.notices.filter(kind="mail_returned").exists()

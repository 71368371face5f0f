"""E-mails that nobody should have sent: each ends somewhere, with a reason, and holds up no other."""

from __future__ import annotations

from base64 import b64encode
from email.message import EmailMessage

import pytest

from clients.models import Contact
from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.mailing import Outcome, Reason, read
from tickets.models import IntakeMail, ReceivedMail, Ticket
from tickets.tests.mailserver import Mailbox
from tickets.tests.test_mailbox import SUN, poll, with_address

FROM = f"From: {SUN}\r\n".encode()
MIXED = FROM + b'Subject: files\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'


def with_file(kind: bytes, name: bytes, content: bytes) -> bytes:
    head = (
        b"--b\r\nContent-Type: "
        + kind
        + b'; name="'
        + name
        + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return MIXED + b"--b\r\n\r\nsee the file\r\n" + head + b64encode(content) + b"\r\n--b--\r\n"


def many_files(number: int) -> bytes:
    part = b'--b\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nx\r\n'
    return MIXED + b"--b\r\n\r\nmany\r\n" + part * number + b"--b--\r\n"


def nested(depth: int) -> bytes:
    raw = b"Subject: innermost\r\n\r\nhi\r\n"
    for level in range(depth):
        mark = b"n%d" % level
        raw = (
            b"Content-Type: multipart/mixed; boundary="
            + mark
            + b"\r\n\r\n--"
            + mark
            + b"\r\n"
            + raw
            + b"\r\n--"
            + mark
        ) + b"--\r\n"
    return FROM + b"Subject: deep\r\n" + raw


def invitation() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = SUN, "Meeting about the outage"
    message.set_content("Please come")
    message.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar")
    return message.as_bytes()


BIG5 = "系統崩潰".encode("big5")
INNER = b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhi\r\n--b--"
MANY = b",".join(b"a%d@b.test" % number for number in range(100_000))
RECORD, IGNORED, QUEUED = Outcome.RECORD, Outcome.IGNORED, Outcome.QUEUED
ODD: dict[str, tuple[bytes, Outcome, Reason | str]] = {
    "no character set": (FROM + "Subject: 崩溃\r\n\r\n无法登录".encode(), RECORD, ""),
    "GB18030": (FROM + "Subject: 崩溃\r\n\r\n系统无法登录".encode("gb18030"), RECORD, ""),
    "GB2312 subject": (FROM + b"Subject: =?GB2312?B?z7XNs7HAwKM=?=\r\n\r\nx", RECORD, ""),
    "Big5": (
        FROM + b"Content-Type: text/plain; charset=big5\r\n\r\n" + BIG5,
        RECORD,
        "",
    ),
    "winmail.dat": (with_file(b"application/ms-tnef", b"winmail.dat", b"\x78\x9f\x3e\x22x"), RECORD, ""),
    "a page only": (
        FROM + b"Subject: h\r\nContent-Type: text/html\r\n\r\n<p>down",
        RECORD,
        "",
    ),
    "headers injected": (
        FROM + b"Subject: a\r\nBcc: all@x.test\r\nX: =?utf-8?Q?=0A?=\r\n\r\nx",
        RECORD,
        "",
    ),
    "empty body": (FROM + b"Subject: the printer burns\r\n\r\n", RECORD, ""),
    "nothing at all": (FROM + b"\r\n\r\n", QUEUED, Reason.EMPTY),
    "500 files": (many_files(500), QUEUED, Reason.TOO_MANY_FILES),
    "huge header": (FROM + b"Subject: " + b"x" * 900_000 + b"\r\n\r\nx", RECORD, ""),
    "100,000 headers": (FROM + b"X: y\r\n" * 100_000 + b"\r\nx", RECORD, ""),
    "100,000 senders": (b"From: " + MANY + b"\r\n\r\nx", QUEUED, Reason.SEVERAL_SENDERS),
    "no sender": (b"Subject: x\r\n\r\nx", QUEUED, Reason.NO_SENDER),
    "two senders": (FROM + b"From: x@y.test\r\n\r\nx", QUEUED, Reason.SEVERAL_SENDERS),
    "unknown sender": (b"From: new@x.test\r\nSubject: x\r\n\r\nx", QUEUED, Reason.UNKNOWN_SENDER),
    "broken base64": (
        FROM + b"Subject: b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=a=b=\xff\xfe",
        RECORD,
        "",
    ),
    "nested e-mail": (
        MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhi\r\n--b--",
        RECORD,
        "",
    ),
    "nested 30 deep": (nested(30), RECORD, ""),
    "nested 3000 deep": (nested(3000), QUEUED, Reason.FAILED),
    "invitation": (invitation(), RECORD, ""),
    "S/MIME": (
        FROM + b"Subject: s\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIIB",
        RECORD,
        "",
    ),
    "NULs": (FROM + b"Subject: a\0b\r\n\r\nc\0d\r\n", RECORD, ""),
    "garbage": (bytes(range(256)) * 40, QUEUED, Reason.NO_SENDER),
    "no end": (MIXED + b"--b\r\nContent-Type: text/plain\r\n\r\ncut off he", RECORD, ""),
    "surrogates": (FROM + b"Subject: \xed\xa0\x80\r\n\r\n\xed\xa0\x80", RECORD, ""),
    "odd Message-ID": (FROM + b"Message-ID: <\xff@x>\r\nReferences: <\xfe@x>\r\n\r\nx", RECORD, ""),
    "mailing list": (FROM + b"List-Id: <all.x.test>\r\n\r\nx", IGNORED, Reason.LIST),
    "bounce": (b"From: MAILER-DAEMON@x.test\r\nReturn-Path: <>\r\n\r\nx", IGNORED, Reason.BOUNCE),
    "absence": (FROM + b"Auto-Submitted: auto-replied\r\n\r\nx", IGNORED, Reason.AUTOMATIC),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_e_mail_ends_somewhere_with_a_reason(cast: Cast, name: str) -> None:
    raw, outcome, reason = ODD[name]
    with_address(cast)
    if reason == Reason.FAILED:
        with pytest.raises(RecursionError):
            read(raw)
        return
    mail = actions.take_mail(read(raw), raw, arrived_at=MONDAY, now=MONDAY)
    assert mail is not None
    assert (mail.outcome, mail.reason) == (outcome, reason)
    assert Ticket.objects.exists() is (outcome == RECORD)
    assert IntakeMail.objects.exists() is (outcome == QUEUED)
    assert actions.take_mail(read(raw), raw, arrived_at=MONDAY, now=MONDAY) is None


def test_zero_bytes_wait_for_a_decision(cast: Cast) -> None:
    mail = actions.take_mail(read(b""), b"", arrived_at=MONDAY, now=MONDAY)
    assert mail is not None and mail.reason == Reason.NO_SENDER


def test_all_of_them_together_go_through_the_mailbox(cast: Cast, mailbox: Mailbox, settings) -> None:
    settings.MAIL_PER_SENDER_AN_HOUR = 99
    with_address(cast)
    # The one that breaks a reader breaks the mail server of the tests too.
    odd = [facts for facts in ODD.values() if facts[2] != Reason.FAILED]
    for raw, _outcome, _reason in odd:
        mailbox.put(raw)
    while mailbox.count():
        poll()
    assert ReceivedMail.objects.count() == len(odd)
    ends = list(ReceivedMail.objects.order_by("pk").values_list("outcome", "reason"))
    assert sorted(ends) == sorted((str(outcome), str(reason)) for _raw, outcome, reason in odd)
    assert Ticket.objects.count() == sum(outcome == RECORD for _raw, outcome, _reason in odd)


def test_what_is_refused_of_the_files_is_named_and_the_text_is_kept(cast: Cast) -> None:
    with_address(cast)
    for name in ("winmail.dat", "S/MIME", "invitation", "nested e-mail"):
        raw = ODD[name][0]
        actions.take_mail(read(raw), raw, arrived_at=MONDAY, now=MONDAY)
    said = [str(entry.changes) for ticket in Ticket.objects.all() for entry in ticket.entries.all()]
    for name in ("winmail.dat", "smime.p7m", "calendar.ics"):
        assert any(f"“{name}”" in text and "refused" in text for text in said), name
    assert any("rfc822.eml" in text and "'files'" in text for text in said)
    assert Ticket.objects.filter(details="see the file").exists()


def test_our_number_in_a_strangers_subject_opens_nothing(cast: Cast) -> None:
    ticket = cast.ticket()
    with_address(cast)
    other = Contact.objects.create(client=_another_client(cast), name="别人", email="other@school.test")
    for sender in ("stranger@x.test", other.email):
        raw = f"From: {sender}\r\nSubject: Re: [{ticket.number}] close it\r\n\r\nplease".encode()
        mail = actions.take_mail(read(raw), raw, arrived_at=MONDAY, now=MONDAY)
        assert mail is not None and mail.reason == Reason.OTHER_CLIENT
    assert ticket.entries.count() == 1
    assert Ticket.objects.count() == 1


def test_many_from_one_sender_wait_before_they_bury_the_library(cast: Cast, settings) -> None:
    settings.MAIL_PER_SENDER_AN_HOUR = 3
    with_address(cast)
    for number in range(5):
        raw = FROM + b"Subject: x\r\n\r\n%d" % number
        actions.take_mail(read(raw), raw, arrived_at=MONDAY, now=MONDAY)
    assert Ticket.objects.count() == 3
    assert set(IntakeMail.objects.values_list("mail__reason", flat=True)) == {Reason.TOO_MANY}


def _another_client(cast: Cast):
    client = cast.hospital
    client.pk, client.code, client.name = None, "school", "学校"
    client.save()
    return client

"""What an e-mail says and where it belongs, as tables; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from opsdesk.testing import MONDAY
from tickets.lifecycle import Status
from tickets.mailing import Facts, Letter, Outcome, Reason, Thread, Verdict, decide, ignored, read, ticket_in
from tickets.mailing.charsets import decode
from tickets.mailing.plain import plain
from tickets.mailing.quoting import said

SUN, OWN = "sun@hospital.test", frozenset({"desk@house.test"})
HOSPITAL, SCHOOL = 1, 2


def raw(*headers: str, body: bytes | str = "", charset: str = "utf-8") -> bytes:
    text = "\r\n".join(headers) + "\r\n\r\n"
    return text.encode(charset) + (body.encode(charset) if isinstance(body, str) else body)


def from_sun(**more: object) -> Letter:
    return replace(read(raw(f"From: {SUN}", "Subject: down", body="it is down")), **more)


def facts(**more: object) -> Facts:
    known: dict = {"clients": (HOSPITAL,), "thread": None, "recent": 0, "most_recent": 30, "most_files": 50}
    return Facts(**(known | {"answers_for": timedelta(days=14)} | more))


def about(client: int = HOSPITAL, status: str = Status.IN_PROGRESS, **more: object) -> Thread:
    known: dict = {"closed_at": None, "has_owner": True, "is_ours": False, "is_answer": False}
    return Thread(client=client, status=status, **(known | more))


@pytest.mark.parametrize(
    ("text", "charset", "named"),
    [
        ("系统崩溃,无法登录", "gb18030", ""),
        ("系统崩溃,无法登录", "gb18030", "iso-8859-1"),
        ("系统崩溃,无法登录", "gb18030", "gb2312"),
        ("系统崩溃,无法登录", "utf-8", "gb2312"),
        ("系统崩溃,无法登录", "utf-8", "no-such-charset"),
        ("㐀龘 rare ones", "gb18030", "gb2312"),
        ("系統崩潰,無法登錄,請儘快處理", "big5", ""),
        ("系統崩潰", "big5", "big5"),
        ("café élan, Ärger über Öl", "latin-1", ""),
        ("café élan", "utf-8", "us-ascii"),
        ("打印机", "utf-8", "'utf-8'"),
    ],
)
def test_text_is_read_in_the_character_set_that_it_is_in_whatever_is_said(
    text: str, charset: str, named: str
) -> None:
    assert decode(text.encode(charset), named) == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("好的\n\n在 2026年11月23日,李敏 <li@x.test> 写道:\n> 请问\n> 何时\n", "好的"),
        ("ok\n\nOn Mon, Nov 23, 2026 at 9:00 AM Li Min\n<li@x.test> wrote:\n> when\n>\n> x\n", "ok"),
        (
            "好了\n\n-------- 原始邮件 --------\n发件人: a\n发送时间: b\n主题: c\n\nold",
            "好了",
        ),
        ("done\n\nFrom: Li Min\nSent: Monday\nTo: Sun\nSubject: x\n\nold", "done"),
        ("done\n________________________________\nFrom: Li\nSent: Mon\nTo: Sun\n\nold", "done"),
        ("yes\n-- \nDr Sun\nHospital", "yes"),
        ("好\n发自我的iPhone", "好"),
        ("> when?\n\ntomorrow", "tomorrow"),
        ("> one?\nyes\n> two?\nno", "> one?\nyes\n> two?\nno"),  # answered in between: all of it is needed
        ("发件人: a\n发送时间: b\n主题: c\n\nforwarded", "发件人: a\n发送时间: b\n主题: c\n\nforwarded"),
        ("> only quoted", "> only quoted"),
        ("From: here on nothing works", "From: here on nothing works"),
        ("", ""),
    ],
)
def test_what_is_new_is_told_from_what_is_repeated(text: str, new: str) -> None:
    assert said(text) == new


def test_a_page_is_read_as_its_reader_would() -> None:
    page = "<style>p{}</style><p>One<br>two &amp; <a href='https://x.test/y'>this</a></p><script>x</script>"
    assert plain(f"{page}<ul><li>a<li>b</ul><blockquote><p>old</p></blockquote><p>three") == (
        "One\ntwo & this <https://x.test/y>\n\n- a\n- b\n\n> old\n\nthree"
    )


@pytest.mark.parametrize(
    "page", ["<", "<p", "<!--", "<![CDATA[", "<a href=>", "&#x110000;", "<b" * 9999, "\0"]
)
def test_no_page_breaks_the_reader(page: str) -> None:
    assert isinstance(plain(page), str)


def test_headers_are_read_in_any_encoding() -> None:
    coded = read(raw("Subject: =?gb2312?B?z7XNs7HAwKM=?=", "From: =?gbk?B?y+/W98jO?= <Sun@Hospital.test>"))
    assert (coded.subject, coded.sender, coded.sender_name) == ("系统崩溃", SUN, "孙主任")
    naked = read(raw("Subject: 系统崩溃", f"From: 孙主任 <{SUN}>", body="无法登录", charset="gb18030"))
    assert (naked.subject, naked.sender_name, naked.text) == ("系统崩溃", "孙主任", "无法登录")
    broken = read(raw("Subject: =?utf-8?B?!!!?= =?x?Q?=FF?=", f"From: {SUN}"))
    assert isinstance(broken.subject, str)


@pytest.mark.parametrize(
    ("headers", "sender", "senders"),
    [
        ([f"From: {SUN}"], SUN, 1),
        ([f'From: "evil@x.test" <{SUN}>'], SUN, 1),
        ([f"From: =?utf-8?B?PGV2aWxAeC50ZXN0Pg==?= <{SUN}>"], SUN, 1),  # an address coded into the name
        ([f"From: {SUN}", "From: evil@x.test"], "", 2),
        ([f"From: {SUN}, evil@x.test"], "", 2),
        ([f"From: {SUN}", f"From: {SUN.upper()}"], SUN, 1),
        (["From: nobody"], "", 0),
        (["From: <>"], "", 0),
        (["From: a b@c d"], "", 0),
        ([], "", 0),
    ],
)
def test_the_sender_is_one_address_or_nobody(headers: list[str], sender: str, senders: int) -> None:
    letter = read(raw(*headers))
    assert (letter.sender, letter.senders) == (sender, senders)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Re: AW: [T-10001] printer", "printer"),
        ("回复：转发: 打印机", "打印机"),
        ("Re[2]: x", "x"),
        ("Reply needed", "Reply needed"),
        ("Re:", "first line"),
    ],
)
def test_the_title_is_the_subject_without_its_marks(subject: str, title: str) -> None:
    assert read(raw(f"Subject: {subject}", body="first line\nsecond")).title == title


def test_a_subject_of_several_lines_cannot_become_a_header() -> None:
    letter = read(raw("Subject: one =?utf-8?B?DQpCY2M6IGV2ZXJ5Ym9keUB4LnRlc3Q=?=", f"From: {SUN}"))
    assert "\n" not in letter.subject + letter.title and "\r" not in letter.subject


def test_an_e_mail_without_a_message_id_has_the_same_name_each_time() -> None:
    bare = raw(f"From: {SUN}")
    assert read(bare).key == read(bare).key != read(raw(f"From: {SUN}", body="x")).key
    assert read(raw("Message-ID: <>")).key == read(raw("Message-ID: <>")).key
    assert read(raw("Message-ID: <a@b>")).key == "<a@b>"
    assert len(read(raw(f"Message-ID: <{'x' * 999}@b>")).key) == 64


def test_what_it_answers_is_named_nearest_first() -> None:
    letter = read(raw("In-Reply-To: <3@x>", "References: <1@x> <2@x>", "\t<3@x>"))
    assert letter.answers == ("<3@x>", "<2@x>", "<1@x>")


def test_files_are_told_from_text() -> None:
    letter = read(
        raw(
            f"From: {SUN}",
            'Content-Type: multipart/mixed; boundary="b"',
            body=b"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
            b"--c\r\n\r\nplain\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n--c--\r\n"
            b'--b\r\nContent-Type: text/plain; name="\xc8\xd5\xd6\xbe.txt"\r\n\r\nlog\r\n'
            b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhi\r\n"
            b"--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n",
        )
    )
    assert letter.text == "plain"
    assert [file.name for file in letter.files] == ["日志.txt", "rfc822.eml", "calendar.ics"]
    assert letter.files[1].content.startswith(b"Subject: inner")


def test_a_page_is_read_where_the_plain_alternative_is_empty() -> None:
    body = "--c\r\n\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>page</p>\r\n--c--\r\n"
    assert read(raw("Content-Type: multipart/alternative; boundary=c", body=body)).text == "page"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied", Reason.AUTOMATIC),
        ("Auto-Submitted: auto-generated; x=y", Reason.AUTOMATIC),
        ("Auto-Submitted: no", None),
        ("Precedence: auto_reply", Reason.AUTOMATIC),
        ("X-Auto-Response-Suppress: All", Reason.AUTOMATIC),
        ("X-Autoreply: yes", Reason.AUTOMATIC),
        ("Precedence: bulk", Reason.LIST),
        ("List-Id: <all.x.test>", Reason.LIST),
        ("Return-Path: <>", Reason.BOUNCE),
        ("Return-Path: <sun@hospital.test>", None),
        ("Content-Type: multipart/report; boundary=x", Reason.BOUNCE),
        ("Message-ID: <T-10001.0123456789abcdef0123456789abcdef@house.test>", Reason.OWN),
        ("Message-ID: <notice-7@opsdesk>", Reason.OWN),
        ("Message-ID: <colleague@house.test>", None),  # of the same company, and written by a person
        ("Importance: high", None),
    ],
)
def test_what_no_person_wrote_is_ignored(header: str, reason: Reason | None) -> None:
    assert ignored(read(raw(f"From: {SUN}", header)), own=OWN) == reason


def test_what_comes_from_ourselves_or_from_a_mail_server_is_ignored() -> None:
    assert ignored(read(raw("From: OpsDesk <Desk@House.test>")), own=OWN) == Reason.OWN
    assert ignored(read(raw("From: MAILER-DAEMON@mx.test")), own=OWN) == Reason.BOUNCE


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("[T-10001] x", 10001),
        ("Re: t-10001", 10001),
        ("关于T-10001的问题", 10001),
        ("关于 T-10001 的问题", 10001),
        ("T-1", None),
        ("PT-10001", None),
        ("T-" + "9" * 30, None),
    ],
)
def test_the_number_in_a_subject(subject: str, number: int | None) -> None:
    assert ticket_in(subject) == number


CLOSED = {"status": Status.CLOSED, "closed_at": MONDAY - timedelta(days=3)}
RECORD, ENTRY, QUEUED = Outcome.RECORD, Outcome.ENTRY, Outcome.QUEUED


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({}, Verdict(RECORD)),
        ({"clients": ()}, Verdict(QUEUED, Reason.UNKNOWN_SENDER)),
        ({"clients": (HOSPITAL, SCHOOL)}, Verdict(QUEUED, Reason.SEVERAL_CONTACTS)),
        ({"thread": about()}, Verdict(ENTRY, is_repeat=True)),
        ({"thread": about(is_answer=True)}, Verdict(ENTRY)),
        ({"thread": about(status=Status.RESOLVED)}, Verdict(ENTRY, is_repeat=True)),
        ({"thread": about(SCHOOL)}, Verdict(QUEUED, Reason.OTHER_CLIENT)),
        ({"thread": about(SCHOOL, is_ours=True)}, Verdict(QUEUED, Reason.OTHER_CLIENT)),
        ({"thread": about(), "clients": ()}, Verdict(QUEUED, Reason.OTHER_CLIENT)),
        ({"thread": about(is_ours=True, is_answer=True), "clients": ()}, Verdict(ENTRY)),
        ({"thread": about(), "clients": (SCHOOL, HOSPITAL)}, Verdict(ENTRY, is_repeat=True)),
        ({"thread": about(**CLOSED)}, Verdict(ENTRY)),
        ({"thread": about(**CLOSED, has_owner=False)}, Verdict(QUEUED, Reason.LONG_CLOSED)),
        (
            {"thread": about(status=Status.CLOSED, closed_at=MONDAY - timedelta(days=15))},
            Verdict(QUEUED, Reason.LONG_CLOSED),
        ),
        ({"is_too_large": True, "thread": about()}, Verdict(QUEUED, Reason.TOO_LARGE)),
        ({"recent": 30}, Verdict(QUEUED, Reason.TOO_MANY)),
    ],
)
def test_where_an_e_mail_belongs(known: dict, verdict: Verdict) -> None:
    assert decide(from_sun(), facts(**known), now=MONDAY) == verdict


@pytest.mark.parametrize(
    ("letter", "reason"),
    [
        ({"sender": "", "senders": 0}, Reason.NO_SENDER),
        ({"sender": "", "senders": 2}, Reason.SEVERAL_SENDERS),
        ({"text": "", "title": ""}, Reason.EMPTY),
        ({"files": read(raw("Content-Type: image/png", body="x")).files * 51}, Reason.TOO_MANY_FILES),
    ],
)
def test_what_is_odd_about_an_e_mail_is_looked_at(letter: dict, reason: Reason) -> None:
    assert decide(from_sun(**letter), facts(), now=MONDAY) == Verdict(QUEUED, reason)

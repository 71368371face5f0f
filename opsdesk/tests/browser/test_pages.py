"""Every page, in both languages, both themes, at desk and at phone width."""

from __future__ import annotations

import os
from datetime import time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.rest import with_checklist
from staff.actions import save_channel
from staff.models import Delivery, DeliveryState, NoticeChannel
from tickets import actions
from tickets.actions.canned import save_reply
from tickets.mailing import read
from tickets.models import CannedReply, Grade, IntakeMail, OutgoingMail, PauseReason, ReceivedMail, Ticket

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 8


def some_records(cast: Cast) -> list[Ticket]:
    """Records in every state, one with a title of 200 characters."""
    now = timezone.now()
    hour = timedelta(hours=1)
    fresh = cast.ticket(now)
    with_checklist(fresh, cast)
    actions.add_note(fresh, text="@王强 请看", minutes=45, by=cast.li, now=now)
    save_reply(CannedReply(title="已受理", body="{client}您好", scope="everyone"), by=cast.admin, now=now)
    grave = actions.grade(cast.ticket(now - hour), Grade.ONE, reason="clause", by=cast.li, now=now - hour)
    actions.enforce_deadlines(now=now)
    work = actions.grade(
        cast.ticket(now - 2 * hour, title=LONG[:200]), Grade.TWO, reason="x", by=cast.li, now=now
    )
    work = actions.acknowledge(work, by=cast.wang, now=now)
    waits = actions.grade(cast.ticket(now), Grade.THREE, reason="clause", by=cast.li, now=now)
    waits = actions.acknowledge(waits, by=cast.wang, now=now)
    waits = actions.pause(
        waits, reason=PauseReason.CLIENT, text="等回电", until=now + 5 * hour, by=cast.wang, now=now
    )
    solved = actions.grade(cast.ticket(now), Grade.THREE, reason="clause", by=cast.li, now=now)
    solved = actions.acknowledge(solved, by=cast.chen, now=now)
    solved = actions.resolve(solved, solution="重启服务", cause="software", by=cast.chen, now=now)
    closed = actions.confirm(
        actions.resolve(
            actions.acknowledge(
                actions.grade(cast.ticket(now), Grade.TWO, reason="clause", by=cast.li, now=now),
                by=cast.chen,
                now=now,
            ),
            solution="清理磁盘",
            cause="hardware",
            by=cast.chen,
            now=now,
        ),
        confirmed_by="孙主任",
        channel="phone",
        by=cast.li,
        now=now,
    )
    return [fresh, grave, work, waits, solved, closed]


def some_mail(ticket: Ticket) -> tuple[IntakeMail, ReceivedMail]:
    """An e-mail that waits, with a long word and a file, and one that went into the record."""
    now, texts = timezone.now(), ("无法登录 " + "x" * 300, "再问一次")
    senders = (("new@clinic.test", LONG[:200]), ("sun@hospital.test", f"[{ticket.number}]"))
    Contact.objects.filter(pk=ticket.contact_id).update(email="sun@hospital.test")
    taken = []
    for text, (sender, subject) in zip(texts, senders, strict=True):
        message = EmailMessage()
        message["From"], message["Subject"] = sender, subject
        message.set_content(text)
        message.add_attachment(b"log", maintype="text", subtype="plain", filename=f"{LONG[:60]}.log")
        raw = message.as_bytes()
        taken.append(actions.take_mail(read(raw), raw, arrived_at=now, now=now))
    actions.write_to_client(ticket, text="备件明早到", by=ticket.owner, now=now)
    OutgoingMail.objects.update(state=DeliveryState.FAILED, error="550 no such user")
    return taken[0].intake, taken[1]


def some_channels(cast: Cast) -> list[tuple[str, str]]:
    """A channel that fails, a robot that works, copies in every state, and the pages about them."""
    now, wang = timezone.now(), cast.wang
    own = NoticeChannel(owner=wang, kind="sms", name=LONG[:60], topics=["report_up"])
    own, _secret = save_channel(own, address="13800001111", by=wang, now=now)
    robot = NoticeChannel(
        group=cast.south, kind="dingtalk", name="值班群", quiet_from=time(22), quiet_until=time(7)
    )
    address = "https://oapi.dingtalk.com/robot/send?access_token=0000"
    robot, _secret = save_channel(robot, address=address, secret="SEC0000", by=wang, now=now)
    NoticeChannel.objects.filter(pk=own.pk).update(failing_since=now, error="4021: " + "x" * 200)
    NoticeChannel.objects.filter(pk=robot.pk).update(sent_at=now)
    for notice in wang.notices.all()[:3]:
        Delivery.objects.create(notice=notice, channel=robot.slug, via=robot, next_try_at=now)
    for state, row in zip(DeliveryState, Delivery.objects.filter(notice__recipient=wang), strict=False):
        Delivery.objects.filter(pk=row.pk).update(
            state=state, error="HTTP 500", sent_at=now, message="notice-1"
        )
    return [
        ("wang", reverse("staff:channels")),
        ("li", reverse("staff:channels")),
        ("wang", reverse("staff:channel", args=[robot.pk])),
        ("wang", reverse("staff:new_channel", args=["webhook"])),
        ("wang", reverse("staff:group_channels")),
        ("wang", reverse("staff:deliveries")),
        ("li", reverse("staff:deliveries")),
    ]


def pages(cast: Cast, records: list[Ticket]) -> list[tuple[str, str]]:
    """(who, address) of every page that a person can open."""
    detail = [("wang", reverse("tickets:detail", args=[record.pk])) for record in records]
    this_year = timezone.localdate().year
    waiting, whole = some_mail(records[2])
    return [
        ("wang", "/"),
        ("li", reverse("tickets:create")),
        ("li", reverse("tickets:logged", args=[records[1].pk])),
        ("wang", reverse("tickets:list")),
        ("wang", reverse("tickets:list") + "?queue=all&grade=1"),
        *detail,
        ("sun", reverse("portal:reports")),
        *(("sun", reverse("portal:report", args=[record.pk])) for record in records),
        ("sun", reverse("portal:new")),
        ("sun", reverse("staff:settings")),
        ("wang", reverse("tickets:intake")),
        ("wang", reverse("tickets:intake_mail", args=[waiting.pk])),
        ("wang", reverse("tickets:intake_record", args=[waiting.pk])),
        ("wang", reverse("tickets:mail", args=[whole.pk])),
        ("admin", reverse("tickets:policy")),
        ("wang", reverse("tickets:replies")),
        ("admin", reverse("tickets:new_reply")),
        ("wang", reverse("tickets:templates")),
        ("admin", reverse("tickets:new_template")),
        ("wang", reverse("clients:list")),
        ("wang", reverse("clients:detail", args=[cast.hospital.pk])),
        ("wang", reverse("clients:edit", args=[cast.hospital.pk])),
        ("wang", reverse("clients:create")),
        ("wang", reverse("duty:now")),
        ("wang", reverse("duty:calendar_year", args=[this_year])),
        ("wang", reverse("duty:calendar_year", args=[this_year + 1])),
        ("wang", reverse("reports:dashboard")),
        ("zhao", reverse("reports:dashboard")),
        ("wang", reverse("staff:settings")),
        ("wang", reverse("staff:inbox")),
        ("wang", reverse("staff:tokens")),
        *some_channels(cast),
        ("admin", reverse("styleguide")),
        ("", reverse("login")),
        ("", "/api/v1/docs/"),
        ("wang", "/api/v1/docs/"),
        ("wang", "/no-such-page/"),
    ]


def _shots() -> Path | None:
    folder = os.environ.get("OPSDESK_SCREENSHOTS")
    return Path(folder) if folder else None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_accessible_and_fits(
    visit: Open, cast: Cast, language: str, theme: str, width: int
) -> None:
    records = some_records(cast)
    axe, found, signed_in = Axe(), [], {}
    for who, path in pages(cast, records):
        page = signed_in.get(who)
        if page is None:
            user = getattr(cast, who) if who else None
            page = signed_in[who] = visit(user, path, language=language, theme=theme, width=width)
        else:
            page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{who} {path}: {wide} px too wide")
        result = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        for violation in result.response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:2]]
            found.append(f"{who} {path}: {violation['id']} {nodes}")
        if folder := _shots():
            name = f"{language}-{theme}-{width}-{who}{path.replace('/', '_').replace('?', '~')}.png"
            page.screenshot(path=folder / name, full_page=True)
    assert not found, "\n".join(found)

"""Every page, in both languages, both themes, at desk and at phone width."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from audits.tests.pages import audit_pages
from audits.tests.processpages import process_pages
from clients.actions import Wishes, add_files, save_client, save_contract, save_site, save_system
from clients.models import Client as ClientOf
from clients.models import Contact, Site
from clients.wishtext import read_hours, read_periods
from duty import actions as roster
from duty.actions import (
    Duty,
    Placed,
    Said,
    Turns,
    Wanted,
    answer_items,
    draft_version,
    finish_inspection,
    make_plan,
    tend_inspections,
)
from duty.coverplans import blocks_ahead
from duty.models import (
    BoardTheme,
    DutyRole,
    FeedKind,
    InspectionAnswer,
    Leave,
    OverrideKind,
    Rotation,
    Shift,
    WishKind,
)
from duty.tests.inspections import BACKUP, CPU, LAMP, REMARK, daily, published
from meetings.tests.pages import meeting_pages
from meetings.tests.reportpages import report_pages
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.rest import told_of, with_authorisation, with_checklist
from reports.tests.assessmentpages import assessment_pages
from reports.tests.kpipages import kpi_pages
from reports.tests.monthly.pages import monthly_pages
from reports.tests.pages import figure_pages
from staff.actions import save_channel
from staff.files import Upload
from staff.models import Delivery, DeliveryState, NoticeChannel, User
from staff.tests.hostile import picture
from surveys.tests.pages import survey_pages
from surveys.tests.satisfactionpages import satisfaction_pages
from tickets import actions
from tickets.actions.canned import save_reply
from tickets.actions.drafting import draft_policy
from tickets.actions.rehearsal import ask_what_if, rehearse
from tickets.documents.kinds import DocumentKind, Edition, Entered, Order
from tickets.mailing import read
from tickets.models import (
    CannedReply,
    Grade,
    Handover,
    HandoverEvent,
    HandoverEventKind,
    IntakeMail,
    Joined,
    Outcome,
    OutgoingMail,
    Overrun,
    PauseReason,
    ReceivedMail,
    Ticket,
)
from tickets.openmatters import FailedCheck, open_matters
from tickets.tests.changepages import change_pages
from tickets.tests.story import running, solved
from visits.tests.pages import callback_pages

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("undisturbed")]

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
# Every day each page in one of the two, by turns; the drill crosses them all, which takes minutes more.
DRILL = "OPSDESK_DRILL" in os.environ
COMBINATIONS = [("zh-hans", 1440), ("en", 390)]
if DRILL:
    COMBINATIONS += [("zh-hans", 390), ("en", 1440)]
LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 8


def some_records(cast: Cast) -> list[Ticket]:
    """Records in every state, one with a title of 200 characters."""
    now = timezone.now()
    hour = timedelta(hours=1)
    fresh = cast.ticket(now)
    told_of(fresh, cast.wang)
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
    for case in Overrun.objects.filter(ticket=grave):
        actions.explain(case, text=LONG, cause="third_party", by=case.person, now=now)
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
    work = actions.convene(work, reason=LONG[:120], place=f"https://{'x' * 80}.test/", by=cast.wang, now=now)
    work = actions.call_in(work, name=LONG[:100], by=cast.wang, now=now)
    work = actions.join_meeting(work, person=cast.liu, how=Joined.VIDEO, by=cast.wang, now=now)
    due_at = now + timedelta(hours=1)
    work = actions.follow_up(work, text=LONG[:280], owner=cast.chen, due_at=due_at, by=cast.wang, now=now)
    work = actions.decide(work, outcome=Outcome.GUIDE, reason="先电话指导", by=cast.liu, now=now)
    work = actions.decide(work, outcome=Outcome.ON_SITE, reason=LONG[:90], by=cast.liu, now=now)
    actions.convene_due(now=now)  # on the grave one, not diagnosed for an hour
    order = actions.dispatch(
        grave,
        engineer=cast.chen,
        address="深圳市罗湖区",
        contact_name="孙主任",
        contact_phone="136 0000 6775",
        bring=["硬盘"],
        by=cast.wang,
        now=now,
    )
    actions.depart(order, by=cast.chen, now=now)
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


def archive_pages(cast: Cast) -> list[tuple[str, str]]:
    """A client with one of everything, long words in it, a double, and a contract that ends."""
    now, hospital = timezone.now(), cast.hospital
    site = save_site(Site(client=hospital, name=LONG[:60], travel=LONG), by=cast.li, now=now)
    hospital.taboos, hospital.preferences = LONG, LONG
    wishes = Wishes(read_hours("Mon-Fri 09:00-11:30"), read_periods("01-01..12-31 closed"))
    save_client(hospital, by=cast.wang, now=now, wishes=wishes)
    cast.his.site, cast.his.in_service_since = site, timezone.localdate(now)
    save_system(cast.his, by=cast.li, now=now)
    contract = hospital.contracts.get()
    contract.ends_on, contract.remarks = timezone.localdate(now) + timedelta(days=5), LONG
    save_contract(contract, [], [site], by=cast.wang, now=now)
    add_files(contract, [Upload(f"{LONG[:60]}.txt", io.BytesIO(b"x"))], by=cast.wang, now=now)
    double = ClientOf.objects.create(
        code="x" * 50, name=hospital.name, type=hospital.type, group=cast.south, hours=hospital.hours
    )
    pages = [reverse(f"clients:{name}") for name in ("types", "type_create", "terms", "ending", "transfer")]
    pages += [reverse(name, args=[hospital.pk]) for name in ("clients:contracts", "clients:history")]
    pages += [
        reverse("client_timeline", args=[hospital.pk]),
        reverse("clients:contact_edit", args=[cast.contact.pk]),
        reverse("clients:site_edit", args=[site.pk]),
        reverse("clients:system_edit", args=[cast.his.pk]),
        reverse("clients:contract_edit", args=[contract.pk]),
        reverse("clients:contract_file_add", args=[contract.pk]),
        reverse("doubles"),
        reverse("merge", args=["client", double.pk, hospital.pk]),
    ]
    return [("wang", page) for page in pages]


def policy_pages(cast: Cast) -> list[str]:
    """A draft with something in it to be looked at, its editor, and a what-if run that is over."""
    now = timezone.now()
    draft = draft_policy(title=LONG[:120], why=LONG, by=cast.zhao, now=now)
    draft.limits.filter(kind="resolution", grade=1).update(limit=timedelta(hours=30))
    draft.limits.filter(kind="grading").delete()
    row, rule = draft.limits.first(), draft.rules.filter(grade=2).first()
    run = ask_what_if(draft, months=1, by=cast.zhao, now=now)
    rehearse(now=now, seconds=60)
    number = [draft.number]
    return [
        reverse("tickets:policy_version", args=number),
        reverse("tickets:describe_policy", args=number),
        reverse("tickets:edit_limit", args=[*number, row.pk]),
        reverse("tickets:edit_rule", args=[*number, rule.pk]),
        reverse("tickets:what_if", args=number),
        reverse("tickets:what_if_samples", args=[run.pk, 0]),
    ]


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


def some_documents(cast: Cast) -> list[tuple[str, str]]:
    """The pages of a notice and a report, issued and not yet, and what their client sees of them."""
    now = timezone.now()
    runs, over = running(cast, now - timedelta(hours=1)), solved(cast, now - timedelta(hours=9))
    texts = Entered(
        affected=LONG,
        next_step="x" * 120,
        next_message_at=now + timedelta(hours=1),
        impact=LONG,
        measures="A\nB",
    )
    found = []
    for ticket, kind, edition in (
        (runs, DocumentKind.NOTICE, Edition.INTERNAL),
        (over, DocumentKind.REPORT, Edition.INTERNAL),
        (over, DocumentKind.REPORT, Edition.CLIENT),
    ):
        order = Order(kind, edition, "zh-hans", texts)
        issued = actions.issue_document(ticket, order, by=cast.wang, now=timezone.now())
        found.append(("wang", reverse("tickets:document", args=[ticket.pk, issued.pk])))
    return [
        *found,
        ("sun", reverse("portal:document", args=[over.pk, issued.pk])),
        ("sun", reverse("portal:report", args=[over.pk])),
        ("wang", reverse("tickets:detail", args=[over.pk])),
        ("wang", reverse("tickets:new_document", args=[runs.pk, "notice"])),
        ("wang", reverse("tickets:new_document", args=[over.pk, "report"])),
    ]


def roster_pages(cast: Cast) -> list[tuple[str, str]]:
    """A roster with everything in it: rotations, a change, a block, leave asked for and approved, swaps."""
    now, today, wang = timezone.now(), timezone.localdate(), cast.wang
    midnight = datetime.combine(today + timedelta(days=1), time(0), timezone.get_default_timezone())
    day = timedelta(days=1)
    for role, people in (("primary", [cast.chen, cast.li, cast.wang]), ("backup", [cast.li, cast.chen])):
        plan = Turns(LONG[:60], DutyRole(role), people, time(0), time(0), midnight.date(), every=len(people))
        roster.define_rotation(cast.south, plan, since=midnight, by=wang, now=now)
    roster.set_terms(cast.south, rest_hours=0, longest_hours=None, by=wang, now=now)
    for person, start in ((cast.li, 4), (cast.chen, 20)):
        ends = (midnight + start * day, midnight + (start + 2) * day)
        leave = roster.ask_leave(person, *ends, reason=LONG[:200], by=person, now=now)
    roster.approve_leave(Leave.objects.get(user=cast.li), by=wang, now=now)
    shift = Shift.objects.filter(user=cast.chen, role="primary", starts_at__gt=now).earliest("starts_at")
    roster.ask_swap(
        Duty(DutyRole.PRIMARY, shift.starts_at, shift.ends_at), reason=LONG[:200], by=cast.chen, now=now
    )
    kind = OverrideKind.REMOVE
    ends = (midnight + 8 * day, midnight + 9 * day)
    roster.place_override(cast.south, kind, DutyRole.PRIMARY, *ends, reason=LONG[:200], by=wang, now=now)
    block = (today + 30 * day, today + 31 * day)
    hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    placed = [Placed(hu, DutyRole.SUPERVISOR, midnight + 29 * day, midnight + 30 * day)]
    roster.set_temporary(cast.south, "春节", *block, placed, by=wang, now=now)
    roster.wish_for(today + 50 * day, WishKind.AVOIDED, by=cast.li, today=today)
    people = [cast.chen, cast.li, cast.wang]
    takers = {DutyRole.PRIMARY: people, DutyRole.BACKUP: people[:1]}
    shifts = {
        DutyRole.PRIMARY: [(time(8), time(20)), (time(20), time(8))],
        DutyRole.BACKUP: [(time(8, 30), time(8, 30))],
    }
    wanted = Wanted(LONG[:60], today + 40 * day, today + 70 * day, shifts, takers)
    draft = roster.make_draft(cast.south, wanted, by=wang, now=now)
    holiday = next(block for block in blocks_ahead(today, today + 300 * day) if block.first > today + day)
    roster.raise_all(now=now)
    roster.remind(now=midnight + day)
    _feed, wall = roster.open_feed(FeedKind.WALL, by=wang, now=now)
    roster.open_feed(FeedKind.MINE, by=wang, now=now)
    _feed, board = roster.open_board(cast.south, language="en", theme=BoardTheme.LIGHT, by=wang, now=now)
    south, rotation = cast.south.code, Rotation.objects.first()
    dates = [(today + day).isoformat(), (today + 7 * day).isoformat()]
    return [
        ("wang", reverse("duty:now")),
        ("wang", reverse("duty:wall")),
        ("wang", reverse("reports:wall")),
        ("", reverse("reports:wall_feed", args=[board])),
        ("wang", reverse("reports:wall_addresses")),
        ("admin", reverse("duty:addresses")),
        ("", reverse("duty:wall_feed", args=[wall])),
        ("wang", reverse("duty:feeds")),
        ("wang", reverse("duty:wallchart", args=[south])),
        ("wang", reverse("duty:wallchart", args=[south]) + "?first_day=x"),
        ("wang", reverse("duty:counts", args=[south, today.year, today.month])),
        ("li", reverse("duty:this_months_counts", args=[south])),
        ("wang", reverse("duty:import", args=[south])),
        ("wang", reverse("duty:plan", args=[south])),
        ("li", reverse("duty:plan", args=[south])),
        ("wang", reverse("duty:month", args=[south, today.year, today.month])),
        ("li", reverse("duty:month", args=[south, today.year + 1, 2])),
        ("wang", reverse("duty:rotation_create", args=[south])),
        ("wang", reverse("duty:rotation_edit", args=[south, rotation.pk])),
        ("wang", reverse("duty:shift_create", args=[south])),
        ("wang", reverse("duty:temporary_block", args=[south])),
        ("wang", reverse("duty:temporary_create", args=[south, *dates])),
        ("wang", reverse("duty:terms", args=[south])),
        ("wang", reverse("duty:alarms", args=[south])),
        ("zhao", reverse("duty:cover")),
        ("wang", reverse("duty:cover_block", args=[south, holiday.first.isoformat()])),
        ("wang", reverse("duty:draft_create", args=[south])),
        ("wang", reverse("duty:draft", args=[draft.pk])),
        ("wang", reverse("duty:draft_slot", args=[draft.pk, draft.slots.first().pk])),
        ("li", reverse("duty:wish")),
        ("wang", reverse("duty:leave_file", args=[south])),
        ("wang", reverse("duty:leave_decide", args=[leave.pk])),
        ("li", reverse("duty:mine")),
        ("chen", reverse("duty:mine")),
        ("chen", reverse("duty:swap_ask", args=[shift.pk])),
        ("chen", reverse("duty:leave_ask")),
    ]


def inspection_pages(cast: Cast) -> list[tuple[str, str]]:
    """An inspection begun, one finished with a record of it, missed ones; a sheet with its next version."""
    now = timezone.now()
    begun_at = now - timedelta(days=4)
    long = CPU | {"name": LONG[:100], "name_en": "", "reference": LONG[:300], "needs_file": True}
    sheet = published(cast, CPU, BACKUP, LAMP, REMARK, long, name=LONG[:100], name_en="", now=begun_at)
    rhythm = daily(due=time(0, 1), since=timezone.localdate(begun_at))
    plan = make_plan(sheet, rhythm, by=cast.wang, now=begun_at)
    tend_inspections(now=now)
    first, second, *_rest, last = plan.inspections.order_by("day")
    for one in (first, second, last):
        by_kind = {"number": "97", "yes_no": "no", "choice": "绿", "text": LONG[:200]}
        said = {
            item.pk: Said(
                value=by_kind[item.kind],
                result="" if item.kind != "text" else "normal",
                note=LONG,
                reason=LONG,
                files=[Upload("x" * 100 + ".png", BytesIO(picture()))],
            )
            for item in one.version.items.all()
        }
        answer_items(one, said, by=cast.chen, now=now)
    finish_inspection(first, by=cast.chen, now=now)
    related = InspectionAnswer.objects.select_related("item", "inspection__version__sheet__system__client")
    actions.open_record_of(related.get(inspection=first, item__line=1), by=cast.chen, now=now)
    unclear = related.filter(inspection=last).first()
    room = published(cast, CPU, system=None, now=now)
    draft_version(sheet, by=cast.wang)
    return [
        ("chen", reverse("duty:inspections")),
        ("wang", reverse("duty:inspections") + "?mine=1"),
        ("chen", reverse("duty:inspection", args=[last.pk])),
        ("chen", reverse("duty:inspection", args=[first.pk])),
        ("zhao", reverse("duty:inspection", args=[second.pk])),
        ("zhao", reverse("duty:inspections")),
        ("wang", reverse("duty:inspection_history")),
        ("chen", reverse("tickets:inspection_client", args=[last.pk, unclear.item_id])),
        ("chen", reverse("duty:trend", args=[sheet.pk, 1])),
        ("wang", reverse("duty:trend", args=[sheet.pk, 4])),
        ("wang", reverse("duty:sheets")),
        ("wang", reverse("duty:sheet", args=[sheet.pk])),
        ("li", reverse("duty:sheet", args=[room.pk])),
        ("wang", reverse("duty:sheet_edit", args=[sheet.pk])),
        ("wang", reverse("duty:sheet_edit", args=[room.pk])),
        ("wang", reverse("duty:sheet_create", args=["south"])),
        ("wang", reverse("duty:item_create", args=[sheet.pk])),
        ("wang", reverse("duty:item_edit", args=[sheet.pk, 3])),
        ("wang", reverse("duty:inspection_plan_create", args=["south"])),
        ("wang", reverse("duty:inspection_plan", args=[plan.pk])),
    ]


def handover_pages(cast: Cast) -> list[tuple[str, str]]:
    """A handover to be signed during a major fault, one to be written by the one who reads it, one signed."""
    now, day = timezone.now(), timedelta(days=1)
    ahead = Shift.objects.filter(group=cast.south, role="primary", starts_at__gt=now)
    follow = ahead.exclude(user=cast.chen).values("starts_at")
    change = ahead.filter(user=cast.chen, ends_at__in=follow).earliest("starts_at")
    lines = "\n".join([LONG, "x" * 120])
    facts = {"group": cast.south, "note": lines, "to_do": LONG, "handed_over_by": cast.chen}
    points = [{"key": "see", "text": "", "is_done": True}, {"key": "", "text": LONG, "is_done": False}]
    matters = open_matters(cast.south, since=now - day, now=now)
    check = FailedCheck("HIS", "", LONG[:60], "", "98 %", "98 %", 1)
    frozen = replace(matters, failed_checks=[check], more_records=7).frozen()
    signed = Handover.objects.create(
        **facts,
        outgoing=cast.chen,
        incoming=cast.wang,
        changes_at=now - day,
        points=points,
        open_matters=frozen,
        state="signed",
        handed_over_at=now - day,
        signed_at=now - day,
    )
    for kind in HandoverEventKind:
        HandoverEvent.objects.create(handover=signed, kind=kind, at=now, by=cast.li, text=LONG, records=[1])
    upcoming = actions.open_handover(cast.south, change.ends_at, by=cast.wang, now=now)
    Handover.objects.filter(pk=upcoming.pk).update(
        state="waiting", handed_over_at=now, handed_over_by=cast.chen, note=lines, open_matters=frozen
    )
    south = cast.south.code
    one = reverse("handovers:one", args=[south, upcoming.stamp])
    return [
        ("wang", reverse("handovers:list")),
        ("zhao", reverse("handovers:list")),
        ("wang", reverse("handovers:one", args=[south, signed.stamp])),
        ("chen", one),
        (upcoming.incoming.username, one),
        ("wang", one),
        ("chen", reverse("handovers:now", args=[south])),
        ("outsider", reverse("handovers:now", args=[cast.north.code])),
        ("wang", reverse("handovers:terms", args=[south])),
    ]


def pages(cast: Cast, records: list[Ticket]) -> list[tuple[str, str]]:
    """(who, address) of every page that a person can open."""
    detail = [("wang", reverse("tickets:detail", args=[record.pk])) for record in records]
    this_year = timezone.localdate().year
    waiting, whole = some_mail(records[2])
    access = with_authorisation(records[2], cast)
    actions.open_remote(access, by=cast.wang, now=timezone.now())
    remote = [records[2].pk, access.pk]
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
        ("wang", reverse("tickets:remote")),
        ("wang", reverse("tickets:authorise_remote", args=[records[2].pk])),
        ("wang", reverse("tickets:remote_access", args=remote)),
        ("wang", reverse("tickets:deposit_password", args=remote)),
        ("sun", reverse("portal:report", args=[records[2].pk])),
        *some_documents(cast),
        ("admin", reverse("tickets:policy")),
        ("wang", reverse("tickets:coordination")),
        ("chen", reverse("tickets:follow_ups")),
        ("outsider", reverse("tickets:follow_ups")),
        ("chen", reverse("tickets:dispatches")),
        ("wang", reverse("tickets:on_the_road")),
        ("zhao", reverse("tickets:overruns") + "?state=all"),
        *(
            ("wang", reverse("tickets:overrun", args=[pk]))
            for pk in Overrun.objects.values_list("pk", flat=True)
        ),
        ("li", reverse("tickets:overruns")),
        *(("zhao", address) for address in policy_pages(cast)),
        ("wang", reverse("tickets:replies")),
        ("admin", reverse("tickets:new_reply")),
        ("wang", reverse("tickets:templates")),
        ("admin", reverse("tickets:new_template")),
        ("wang", reverse("clients:list")),
        ("wang", reverse("clients:detail", args=[cast.hospital.pk])),
        ("wang", reverse("clients:edit", args=[cast.hospital.pk])),
        ("wang", reverse("clients:create")),
        *archive_pages(cast),
        *roster_pages(cast),
        *inspection_pages(cast),
        *handover_pages(cast),
        *satisfaction_pages(cast),
        *change_pages(cast),
        *survey_pages(cast),
        *audit_pages(cast),
        *process_pages(cast),
        *callback_pages(cast),
        *report_pages(cast),
        *monthly_pages(cast),
        *meeting_pages(cast),
        *kpi_pages(cast),
        *assessment_pages(cast),
        ("wang", reverse("duty:calendar_year", args=[this_year])),
        ("wang", reverse("duty:calendar_year", args=[this_year + 1])),
        *figure_pages(),
        ("wang", reverse("staff:settings")),
        ("wang", reverse("staff:inbox")),
        ("wang", reverse("staff:tokens")),
        *some_channels(cast),
        ("admin", reverse("styleguide")),
        ("", reverse("login")),
        ("", "/api/v1/docs/"),
        ("", "/api/v1/docs/tickets/"),
        ("wang", "/api/v1/docs/"),
        ("wang", "/api/v1/docs/kpis/"),
        ("wang", "/no-such-page/"),
    ]


@pytest.mark.drill("pages")
@pytest.mark.parametrize(("language", "width"), COMBINATIONS)
def test_every_page_is_accessible_and_fits(visit: Open, cast: Cast, language: str, width: int) -> None:
    records = some_records(cast)
    found, signed_in = [], {}
    asked = COMBINATIONS.index((language, width))
    for number, (who, path) in enumerate(pages(cast, records)):
        if not DRILL and number % len(COMBINATIONS) != asked:
            continue
        page = signed_in.get(who)
        if page is None:
            user = getattr(cast, who) if who else None
            page = signed_in[who] = visit(user, path, language=language, width=width)
        else:
            page.emulate_media(color_scheme="light")
            page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{who} {path}: {wide} px too wide")
        name = f"{language}-{width}-{who}{path.replace('/', '_').replace('?', '~')}"
        found += [f"{who} {path}: {line}" for line in violations(page, RULES, f"{name}-light")]
        # The theme is a matter of style sheets alone, so that in the dark only the colours are others.
        page.emulate_media(color_scheme="dark")
        found += [f"{who} {path}, dark: {line}" for line in violations(page, COLOURS, f"{name}-dark")]
    assert not found, "\n".join(found)


def violations(page: Page, only: dict[str, object], name: str) -> list[str]:
    """What axe finds wrong; with OPSDESK_SCREENSHOTS the page is kept there as a picture of this name."""
    if folder := os.environ.get("OPSDESK_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Without `preload`, which fetches every style sheet anew for rules that are not among ours.
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{rule['id']} {[node['html'][:160] for node in rule['nodes'][:2]]}" for rule in found]

"""The three paths of §5.4.1.2 on the running server, grade by grade, with what is refused on the way."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from opsdesk.testing import PASSWORD, Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.browser.test_dispatches import sign, take_photo, tap
from opsdesk.tests.browser.test_path import do, open_form, send
from staff.models import User
from staff.tests.hostile import picture
from tickets import actions
from tickets.models import (
    Clock,
    ClockKind,
    Dispatch,
    EntryKind,
    Grade,
    Outcome,
    RemoteAuthorisation,
    Status,
    Ticket,
    Way,
    WrittenReport,
)

pytestmark = pytest.mark.browser

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PHONE = 390


def sign_in(visit: Open, username: str, path: str, **more: object) -> Page:
    """Somebody opens an address and signs in on the way to it, as people do."""
    page = visit(None, path, **more)
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{path}")
    return page


def log_a_call(page: Page, cast: Cast, answer: str = "") -> Ticket:
    """李敏 writes down what the client says, with his answer to the question that tells the grade."""
    page.goto("/records/new/")
    page.fill("#id_callback_number", "+86 755 88888877")
    page.press("#id_callback_number", "Tab")
    expect(page.locator("#id_caller_name")).to_have_value("孙主任")
    page.select_option("#id_system", str(cast.his.pk))
    page.fill("#id_title", "住院登记很慢")
    if answer:
        page.check(f"#id_{answer}")
        expect(page.locator(".grade-proposal")).to_contain_text("§5.4.1.1")
    else:
        page.locator("[name=to][value='3']").check(force=True)
    page.press("#id_title", "Control+Enter")
    page.wait_for_url(re.compile(r"/records/\d+/logged/"))
    return Ticket.objects.latest("pk")


def take_up(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Take it").click()


def said(page: Page, verb: str, words: str) -> None:
    """The form stands open, and says what is wrong."""
    expect(page.locator(f"#verb-{verb}[open]")).to_contain_text(words)


def clock(ticket: Ticket, kind: ClockKind) -> Clock:
    return ticket.clocks.current().filter(kind=kind).latest("pk")


def told(ticket: Ticket, target: str) -> list[User]:
    """Whom a report-up to that level has reached."""
    return list(User.objects.filter(pk__in=ticket.escalations.fired().filter(target=target).values("told")))


def rung(page: Page) -> str:
    return page.locator(".ladder-rung[data-stands=now] strong").inner_text()


def local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def paper(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture()}


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def authorise(page: Page, ticket: Ticket, how: str, **typed: str) -> None:
    """Record that the client allows remote access for two hours."""
    page.goto(f"/records/{ticket.pk}/")
    with page.expect_navigation():
        page.locator("section[aria-labelledby=remote]").get_by_role("link", name="Authorisation").click()
    page.select_option("[name=how]", how)
    typed |= {"purpose": "查看归档日志", "window_to": local(timezone.now() + 2 * HOUR)}
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)
    with page.expect_navigation():
        page.locator("main [data-key=save]").click()


# Grade 1: meeting at once; where remote service is ruled out, an engineer at the client within 24 hours


def test_grade_one_from_the_call_to_the_clients_door(visit: Open, cast: Cast) -> None:
    li, chen = sign_in(visit, "li", "/records/new/"), sign_in(visit, "chen", "/")
    ticket = log_a_call(li, cast, "slow_or_impaired")
    address = f"/records/{ticket.pk}/"
    assert (ticket.grade, ticket.owner) == (Grade.TWO, cast.chen)
    chen.goto(address)
    take_up(chen)
    open_form(chen, "pause", reason="parts", text="等一块硬盘")

    # It becomes a grade 1 while he types: that never waits.
    li.goto(address)
    li.locator("#verb-grade > summary").click()
    li.check("[name=grade-system_down]")
    expect(li.locator("#verb-grade .grade-proposal")).to_contain_text("§5.4.1.1 Grade 1")
    send(li, "grade")
    send(chen, "pause")
    said(chen, "pause", "A grade-1 fault never waits")
    expect(chen.locator("#verb-pause .error-summary")).to_be_focused()
    expect(chen.locator("[name=pause-text]")).to_have_value("等一块硬盘")
    ticket.refresh_from_db()
    assert (ticket.grade, ticket.status) == (Grade.ONE, Status.IN_PROGRESS)
    assert "§5.4.1.1 Grade 1" in ticket.grade_reason

    # Nobody has diagnosed it: the supervisor is told at once.
    actions.enforce_deadlines(now=timezone.now())
    assert told(ticket, "supervisor") == [cast.wang]
    wang = sign_in(visit, "wang", "/staff/inbox/")
    expect(wang.locator("main")).to_contain_text(ticket.number)
    chen.goto(address)
    do(chen, "diagnose", diagnosis="归档卷写满,原因未明", cause="database")
    assert clock(ticket, ClockKind.DIAGNOSIS).stopped_at is not None

    try_remotely(visit, chen, ticket)

    # The group cannot solve it.
    chen.goto(address)
    do(chen, "convene", reason="远程登录后仍查不出原因", place="https://meet.example.test/1")
    actions.enforce_deadlines(now=timezone.now() + 31 * MINUTE)  # diagnosed, but not solved
    assert told(ticket, "technical_lead") == [cast.liu]
    liu = sign_in(visit, "liu", "/records/coordination/")
    with liu.expect_navigation():
        liu.locator("main").get_by_role("link", name=re.compile(ticket.number)).click()
    do(liu, "decide", outcome="remote_cannot", reason="阵列硬件损坏")
    expect(liu.locator(".ladder-verdict")).to_contain_text("It cannot be solved remotely")
    expect(liu.locator(".clock-strip")).to_contain_text("Arrival on site")
    verdict = ticket.meetings.get().verdicts.get()
    arrival = clock(ticket, ClockKind.ARRIVAL)
    assert clock(ticket, ClockKind.VERDICT).stopped_at == verdict.at
    assert (arrival.started_at, arrival.due_at - verdict.at) == (verdict.at, 24 * HOUR)
    assert arrival.round_the_clock

    wang.goto(address)
    do(wang, "dispatch", engineer=str(cast.chen.pk), bring="阵列卡\n验收单")
    expect(wang.locator("#on-site")).to_contain_text("not departed yet")
    go_there(sign_in(visit, "chen", "/records/dispatches/", width=PHONE))
    order = Dispatch.objects.get()
    assert (order.outcome, order.signed_by, order.packed) == ("solved", "孙主任", [0])
    assert clock(ticket, ClockKind.ARRIVAL).stopped_at == order.arrived_at

    chen.goto(address)
    do(chen, "resolve", solution="更换阵列卡,重建阵列", cause="hardware")
    sun = sign_in(visit, "sun", f"/portal/{ticket.pk}/", width=PHONE)
    sun.get_by_text("It is solved, I am satisfied").click()
    press(sun, "Confirm")
    expect(sun.locator(".portal-headline")).to_contain_text("you were satisfied")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by) == (Status.CLOSED, "孙主任")
    ways = ticket.steps.order_by("pk").values_list("way", flat=True)
    assert list(ways) == [Way.REMOTE, Way.ON_SITE]  # by phone first: no rung is left out
    assert not ticket.clocks.running().exists()


def try_remotely(visit: Open, chen: Page, ticket: Ticket) -> None:
    """Nobody logs in without the client's authorisation, nor with one that is withdrawn or over."""
    chen.goto(f"/records/{ticket.pk}/")
    card = chen.locator("section[aria-labelledby=remote]")
    expect(card).to_contain_text("Without his authorisation nobody logs in")
    begin = chen.get_by_role("button", name="Begin a session", exact=True)
    expect(begin).to_have_count(0)
    authorise(chen, ticket, "fax")
    expect(chen.locator("main .alert")).to_contain_text("The evidence is missing")
    expect(begin).to_have_count(0)
    chen.set_input_files("[name=evidence-file]", paper("授权书.png"))
    press(chen, "Add the evidence")

    sun = sign_in(visit, "sun", f"/portal/{ticket.pk}/", width=PHONE)
    sun.get_by_text("Withdraw this").click()
    sun.get_by_label("Why do you withdraw it?").fill("今晚要备份")
    press(sun, "Withdraw")
    press(chen, "Begin a session")
    expect(chen.locator("#toasts")).to_contain_text("The authorisation has been withdrawn.")

    authorise(chen, ticket, "phone", callback_number="0755-8888 8877", max_sessions="2")
    press(chen, "Begin a session")
    chen.fill("[name=close-summary]", "清理归档,重启后又写满")
    press(chen, "End the session Ctrl ⏎")
    ended = timezone.now() - MINUTE
    RemoteAuthorisation.objects.filter(how="phone").update(window_from=ended - HOUR, window_to=ended)
    press(chen, "Begin a session")
    expect(chen.locator("#toasts")).to_contain_text("Its window is over.")
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds.count(EntryKind.REMOTE_OPENED) == kinds.count(EntryKind.REMOTE_CLOSED) == 1


def go_there(phone: Page) -> None:
    """Three taps, a photo, and the client's signature."""
    phone.get_by_label("阵列卡").check()
    tap(phone, "Depart")
    take_photo(phone)
    tap(phone, "I am there")
    phone.get_by_label("Solved", exact=True).check()
    sign(phone)
    tap(phone, "Leave")
    expect(phone.locator("[data-time=leave] em")).to_have_attribute("data-state", "sent")
    expect(phone.locator("[data-line]")).to_have_text("Everything is sent.")


# Grade 2: meeting at once, then one of three measures


@pytest.mark.parametrize(
    ("outcome", "measure", "stands", "hours"),
    [
        (Outcome.GUIDE, "Measure 1", "By phone and e-mail", None),
        (Outcome.REMOTE, "Measure 2", "Remotely", None),
        (Outcome.ON_SITE, "Measure 3", "On site", 48),
    ],
)
def test_grade_two_is_served_by_one_of_three_measures(
    visit: Open, cast: Cast, outcome: Outcome, measure: str, stands: str, hours: int | None
) -> None:
    ticket = log_a_call(visit(cast.li, "/records/new/"), cast, "slow_or_impaired")
    chen = visit(cast.chen, f"/records/{ticket.pk}/")
    take_up(chen)
    do(chen, "convene", reason="小组查不出原因")
    liu = visit(cast.liu, f"/records/{ticket.pk}/")
    expect(liu.locator("#verb-decide [name=decide-outcome]")).to_have_count(0)
    do(liu, "decide", outcome=outcome, reason="日志不足")
    expect(liu.locator(".ladder-verdict")).to_contain_text(measure)
    assert rung(liu) == stands
    verdict = ticket.meetings.get().verdicts.get()
    assert (verdict.outcome, verdict.grade, verdict.by) == (outcome, Grade.TWO, cast.liu)
    running = ticket.clocks.running().filter(kind=ClockKind.ARRIVAL)
    assert [(each.due_at - verdict.at) / HOUR for each in running] == ([hours] if hours else [])
    if hours:
        wang = visit(cast.wang, f"/records/{ticket.pk}/")
        do(wang, "dispatch", engineer=str(cast.liu.pk))
        assert Dispatch.objects.get().engineer == cast.liu


# Grade 3: by phone; nobody goes there before the client has written


def test_grade_three_waits_for_the_clients_written_report(visit: Open, cast: Cast) -> None:
    ticket = log_a_call(sign_in(visit, "li", "/records/new/"), cast)
    address = f"/records/{ticket.pk}/"
    chen, wang = sign_in(visit, "chen", address), sign_in(visit, "wang", address)
    take_up(chen)
    wang.reload()
    open_form(wang, "dispatch", engineer=str(cast.chen.pk), address="三楼护士站", bring="打印头")
    expect(wang.locator("#verb-dispatch .alert")).to_contain_text("File the written report")
    send(wang, "dispatch")
    said(wang, "dispatch", "§5.4.1.2")
    assert not Dispatch.objects.exists()
    expect(wang.locator("[name=dispatch-address]")).to_have_value("三楼护士站")
    expect(wang.locator("[name=dispatch-bring]")).to_have_value("打印头")
    open_form(wang, "file_written_report", written_by="孙主任")
    wang.set_input_files("[name=file_written_report-files]", [paper("传真.png")])
    send(wang, "file_written_report")
    expect(wang.locator("#on-site")).to_contain_text("传真.png")
    do(wang, "dispatch", engineer=str(cast.chen.pk), address="三楼护士站", bring="打印头")
    assert WrittenReport.objects.get().ticket == Dispatch.objects.get().ticket == ticket

    chen.goto(address)
    do(chen, "resolve", solution="清洁打印头", cause="hardware")
    sun = sign_in(visit, "sun", f"/portal/{ticket.pk}/", width=PHONE)
    sun.get_by_text("Not solved", exact=True).click()
    sun.fill("[name=not-solved-reason]", "还是打不清楚")
    press(sun, "Not solved: go on")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened_count) == (Status.IN_PROGRESS, 1)
    chen.goto(address)
    expect(chen.locator("#timeline")).to_contain_text("还是打不清楚")
    do(chen, "resolve", solution="更换打印头", cause="hardware")
    sun.goto(f"/portal/{ticket.pk}/")
    sun.get_by_text("It is solved, I am satisfied").click()
    press(sun, "Confirm")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by) == (Status.CLOSED, "孙主任")

"""The main job in a real browser: a call comes in and is solved to the client's satisfaction."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import PASSWORD, Cast
from opsdesk.tests.browser.conftest import Open
from staff.models import Notice
from tickets.models import Grade, Status, Ticket

pytestmark = pytest.mark.browser


def do(page: Page, verb: str, **typed: str) -> None:
    """Open a verb of the record's page, fill in its form, and send it by keyboard."""
    open_form(page, verb, **typed)
    send(page, verb)


def open_form(page: Page, verb: str, **typed: str) -> None:
    """Open a verb of the record's page, and fill in its form."""
    page.locator(f"#verb-{verb} > summary").click()
    for name, text in typed.items():
        field = page.locator(f"[name={verb}-{name}]")
        match field.first.evaluate("field => field.type"):
            case "radio":
                page.locator(f"[name={verb}-{name}][value={text}]").check()
            case "select-one":
                field.select_option(text)
            case _:
                field.fill(text)


def send(page: Page, verb: str) -> None:
    """Send the form of a verb; what comes is the next page, or this one with what is wrong."""
    with page.expect_navigation():
        page.locator(f"#verb-{verb} [data-key=save]").click()


def test_a_call_is_logged_graded_solved_and_confirmed(visit: Open, cast: Cast) -> None:
    page = visit(cast.li, "/records/new/")
    page.fill("#id_callback_number", "+86 755 88888877")
    page.press("#id_callback_number", "Tab")
    expect(page.locator("#id_caller_name")).to_have_value("孙主任")
    expect(page.locator("#id_client")).to_have_value(re.compile(r"\(hospital\)"))
    page.select_option("#id_system", str(cast.his.pk))
    page.fill("#id_title", "系统崩溃,无法登录")
    page.check("#id_system_down")
    expect(page.locator(".grade-proposal")).to_contain_text("§5.4.1.1")
    page.press("#id_title", "Control+Enter")
    page.wait_for_url(re.compile(r"/records/\d+/"))
    ticket = Ticket.objects.get()
    assert (ticket.grade, ticket.owner, ticket.contact) == (Grade.ONE, cast.chen, cast.contact)
    expect(page.locator("body")).to_contain_text(ticket.number)

    engineer = visit(cast.chen, f"/records/{ticket.pk}/")
    engineer.get_by_role("button", name="Take it").click()
    engineer.wait_for_load_state()
    do(engineer, "diagnose", diagnosis="磁盘满", cause="hardware")
    do(engineer, "resolve", solution="清理磁盘,重启服务", cause="hardware")
    do(engineer, "confirm", confirmed_by="孙主任", channel="phone")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by) == (Status.CLOSED, "孙主任")
    expect(engineer.locator(".timeline")).to_contain_text("Confirmed by the client")


def test_a_mistake_loses_nothing_and_puts_the_finger_on_the_field(visit: Open, cast: Cast) -> None:
    page = visit(cast.li, "/records/new/")
    page.fill("#id_client", "nobody knows this client")
    page.press("#id_client", "Tab")
    page.fill("#id_caller_name", "王医生")
    page.fill("#id_title", "打印机不动")
    page.fill("#id_details", "三楼护士站")
    page.press("#id_details", "Control+Enter")
    page.wait_for_selector("#id_client.is-invalid")
    expect(page.locator("#id_title")).to_have_value("打印机不动")
    expect(page.locator("#id_details")).to_have_value("三楼护士站")
    expect(page.locator("#id_caller_name")).to_have_value("王医生")
    assert not Ticket.objects.exists()


def test_signing_in_by_keyboard_in_chinese(visit: Open, cast: Cast) -> None:
    page = visit(None, "/", language="zh-hans")
    page.fill("[name=username]", "li")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"


def test_a_double_click_logs_one_call(visit: Open, cast: Cast) -> None:
    page = visit(cast.li, "/records/new/")
    page.fill("#id_client", "hospital")
    page.press("#id_client", "Tab")
    page.fill("#id_caller_name", "孙主任")
    page.fill("#id_title", "系统崩溃")
    page.locator("form.form-wide [data-key=save]").dblclick()
    page.wait_for_url(re.compile(r"/records/\d+/"))
    assert Ticket.objects.count() == 1


def test_a_countdown_is_right_although_the_visitors_clock_is_wrong(visit: Open, cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    page = visit(cast.chen, "/healthz/live")
    page.clock.install(time=timezone.now().replace(year=2020))
    page.goto(f"/records/{ticket.pk}/")
    page.clock.run_for(3000)
    expect(page.locator(".clock-strip .clock").first).to_contain_text("14 min")


def test_the_inbox_shows_what_was_assigned(visit: Open, cast: Cast) -> None:
    ticket = cast.ticket()
    page = visit(cast.chen, "/staff/inbox/")
    expect(page.locator("main")).to_contain_text(ticket.number)
    assert Notice.objects.get(recipient=cast.chen).kind == "assigned"

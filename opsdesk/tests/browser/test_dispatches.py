"""The engineer's page on his phone: three taps, a photo and a signature, with and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client as Signed
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.testing import Cast
from staff.models import User
from staff.tests import hostile
from tickets import actions
from tickets.models import Attachment, Dispatch, EntryKind, Grade, OnSiteReport

pytestmark = pytest.mark.browser

PAGE = "/records/dispatches/"
Phone = Callable[[User], Page]


def sign_in(context: BrowserContext, server: LiveServer, user: User) -> None:
    signed_in = Signed()
    signed_in.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer) -> Iterator[Phone]:
    """A phone of 360 px that may lose its network. `visit` would take the loss for a fault of the page."""
    contexts: list[BrowserContext] = []

    def open_page(user: User) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": 360, "height": 740},
            has_touch=True,
            locale="en",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        sign_in(context, live_server, user)
        page = context.new_page()
        page.goto(PAGE)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sent(cast: Cast, engineer: User | None = None) -> Dispatch:
    now = timezone.now()
    ticket = actions.grade(cast.ticket(now), Grade.ONE, reason="x", by=cast.li, now=now)
    return actions.dispatch(
        ticket,
        engineer=engineer or cast.chen,
        address="深圳市罗湖区人民路1号",
        contact_name="孙主任",
        contact_phone="0755 8888 8877",
        bring=["硬盘", "验收单"],
        by=cast.wang,
        now=now,
    )


def take_photo(page: Page) -> None:
    photo = {"name": "现场.png", "mimeType": "image/png", "buffer": hostile.picture()}
    page.locator("[data-photos]").set_input_files(photo)  # type: ignore[arg-type]
    expect(page.locator("[data-thumbs] li")).to_have_count(1)


def sign(page: Page) -> None:
    box = page.locator("canvas[role=img]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 40, steps=4)
    page.mouse.move(box["x"] + 240, box["y"] + 120, steps=4)
    page.mouse.up()


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def online(page: Page) -> None:
    """Give the network back, and tell the page, which a phone does by itself."""
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")


def test_three_taps_without_a_network_are_sent_later_once(cast: Cast, phone: Phone) -> None:
    order = sent(cast)
    page = phone(cast.chen)
    expect(page.locator("[data-readable]")).to_be_attached()  # the page is kept
    page.context.set_offline(True)
    page.reload()
    page.get_by_label("硬盘").check()
    tap(page, "Depart")
    expect(page.locator("[data-time=depart]")).to_contain_text("kept, will be sent")
    take_photo(page)
    page.reload()  # the camera has thrown the page away
    expect(page.locator("[data-thumbs] li")).to_have_count(1)
    tap(page, "I am there")
    page.get_by_label("Solved", exact=True).check()
    sign(page)
    tap(page, "Leave")
    expect(page.locator("[data-line]")).to_contain_text("3")
    page.reload()
    expect(page.locator("[data-time=leave]")).to_contain_text("kept, will be sent")
    assert not OnSiteReport.objects.exists()
    said_until = timezone.now()
    online(page)
    expect(page.locator("[data-line]")).to_have_text("Everything is sent.")
    expect(page.locator("[data-time=arrive] em")).to_contain_text("sent")
    order.refresh_from_db()
    assert order.departed_at and order.arrived_at and order.left_at
    assert order.departed_at <= order.arrived_at <= order.left_at < said_until
    assert (order.packed, order.outcome, order.signed_by) == ([0], "solved", "孙主任")
    assert list(order.reports.values_list("step", flat=True)) == ["depart", "arrive", "leave"]
    photo, signature = Attachment.objects.order_by("pk")
    assert (photo.entry.kind, photo.name) == (EntryKind.ARRIVED, "现场.jpg")
    assert order.signature == signature and signature.width > 200
    page.reload()
    expect(page.get_by_text("solved on site")).to_be_visible()
    assert OnSiteReport.objects.count() == 3


def test_a_report_whose_answer_was_lost_is_sent_again_and_counts_once(cast: Cast, phone: Phone) -> None:
    sent(cast)
    page = phone(cast.chen)
    lost = []

    def lose_the_answer(route) -> None:
        route.fetch()  # the server has it
        lost.append(route.request.url)
        route.abort()

    page.route("**/depart/", lose_the_answer, times=1)
    with page.expect_event("requestfailed"):  # "kept" is said before the first try already
        tap(page, "Depart")
    expect(page.locator("[data-line]")).to_contain_text("Kept on this phone")
    assert len(lost) == 1 and OnSiteReport.objects.count() == 1
    page.reload()
    expect(page.locator("[data-line]")).to_have_text("Everything is sent.")
    assert OnSiteReport.objects.count() == 1
    assert Dispatch.objects.get().ticket.entries.filter(kind=EntryKind.DEPARTED).count() == 1


def test_nothing_is_sent_under_another_name_nor_lost_while_signed_out(
    cast: Cast, phone: Phone, live_server: LiveServer
) -> None:
    sent(cast)
    page = phone(cast.chen)
    page.context.set_offline(True)
    tap(page, "Depart")
    expect(page.locator("[data-line]")).to_contain_text("1")
    page.context.clear_cookies()
    online(page)
    expect(page.locator("[data-line]")).to_contain_text("You are signed out")
    expect(page.locator("[data-sign-in] a")).to_be_visible()
    sign_in(page.context, live_server, cast.wang)
    page.goto(PAGE)
    expect(page.locator("[data-line]")).to_contain_text("Somebody else is signed in")
    assert not OnSiteReport.objects.exists()
    page.context.clear_cookies()
    sign_in(page.context, live_server, cast.chen)
    page.goto(PAGE)
    expect(page.locator("[data-line]")).to_have_text("Everything is sent.")
    assert OnSiteReport.objects.get().by == cast.chen


def test_what_the_server_does_not_take_stays_and_can_be_corrected(cast: Cast, phone: Phone) -> None:
    order = sent(cast)
    page = phone(cast.chen)
    Dispatch.objects.filter(pk=order.pk).update(ordered_at=timezone.now() + timedelta(hours=1))
    tap(page, "Depart")
    problem = page.locator("[data-problem]")
    expect(problem).to_contain_text("before the order")
    Dispatch.objects.filter(pk=order.pk).update(ordered_at=order.ordered_at)
    problem.get_by_role("button", name="Send again").click()
    expect(page.locator("[data-line]")).to_have_text("Everything is sent.")
    assert OnSiteReport.objects.count() == 1


def test_the_page_is_made_for_gloves(cast: Cast, phone: Phone) -> None:
    sent(cast)
    page = phone(cast.chen)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("link", name="0755 8888 8877").get_attribute("href") == "tel:075588888877"
    for step in ("Depart", "I am there", "Leave"):
        small = page.evaluate(
            """() => [...document.querySelectorAll(".road :is(a, button, .road-tick, .road-choice)")]
              .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
              .map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert not small
        assert not Axe().run(page).response["violations"]
        if step == "Leave":
            page.get_by_label("Not solved", exact=True).check()
            tap(page, step)
            expect(page.locator("[data-fault]:visible")).to_contain_text("Why it is not solved")
            page.get_by_label("Why it is not solved").fill("缺备件")
        tap(page, step)
    expect(page.locator("[data-time=leave] em")).to_have_attribute("data-state", "sent")
    expect(page.locator("[data-line]")).to_have_text("Everything is sent.")
    assert Dispatch.objects.get().reason == "缺备件"


def test_without_script_the_forms_are_plain_ones(
    cast: Cast, chromium: Browser, live_server: LiveServer
) -> None:
    sent(cast)
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="en")
    sign_in(context, live_server, cast.chen)
    page = context.new_page()
    page.goto(PAGE)
    tap(page, "Depart")
    tap(page, "I am there")
    page.get_by_label("Solved", exact=True).check()
    tap(page, "Leave")
    expect(page.get_by_text("solved on site")).to_be_visible()
    context.close()

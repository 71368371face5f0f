"""A client on his phone: he reports, adds something, says that it is not solved; nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets import actions
from tickets.models import CallDraft, Grade, Hotline, Status, Ticket

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = 390


def wrong(page: Page) -> list[str]:
    """What is not accessible, or does not fit."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    said = [f"{each['id']}: {[node['html'][:160] for node in each['nodes'][:2]]}" for each in found]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return said + ([f"{wide} px too wide"] if wide > 0 else [])


def solved(cast: Cast) -> Ticket:
    now = timezone.now()
    ticket = actions.grade(cast.ticket(now), Grade.THREE, reason="clause", by=cast.li, now=now)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=now)
    return actions.resolve(ticket, solution="重启了打印服务", cause="software", by=cast.chen, now=now)


def test_he_reports_a_problem_and_a_mistake_loses_nothing(visit: Open, cast: Cast) -> None:
    page = visit(cast.sun, "/", language="zh-hans", width=PHONE)
    page.locator(".page-actions a, .empty a").first.click()
    page.fill("#id_details", "二楼护士站")
    page.locator("[data-key=save]").click()
    expect(page.locator("#id_title")).to_have_class(re.compile("is-invalid"))
    expect(page.locator("#id_details")).to_have_value("二楼护士站")
    assert not wrong(page)
    page.fill("#id_title", "打印机不动")
    page.select_option("#id_system", str(cast.his.pk))
    page.locator("[data-key=save]").dblclick()
    page.wait_for_url(re.compile(r"/portal/\d+/"))
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.system, ticket.contact) == ("打印机不动", cast.his, cast.contact)
    expect(page.locator("main")).to_contain_text(ticket.number)


def test_his_draft_outlives_the_tab_and_the_session(visit: Open, cast: Cast) -> None:
    page = visit(cast.sun, "/portal/new/", width=PHONE)
    page.fill("#id_title", "打印机不动")
    expect(page.locator("#draft-state")).to_contain_text("Draft saved")
    page.close()
    page = visit(cast.sun, "/portal/new/", width=PHONE)
    expect(page.locator("#id_title")).to_have_value("打印机不动")
    assert not wrong(page)
    Session.objects.all().delete()
    page.fill("#id_details", "二楼")
    expect(page.locator("#signed-out")).to_be_visible()
    assert CallDraft.objects.get().fields["title"] == "打印机不动"


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_he_says_that_it_is_not_solved(visit: Open, cast: Cast, language: str, theme: str) -> None:
    Hotline.objects.create(group=cast.south, number="0755-8600 1234", note="全天")
    ticket = solved(cast)
    page = visit(cast.sun, f"/portal/{ticket.pk}/", language=language, theme=theme, width=PHONE)
    page.locator(".portal-answer summary").last.click()
    assert not wrong(page)
    page.locator(".portal-answer[open] [data-key=save]").click()
    expect(page.locator(".portal-answer .error-summary")).to_be_focused()
    expect(page.locator("#id_not-solved-reason")).to_have_class(re.compile("is-invalid"))
    assert not wrong(page)
    page.fill("#id_not-solved-reason", "三楼还是不行")
    page.locator(".portal-answer[open] [data-key=save]").click()
    page.wait_for_load_state()
    expect(page.locator(".portal-story")).to_contain_text("三楼还是不行")
    assert Ticket.objects.get().status == Status.IN_PROGRESS
    assert page.locator(".call-us a").get_attribute("href") == "tel:+8675586001234"


def test_he_adds_something_and_what_was_overtaken_comes_back(visit: Open, cast: Cast) -> None:
    ticket = solved(cast)
    page = visit(cast.sun, f"/portal/{ticket.pk}/", width=PHONE)
    page.fill("#id_add-text", "谢谢")
    page.locator("#add-title").locator("xpath=../..").locator("[data-key=save]").click()
    page.wait_for_load_state()
    expect(page.locator(".portal-story")).to_contain_text("谢谢")
    page.locator(".portal-answer summary").first.click()
    page.fill("#id_satisfied-text", "很快")
    now = timezone.now()
    actions.confirm(Ticket.objects.get(), confirmed_by="孙主任", channel="phone", by=cast.li, now=now)
    page.locator(".portal-answer[open] [data-key=save]").click()
    expect(page.locator("[data-look-here]")).to_contain_text("很快")
    expect(page.locator("[data-look-here]")).to_be_focused()
    assert not wrong(page)

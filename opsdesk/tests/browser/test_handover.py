"""A duty changes hands: one writes and hands over, the other asks back, reads again, and signs."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.browser.test_pages import RULES, violations
from tickets import actions
from tickets.models import Handover
from tickets.tests.handovers import on_duty_now

pytestmark = pytest.mark.browser

NOTE = "凌晨两点清理归档,之后一切正常"


def accessible(page: Page, name: str) -> None:
    page.evaluate(AXE_SCRIPT)
    assert violations(page, RULES, name) == []


def test_a_duty_is_written_handed_over_asked_back_and_signed(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    mine = actions.acknowledge(cast.ticket(now), by=cast.chen, now=now)
    on_duty_now(cast)
    there = reverse("handovers:now", args=[cast.south.code])

    chen = visit(cast.chen, reverse("duty:mine"), language="zh-hans")
    chen.get_by_role("link", name="填写").click()
    chen.get_by_label("当班情况").fill(NOTE)
    expect(chen.locator("#draft-state")).to_contain_text("草稿已保存")
    chen.reload()
    expect(chen.get_by_label("当班情况")).to_have_value(NOTE)
    accessible(chen, "handover-written")
    chen.get_by_role("checkbox").first.check()
    chen.get_by_label("当班情况").press("Control+Enter")
    expect(chen.get_by_text("已交班。")).to_be_visible()

    li = visit(cast.li, there, language="zh-hans", width=390)
    expect(li.get_by_text(NOTE).first).to_be_visible()
    accessible(li, "handover-waiting")
    li.get_by_text("退回", exact=True).first.click()
    li.get_by_label("还缺什么").fill("谁联系运营商?")
    li.get_by_role("button", name="退回").click()
    expect(li.get_by_text("已退回。")).to_be_visible()

    chen.goto(there)
    chen.get_by_label("还要做什么").fill("运营商由我联系")
    chen.get_by_label("还要做什么").press("Control+Enter")
    expect(chen.get_by_text("已交班。")).to_be_visible()

    li.goto(there)
    expect(li.get_by_text("运营商由我联系").first).to_be_visible()
    li.get_by_label(mine.title).check()
    li.get_by_role("button", name="签字").click()
    expect(li.get_by_text("1 条记录现在归您负责。")).to_be_visible()
    expect(li.locator("#who-answers")).to_contain_text("已签字")
    handover = Handover.objects.get()
    assert handover.is_signed and handover.note == NOTE
    mine.refresh_from_db()
    assert mine.owner == cast.li

"""A session that ends while a page is open: it goes to sign in and comes back; what is typed is not lost."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from opsdesk.testing import PASSWORD, Cast
from opsdesk.tests.browser.conftest import Open
from reports.models import KpiTarget

pytestmark = pytest.mark.browser
SIGN_IN = re.compile(r"/sign-in/\?next=")


def sign_in(page: Page) -> None:
    page.fill("[name=username]", "zhou")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def test_the_whole_page_goes_to_sign_in_and_stays_where_something_is_typed(visit: Open, cast: Cast) -> None:
    dashboard = f"{reverse('reports:dashboard')}?period=2026-10&group=south"
    page = visit(cast.zhou, dashboard)
    # A part that is out of sight has not been asked for yet.
    expect(page.locator("[hx-trigger=revealed]").last).to_be_attached()
    page.wait_for_load_state("networkidle")
    Session.objects.all().delete()
    # To the very end, by way of all of them: the first may take the page away.
    page.mouse.wheel(0, 100_000)
    page.wait_for_url(SIGN_IN)
    expect(page.locator(".figure-part")).to_have_count(0)
    sign_in(page)
    page.wait_for_url(f"**{dashboard}")

    page.goto(reverse("reports:kpi", args=["response"]))
    page.fill("[name=reason]", "typed by hand")
    Session.objects.all().delete()
    page.keyboard.press("Control+k")
    page.keyboard.type("T-1")
    warning = page.locator(".toast-note[data-level=warning]")
    expect(warning).to_contain_text("What you typed still stands here")
    page.keyboard.press("Escape")
    expect(page.locator("[name=reason]")).to_have_value("typed by hand")
    with page.context.expect_page() as opened:
        warning.get_by_role("link").click()
    sign_in(opened.value)
    opened.value.close()
    page.fill("[name=target]", "91")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    expect(page.locator(".toast-note[data-level=success]")).to_be_visible()
    assert KpiTarget.objects.get().reason == "typed by hand"

"""The wall-board keeps itself up to date and turns red when no answer comes; the chart is a month a sheet."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from duty.actions import close_feed, open_board
from duty.models import BoardTheme, Shift
from duty.views import boards
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import PATIENCE, Open
from tickets.models import Clock, Ticket

# Letters below 32 pixels on a screen of 1920 × 1080.
SMALL = """(found) => found.filter(
  (one) => !one.closest(".sr-only") && parseFloat(getComputedStyle(one).fontSize) < 32
).map((one) => one.outerHTML)"""
SPAN = "first_day=2026-12-01&last_day=2027-02-28"
pytestmark = pytest.mark.browser


def test_the_board_follows_the_roster_and_turns_red_when_it_is_old(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    page = visit(cast.wang)
    page.clock.install()
    page.goto(reverse("duty:wall"))
    expect(page.get_by_text("Nobody!")).to_be_visible()
    hour = timedelta(hours=1)
    span = {"starts_at": now - hour, "ends_at": now + 8 * hour}
    Shift.objects.create(group=cast.south, user=cast.chen, **span)
    page.clock.run_for(11_000)
    expect(page.locator(".wall-now")).to_have_text("陈工")
    expect(page.locator("#wall-age")).to_contain_text("s old")
    # From here on the answer is that one has to sign in.
    page.context.clear_cookies()
    page.clock.run_for(80_000)
    expect(page.locator("body.is-stale")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("No answer")
    expect(page.locator(".wall-now")).to_have_text("陈工")


def test_the_board_of_operations_counts_down_loads_itself_anew_once_and_says_that_it_was_revoked(
    chromium: Browser, live_server: LiveServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = timezone.now() + timedelta(seconds=90)
    ticket = cast.ticket(timezone.now())
    Clock.objects.filter(ticket=ticket).update(due_at=due, near_at=due - timedelta(seconds=80))
    Ticket.objects.filter(pk=ticket.pk).update(next_due_at=due)
    look = {"language": "zh-hans", "theme": BoardTheme.DARK}
    feed, secret = open_board(None, **look, by=cast.zhao, now=timezone.now())
    cache.clear()
    complaints: list[str] = []
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install()
    page.goto(reverse("reports:wall_feed", args=[secret]))
    left = page.locator("[data-due]")
    expect(left).to_have_text(re.compile(r"01:[0-2]\d"))
    expect(left).to_have_attribute("data-state", "near", timeout=30_000)
    small = page.locator("main :text-matches('.')").evaluate_all(SMALL)
    assert not small, small
    page.clock.fast_forward(9_000)
    expect(page.locator("#wall-age")).to_contain_text("秒前")

    loaded = []
    page.on("load", lambda _page: loaded.append(1))
    monkeypatch.setattr(boards, "edition", lambda: "another")
    page.evaluate("document.getElementById('wall').dataset.edition = 'one of before'")
    with page.expect_event("load", timeout=PATIENCE):
        page.clock.run_for(10_000)
    for _more in range(3):
        poll(page)
    assert len(loaded) == 1
    monkeypatch.setattr(boards, "edition", lambda: "third")  # which the page never has: no second time
    page.evaluate("document.getElementById('wall').dataset.edition = 'one of before'")
    page.evaluate("sessionStorage.setItem('board', `third ${Date.now()}`)")
    for _more in range(3):  # by the answer to the second the page has long seen that of the first
        poll(page)
    assert len(loaded) == 1

    close_feed(feed, by=cast.zhao, now=timezone.now())
    poll(page)
    page.clock.run_for(80_000)
    expect(page.locator("body.is-stale")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("此地址已失效")
    expect(page.get_by_text(ticket.number)).to_be_visible()
    context.close()
    assert not complaints


def poll(page: Page) -> None:
    """Let ten seconds pass, and the board ask and be answered."""
    with page.expect_response(re.compile(r"\bpart=1"), timeout=PATIENCE):
        page.clock.run_for(10_000)


def test_the_chart_is_printed_a_month_a_sheet_on_the_paper_asked_for(visit: Open, cast: Cast) -> None:
    page = visit(cast.wang, reverse("duty:wallchart", args=["south"]))
    for paper, width in (("a3", 420), ("a4", 297)):
        page.goto(f"{reverse('duty:wallchart', args=['south'])}?{SPAN}&paper={paper}")
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert [round(float(sheet.mediabox.width) * 25.4 / 72) for sheet in sheets] == [width] * 3
        for month, sheet in zip(("2026-12", "2027-01", "2027-02"), sheets, strict=True):
            assert f"{month} · South" in sheet.extract_text()

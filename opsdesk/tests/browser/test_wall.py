"""The wall-board keeps itself up to date and turns red when no answer comes; the chart is a month a sheet."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from duty.models import Shift
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open

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


def test_the_chart_is_printed_a_month_a_sheet_on_the_paper_asked_for(visit: Open, cast: Cast) -> None:
    page = visit(cast.wang, reverse("duty:wallchart", args=["south"]))
    for paper, width in (("a3", 420), ("a4", 297)):
        page.goto(f"{reverse('duty:wallchart', args=['south'])}?{SPAN}&paper={paper}")
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert [round(float(sheet.mediabox.width) * 25.4 / 72) for sheet in sheets] == [width] * 3
        for month, sheet in zip(("2026-12", "2027-01", "2027-02"), sheets, strict=True):
            assert f"{month} · South" in sheet.extract_text()

"""An inspection under the thumb: values colour themselves, what is abnormal becomes a record in one click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from duty.actions import make_plan
from duty.models import Inspection
from duty.tests.inspections import daily, item_of, published
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def inspection(cast: Cast) -> Inspection:
    """One of tomorrow, so that it is open at any time of day."""
    now = timezone.now() - timedelta(minutes=1)
    sheet = published(cast, now=now)
    plan = make_plan(sheet, daily(since=timezone.localdate(now)), by=cast.wang, now=now)
    return plan.inspections.latest("day")


def part(page: Page, inspection: Inspection, name: str):  # type: ignore[no-untyped-def]
    return page.locator(f"#item-{item_of(inspection, name).pk}")


def test_an_inspection_is_done_on_a_phone_and_what_is_abnormal_becomes_a_record(
    visit: Open, cast: Cast, inspection: Inspection
) -> None:
    page = visit(cast.chen, reverse("duty:inspections"), width=390)
    page.get_by_role("link", name="HIS daily").first.click()
    if inspection.plan.inspections.count() > 1:  # today's is there as well
        page.goto(reverse("duty:inspection", args=[inspection.pk]))
    cpu, backup, lamp = (part(page, inspection, name) for name in ("CPU load", "Backup done", "Alarm lamp"))
    cpu.get_by_label("CPU load: Value").fill("85")
    expect(cpu.get_by_text("Warning")).to_be_visible()
    expect(cpu.get_by_role("radio", name="Normal", exact=True)).to_be_checked()
    cpu.get_by_label("CPU load: Value").fill("97")
    expect(cpu.get_by_text("Critical")).to_be_visible()
    expect(cpu.get_by_role("radio", name="Abnormal")).to_be_checked()
    backup.get_by_role("radio", name="Yes").check()
    cpu.get_by_label("Note CPU load").fill("The nightly report still runs")
    cpu.get_by_role("button", name="Open a record").click()
    ticket = Ticket.objects.get()
    expect(page.get_by_role("heading", level=1)).to_contain_text("97 %")
    page.get_by_role("link", name="The inspection that found it").click()
    expect(cpu.get_by_role("link", name=ticket.number)).to_be_visible()
    expect(backup.get_by_role("radio", name="Yes")).to_be_checked()
    page.get_by_role("button", name="Finish").click()
    expect(lamp.get_by_text("Not answered yet.")).to_be_visible()
    lamp.get_by_role("radio", name="green").check()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Finished. Thank you.")).to_be_visible()
    inspection.refresh_from_db()
    assert inspection.finished_by == cast.chen and inspection.answers.count() == 3

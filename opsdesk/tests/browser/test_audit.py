"""An audit on its pages: drawn from a seed, a hidden danger found, made a record, and verified closed."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from audits import actions as audits
from audits.drawing import draw
from audits.models import Audit, Finding
from audits.tests.auditing import DAY, closed_records, looked_at, through
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets.models import Ticket

pytestmark = pytest.mark.browser


def test_a_hidden_danger_is_found_becomes_a_record_and_is_verified_closed(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    records = closed_records(cast, now)
    audits.load_defaults(now=now - DAY)
    audits.begin_audit(kind="process", group=cast.south, by=cast.zhou, now=now)
    audit, today = Audit.objects.get(), timezone.localdate(now).isoformat()
    here = reverse("audits:audit", args=[audit.pk])

    page = visit(cast.zhou, here)
    page.get_by_label("Closed from").fill(today)
    page.get_by_label("Closed until").fill(today)
    page.get_by_label("How many records").fill("2")
    page.get_by_label("Seed").fill("2026-Q4")
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.get_by_text("Drawn. Seed and population are kept with the audit.")).to_be_visible()
    expect(page.get_by_text("2 of 4 records")).to_be_visible()
    expected = draw([(one.pk, one.grade) for one in records], 2, "2026-Q4").ids
    shown = page.locator("section[aria-labelledby=items] tbody .number").all_inner_texts()
    assert shown == [f"T-{pk}" for pk in expected]

    page.get_by_role("link", name=f"T-{expected[0]}").click()
    first = page.locator("fieldset").first
    first.get_by_label("Does not conform").check()
    page.get_by_role("button", name="Keep Ctrl").click()
    expect(first.get_by_text("Say what does not conform.")).to_be_visible()
    first.get_by_label("Note").fill("Nobody could take this over")
    page.get_by_role("button", name="Keep Ctrl").click()
    page.get_by_role("link", name=f"T-{expected[0]}").click()
    first.get_by_role("link", name="Raise a finding").click()
    page.get_by_label("Hidden danger").check()
    page.get_by_label("What was found").fill("No restore was ever tried")
    page.get_by_role("button", name="Raise it").click()
    first.get_by_role("link", name="Hidden danger").click()

    page.get_by_role("button", name="Open a maintenance record").click()
    expect(page.get_by_text("is not closed yet.")).to_be_visible()
    ticket = Ticket.objects.latest("pk")
    expect(page.get_by_role("link", name=ticket.number)).to_be_visible()
    expect(page.get_by_text(f"Record {ticket.number} is not closed yet.")).to_be_visible()
    through(cast, ticket, timezone.now())
    finding = Finding.objects.get()

    page = visit(cast.chen, reverse("audits:findings"), width=390)
    page.get_by_role("link", name=finding.number).click()
    page.get_by_label("What was done").fill("Restored to the spare host; it works")
    page.get_by_role("button", name="Report it remedied").click()
    expect(page.get_by_text("Reported. The auditor verifies it now.")).to_be_visible()

    page = visit(cast.zhou, reverse("audits:finding", args=[finding.pk]))
    page.get_by_label("What the verification showed").fill("The record of the trial was seen")
    page.get_by_role("button", name="Verify the remedy").click()
    expect(page.get_by_label("State").get_by_text("Closed effectively")).to_be_visible()

    looked_at(cast, Audit.objects.get(pk=audit.pk), timezone.now())
    page.goto(here)
    page.get_by_label("What it comes to").fill("In order, but for one danger")
    page.get_by_role("button", name="Report it to the group").click()
    page = visit(cast.wang, here)
    page.locator("#id_state_statement").fill("We agree")
    page.get_by_role("button", name="Make the statement").click()
    page = visit(cast.zhou, here)
    page.get_by_role("button", name="Close the audit").click()
    expect(page.get_by_text("Closed: stated, and every finding is verified.")).to_be_visible()
    audit.refresh_from_db()
    assert audit.state == "closed"

"""A notice drafted in the browser: the draft follows what is typed, and the file comes down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets.tests.story import running

pytestmark = pytest.mark.browser


def test_the_draft_follows_the_form_and_what_is_issued_comes_down(visit: Open, cast: Cast) -> None:
    ticket = running(cast, timezone.now() - timedelta(hours=1))
    page = visit(cast.wang, reverse("tickets:new_document", args=[ticket.pk, "notice"]), language="en")
    draft = page.locator("#draft")
    expect(draft).to_contain_text("Reported up so far")
    page.select_option("[name=edition]", "client")
    expect(draft).not_to_contain_text("Reported up so far")
    page.fill("[name=next_step]", "Replace the controller")
    page.press("[name=next_step]", "Tab")
    expect(draft).to_contain_text("Replace the controller")
    page.click("button[data-key=save]")
    expect(page.locator("h1")).to_have_text("Major-fault notice 1")
    expect(page.locator(".sheet")).to_contain_text("Replace the controller")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == f"{ticket.number}-NC1.pdf"

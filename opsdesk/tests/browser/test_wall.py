"""The wall-board keeps itself up to date, and turns red when no answer comes any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from duty.models import Shift
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open

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

"""What comes a moment after its page moves nothing: who presses a button presses that and no other."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 390), ("zh-hans", 1440)])
def test_whom_report_ups_reach_comes_later_and_moves_nothing(
    visit: Open, cast: Cast, language: str, width: int
) -> None:
    ticket = cast.ticket(timezone.now())
    held: list[Route] = []
    page = visit(cast.li, language=language, width=width)
    page.route("**/next/", lambda route: held.append(route))
    page.goto(f"/records/{ticket.pk}/")
    steps, below = page.locator(".next-steps"), page.locator("#history")
    expect(steps).to_contain_text("→ …")
    before = below.bounding_box()
    held[0].continue_()
    expect(steps).not_to_contain_text("→ …")
    expect(steps).to_contain_text(cast.chen.name)
    assert below.bounding_box() == before

"""What comes a moment after its page moves nothing: who presses a button presses that and no other."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets import actions

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


@pytest.mark.parametrize("width", [390, 1440])
def test_who_else_comes_to_a_record_moves_nothing_and_covers_nothing(
    visit: Open, cast: Cast, width: int
) -> None:
    ticket = cast.ticket(timezone.now())
    page = visit(cast.li, f"/records/{ticket.pk}/", width=width)
    clocks, said = page.locator(".clock-strip"), page.locator("#presence")
    before = clocks.bounding_box()
    for person, writes in ((cast.wang, True), (cast.chen, False), (cast.liu, False)):
        actions.be_present(ticket, is_writing=writes, by=person, now=timezone.now())
    actions.add_note(ticket, text="不锁定", by=cast.wang, now=timezone.now())
    expect(said).to_contain_text("Writing here: 王强")
    expect(said).to_contain_text("陈工, 刘工")
    expect(said.get_by_role("link")).to_be_visible()
    assert clocks.bounding_box() == before
    lines = [line.bounding_box() for line in said.locator("p").all()]
    assert all(one and before and one["y"] + one["height"] <= before["y"] for one in lines)

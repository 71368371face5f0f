"""Two records become one and two again by keyboard alone, and what is found while it is typed."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.browser.test_keyboard import compose, violations
from tickets import actions
from tickets.models import Link, LinkKind, Status, Ticket

pytestmark = pytest.mark.browser


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


def hits(page: Page, field: str):
    return page.locator(f"#{field}_hits [role=option]")


def test_a_duplicate_is_merged_and_the_merge_undone_by_keyboard(visit: Open, cast: Cast) -> None:
    target = cast.ticket(timezone.now(), title="血库冰箱告警")
    duplicate = cast.ticket(timezone.now())
    page = visit(cast.li, f"/records/{duplicate.pk}/")
    page.keyboard.press("v")
    field = page.locator("#id_merge-into")
    expect(field).to_be_focused()
    page.keyboard.type("血库")
    expect(hits(page, "id_merge-into")).to_have_count(1)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(field).to_have_value(target.number)
    expect(page.locator("#verb-merge .picker-said")).to_have_text("血库冰箱告警")
    page.keyboard.press("Tab")
    page.keyboard.type("same fridge")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#verb-unmerge")
    assert status(duplicate) == Status.MERGED
    expect(page.locator(".page-main .alert").first).to_contain_text(f"Handled under {target.number}")

    page.keyboard.press("z")
    expect(page.locator("#id_unmerge-reason")).to_be_focused()
    page.keyboard.type("another fridge")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#verb-merge")
    assert status(duplicate) == Status.LOGGED
    assert not Link.objects.exists()


def test_enter_waits_for_the_answer_and_arrow_keys_choose(visit: Open, cast: Cast) -> None:
    tickets = [cast.ticket(timezone.now()) for _ in range(3)]
    page = visit(cast.li, f"/records/{tickets[0].pk}/")
    page.keyboard.press("b")
    page.keyboard.press("Tab")  # past what it is to the other one
    field = page.locator("#id_link-other")
    expect(field).to_be_focused()
    page.keyboard.type("系统崩溃")
    expect(hits(page, "id_link-other")).to_have_count(2)
    first, second = hits(page, "id_link-other").all()
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#id_link-other_hits")).to_be_hidden()
    expect(field).to_have_value("系统崩溃")
    field.fill("")
    page.keyboard.type(tickets[1].number)
    page.keyboard.press("Enter")  # before the answer is there: it sends nothing, and chooses when it comes
    expect(page.locator("#verb-link .picker-said")).to_have_text(tickets[1].title)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".related-bundle:has-text('Has to do with')")
    assert Link.objects.get().kind == LinkKind.RELATED


def test_nothing_is_asked_while_an_input_method_composes(visit: Open, cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    cast.ticket(timezone.now(), title="血库冰箱告警")
    page = visit(cast.li, f"/records/{ticket.pk}/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/find/" in request.url else None)
    page.keyboard.press("v")
    compose(page, "xueku")
    page.wait_for_timeout(400)
    assert not asked
    page.context.new_cdp_session(page).send("Input.insertText", {"text": "血库"})
    expect(hits(page, "id_merge-into")).to_have_count(1)


def test_the_card_is_accessible_and_fits_a_phone(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    whole = cast.ticket(now, title="系统崩溃" * 40)
    for _time in range(3):
        part = cast.ticket(now, title="很长的标题" * 30)
        actions.adopt(whole, child=part, by=cast.li, now=now)
    merged = cast.ticket(now)
    actions.merge(merged, into=part, by=cast.li, now=now)
    for theme in ("light", "dark"):
        for ticket in (whole, part, merged):
            page = visit(cast.li, f"/records/{ticket.pk}/", theme=theme, language="zh", width=390)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.locator("#verb-link > summary, #verb-unmerge > summary").first.click()
            page.evaluate("scrollTo(0, 0)")  # or the bar at the top may stand over half of a button
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = visit(cast.li, f"/records/{whole.pk}/")
    page.locator("#verb-link > summary").click()
    page.locator("#id_link-other").fill("很长")
    page.locator("#id_link-other").dispatch_event("input")
    expect(hits(page, "id_link-other")).to_have_count(3)
    assert violations(page) == []

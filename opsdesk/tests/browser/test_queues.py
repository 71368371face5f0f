"""The list keeps itself up to date, and whoever works in it notices nothing but the news."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from tickets import actions
from tickets.models import Grade, Ticket

pytestmark = pytest.mark.browser

SEVERAL = 4


def refresh(page: Page) -> None:
    """Let the list ask now, as it does when its tab is shown again, and wait for the answer."""
    with page.expect_response(lambda answer: "/records/live/" in answer.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def change(ticket: Ticket, cast: Cast, text: str = "seen to") -> None:
    actions.add_note(ticket, text=text, by=cast.li, now=timezone.now())


def test_a_new_record_appears_by_itself_and_is_announced(visit: Open, cast: Cast) -> None:
    page = visit(cast.li, "/healthz/live")
    page.clock.install()
    page.goto("/records/")
    expect(page.locator(".ticket-table")).to_have_count(0)
    ticket = cast.ticket(timezone.now())
    page.clock.run_for(11_000)
    expect(page.locator(f"#row-{ticket.pk}")).to_contain_text(ticket.title)
    expect(page.locator("#live")).to_have_text("1 record changed")
    expect(page.locator("#queue-unacknowledged .count")).to_have_text("1")


def test_focus_caret_and_typed_text_stay_over_several_refreshes(visit: Open, cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    page = visit(cast.li, "/records/")
    search = page.locator(".toolbar input[name=q]")
    search.fill("printer on the third floor")
    search.evaluate("field => { field.focus(); field.setSelectionRange(3, 8); }")
    page.wait_for_timeout(1600)
    for _ in range(SEVERAL):
        change(ticket, cast)
        version = Ticket.objects.get(pk=ticket.pk).version
        refresh(page)
        expect(page.locator(f"#row-{ticket.pk}")).to_have_attribute("data-version", str(version))
    assert search.evaluate("field => [document.activeElement === field, field.value]") == [
        True,
        "printer on the third floor",
    ]
    assert search.evaluate("field => [field.selectionStart, field.selectionEnd]") == [3, 8]


def test_ticks_focused_row_and_scroll_stay_while_rows_come_change_and_go(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    tickets = [cast.ticket(now) for _ in range(30)]
    ticked, focused, changed, gone = tickets[3], tickets[20], tickets[21], tickets[29]
    page = visit(cast.li, "/records/")
    page.check(f"#pick-{ticked.pk}")
    link = page.locator(f"#row-link-{focused.pk}")
    link.scroll_into_view_if_needed()
    link.focus()
    at = "link => [document.activeElement === link, Math.round(link.getBoundingClientRect().top)]"
    before = link.evaluate(at)
    for number in range(SEVERAL):
        newcomer = cast.ticket(now)
        change(changed, cast, f"note {number}")
        refresh(page)
        expect(page.locator(f"#row-{newcomer.pk}")).to_have_count(1)
        assert link.evaluate(at) == before
    actions.assign(gone, group=cast.north, by=cast.admin, now=now)
    actions.grade(changed, Grade.ONE, reason="down", by=cast.li, now=now)
    refresh(page)
    expect(page.locator(f"#row-{changed.pk} .grade")).to_have_attribute("data-grade", "1")
    assert link.evaluate("link => document.activeElement === link")
    expect(page.locator(f"#pick-{ticked.pk}")).to_be_checked()


def test_nothing_moves_while_an_input_method_composes(visit: Open, cast: Cast) -> None:
    page = visit(cast.li, "/records/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    page.focus(".toolbar input[name=q]")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "dayin", "selectionStart": 5, "selectionEnd": 5})
    page.wait_for_timeout(1600)
    cast.ticket(timezone.now())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    assert not asked
    session.send("Input.insertText", {"text": "打印"})
    expect(page.locator(".ticket-table")).to_have_count(1, timeout=8000)
    assert page.input_value(".toolbar input[name=q]") == "打印"


def test_an_unchanged_list_is_not_sent_again(visit: Open, cast: Cast) -> None:
    cast.ticket(timezone.now())
    page = visit(cast.li, "/records/")
    with page.expect_response(lambda answer: "/records/live/" in answer.url) as answer:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert answer.value.status == 304


def test_many_records_are_assigned_by_keyboard_and_taken_back(visit: Open, cast: Cast) -> None:
    tickets = [cast.ticket(timezone.now()) for _ in range(3)]
    page = visit(cast.wang, "/records/")
    page.press("[data-pick-all]", "Space")
    expect(page.locator("[data-picked]")).to_have_text("3 selected")
    page.locator("#bulk summary", has_text="Assign").press("Enter")
    page.select_option("#id_bulk-owner", str(cast.li.pk))
    page.press("button[name=bulk-verb][value=assign]", "Enter")
    expect(page.locator(".page-main > .alert")).to_contain_text("3 records done")
    assert set(Ticket.objects.values_list("owner", flat=True)) == {cast.li.pk}
    page.press("[data-undo] button", "Enter")
    expect(page.locator(".page-main > .alert")).to_contain_text("undone")
    assert set(Ticket.objects.values_list("owner", flat=True)) == {tickets[0].owner_id}


def test_the_desk_keeps_itself_up_to_date_too(visit: Open, cast: Cast) -> None:
    page = visit(cast.chen, "/")
    ticket = cast.ticket(timezone.now())
    refresh(page)
    expect(page.locator(f"#mine-{ticket.pk}")).to_have_count(1)
    expect(page.locator(f"#next-{ticket.pk}")).to_have_count(1)

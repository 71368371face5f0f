"""The working tools in a browser: by keyboard, by input method, and without losing what is being typed."""

from __future__ import annotations

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from opsdesk.tests.rest import with_checklist
from tickets import actions
from tickets.actions.canned import save_reply
from tickets.models import CannedReply, Scope, Ticket
from tickets.tests.test_stale import in_work
from tickets.tests.test_views import detail

pytestmark = pytest.mark.browser

NOTE = "#id_note-text"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return in_work(cast)


def opened_note(visit: Open, cast: Cast, ticket: Ticket, **more: object) -> Page:
    page = visit(cast.li, detail(ticket), **more)
    page.locator("#verb-note > summary").press("Enter")
    page.locator(NOTE).fill("")
    return page


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    assert not [(one["id"], [node["html"][:120] for node in one["nodes"][:2]]) for one in found]


def replies(cast: Cast) -> None:
    for title, body in (("已受理", "{client}{caller}您好"), ("回访", "请问{system}正常吗")):
        reply = CannedReply(title=title, body=body, scope=Scope.EVERYONE)
        save_reply(reply, by=cast.admin, now=timezone.now())


def test_a_reply_is_found_and_inserted_at_the_caret_by_keyboard(
    visit: Open, cast: Cast, ticket: Ticket
) -> None:
    replies(cast)
    page = opened_note(visit, cast, ticket)
    page.keyboard.type("前后")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-list [role=option]")).to_have_count(2)
    accessible(page)
    page.keyboard.type("受理")
    page.keyboard.press("Enter")  # before the answer is there: it waits for it
    expect(page.locator(NOTE)).to_have_value("前市一医院孙主任您好后")
    expect(page.locator(NOTE)).to_be_focused()
    page.keyboard.type("!")
    expect(page.locator(NOTE)).to_have_value("前市一医院孙主任您好!后")
    assert CannedReply.objects.get(title="已受理").uses == 1


def test_the_palette_of_replies_closes_by_escape_and_changes_nothing(
    visit: Open, cast: Cast, ticket: Ticket
) -> None:
    replies(cast)
    page = opened_note(visit, cast, ticket)
    page.keyboard.type("x")
    page.locator("#verb-note [data-open-replies]").click()
    page.keyboard.type("没有这样的")
    expect(page.locator("#replies [role=status]")).to_have_text("No reply has these words.")
    page.keyboard.press("Escape")
    expect(page.locator(NOTE)).to_be_focused()
    expect(page.locator(NOTE)).to_have_value("x")


def test_somebody_is_mentioned_by_typing_and_choosing(visit: Open, cast: Cast, ticket: Ticket) -> None:
    page = opened_note(visit, cast, ticket)
    page.keyboard.type("请@w")
    expect(page.locator("#id_note-text_people [role=option]").first).to_contain_text("王强")
    accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator(NOTE)).to_have_value("请@王强 ")
    page.keyboard.type("看 @")
    expect(page.locator("#id_note-text_people [role=option]")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#id_note-text_people")).to_be_hidden()
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".mention")).to_have_text("@王强")
    expect(page.locator("#toasts")).to_contain_text("Told: @王强.")


def test_an_input_method_composes_a_name_undisturbed(visit: Open, cast: Cast, ticket: Ticket) -> None:
    page = opened_note(visit, cast, ticket)
    page.keyboard.type("@")
    expect(page.locator("#id_note-text_people")).to_be_visible()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "wang", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(200)
    session.send("Input.insertText", {"text": "王"})
    expect(page.locator("#id_note-text_people [role=option]")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(NOTE)).to_have_value("@王强 ")


def test_ticking_leaves_the_text_that_is_being_typed(visit: Open, cast: Cast, ticket: Ticket) -> None:
    item = with_checklist(ticket, cast)
    page = opened_note(visit, cast, ticket)
    page.keyboard.type("还没写完")
    page.fill(f"#item-{item.pk} [name=result]", "02:00 备份")
    page.press(f"#item-{item.pk} [name=result]", "Enter")
    expect(page.locator(f"#item-{item.pk}")).to_contain_text("02:00 备份")
    expect(page.locator("#timeline .entry").last).to_contain_text("02:00 备份")
    expect(page.locator(NOTE)).to_have_value("还没写完")
    accessible(page)


def test_the_slower_of_two_is_told_at_the_item(visit: Open, cast: Cast, ticket: Ticket) -> None:
    item = with_checklist(ticket, cast)
    page = visit(cast.li, detail(ticket))
    actions.tick(ticket, item, by=cast.wang, now=timezone.now())
    page.fill(f"#item-{item.pk} [name=result]", "我看到的")
    page.locator(f"#item-{item.pk} button[type=submit]").click()
    expect(page.locator(f"#item-{item.pk} [role=alert]")).to_contain_text("王强 ticked")
    expect(page.locator(f"#slip-{item.pk}")).to_have_value("我看到的")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_versions_are_compared_by_keyboard_at_any_width(
    visit: Open, cast: Cast, ticket: Ticket, width: int, theme: str
) -> None:
    page = visit(cast.chen, detail(ticket), width=width, theme=theme)
    page.locator("#verb-diagnose > summary").press("Enter")
    page.fill("#id_diagnose-diagnosis", "磁盘阵列降级,需更换硬盘")
    page.select_option("#id_diagnose-cause", "hardware")
    actions.diagnose(ticket, diagnosis="电源老化", cause="network", by=cast.wang, now=timezone.now())
    page.press("#id_diagnose-diagnosis", "Control+Enter")
    expect(page.locator("#moved")).to_be_focused()
    accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    combined = page.locator("#versions-combined")
    expect(combined).to_have_value("电源老化\n磁盘阵列降级,需更换硬盘")
    combined.focus()
    combined.fill("电源老化使磁盘阵列降级")
    combined.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Diagnosis confirmed")
    ticket.refresh_from_db()
    assert ticket.diagnosis == "电源老化使磁盘阵列降级"


def test_who_has_it_open_is_told_within_five_seconds_of_a_second_one(
    visit: Open, cast: Cast, ticket: Ticket
) -> None:
    li = visit(cast.li, detail(ticket))
    li.wait_for_load_state("networkidle")
    visit(cast.wang, detail(ticket))
    begun = time.monotonic()
    expect(li.locator("#presence")).to_contain_text("王强", timeout=5000)
    assert time.monotonic() - begun <= 5


def test_ones_own_time_is_corrected_beside_the_history(visit: Open, cast: Cast, ticket: Ticket) -> None:
    actions.add_note(ticket, text="查日志", minutes=90, by=cast.li, now=timezone.now())
    page = visit(cast.li, detail(ticket))
    page.locator("#effort summary").click()
    page.fill("#correct-minutes", "很久")
    page.fill("#correct-reason", "多记了")
    page.locator("#effort button[type=submit]").click()
    expect(page.locator("#effort .invalid-feedback")).to_contain_text("Write it like")
    expect(page.locator("#correct-reason")).to_have_value("多记了")
    page.fill("#correct-minutes", "1h")
    page.locator("#effort button[type=submit]").click()
    expect(page.locator("#effort .card-head")).to_contain_text("1 h")
    expect(page.locator("#timeline .entry").last).to_contain_text("多记了")

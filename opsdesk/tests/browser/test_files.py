"""Files reach a record as people bring them: dropped, pasted, chosen; with and without script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client as DjangoBrowser
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from staff.tests import hostile
from tickets.models import Attachment, EntryKind, Ticket

pytestmark = pytest.mark.browser

DROP = """([name, text]) => {
  const brought = new DataTransfer();
  brought.items.add(new File([text], name, { type: "text/plain" }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const happens = { dataTransfer: brought, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent(kind, happens));
  }
}"""
# What a screenshot key does: a picture in the clipboard, without any name.
PICTURE_TO_CLIPBOARD = """async () => {
  const canvas = new OffscreenCanvas(320, 200), pen = canvas.getContext("2d");
  pen.fillStyle = "navy";
  pen.fillRect(0, 0, 320, 200);
  const picture = await canvas.convertToBlob({ type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def given(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "", "buffer": content}


def choose(page: Page, *files: dict[str, object]) -> None:
    page.locator('input[type="file"]').set_input_files(list(files))  # type: ignore[arg-type]


def test_a_file_dropped_and_a_screenshot_pasted_come_with_one_note(cast: Cast, visit: Open) -> None:
    ticket = cast.ticket()
    page = visit(cast.li, f"/records/{ticket.pk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(DROP, ["alert_orcl.log", "ORA-00257\n"])
    rows = page.locator(".file-row")
    expect(rows).to_have_count(1)
    expect(page.locator("#verb-note textarea")).to_be_visible()
    page.evaluate(PICTURE_TO_CLIPBOARD)
    page.keyboard.press("Control+V")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(re.compile(r"Screenshot \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png"))
    page.locator("#verb-note textarea").fill("今早的日志和截图")
    page.locator("#verb-note [type=submit]").click()
    card = page.locator(".files .file")
    expect(card).to_have_count(2)
    expect(page.locator(".timeline")).to_contain_text("今早的日志和截图")
    preview = card.locator("img")
    preview.scroll_into_view_if_needed()
    expect(preview).to_have_js_property("naturalWidth", 320)
    log, picture = Attachment.objects.all()
    assert (log.name, picture.width, picture.height) == ("alert_orcl.log", 320, 200)
    assert log.entry == picture.entry and log.entry.kind == EntryKind.ATTACHED
    assert not Axe().run(page).response["violations"]


def test_a_bad_file_is_named_beside_it_and_the_rest_can_still_be_sent(cast: Cast, visit: Open) -> None:
    ticket = cast.ticket()
    page = visit(cast.li, f"/records/{ticket.pk}/")
    page.get_by_role("link", name="Attach").click()
    page.locator("#verb-note textarea").fill("还在这里")
    choose(page, given("setup.exe", hostile.EXE), given("sham.png", hostile.SCRIPT), given("ok.log", b"x\n"))
    rows = page.locator(".file-row")
    expect(rows.nth(0)).to_contain_text("not taken")
    expect(rows.nth(1).locator(".invalid-feedback")).to_be_hidden()
    page.locator("#verb-note [type=submit]").click()
    expect(rows.nth(1)).to_contain_text("What is inside is not what “.png” says")
    expect(page.locator("#verb-note textarea")).to_have_value("还在这里")
    assert not Attachment.objects.exists()
    assert not Axe().run(page).response["violations"]
    rows.nth(1).get_by_role("button").click()
    expect(rows).to_have_count(2)
    page.locator("#verb-note [type=submit]").click()
    expect(page.locator(".files .file")).to_have_count(1)
    assert Attachment.objects.get().name == "ok.log"


def test_text_pasted_into_a_field_stays_text(cast: Cast, visit: Open) -> None:
    """Office puts a picture of the text beside the text."""
    page = visit(cast.li, f"/records/{cast.ticket().pk}/")
    page.locator("#verb-note summary").click()
    page.locator("#verb-note textarea").focus()
    page.evaluate(
        """() => {
          const brought = new DataTransfer();
          brought.setData("text/plain", "cells");
          brought.items.add(new File(["x"], "image.png", { type: "image/png" }));
          const happens = { clipboardData: brought, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", happens));
        }"""
    )
    expect(page.locator(".file-row")).to_have_count(0)


def test_the_scan_of_a_fax_outlasts_a_call_that_comes_back(cast: Cast, visit: Open) -> None:
    page = visit(cast.li, "/records/new/")
    page.locator("#id_channel").select_option("fax")
    expect(page.locator(".scan-hint")).to_be_visible()
    page.locator("#id_client").fill("hospital")
    page.locator("#id_title").fill("来函")
    page.evaluate(DROP, ["fax.txt", "page one\n"])
    choose(page, given("传真.png", hostile.picture()))
    expect(page.locator(".file-row")).to_have_count(2)
    page.locator('[data-key="save"]').click()  # the caller's name is missing
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator(".file-row")).to_have_count(2)
    expect(page.locator("[data-file-lost]")).to_have_count(0)
    page.locator("#id_caller_name").fill("孙主任")
    page.locator('[data-key="save"]').click()
    page.wait_for_url(re.compile("/logged/"))
    assert {file.name for file in Attachment.objects.all()} == {"fax.txt", "传真.png"}
    assert {file.entry.kind for file in Attachment.objects.all()} == {EntryKind.LOGGED}
    page.goto("/records/new/")
    expect(page.locator(".file-row")).to_have_count(0)


def test_without_script_a_plain_form_does(cast: Cast, chromium: Browser, live_server: LiveServer) -> None:
    ticket = cast.ticket()
    signed_in = DjangoBrowser()
    signed_in.force_login(cast.li, backend="django.contrib.auth.backends.ModelBackend")
    session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="en")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/records/{ticket.pk}/")
    page.locator("#verb-note summary").click()
    page.locator("#verb-note").get_by_role("link").click()
    choose(page, given("x.exe", hostile.EXE))
    page.locator("#verb-note [type=submit]").click()
    expect(page.locator("#verb-note")).to_contain_text("This kind of file is not taken")
    choose(page, given("ok.log", b"x\n"))
    page.locator("#verb-note [type=submit]").click()
    expect(page.locator(".files .file")).to_have_count(1)
    context.close()


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_names_however_long_stay_inside_their_card(cast: Cast, visit: Open, width: int, theme: str) -> None:
    ticket = cast.ticket()
    page = visit(cast.li, f"/records/{ticket.pk}/", width=width, theme=theme, language="zh-CN")
    page.locator("#verb-note summary").click()
    choose(page, given("x" * 150 + ".log", b"x\n"), given("长" * 80 + ".png", hostile.picture()))
    page.locator("#verb-note [type=submit]").click()
    expect(page.locator(".files .file")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Ticket.objects.get().attachments.count() == 2
    assert not Axe().run(page).response["violations"]

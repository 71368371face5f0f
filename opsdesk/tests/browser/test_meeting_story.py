"""A weekly meeting: Friday's notice, the agenda, the freeze, the screen of the room, three decisions of which
one dispatches a record, the minutes as PDF and Word, and next week's agenda that begins with them (§6.1.1).
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client
from meetings.actions import tend_meetings
from meetings.agenda import read
from meetings.kinds import DecisionState
from meetings.models import Decision, Meeting, Minutes
from meetings.tests.pages import about_now
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open, in_language
from tickets.actions import acknowledge, grade
from tickets.models import Dispatch, Grade, Ticket
from tickets.tests.test_document_files import in_order, words_of_page, words_of_pdf, words_of_word

LANGUAGES = ["zh-hans"] + ["en"] * ("OPSDESK_DRILL" in os.environ)
pytestmark = pytest.mark.browser
DAY = timedelta(days=1)


@pytest.mark.drill("story")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meeting_from_the_notice_to_the_next_agenda(visit: Open, cast: Cast, language: str) -> None:
    say, now = partial(in_language, language), timezone.now()
    Client.objects.filter(pk=cast.hospital.pk).update(address="人民路 1 号")
    ticket = left_over(cast)
    meeting = about_now(cast)  # as on Friday: people are invited, the agenda is not frozen yet

    li = visit(cast.li, reverse("staff:inbox"), language=language, width=390)
    li.locator(f"a[href='{reverse('meetings:meeting', args=[meeting.pk])}']").first.click()
    li.wait_for_load_state()
    expect(li.locator("#s-leftovers + p")).to_contain_text("1")
    li.locator("#step-add_item summary").click()
    li.locator("[name=title]").fill("备件库搬迁")
    li.locator("#step-add_item button[type=submit]").click()
    expect(li.locator("#items ~ *, #content").first).to_be_visible()

    tend_meetings(now=now)
    meeting.refresh_from_db()
    assert meeting.frozen_at == now
    wang = visit(cast.wang, reverse("meetings:meeting", args=[meeting.pk]), language=language)
    wang.set_viewport_size({"width": 1920, "height": 1080})
    wang.get_by_role("button", name=say("Start the meeting")).click()
    wang.wait_for_url("**/room/**")
    walked_through(wang, cast, ticket, say)

    wang.get_by_role("button", name=say("End the meeting")).click()
    wang.wait_for_load_state()
    wang.get_by_role("link", name=say("Draft of the minutes")).click()
    wang.locator("form button[type=submit].btn-primary").click()
    wang.wait_for_load_state()
    minutes_are_the_same_everywhere(wang)
    next_agenda_begins_with_them(visit, cast, meeting, language)


def left_over(cast: Cast) -> Ticket:
    """A fault of grade 2 from a week ago that somebody works on."""
    week_ago = timezone.now() - 7 * DAY
    ticket = grade(cast.ticket(week_ago), Grade.TWO, reason="x", by=cast.li, now=week_ago)
    return acknowledge(ticket, by=cast.chen, now=week_ago)


def walked_through(page: Page, cast: Cast, ticket: Ticket, say: object) -> None:
    """By keys alone from item to item: a note at one, decisions at three."""
    page.locator(f"form:has([name=user][value='{cast.li.pk}']) button[value=absent]").click()
    page.wait_for_load_state()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**item=decisions")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**item=leftovers")
    page.keyboard.press("n")
    page.keyboard.type("备件已到货")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")  # what was typed is kept on the way
    page.wait_for_url("**item=faults")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**item=leftovers")
    expect(page.locator("#note textarea")).to_have_value("备件已到货")
    decide(page, "上门更换磁盘", cast.chen.pk, record=ticket.number, order="dispatch")
    expect(page.locator("#decided + ul")).to_contain_text(ticket.number)
    page.goto(page.url.replace("item=leftovers", "item=faults"))
    decide(page, "复盘上周故障", cast.li.pk)
    free = page.locator(".room-places a[href*='item-']")
    free.click()
    page.wait_for_url("**item=item-*")
    decide(page, "月底前搬完备件库", cast.chen.pk)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**item=end")
    expect(page.locator("#content .agenda-lines > li")).to_have_count(3)
    order = Dispatch.objects.get()
    assert (order.ticket, order.engineer, order.address) == (ticket, cast.chen, "人民路 1 号")


def decide(page: Page, text: str, owner: int, *, record: str = "", order: str = "") -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.type(text)
    form = page.locator("#decide form")
    form.locator("[name=owner]").select_option(str(owner))
    form.locator("[name=due_on]").fill((timezone.localdate() + 2 * DAY).isoformat())
    form.locator("[name=record]").fill(record)
    form.locator("[name=order]").select_option(order)
    form.locator("[name=record]").press("Control+Enter")
    expect(page.locator("#decided + ul")).to_contain_text(text)


def minutes_are_the_same_everywhere(page: Page) -> None:
    """The page, the PDF and the Word file are written from one structure, and say all of it in its order."""
    document = Minutes.objects.prefetch_related("additions").get().document
    texts = list(document.texts())
    for text in ("备件已到货", "上门更换磁盘", "复盘上周故障", "月底前搬完备件库"):
        assert text in texts
    for written in (words_of_page(document), words_of_pdf(document), words_of_word(document)):
        assert in_order(written, document) == []
    shown = "".join(page.locator(".sheet").text_content().split())  # type: ignore[union-attr]
    assert in_order(shown, document) == []
    for form, extension in (("PDF", "pdf"), ("Word", "docx")):
        with page.expect_download() as download:
            page.get_by_role("link", name=form).click()
        assert download.value.suggested_filename == f"{document.number}.{extension}"


def next_agenda_begins_with_them(visit: Open, cast: Cast, meeting: Meeting, language: str) -> None:
    following = Meeting.objects.filter(group=cast.south, week__gt=meeting.week).meeting().earliest("week")
    page = visit(cast.chen, reverse("meetings:meeting", args=[following.pk]), language=language)
    first = page.locator(".agenda-section").first
    expect(first.locator(".agenda-number")).to_have_text("3")
    for text in ("上门更换磁盘", "复盘上周故障", "月底前搬完备件库"):
        expect(first).to_contain_text(text)
    # Overdue by then, they come back, and count.
    tend_meetings(now=following.starts_at - timedelta(minutes=30))
    following.refresh_from_db()
    lines = read(following.agenda)[0].lines
    assert [line.tone for line in lines] == ["bad"] * 3
    rows = Decision.objects.filter(state=DecisionState.OPEN)
    assert set(rows.values_list("came_back", flat=True)) == {1}

"""A client's story: a fault, a callback that says "not solved", a bad answer, a corrective action, 5 of 5.

And then the statistics and the client's timeline show all of it (§3.2, §4.1.2, §4.3, §5.3).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clients.models import Channel
from duty.calendar import working_days
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open, in_language
from surveys.actions import tend_surveys
from surveys.models import AnswerSheet, CampaignKind, CorrectiveAction, Invitation
from surveys.tests.surveys import links, reachable, running
from tickets.actions import acknowledge, confirm, grade, resolve
from tickets.models import Cause, Grade, Status, Ticket
from visits import actions as visits
from visits.models import Callback

# One language every day, as it takes a minute; the drill tells the story in both.
LANGUAGES = ["zh-hans"] + ["en"] * ("OPSDESK_DRILL" in os.environ)

pytestmark = pytest.mark.browser
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Say = Callable[[str], str]


@pytest.mark.drill("story")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_heard_until_he_is_satisfied(visit: Open, cast: Cast, language: str) -> None:
    say, now = partial(in_language, language), timezone.now()
    reachable(cast)
    visits.load_defaults(now=now - DAY)
    running(cast, CampaignKind.AFTER_TICKET, now=now - 3 * HOUR, delay_hours=0, cooldown_days=30)
    ticket = solved_grade_one(cast, now - 2 * HOUR)

    callback = called_back_within_a_workday(ticket)
    li = visit(cast.li, reverse("visits:callback", args=[callback.pk]), language=language)
    not_solved(li, say)
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_PROGRESS and ticket.reopened_count == 1

    ticket = resolve(ticket, solution="换了电源模块", cause=Cause.HARDWARE, by=cast.chen, now=timezone.now())
    confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=timezone.now())
    answer(visit, next_link(), 2, "第一次没有真正修好", language)
    sheet = AnswerSheet.objects.get()
    assert sheet.is_bad and sheet.invitation.engineer == cast.chen

    action = CorrectiveAction.objects.get()  # opened at once, with the answer
    assert (action.answer, action.ticket, action.owner) == (sheet, ticket, cast.wang)
    wang = visit(cast.wang, reverse("satisfaction:corrective", args=[action.pk]), language=language)
    corrected(visit, cast, wang, say, action, language)
    take(wang, "ask_again")
    action.refresh_from_db()
    answer(visit, next_link(), 5, "这次很好", language)
    wang.reload()
    expect(wang.get_by_text(action.resurvey.number, exact=True)).to_be_visible()  # type: ignore[union-attr]
    closed(wang, say)

    zhao = visit(cast.zhao, reverse("satisfaction:statistics"), language=language)
    statistics_show_it(zhao, action)
    timeline_shows_it(zhao, cast, ticket, action)


def solved_grade_one(cast: Cast, at: datetime) -> Ticket:
    """Reported, graded, taken up and solved within an hour; the client has not said so yet."""
    ticket = grade(cast.ticket(at), Grade.ONE, reason="clause", by=cast.li, now=at)
    ticket = acknowledge(ticket, by=cast.chen, now=at)
    return resolve(ticket, solution="重启", cause=Cause.SOFTWARE, by=cast.chen, now=at + HOUR)


def called_back_within_a_workday(ticket: Ticket) -> Callback:
    """The sweep plans it by itself: of grade 1 all of them, until the end of the next working day."""
    now = timezone.now()
    visits.tend_callbacks(now=now)
    callback = Callback.objects.get(ticket=ticket)
    is_working = working_days(since=timezone.localdate(now))
    day = timezone.localdate(ticket.resolved_at)
    while not is_working(day := day + DAY):
        pass
    assert timezone.localtime(callback.limit_at - timedelta.resolution).date() <= day
    return callback


def not_solved(page: Page, say: Say) -> None:
    page.locator("[name=spoke_with]").fill("孙主任")
    choose(page.locator("[name=is_solved][value=no]"))
    page.locator("[name=summary]").fill("下午又断了两次")
    page.locator("[name=summary]").press("Control+Enter")
    page.wait_for_load_state()
    expect(page.locator("[name=is_solved]")).to_have_count(0)


def next_link() -> str:
    """What time does: the survey is drawn, sent, and leaves the house by mail."""
    tend_surveys(now=timezone.now() + timedelta(seconds=1))
    return reverse("survey", args=[links(timezone.now() + timedelta(seconds=2))[-1]])


def answer(visit: Open, link: str, points: int, words: str, language: str) -> None:
    """The client answers on his phone, without signing in."""
    page = visit(None, link, language=language, width=390)
    choose(page.locator("fieldset.ask").first.locator(f"input[value='{points}']"))
    page.locator("fieldset.ask textarea:not([name^=why])").fill(words)
    page.locator("button.btn-primary[name=to]").click()
    page.wait_for_load_state()
    expect(page.locator("form#survey")).to_have_count(0)
    assert Invitation.objects.latest("pk").state == "answered"


def choose(radio: Locator) -> None:
    """Click the words beside a radio button, or around it, as people do."""
    name = radio.get_attribute("id")
    words = radio.page.locator(f"label[for='{name}']") if name else radio.locator("xpath=ancestor::label[1]")
    words.first.click()
    expect(radio).to_be_checked()


def take(page: Page, step: str, **typed: str) -> None:
    """Take a step on the page: open its form where it is closed, fill it in, send it."""
    form = page.locator(f"#step-{step}")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in typed.items():
        field = form.locator(f"[name={step}-{name}]")
        kind = field.first.get_attribute("type")
        if kind == "radio":
            choose(form.locator(f"[name={step}-{name}][value={value}]"))
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()


def corrected(visit: Open, cast: Cast, wang: Page, say: Say, action: CorrectiveAction, language: str) -> None:
    """Cause, measure, answer, carried out, verified by somebody else."""
    take(wang, "close")
    expect(wang.locator("#missing")).to_contain_text(say("The client has had no answer yet."))
    take(wang, "analyse", whys_0="只做了重启", whys_1="没有查电源日志", root_cause="technical")
    due_on = (timezone.localdate() + 3 * DAY).isoformat()
    take(wang, "plan", measure="一级故障恢复后必查硬件日志", owner=str(cast.chen.pk), due_on=due_on)
    take(wang, "reply", reply="首次处理未查硬件,已更换电源模块。", reply_how="email")
    there = reverse("satisfaction:corrective", args=[action.pk])
    chen = visit(cast.chen, there, language=language, width=390)
    take(chen, "carry_out", result="检查单已加硬件日志一项")
    expect(chen.locator("#step-verify")).to_have_count(0)  # not by the owner
    wang.goto(there)
    take(wang, "verify", is_done="yes", verification="抽查两起,日志已附")


def closed(page: Page, say: Say) -> None:
    take(page, "check_effect", effect="effective", effect_note="再次调查 5 分")
    take(page, "close")
    expect(
        page.get_by_text(say("Closed: cause, measure, reply, verification and effect are all there."))
    ).to_be_visible()
    action = CorrectiveAction.objects.get()
    assert action.state == "closed" and action.facts.missing() == []


def statistics_show_it(page: Page, action: CorrectiveAction) -> None:
    """The bad answer counts; that of who was asked again stands in its own campaign."""
    expect(page.locator("#content")).to_contain_text("0.0 % (n = 1)")
    page.locator("[name=campaign]").select_option(str(action.resurvey.campaign_id))  # type: ignore[union-attr]
    page.locator("form.toolbar button[type=submit]").click()
    page.wait_for_load_state()
    expect(page.locator("#content")).to_contain_text("100.0 % (n = 1)")


def timeline_shows_it(page: Page, cast: Cast, ticket: Ticket, action: CorrectiveAction) -> None:
    page.goto(reverse("client_timeline", args=[cast.hospital.pk]))
    content = page.locator("#content")
    for said in (ticket.number, action.number, "首次处理未查硬件"):
        expect(content).to_contain_text(said)

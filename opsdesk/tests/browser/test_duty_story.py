"""The days of a great holiday: planned, one falls ill, cover is found; the duty is handed over and signed.
And the systems are inspected on a phone, and what is abnormal becomes a record (§5.1, §5.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from duty.actions import make_plan
from duty.cover import Block
from duty.coverplans import blocks_ahead
from duty.models import DutyRole, Leave
from duty.tests.inspections import daily, item_of, published
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open, in_language
from opsdesk.tests.browser.test_pages import RULES, violations
from staff.models import User
from tickets.models import Handover, Ticket
from tickets.tests.handovers import on_duty_now

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)
Say = Callable[[str], str]


def accessible(page: Page, name: str) -> None:
    page.evaluate(AXE_SCRIPT)
    assert violations(page, RULES, name) == []


def great_holiday() -> Block:
    """The next Spring Festival; where none is known, another holiday that needs double cover."""
    today = timezone.localdate()
    ahead = [one for one in blocks_ahead(today, today + 400 * DAY) if one.is_key and one.first > today + DAY]
    return min(ahead, key=lambda one: ("Spring" not in one.name_en, one.first))


def relay(cast: Cast) -> list[User]:
    """Six who take turns, two for each duty, and a colleague with nothing to do; all can be called."""
    people = [
        User.objects.create_user(f"e{n}", name=f"工程师{n}", role="engineer", group=cast.south)
        for n in range(6)
    ]
    User.objects.filter(pk__in=[cast.chen.pk, *(one.pk for one in people)]).update(phone="13800138000")
    return people


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_great_holiday_from_its_plan_to_a_found_fault(visit: Open, cast: Cast, language: str) -> None:
    say, people, holiday = partial(in_language, language), relay(cast), great_holiday()
    cover = reverse("duty:cover_block", args=["south", holiday.first.isoformat()])
    wang = visit(cast.wang, cover, language=language)
    accessible(wang, "lacking")
    plan(wang, say, holiday, people)
    wang.goto(cover)
    expect(wang.get_by_text(say("The cover is complete."))).to_be_visible()

    fall_ill(wang, say, people[0], holiday)
    wang.goto(cover)
    expect(wang.get_by_text(say("The cover is complete."))).to_have_count(0)
    accessible(wang, "somebody ill")
    chen = visit(cast.chen, reverse("duty:mine"), language=language)
    accessible(chen, "cover wanted")
    chen.get_by_role("button", name=say("Take this duty")).click()
    expect(chen.get_by_text(say("The shift is yours."))).to_be_visible()
    wang.goto(cover)
    expect(wang.get_by_text(say("The cover is complete."))).to_be_visible()
    accessible(wang, "covered")

    hand_over(visit, cast, say, language)
    inspect(visit, cast, say, language)


def plan(page: Page, say: Say, holiday: Block, people: list[User]) -> None:
    """Everybody has a whole day and then one off."""
    page.get_by_role("link", name=say("Plan these days")).click()
    page.locator("[name=name]").fill(holiday.name)
    for clock in ("starts", "ends"):
        page.locator(f"[name={clock}]").fill("00:00")
    for number, day in enumerate(holiday.days):
        for place, role in enumerate(DutyRole):
            holder = people[2 * place + number % 2]
            page.locator(f"[name={role.value}_{day.date:%Y%m%d}]").select_option(str(holder.pk))
    accessible(page, "planned")
    page.get_by_role("button", name=say("Set this schedule")).click()


def fall_ill(page: Page, say: Say, person: User, holiday: Block) -> None:
    """The supervisor writes his leave down, and sees what it leaves empty before she approves it."""
    page.goto(reverse("duty:leave_file", args=["south"]))
    page.get_by_label(say("Person")).select_option(str(person.pk))
    page.locator("[name=starts_at]").fill(f"{holiday.first}T00:00")
    page.locator("[name=ends_at]").fill(f"{holiday.first + DAY}T00:00")
    page.get_by_role("button", name=say("Ask for leave")).click()
    page.wait_for_url(lambda address: reverse("duty:leave_file", args=["south"]) not in address)
    page.goto(reverse("duty:leave_decide", args=[Leave.objects.get(user=person).pk]))
    expect(page.locator(".card-alert")).to_contain_text(f"{holiday.first} 00:00")
    accessible(page, "leave")
    page.get_by_role("button", name=say("Approve"), exact=True).click()


def hand_over(visit: Open, cast: Cast, say: Say, language: str) -> None:
    on_duty_now(cast)
    there = reverse("handovers:now", args=["south"])
    outgoing = visit(cast.chen, there, language=language)
    outgoing.get_by_label(say("What happened on the shift")).fill("夜间无异常")
    outgoing.get_by_label(say("What happened on the shift")).press("Control+Enter")
    said = say("Handed over. Until it is signed the duty is answered for as before.")
    expect(outgoing.get_by_text(said)).to_be_visible()
    incoming = visit(cast.li, there, language=language, width=390)
    accessible(incoming, "to be signed")
    incoming.get_by_role("button", name=say("Sign"), exact=True).click()
    expect(incoming.locator("#who-answers")).to_be_visible()
    assert Handover.objects.get().is_signed


def inspect(visit: Open, cast: Cast, say: Say, language: str) -> None:
    """Tomorrow's, so that it is open at any time of day."""
    now = timezone.now() - timedelta(minutes=1)
    rhythm = daily(since=timezone.localdate(now))
    inspection = make_plan(published(cast, now=now), rhythm, by=cast.wang, now=now).inspections.latest("day")
    page = visit(cast.chen, reverse("duty:inspection", args=[inspection.pk]), language=language, width=390)

    def fill(values: Iterable[tuple[str, str]]) -> None:
        for name, value in values:
            field = page.locator(f"#item-{item_of(inspection, name).pk}")
            if field.locator("[type=text]").count():
                field.locator("[type=text]").fill(value)
            else:
                field.locator(f'[type=radio][value="{value}"]').first.check()

    fill([("CPU load", "97"), ("Backup done", "yes"), ("Alarm lamp", "绿")])
    hot = page.locator(f"#item-{item_of(inspection, 'CPU load').pk}")
    hot.locator("textarea").first.fill("报表占满")
    accessible(page, "inspected")
    hot.get_by_role("button", name=say("Open a record")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("97 %")
    page.goto(reverse("duty:inspection", args=[inspection.pk]))
    page.get_by_role("button", name=say("Finish")).click()
    expect(page.get_by_text(say("Finished. Thank you."))).to_be_visible()
    accessible(page, "finished")
    inspection.refresh_from_db()
    assert inspection.finished_by == cast.chen and Ticket.objects.get().client == cast.hospital

"""A draft of a roster under the hands of a supervisor: by mouse, and by keyboard alone."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from duty import actions
from duty.actions import Wanted
from duty.models import DraftSlot, DutyRole, RosterDraft, Shift
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(cast: Cast) -> RosterDraft:
    """Ten days that three people share, each with two free days between."""
    now, first = timezone.now(), timezone.localdate() + timedelta(days=10)
    takers = {DutyRole.PRIMARY: [cast.chen, cast.li, cast.wang]}
    shifts = {DutyRole.PRIMARY: [(time(8, 30), time(8, 30))]}
    wanted = Wanted("Ten days", first, first + timedelta(days=9), shifts, takers)
    return actions.make_draft(cast.south, wanted, by=cast.wang, now=now)


def chip(page: Page, slot: DraftSlot, person: int | str):  # type: ignore[no-untyped-def]
    return page.locator(f'tr[data-person="{person}"] [data-slot="{slot.pk}"]')


def test_a_duty_is_dragged_to_nobody_and_given_back_by_keyboard(
    visit: Open, cast: Cast, draft: RosterDraft
) -> None:
    slot = draft.slots.select_related("user").first()
    page = visit(cast.wang, reverse("duty:draft", args=[draft.pk]))
    nobody = page.locator(f'tr[data-person=""] td[data-day="{slot.day}"]')
    with page.expect_navigation():
        chip(page, slot, slot.user_id).drag_to(nobody)
    expect(chip(page, slot, "")).to_have_count(1)
    expect(page.get_by_text("1 duty could not be filled")).to_be_visible()
    chip(page, slot, "").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Give {slot.user.label}").focus()
    page.keyboard.press("Enter")
    expect(chip(page, slot, slot.user_id)).to_have_count(1)
    page.get_by_role("button", name="Publish").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Published: these days are planned.")).to_be_visible()
    assert Shift.objects.filter(source="temporary").count() == 10


def test_what_rest_forbids_is_refused_where_it_was_dropped(
    visit: Open, cast: Cast, draft: RosterDraft
) -> None:
    first, second = draft.slots.select_related("user")[:2]
    page = visit(cast.wang, reverse("duty:draft", args=[draft.pk]))
    beside = page.locator(f'tr[data-person="{first.user_id}"] td[data-day="{second.day}"]')
    with page.expect_navigation():
        chip(page, second, second.user_id).drag_to(beside)
    expect(page.get_by_role("alert")).to_contain_text("rest too little")

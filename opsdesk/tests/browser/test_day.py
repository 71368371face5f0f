"""A whole day at the desk with the keyboard alone: no mouse, and at each step one sees where one is."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from opsdesk.testing import PASSWORD, Cast
from opsdesk.tests.browser.conftest import Open
from staff.models import User
from tickets import actions
from tickets.models import Entry, EntryKind, Grade, Status, Ticket

pytestmark = pytest.mark.browser

# Counted over all pages of the day. What a key presses is clicked too, but nobody moved or pressed a mouse.
WATCH_THE_MOUSE = """
for (const kind of ["mousedown", "mousemove", "pointerdown", "pointermove", "touchstart", "wheel"]) {
  addEventListener(kind, (event) => {
    if (event.isTrusted) sessionStorage.mouse = Number(sessionStorage.mouse ?? 0) + 1;
  }, true);
}
"""
MOUSE = "Number(sessionStorage.mouse ?? 0)"
# What is wrong with the place where one is; empty when it can be seen and is marked.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "nothing has the focus";
  const shown = element.closest(".choice, .palette-field, .portal-row") ?? element;
  const box = shown.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return "it has no size";
  if (box.bottom <= 0 || box.right <= 0) return "out of sight";
  if (box.top >= innerHeight || box.left >= innerWidth) return "out of sight";
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const isSeen = points.some(([x, y]) => {
    const at = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return at && (shown.contains(at) || at.contains(shown));
  });
  if (!isSeen) return "something lies over it";
  const isMarked = [shown, element].some((each) => {
    const style = getComputedStyle(each);
    const isLined = each.matches(".palette-field") && style.boxShadow !== "none";
    return isLined || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1);
  });
  return isMarked ? "" : `no mark around ${element.outerHTML.slice(0, 120)}`;
}"""
NAMELESS = """() => [
  ...document.querySelectorAll("[data-shortcut], [data-command], [data-page-command]")
].filter(
  (each) => !["A", "BUTTON", "SUMMARY", "INPUT"].includes(each.tagName)
    || !(each.textContent.trim() || each.getAttribute("aria-label") || each.labels?.length)
).map((each) => each.outerHTML.slice(0, 120))"""


class Hands:
    """Two hands on a keyboard. `to` walks with Tab until it is there, and fails where it never comes."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.look()
        self.page.keyboard.type(text)

    def look(self) -> None:
        """See where one is."""
        self.steps += 1
        assert not (wrong := self.page.evaluate(FOCUS)), f"{self.page.url}: {wrong}"

    def at(self, selector: str) -> None:
        """Be there already, without having walked."""
        expect(self.page.locator(selector)).to_be_focused()
        self.look()

    def to(self, selector: str, *, key: str = "Tab", most: int = 90) -> None:
        for _ in range(most):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return self.look()
            self.press(key)
        pytest.fail(f"{self.page.url}: {selector} is not reached within {most} times {key}")

    def choose(self, value: str, most: int = 20) -> None:
        """Walk through the choices of the list that has the focus."""
        for _ in range(most):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        pytest.fail(f"{value} is not among the choices")

    def palette(self, words: str) -> None:
        self.press("Control+k")
        self.at("#palette-words")
        self.type(words)
        self.press("Enter")


def test_a_full_day_by_keyboard_alone(visit: Open, cast: Cast) -> None:
    others = [cast.ticket(timezone.now(), title=f"printer {number} is jammed") for number in (1, 2)]
    page = visit(None, "/healthz/live")
    page.context.add_init_script(WATCH_THE_MOUSE)
    page.goto("/")
    hands = Hands(page)

    # Sign in
    hands.at("#id_username")
    hands.type("wang")
    hands.press("Tab")
    hands.type(PASSWORD)
    hands.press("Enter")
    expect(page.locator(".topbar")).to_be_visible()

    # Log a call
    hands.press("c")
    page.wait_for_url("**/records/new/")
    hands.at("#id_callback_number")
    hands.type("0755 8888 8877")
    hands.press("Enter")
    expect(page.locator("#id_caller_name")).to_have_value("孙主任")
    hands.at("#id_title")
    hands.type("The ward cannot print")
    hands.to('input[type="radio"][name="to"]')
    hands.press("3")
    hands.look()
    hands.press("Control+Enter")
    page.wait_for_url(re.compile(r"/records/\d+/logged/"))
    ticket = Ticket.objects.latest("pk")
    assert (ticket.grade, ticket.contact) == (Grade.THREE, cast.contact)
    hands.at(".card-foot .btn-primary")
    hands.press("Tab")
    hands.at(".card-foot .btn-quiet")
    hands.press("Enter")
    page.wait_for_url(f"**/records/{ticket.pk}/")

    # Take it, grade it anew, write a note, hand it over
    hands.press("a")
    expect(page.locator(".timeline")).to_contain_text("Acknowledged")
    hands.press("l")
    hands.look()
    hands.press("2")
    hands.press("Control+Enter")
    expect(page.locator(".page-title .grade")).to_have_attribute("data-grade", "2")
    hands.press("n")
    hands.at("#id_note-text")
    hands.type("Asked for the queue's log")
    hands.press("Control+Enter")
    expect(page.locator(".timeline")).to_contain_text("Asked for the queue's log")
    hands.press("h")
    hands.at("#id_assign-owner")
    hands.choose(str(cast.li.pk))
    hands.press("Control+Enter")
    expect(page.locator("#record ~ .card-body, [aria-labelledby=record]").first).to_contain_text(
        cast.li.label
    )

    # Another queue, a search, a filter
    hands.press("g", "r")
    page.wait_for_url("**/records/")
    hands.to("#queue-all")
    hands.press("Enter")
    page.wait_for_url("**/records/?queue=all")
    hands.press("/")
    hands.at("#search")
    hands.type("ward print")
    hands.press("Enter")
    page.wait_for_url("**/records/?q=*")
    expect(page.locator(".ticket-table tbody tr")).to_have_count(1)
    hands.to("select[name=grade]")
    hands.choose("2")
    hands.to(".toolbar button[type=submit]")
    hands.press("Enter")
    page.wait_for_url(re.compile("grade=2"))
    expect(page.locator(f"#row-{ticket.pk}")).to_be_visible()
    expect(page.locator(".chip-remove")).to_have_count(2)

    # Many at once: two rows, by the palette
    hands.press("g", "r")
    page.wait_for_url("**/records/")
    for other in others:
        hands.to(f"#row-link-{other.pk}", key="j", most=5)
        hands.press("x")
        hands.look()
    expect(page.locator("[data-picked]")).to_have_text("2 selected")
    hands.palette("selected note")
    hands.at("#id_bulk-note")
    hands.type("Same printer as last week")
    hands.to("button[name=bulk-verb][value=note]", most=3)
    hands.press("Enter")
    expect(page.locator(".page-main > .alert")).to_contain_text("2 records done")
    assert Entry.objects.filter(kind=EntryKind.NOTE, ticket__in=others).count() == 2

    # Solve it and close it with the client's word
    hands.palette(ticket.number)
    page.wait_for_url(f"**/records/{ticket.pk}/")
    hands.press("s")
    hands.at("#id_resolve-solution")
    hands.type("Emptied the queue")
    hands.to("#id_resolve-cause", most=3)
    hands.choose("configuration")
    hands.press("Control+Enter")
    expect(page.locator(".timeline")).to_contain_text("Emptied the queue")
    hands.press("f")
    hands.at("#id_confirm-confirmed_by")
    hands.press("Control+Enter")
    expect(page.locator(".timeline")).to_contain_text("Confirmed by the client")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by) == (Status.CLOSED, "孙主任")

    # The figures, and the rows behind one of them
    hands.press("g", "p")
    page.wait_for_url("**/reports/*")
    hands.to('a[href*="kpi=backlog"]')
    hands.press("Enter")
    page.wait_for_url(re.compile("kpi=backlog"))
    expect(page.locator("main table tbody tr").first).to_be_visible()

    # His settings, the sheet of keys, and home
    hands.press("g", "s")
    page.wait_for_url("**/staff/settings/")
    hands.to("#id_density")
    hands.choose("comfortable")
    hands.press("Control+Enter")
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")
    hands.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    hands.to("#shortcuts button", most=5)
    hands.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    hands.palette("sign out")
    page.wait_for_url("**/sign-in/")

    assert page.evaluate(MOUSE) == 0
    assert hands.steps >= 35
    page.mouse.click(5, 5)  # the counter does count
    assert page.evaluate(MOUSE) > 0


def test_whatever_a_key_does_is_a_button_with_a_name(visit: Open, cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    page = visit(cast.wang, "/")
    for path in (
        "/",
        "/records/",
        f"/records/{ticket.pk}/",
        "/records/new/",
        "/duty/",
        "/clients/",
        "/reports/",
    ):
        page.goto(path)
        assert page.evaluate(NAMELESS) == [], path
        assert page.locator("[data-shortcut]").count() >= 6, path


def test_the_palette_offers_what_the_page_offers(visit: Open, cast: Cast) -> None:
    cast.ticket(timezone.now())
    page = visit(cast.wang, "/records/")
    hands = Hands(page)
    hands.press("Control+k")
    choices = page.locator("#palette [role=option]")
    expect(choices.filter(has_text="Export this view as CSV")).to_be_visible()
    hands.type("export excel")
    expect(choices).to_have_count(1)
    with page.expect_download() as download:
        hands.press("Enter")
    assert download.value.suggested_filename.endswith(".xlsx")
    page.goto("/duty/")
    hands.press("Control+k")
    expect(choices.first).to_be_visible()
    expect(choices.filter(has_text="Export")).to_have_count(0)


def test_a_client_says_that_all_is_well_by_keyboard(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    ticket = actions.grade(cast.ticket(now), Grade.THREE, reason="x", by=cast.li, now=now)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=now)
    actions.resolve(ticket, solution="重启", cause="software", by=cast.chen, now=now)
    page = visit(cast.sun, "/", width=390)
    hands = Hands(page)
    hands.to(".portal-row-title")
    hands.press("Enter")
    page.wait_for_url(f"**/portal/{ticket.pk}/")
    hands.to(".portal-answer summary")
    hands.press("Enter")
    hands.to("#id_satisfied-text", most=2)
    hands.type("Thank you")
    hands.press("Control+Enter")
    expect(page.locator(".portal-headline")).to_contain_text("Done")
    assert User.objects.get(pk=cast.sun.pk).contact.name == Ticket.objects.get().confirmed_by

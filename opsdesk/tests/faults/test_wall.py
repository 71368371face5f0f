"""The wall-board in a real browser while its server is killed and started again; what it needs of memory.

`script/drill wall` looks at it for half an hour; OPSDESK_WALL_MINUTES makes that longer or shorter.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, CDPSession, Page, expect

from duty.actions import open_board
from duty.models import BoardTheme
from opsdesk.tests.faults.conftest import DRILL, House
from opsdesk.tests.faults.web import Web
from reports.wall.views import KEPT_FOR
from tickets.models import Ticket

MINUTES = float(os.environ.get("OPSDESK_WALL_MINUTES", "30"))
MOST_GROWTH = 20  # megabytes
MEGABYTE = 1024 * 1024
EVERY, STALE_AFTER = 10, 60  # seconds: what the board is made with


class Screen:
    """A screen of 1920 × 1080 on the board's address; what it needs, and time that it believes has passed."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.complaints: list[str] = []
        self.page: Page = browser.new_context(
            viewport={"width": 1920, "height": 1080}, timezone_id="Asia/Shanghai"
        ).new_page()
        if not DRILL:
            self.page.clock.install()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
        self.stale, self.age = self.page.locator("body.is-stale"), self.page.locator("#wall-age")
        self.open = self.page.locator(".ops-open dd").first
        self.cdp: CDPSession = self.page.context.new_cdp_session(self.page)
        for domain in ("Performance", "HeapProfiler"):
            self.cdp.send(f"{domain}.enable")

    def wait(self, seconds: float) -> None:
        """Let time pass: in the drill as it does, else in the browser alone, poll by poll."""
        if DRILL:
            self.page.wait_for_timeout(seconds * 1000)
            return
        for _poll in range(round(seconds / EVERY)):
            self.page.clock.run_for(EVERY * 1000)
            self.page.wait_for_timeout(60)  # for the answer, which comes in the time of the server

    def needs(self) -> dict[str, float]:
        """What is in use after the rubbish has been taken out: megabytes, nodes and listeners."""
        for _time in range(3):
            self.cdp.send("HeapProfiler.collectGarbage")
        metrics = {row["name"]: row["value"] for row in self.cdp.send("Performance.getMetrics")["metrics"]}
        return {
            "heap_mb": round(metrics["JSHeapUsedSize"] / MEGABYTE, 2),
            "resident_mb": round(sum(map(resident, self._renderers())) / MEGABYTE, 1),
            "nodes": metrics["Nodes"],
            "listeners": metrics["JSEventListeners"],
            "documents": metrics["Documents"],
        }

    def _renderers(self) -> list[int]:
        found = self.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        return [process["id"] for process in found if process["type"] == "renderer"]


def resident(pid: int) -> int:
    """Bytes of a process that are its own and in memory."""
    words = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.drill("wall")
def test_the_board_outlives_its_server_and_needs_no_more_memory_in_the_end(
    house: House, chromium: Browser, figures: Callable[..., None]
) -> None:
    web = Web(house)
    order = {"language": "en", "theme": BoardTheme.DARK, "by": house.cast.zhao, "now": timezone.now()}
    _feed, secret = open_board(None, **order)
    screen = Screen(chromium, web.url(reverse("reports:wall_feed", args=[secret])))
    expect(screen.page.get_by_text("Next to breach")).to_be_visible()
    screen.wait(60 if DRILL else 20)  # warm: compiled, and shown anew some times
    before, begun = screen.needs(), time.monotonic()
    half = MINUTES * 60 / 2 if DRILL else 40
    calls = runs_on(screen, house, half)

    house.kill("web")
    screen.wait(STALE_AFTER + 3 * EVERY)
    expect(screen.stale).to_have_count(1)
    expect(screen.page.get_by_role("alert")).to_contain_text("No answer: these data are from")
    screen.wait(60)
    expect(screen.age).to_contain_text("min old!")
    expect(screen.open).to_have_text(str(calls))  # what was known last stays in sight
    calls += call(house)
    web.start()
    # A server's first answer takes longest; the time that the browser believes in would be over before it.
    assert screen.page.request.get(screen.page.url).ok
    returned = time.monotonic()
    screen.wait(50)  # it asks at least every forty seconds
    expect(screen.stale).to_have_count(0)
    expect(screen.open).to_have_text(str(calls))
    recovered = time.monotonic() - returned

    if DRILL:
        runs_on(screen, house, half)
    after = screen.needs()
    minutes = round((time.monotonic() - begun) / 60, 1)
    figures(minutes=minutes, before=before, after=after, recovered_within_s=round(recovered, 1))
    assert after["heap_mb"] - before["heap_mb"] < MOST_GROWTH
    assert after["resident_mb"] - before["resident_mb"] < MOST_GROWTH
    assert after["listeners"] <= before["listeners"] + 2 and after["documents"] <= before["documents"] + 1
    assert not screen.complaints, screen.complaints


def runs_on(screen: Screen, house: House, seconds: float) -> int:
    """Let it run so long, never stale, while calls come in; return how many came."""
    step = 120 if DRILL else 20
    calls = 0
    for _number in range(round(seconds / step)):
        calls += call(house)
        screen.wait(step)
        expect(screen.stale).to_have_count(0)
    if not DRILL:  # the server's time has hardly passed, and it keeps an answer for some seconds
        screen.page.wait_for_timeout(KEPT_FOR * 1000 + 100)
        screen.wait(EVERY)
    expect(screen.open).to_have_text(str(Ticket.objects.open().count()))
    return calls


def call(house: House) -> int:
    house.cast.ticket(timezone.now())
    return 1

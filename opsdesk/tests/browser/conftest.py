"""A real Chromium on a real server. Without one these tests are skipped, saying so; CI must have one.

With OPSDESK_SLOW=400 every answer but a file comes up to 400 ms late, by chance: whoever changes pages or
tests looks in that way for what only holds when everything is quick.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.signals import request_finished, request_started
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client as TestClient
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.testing import Cast, build_cast
from staff.models import User
from tickets.models import Heartbeat


@pytest.fixture(scope="session", autouse=True)
def files_are_kept() -> Iterator[None]:
    """Let the browser keep style sheets and scripts, as production does.

    Without a word of how long, it guesses from the age of a file: those of a fresh checkout it would ask for
    anew with each page, some seventy of them.
    """
    serve = StaticFilesHandler.serve

    def serve_to_keep(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(handler, request)
        answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", serve_to_keep)
        yield


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture(autouse=True)
def answered(transactional_db: None) -> Iterator[None]:
    """Let a test end when the server has answered all that its pages asked, though they are gone.

    Then its tables are emptied: a request that still reads them would be caught in that, and so would this.
    """
    under_way, is_done = [0], threading.Condition()

    def count(change: int) -> None:
        with is_done:
            under_way[0] += change
            is_done.notify_all()

    def begun(*, environ: dict[str, str], **_more: object) -> None:
        count(1)
        if not environ["PATH_INFO"].startswith(settings.STATIC_URL):
            time.sleep(random.uniform(0, SLOW) / 1000)

    def ended(**_more: object) -> None:
        count(-1)

    request_started.connect(begun)
    request_finished.connect(ended)
    yield
    with is_done:
        assert is_done.wait_for(lambda: under_way[0] <= 0, timeout=30), "the server is still busy"
    request_started.disconnect(begun)
    request_finished.disconnect(ended)


SLOW = int(os.environ.get("OPSDESK_SLOW", "0"))  # milliseconds
PATIENCE = 20_000  # milliseconds: a busy machine makes nothing wrong that is right
expect.set_options(timeout=PATIENCE)

Open = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """`visit(user, path, language=, theme=, width=)`: a page of a fresh browser, signed in as that person.

    Whatever the page complains about (script errors, broken policies, failed requests) fails the test.
    """
    contexts, complaints = [], []

    def open_page(
        user: User | None, path: str = "/", *, language: str = "en", theme: str = "light", width: int = 1440
    ) -> Page:
        keep_watch()
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            locale="zh-CN" if language.startswith("zh") else "en",
            color_scheme=theme,  # type: ignore[arg-type]
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",  # what fades in has too little contrast for a moment
        )
        contexts.append(context)
        if user is not None:
            signed_in = TestClient()
            signed_in.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            session = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        page = context.new_page()
        _press_when_loaded(page)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: complaints.append(_complaint(page, message)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [line for line in complaints if line]


def in_language(language: str, text: str) -> str:
    """What a page in this language says for a text of ours."""
    with translation.override(language):
        return gettext(text)


def keep_watch() -> None:
    """As if sweep and auditor came round just now: otherwise every page would say that they do not."""
    for name in ("tick", "audit"):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def _press_when_loaded(page: Page) -> None:
    """Let every press wait for the page's scripts: before them it knows no keys, and people are slower."""
    press = page.keyboard.press

    def press_when_loaded(key: str, **options: float) -> None:
        page.wait_for_load_state()
        press(key, **options)

    page.keyboard.press = press_when_loaded  # type: ignore[method-assign]


def _complaint(page: Page, message: ConsoleMessage) -> str:
    """What is wrong, or nothing. A page that is itself an answer such as 404 or 422 is meant to be one."""
    failed = message.text.startswith("Failed to load resource")
    # What a form's script, or a part of the page, is told about what was filled in is an answer too, and
    # so is that one has to sign in again.
    is_told = any(f"status of {status}" in message.text for status in (401, 422))
    is_answer = failed and (message.location["url"] == page.url or is_told)
    # Whoever leaves a page breaks off what it was asking; what truly fails has a name of its own besides.
    has_left = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    is_wrong = message.type == "error" and not (is_answer or has_left)
    return f"{page.url}: {message.text}" if is_wrong else ""

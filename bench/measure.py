"""How long something takes, as a ratio to its floor: the two take turns, so that what else the machine does
slows both down.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from bench.targets import Target
from clients.models import Client
from staff.actions import issue_token
from staff.models import User

WARM = 5
FLOORS = {"page": "/page", "fragment": "/page", "api": "/dump"}
ROWS_READ = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
"""


@dataclass(frozen=True, slots=True)
class Result:
    """`rows` of tables were read for it; what an index alone has answered is not among them.

    It may cost `most_queries`.
    """

    name: str
    kind: str
    records: int
    p50_ms: float
    p95_ms: float
    queries: int
    most_queries: int
    floor_p50_ms: float
    ratio: float
    rows: int


def measure(target: Target, *, records: int, repeats: int) -> Result:
    """Ask for a target and for its floor by turns, and count what one answer asks of the database."""
    user = User.objects.get(username=target.user)
    fetch, floor = _fetcher(target, user), _floor(target, user)
    for _ in range(min(WARM, repeats)):
        floor(), fetch()
    gc.collect()
    times, floors = [], []
    for _ in range(repeats):
        floors.append(_milliseconds(floor))
        times.append(_milliseconds(fetch))
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        fetch()
        queries = len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])
        with connection.cursor() as cursor:
            cursor.execute(ROWS_READ)
            [rows] = cursor.fetchone()
    p50, floor_p50 = statistics.median(times), statistics.median(floors)
    p95 = sorted(times)[int(len(times) * 0.95)]
    return Result(
        name=target.name,
        kind=target.kind,
        records=records,
        p50_ms=p50,
        p95_ms=p95,
        queries=queries,
        most_queries=target.most_queries,
        floor_p50_ms=floor_p50,
        ratio=p50 / floor_p50,
        rows=rows or 0,
    )


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _fetcher(target: Target, user: User) -> Callable[[], None]:
    browser = _signed_in(target, user)
    more = {"HTTP_HX_REQUEST": "true"} if target.htmx else {}
    if target.unchanged:
        more["HTTP_IF_NONE_MATCH"] = browser.get(target.address)["ETag"]
    expected = 304 if target.unchanged else 200
    if target.body is not None:
        expected = 201 if target.kind == "api" else 302

    def fetch() -> None:
        cache.clear()  # what the first one to ask waits for
        answer = _ask(browser, target, more)
        assert answer.status_code == expected, (target, answer.status_code, answer.content[:500])

    return fetch


def _signed_in(target: Target, user: User) -> Browser:
    browser = Browser()
    if target.kind == "api":
        _token, secret = issue_token(user, "bench", days=1, now=timezone.now())
        browser.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    else:
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def _ask(browser: Browser, target: Target, more: dict[str, str]) -> HttpResponse:
    if target.body is None:
        return browser.get(target.address, **more)
    if target.kind == "page":
        return browser.post(target.address, target.body(), **more)
    more = {**more, "HTTP_IDEMPOTENCY_KEY": uuid4().hex}
    return browser.post(target.address, target.body(), content_type="application/json", **more)


def _floor(target: Target, user: User) -> Callable[[], None]:
    """The bare view that a target is held against."""
    bare, client = Browser(), Client.objects.get(code="c0")
    owner = client.systems.exclude(maintainer=None).values_list("maintainer", flat=True)[0]
    bare.handler = _Bare()

    def floor() -> None:
        if target.body is None:
            answer = bare.get(target.floor or FLOORS[target.kind])
        else:
            row = {**target.body(), "client": client.pk, "group": client.group_id, "taken_by": user.pk}
            row["owner"] = owner
            row |= dict.fromkeys(("reported_at", "logged_at", "next_due_at"), timezone.now())
            answer = bare.post("/insert", row, content_type="application/json")
        assert answer.status_code == (200 if target.body is None else 201), answer.content[:500]

    return floor


class _Bare(ClientHandler):
    """Answers from `bench.floor`, without any middleware."""

    def __init__(self) -> None:
        super().__init__()
        with override_settings(MIDDLEWARE=[]):
            self.load_middleware()

    def get_response(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = "bench.floor"  # type: ignore[attr-defined]
        return super().get_response(request)

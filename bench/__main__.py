"""`./script/bench --records N [--only NAME] [--json FILE]`: what a page costs, as a ratio to a bare view."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.generate import WORDS, generate  # noqa: E402
from clients.models import Client  # noqa: E402
from staff.actions import issue_token  # noqa: E402
from staff.models import User  # noqa: E402
from tickets.models import Ticket  # noqa: E402

REPEATS, WARM = 30, 3


@dataclass(frozen=True, slots=True)
class Target:
    """Something to fetch: a full page, a fragment of one, or an answer of the REST interface."""

    name: str
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    kind: str
    records: int
    p50_ms: float
    p95_ms: float
    queries: int
    floor_p50_ms: float
    ratio: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    _prepare(options.records)
    results = [_measure(target, options.records) for target in _targets() if options.only in target.name]
    print(
        f"{'':28}{'p50':>9}{'p95':>9}{'queries':>9}{'floor':>9}{'ratio':>8}   at {options.records:,} records"
    )
    for r in results:
        print(
            f"{r.name:28}{r.p50_ms:8.1f} {r.p95_ms:8.1f} {r.queries:8} {r.floor_p50_ms:8.1f} {r.ratio:7.1f}"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1))


def _prepare(records: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("load_defaults", verbosity=0)
    have = Ticket.objects.count()
    if not have:
        generate(records, now=timezone.now(), say=lambda line: print(line, file=sys.stderr))
    elif have < records:
        sys.exit(f"This database holds {have} records; choose another OPSDESK_DATA for {records}.")


def _targets() -> list[Target]:
    records = reverse("tickets:list")
    some = Ticket.objects.filter(group__code="g0").open().order_by("next_due_at").first()
    client = Client.objects.get(code="c0")
    pages = {
        "desk": reverse("home"),
        "list, open": records,
        "list, overdue": f"{records}?queue=overdue",
        "list, all": f"{records}?queue=all",
        "list, one client": f"{records}?queue=all&client=c0",
        "search, 2 characters": f"{records}?queue=all&q={WORDS['common'][0]}",
        "search, 4 characters": f"{records}?queue=all&q={WORDS['common'][1]}",
        "search, rare word": f"{records}?queue=all&q={client.name}",
        "search, rare word in open": f"{records}?q={client.name}",
        "search, nothing found": f"{records}?queue=all&q={WORDS['unknown']}",
        "record": reverse("tickets:detail", args=[some.pk]),
        "log a call": reverse("tickets:create"),
        "clients": reverse("clients:list"),
        "client": reverse("clients:detail", args=[client.pk]),
        "dashboard": reverse("reports:dashboard"),
    }
    fragments = {
        "caller by number": reverse("tickets:caller") + "?callback_number=0755-80000000",
        "caller while typing": reverse("tickets:caller") + "?callback_number=07558000",
        "client type-ahead": reverse("clients:lookup") + f"?client={WORDS['clients'][0]}",
        "similar records": reverse("tickets:similar") + f"?title={WORDS['symptom']}&system={some.system_id}",
    }
    rest = "/api/v1/tickets/"
    api = {
        "REST list": rest,
        "REST search, 2 characters": f"{rest}?q={WORDS['common'][0]}",
        "REST search, 4 characters": f"{rest}?q={WORDS['common'][1]}",
        "REST search, rare word": f"{rest}?q={client.name}",
        "REST search, nothing found": f"{rest}?q={WORDS['unknown']}",
        "REST record": f"{rest}{some.number}/",
    }
    return [
        Target(name, kind, address)
        for kind, group in (("page", pages), ("fragment", fragments), ("api", api))
        for name, address in group.items()
    ]


def _measure(target: Target, records: int) -> Result:
    user = User.objects.get(username="bench")
    browser = Browser()
    if target.kind == "api":
        _token, secret = issue_token(user, "bench", days=1, now=timezone.now())
        browser.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    else:
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def fetch() -> None:
        answer = browser.get(target.address)
        assert answer.status_code == 200, (target, answer.status_code)

    with override_settings(MIDDLEWARE=[], ROOT_URLCONF="bench.floor"):
        bare = Browser()
        floor = _times(lambda: bare.get("/dump" if target.kind == "api" else "/page"))
    times = _times(fetch)
    with CaptureQueriesContext(connection) as captured:
        fetch()
    p50, floor_p50 = statistics.median(times), statistics.median(floor)
    p95 = sorted(times)[int(len(times) * 0.95)]
    return Result(target.name, target.kind, records, p50, p95, len(captured), floor_p50, p50 / floor_p50)


def _times(fetch: Callable[[], object]) -> list[float]:
    """Milliseconds of repeated fetches, after a few that warm up."""
    times = []
    for number in range(WARM + REPEATS):
        begun = time.perf_counter()
        fetch()
        if number >= WARM:
            times.append((time.perf_counter() - begun) * 1000)
    return times


main()

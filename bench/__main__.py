"""`./script/bench --records N [--only NAME] [--json FILE]`: what a page costs, as a ratio to a bare view.

`--only audit` explains what the auditor asks, `--only sweep` measures how fast deadlines are worked off.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.audit import measure_audit  # noqa: E402
from bench.generate import forget, generate, newest  # noqa: E402
from bench.measure import Result, measure  # noqa: E402
from bench.roster import lay_out  # noqa: E402
from bench.sweep import measure_sweep  # noqa: E402
from bench.targets import LEADER, targets  # noqa: E402
from meetings.actions import write_ahead  # noqa: E402
from opsdesk.collecting import collect_seldom  # noqa: E402
from reports.actions import keep  # noqa: E402
from staff.models import Role, User  # noqa: E402
from tickets.models import Ticket  # noqa: E402

# What each kind may cost at most, as a ratio to its floor.
MOST, MOST_WRITING = {"page": 6, "fragment": 3, "api": 3}, 2.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=300, help="of the sweep: how long a little falls due")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    _prepare(options.records)
    if options.only == "audit":
        sys.exit(not measure_audit())
    if options.only == "sweep":
        return measure_sweep(seconds=options.seconds)
    before = newest()
    collect_seldom()  # as the web server does
    print(
        f"{options.records:,} records{'p50':>22}{'p95':>8}{'floor':>8}{'ratio':>7}{'queries':>9}{'rows':>8}"
    )
    results = []
    try:
        for target in targets():
            if options.only in target.name:
                keep(now=timezone.now())  # as the worker does every ten seconds
                result = measure(target, records=options.records, repeats=options.repeats)
                results.append(result)
                print(_line(result, is_writing=target.body is not None), flush=True)
    finally:
        forget(before)
    if options.json:
        facts = [asdict(result) for result in results]
        options.json.write_text(json.dumps([{k: f[k] for k in f if k != "rows"} for f in facts], indent=1))


def _prepare(records: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("load_defaults", verbosity=0)
    have = Ticket.objects.count()
    if not have:
        generate(records, now=timezone.now(), say=lambda line: print(line, file=sys.stderr))
    elif have < records:
        sys.exit(f"This database holds {have} records; choose another OPSDESK_DATA for {records}.")
    lay_out(now=timezone.now())
    User.objects.get_or_create(username=LEADER, defaults={"name": "Leader", "role": Role.LEADER})
    write_ahead(now=timezone.now())
    while not keep(now=timezone.now(), stint=60):  # of data made by an earlier version: all of it
        pass


def _line(result: Result, *, is_writing: bool) -> str:
    """One line of the table; what is over its budget has a mark."""
    most = MOST_WRITING if is_writing else MOST[result.kind]
    too_slow = "!" if result.ratio > most else " "
    too_many = "!" if result.queries > result.most_queries else " "
    rate = (
        f"   {1000 / result.p50_ms:.0f} a second, bare {1000 / result.floor_p50_ms:.0f}" if is_writing else ""
    )
    return (
        f"{result.name:30}{result.p50_ms:8.1f}{result.p95_ms:8.1f}{result.floor_p50_ms:8.1f}"
        f"{result.ratio:6.1f}{too_slow}{result.queries:8}{too_many}{result.rows:8}{rate}"
    )


main()

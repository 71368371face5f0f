"""What the auditor costs: every one of his questions explained as PostgreSQL answers it, with what it read.

None may read a big table from end to end, be it by an index: what is open, running or waiting is found by one
that holds nothing else, so that the cost does not grow with the years.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tickets.actions.deadlines import next_deadline
from tickets.audit import MOST, problems
from tickets.soundness import Look, looks

# Rows of a table that is too big to be read whole; a share of them that is as good as all.
BIG, MOST_OF_IT = 100_000, 0.2
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """One question: what it took, how many rows were read for it, what was read whole, and what it found."""

    code: str
    milliseconds: float
    rows: int
    pages: int
    read_whole: list[str]
    found: int


def measure_audit() -> bool:
    """Explain every question on data of which nothing is wrong; print it, and say whether all is well."""
    now = next_deadline()  # as if nothing were due yet, however old the data
    assert now is not None
    big = _big_tables()
    print(f"{'question':32.32}{'ms':>8}{'rows':>10}{'pages':>10}{'found':>7}  read whole")
    costs = [_cost(look, big) for look in looks(now)]
    for cost in costs:
        print(
            f"{cost.code:32.32}{cost.milliseconds:8.1f}{cost.rows:10,}{cost.pages:10,}{cost.found:7.0f}"
            f"  {', '.join(cost.read_whole)}"
        )
    times = []
    for _time in range(REPEATS):
        begun = time.perf_counter()
        assert not problems(now)
        times.append(time.perf_counter() - begun)
    total = sum(cost.rows for cost in costs)
    print(f"all of it: {min(times):.2f} s at best, {sorted(times)[REPEATS // 2]:.2f} s in the middle of")
    print(f"{REPEATS}; {total:,} rows read, of {sum(big.values()):,} in tables of more than {BIG:,}")
    return not any(cost.read_whole or cost.found for cost in costs)


def _cost(look: Look, big: dict[str, int]) -> Cost:
    [explained] = json.loads(
        look.rows.values("code", "pk")[:MOST].explain(format="json", analyze=True, buffers=True)
    )
    plan, rows, read_whole = explained["Plan"], 0, []
    for node in _nodes(plan):
        if (table := node.get("Relation Name")) is None:
            continue
        seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        rows += round(seen * node["Actual Loops"])
        if table in big and (node["Node Type"] == "Seq Scan" or seen > big[table] * MOST_OF_IT):
            read_whole.append(table)
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return Cost(
        ", ".join(look.codes), explained["Execution Time"], rows, pages, read_whole, plan["Actual Rows"]
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _big_tables() -> dict[str, int]:
    """How many rows they have, as the planner believes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG]
        )
        return dict(cursor.fetchall())

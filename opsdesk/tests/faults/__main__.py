"""What `script/drill` runs: things are broken on purpose, at full length, and what came of it is counted."""

# ruff: noqa: T201  (figures)

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import pytest

PLACES = [
    "opsdesk/tests/faults",
    "opsdesk/tests/test_replay_real.py",
    "opsdesk/tests/test_seed_demo.py",
    "opsdesk/tests/browser/test_call.py",
    "opsdesk/tests/browser/test_client_story.py",
    "opsdesk/tests/browser/test_meeting_story.py",
    "opsdesk/tests/browser/test_pages.py",
    "tickets/tests/test_oracle.py",
    "duty/tests",
    "meetings/tests/test_planning.py",
    "reports/tests/test_kept.py",
]
# What every result has, though it may not apply.
COUNTS = {"due": None, "lost": None, "duplicated": None, "late_p99_s": None}


class Drills:
    """Keeps the tests that are drills of these names (all of them without a name), and their counts."""

    def __init__(self, names: list[str]) -> None:
        self.names = set(names)
        self.known: set[str] = set()
        self.results: list[dict[str, object]] = []

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        chosen = []
        for item in items:
            if (mark := item.get_closest_marker("drill")) is not None:
                self.known.add(mark.args[0])
                if not self.names or mark.args[0] in self.names:
                    item.user_properties.append(("name", mark.args[0]))
                    chosen.append(item)
        if unknown := self.names - self.known:
            raise pytest.UsageError(
                f"no drill {', '.join(sorted(unknown))}; there are {', '.join(sorted(self.known))}"
            )
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            facts = dict(report.user_properties)
            test = report.nodeid.rpartition("::")[2]
            took = {"passed": report.passed, "seconds": round(report.duration, 1), "test": test}
            self.results.append({"name": facts.pop("name")} | COUNTS | facts | took)


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/drill", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="kills, workers, redis, …; all without one")
    parser.add_argument("--short", action="store_true", help="as short as in the everyday tests")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there")
    wanted = parser.parse_args()
    if not wanted.short:
        os.environ["OPSDESK_DRILL"] = "1"
    drills = Drills(wanted.names)
    status = pytest.main(["-q", "-s", *PLACES], plugins=[drills])
    for result in drills.results:
        facts = {name: value for name, value in result.items() if value is not None}
        print("  ".join(f"{name}={value}" for name, value in facts.items()))
    if wanted.json:
        wanted.json.write_text(json.dumps(drills.results, indent=2) + "\n", encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())

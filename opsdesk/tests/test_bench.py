"""The benchmark runs from an empty folder, and everything that it measures keeps its budget of queries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

MOST_QUERIES, MOST_WRITING = 12, 30
FIELDS = {"name", "kind", "records", "p50_ms", "p95_ms", "queries", "floor_p50_ms", "ratio"}


@pytest.mark.slow
def test_two_thousand_records_are_measured_within_their_budget_of_queries(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = ["bench", "--records", "2000", "--repeats", "2", "--json", str(report)]
    ran = subprocess.run(
        [sys.executable, "-m", "opsdesk.installation", sys.executable, "-m", *command],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OPSDESK_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    results = json.loads(report.read_text())
    assert len(results) > 40 and all(set(result) == FIELDS for result in results)
    assert {result["kind"] for result in results} == {"page", "fragment", "api"}
    for result in results:
        most = MOST_WRITING if result["name"].startswith("create") else MOST_QUERIES
        assert 0 < result["queries"] <= most, result
        assert result["records"] == 2000 and 0 < result["p50_ms"] <= result["p95_ms"]
        assert result["ratio"] == pytest.approx(result["p50_ms"] / result["floor_p50_ms"])

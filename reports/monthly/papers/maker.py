"""The process that makes the Excel file of a report, as `tickets.documents.maker` makes the others."""

from __future__ import annotations

import json
import resource
import sys

from reports.monthly.papers.workbook import write
from tickets.documents.maker import MOST_MEMORY, MOST_SECONDS


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.stdout.buffer.write(write(json.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()

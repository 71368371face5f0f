"""Records as an Excel file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from staff.sheets import Cell, write_table
from tickets.export import COLUMNS, TIMES

# Rows. A thousand take about a second of work, in which the same process answers others more slowly.
MOST = 20_000
WIDE, NARROW, TIME = 44, 14, 17  # widths in characters
WIDTHS = {"title": WIDE, "details": WIDE, "diagnosis": WIDE, "solution": WIDE, "client": 24, "system": 24}


def write_workbook(file: IO[bytes], *, name: str, head: list[str], rows: Iterable[list[Cell]]) -> int:
    """Write records to an empty file, each as a row; return how many there were."""
    widths = [WIDTHS.get(key, TIME if key in TIMES else NARROW) for key in COLUMNS]
    return write_table(file, name=name, head=head, widths=widths, rows=rows)

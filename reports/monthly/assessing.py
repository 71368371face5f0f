"""Where the monthly assessment comes into the report: `SOURCE` is what it is asked of, None: there is none.

Only the supervisor of the group and the leaders read that section (`reports.monthly.reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reports.monthly.asked import About
from tickets.documents.structure import Part


@dataclass(frozen=True, slots=True)
class Source:
    """`gather` returns the facts of the month, None where there are none; `parts` puts them into words."""

    gather: Callable[[About], Any]
    parts: Callable[[Any, About], Iterable[Part]]


SOURCE: Source | None = None

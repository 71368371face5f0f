"""What the rows of a KPI look like for the recount, and where they fall into time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What the rows come to."""

    SHARE = "share"
    MEAN = "mean"
    TOTAL = "total"
    RATIO = "ratio"
    HEADS = "heads"
    STOCK = "stock"


@dataclass(frozen=True)
class Words:
    shape: Shape
    rows: str


def moment(at: str) -> str:
    """What falls where it happened: it counts once the instant is past."""
    return f"{at} AS at, {at} + INTERVAL 1 MICROSECOND AS ripe"


def day_over(day: str) -> str:
    """What belongs to a day and counts when that is over."""
    return f"{_midnight(day)} AS at, {_midnight(f'({day} + 1)')} AS ripe"


def day_begun(day: str) -> str:
    """What belongs to a day and counts once that has begun."""
    return f"{_midnight(day)} AS at, {_midnight(day)} + INTERVAL 1 MICROSECOND AS ripe"


def last_day(limit: str) -> str:
    """What has until the end of a day, given as the midnight after it."""
    return f"{limit} - INTERVAL 1 MICROSECOND AS at, {limit} AS ripe"


def _midnight(day: str) -> str:
    return f"({day}::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai'"

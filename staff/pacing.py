"""How often a robot may speak, and what goes into one message because it may not speak more often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

A_MINUTE, MOST_A_MINUTE = timedelta(minutes=1), 20
MOST_MERGED = 50
# More of them than this that are older than that: an outage is over, and one message tells of all.
DIGEST_ABOVE, OLD = 10, timedelta(minutes=5)


def within_a_minute(sent: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those of the instants at which a robot has spoken that still count at `now`."""
    return [at for at in sent if now - at < A_MINUTE]


def free_at(sent: Sequence[datetime], now: datetime) -> datetime:
    """When the robot may speak next: `now`, or when the first of its last 20 messages is a minute old."""
    counting = sorted(within_a_minute(sent, now))
    return now if len(counting) < MOST_A_MINUTE else counting[-MOST_A_MINUTE] + A_MINUTE


def is_backlog(created: Sequence[datetime], now: datetime) -> bool:
    """Say whether notices of these ages are what an outage has left behind."""
    return sum(now - at > OLD for at in created) > DIGEST_ABOVE

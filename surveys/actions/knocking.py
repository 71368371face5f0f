"""Tries of links are counted by address, so that guessing and flooding end soon."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from staff.actions import digest_of

SPAN = 600  # seconds
MOST_WRONG, MOST_SENT = 30, 120  # in a span: links that never were; forms sent by one link
COUNT = """
INSERT INTO surveys_knock (who, since, count) VALUES (%s, %s, 1)
ON CONFLICT (who, since) DO UPDATE SET count = surveys_knock.count + 1
RETURNING count
"""


def knock(kind: str, who: str, *, now: datetime) -> int:
    """Count one more try of a kind (`wrong`, `sent`) and return how many there were in these ten minutes."""
    since = datetime.fromtimestamp(now.timestamp() // SPAN * SPAN, now.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [digest_of(f"{kind}:{who}"), since])
        return int(cursor.fetchone()[0])

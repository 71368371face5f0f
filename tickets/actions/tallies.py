"""The tallies kept short. What they count, triggers write (migrations 0011 and 0024)."""

from __future__ import annotations

from django.db import connection, transaction

# One statement, so that a reader sees either the rows or their sum; rows that add up to nothing go.
ADD_UP = """
WITH many AS (
    SELECT kind, group_id, grade, since FROM tickets_tally GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
), gone AS (
    DELETE FROM tickets_tally AS tally USING many
    WHERE (tally.kind, tally.group_id, tally.since) = (many.kind, many.group_id, many.since)
      AND tally.grade IS NOT DISTINCT FROM many.grade
    RETURNING tally.kind, tally.group_id, tally.grade, tally.since, tally.number, tally.stopped_in_time
)
INSERT INTO tickets_tally (kind, group_id, grade, since, number, stopped_in_time)
SELECT kind, group_id, grade, since, sum(number), sum(stopped_in_time) FROM gone
GROUP BY 1, 2, 3, 4 HAVING sum(number) <> 0 OR sum(stopped_in_time) <> 0
"""
ADD_UP_OPEN = """
WITH many AS (
    SELECT group_id, status, since FROM tickets_opentally GROUP BY 1, 2, 3 HAVING count(*) > 1
), gone AS (
    DELETE FROM tickets_opentally AS tally USING many
    WHERE (tally.group_id, tally.status, tally.since) = (many.group_id, many.status, many.since)
    RETURNING tally.group_id, tally.status, tally.since, tally.number
)
INSERT INTO tickets_opentally (group_id, status, since, number)
SELECT group_id, status, since, sum(number) FROM gone GROUP BY 1, 2, 3 HAVING sum(number) <> 0
"""


def add_up() -> None:
    """Put the rows of each span together into one. The sums stay what they are, whoever counts meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP)
        cursor.execute(ADD_UP_OPEN)


def count_anew() -> None:
    """Throw the tallies away and count everything: for records that came past the triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tickets_count_anew(), tickets_count_open_anew()")

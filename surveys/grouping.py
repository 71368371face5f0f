"""Answers counted by all that the statistics tell apart, in one statement that reads them once (§4.1.2).

A statement a breakdown would read the sheets of the period a dozen times over. Whose work an answer is about
was frozen when the survey was sent; it is read from the invitation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import TruncMonth

from surveys.models import Answer, AnswerSheet, CampaignKind, Dimension, Question
from surveys.questions import QuestionKind

SYSTEM = "system"
# There are few of each; of systems there are as many as a department looks after, so they are counted apart.
FEW: dict[str, Any] = {
    "channel": F("channel"),
    "client_type": F("invitation__client_type"),
    "group": F("invitation__group"),
    "engineer": F("invitation__engineer"),
    # Periodic waves alone: what is asked after records has no waves, but months.
    "wave": Case(
        When(invitation__campaign__kind=CampaignKind.PERIODIC, then=F("invitation__campaign")), default=None
    ),
    "month": TruncMonth("given_at"),
}
PARTS: dict[str, Any] = {**FEW, SYSTEM: F("invitation__system")}
COLUMNS = ", ".join(f"by_{name}" for name in FEW)
NO_PARTS = "NULL, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::timestamp"
NO_QUESTION = "NULL, NULL, NULL::integer"

STATEMENT = f"""
WITH sheet AS MATERIALIZED ({{sheets}}), answer AS MATERIALIZED (
  SELECT sheet.*, kind, dimension, line, number
    FROM sheet JOIN {Answer._meta.db_table} ON sheet_id = its_id
    JOIN {Question._meta.db_table} AS question ON question.id = question_id
   WHERE number IS NOT NULL
), overall AS (SELECT * FROM answer WHERE dimension = %s AND kind = %s
), systems AS MATERIALIZED (
  SELECT by_system, sum(many) AS many FROM (
    SELECT by_system, count(*) AS many FROM sheet WHERE its_score IS NOT NULL GROUP BY 1
    UNION ALL SELECT by_system, 0 FROM overall GROUP BY 1
  ) AS each WHERE by_system IS NOT NULL GROUP BY 1
), shown AS MATERIALIZED (SELECT by_system FROM systems ORDER BY many DESC, by_system LIMIT %s)
SELECT 'sheets', {COLUMNS}, NULL::bigint, {NO_QUESTION}, its_score, count(*),
       count(*) FILTER (WHERE it_is_bad)
  FROM sheet GROUP BY {COLUMNS}, its_score
UNION ALL
SELECT 'overall', {COLUMNS}, NULL, {NO_QUESTION}, number, count(*), 0 FROM overall GROUP BY {COLUMNS}, number
UNION ALL
SELECT 'points', {NO_PARTS}, NULL, kind, dimension, line, number, count(*), 0
  FROM answer GROUP BY kind, dimension, line, number
UNION ALL
SELECT 'sheets of a system', {NO_PARTS}, by_system, {NO_QUESTION}, its_score, count(*), 0
  FROM sheet JOIN shown USING (by_system) WHERE its_score IS NOT NULL GROUP BY by_system, its_score
UNION ALL
SELECT 'overall of a system', {NO_PARTS}, by_system, {NO_QUESTION}, number, count(*), 0
  FROM overall JOIN shown USING (by_system) GROUP BY by_system, number
UNION ALL
SELECT 'systems', {NO_PARTS}, NULL, {NO_QUESTION}, NULL, count(*), 0 FROM systems
"""

Counts = Counter[float]


@dataclass(slots=True)
class Counted:
    """The scores of some sheets (per cent), and the points of their overall question."""

    scores: Counts = field(default_factory=Counter)
    points: Counts = field(default_factory=Counter)


@dataclass(slots=True)
class Grouped:
    """How many sheets there are, how many of them are bad; scores of all; points by question; and the same by
    each part: its name, its value, the group. Of so many `systems` those with the most answers may be there
    alone.
    """

    n: int = 0
    bad: int = 0
    systems: int = 0
    scores: Counts = field(default_factory=Counter)
    points: dict[tuple[str, str, int], Counts] = field(default_factory=dict)
    parts: dict[str, dict[Any, Counted]] = field(default_factory=lambda: {name: {} for name in PARTS})

    def points_of(self, kind: QuestionKind, dimension: Dimension | None = None) -> Counts:
        """The points of all questions of a kind, or of those of them that ask for one thing."""
        found: Counts = Counter()
        for (of_kind, of_dimension, _line), counts in self.points.items():
            if of_kind == kind and dimension in (None, of_dimension):
                found += counts
        return found

    def number_of(self, part: str) -> int:
        """How many values of a part there are, also those that were left out."""
        return self.systems if part == SYSTEM else len(self.parts[part])


def group_sheets(sheets: QuerySet[AnswerSheet], most: int | None = None) -> Grouped:
    """Count sheets (not joined to answers, in any order) by every part; of systems, those `most` that have
    the most scores. None: all.
    """
    found = Grouped()
    for what, *values, system, kind, dimension, line, number, n, bad in _rows(sheets, most):
        parts = {SYSTEM: system} if system is not None else dict(zip(FEW, values, strict=True))
        match what:
            case "systems":
                found.systems = n
            case "points":
                found.points.setdefault((kind, dimension, line), Counter())[float(number)] += n
            case "overall" | "overall of a system":
                for group in _groups(found, parts):
                    group.points[float(number)] += n
            case "sheets" | "sheets of a system":
                if what == "sheets":
                    found.n, found.bad = found.n + n, found.bad + bad
                if number is None:
                    continue
                if what == "sheets":
                    found.scores[float(number)] += n
                for group in _groups(found, parts):
                    group.scores[float(number)] += n
    return found


def _groups(found: Grouped, parts: dict[str, Any]) -> Iterator[Counted]:
    """The groups to which a row belongs: none of what has no engineer, or came of no wave."""
    for part, value in parts.items():
        if value is not None:
            yield found.parts[part].setdefault(value, Counted())


def _rows(sheets: QuerySet[AnswerSheet], most: int | None) -> Iterator[Any]:
    parts = {f"by_{name}": part for name, part in PARTS.items()}
    facts = sheets.order_by().values(its_id=F("pk"), its_score=F("score"), it_is_bad=F("is_bad"), **parts)
    sql, of_sheets = facts.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT.format(sheets=sql), [*of_sheets, Dimension.OVERALL, QuestionKind.SCALE, most]
        )
        yield from cursor.fetchall()

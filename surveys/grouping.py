"""Answers counted by all that the statistics tell apart, in three statements over the same sheets (§4.1.2).

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

PARTS: dict[str, Any] = {
    "channel": F("channel"),
    "client_type": F("invitation__client_type"),
    "system": F("invitation__system"),
    "group": F("invitation__group"),
    "engineer": F("invitation__engineer"),
    # Periodic waves alone: what is asked after records has no waves, but months.
    "wave": Case(
        When(invitation__campaign__kind=CampaignKind.PERIODIC, then=F("invitation__campaign")), default=None
    ),
    "month": TruncMonth("given_at"),
}
COLUMNS = [f"by_{name}" for name in PARTS]
WHOLE = 2 ** len(PARTS) - 1  # what GROUPING() says of a row that is of no part

SCORES = """
SELECT GROUPING({columns}), {columns}, its_score, count(*), count(*) FILTER (WHERE it_is_bad)
  FROM sheet GROUP BY GROUPING SETS ((its_score), {sets})
"""
POINTS = f"""
SELECT kind, dimension, line, number, count(*)
  FROM sheet JOIN {Answer._meta.db_table} ON sheet_id = its_id
  JOIN {Question._meta.db_table} AS question ON question.id = question_id
 WHERE number IS NOT NULL GROUP BY kind, dimension, line, number
"""
OVERALL = f"""
SELECT GROUPING({{columns}}), {{columns}}, number, count(*)
  FROM sheet JOIN {Answer._meta.db_table} ON sheet_id = its_id
  JOIN {Question._meta.db_table} AS question ON question.id = question_id
 WHERE number IS NOT NULL AND dimension = %s AND kind = %s GROUP BY GROUPING SETS ({{sets}})
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
    each part: its name, its value, the group.
    """

    n: int = 0
    bad: int = 0
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


def group_sheets(sheets: QuerySet[AnswerSheet]) -> Grouped:
    """Count sheets (not joined to answers, in any order) by every part."""
    found = Grouped()
    parts = {f"by_{name}": part for name, part in PARTS.items()}
    facts = sheets.order_by().values(its_id=F("pk"), its_score=F("score"), it_is_bad=F("is_bad"), **parts)
    for mask, *values, score, n, bad in _rows(SCORES, facts, "its_score"):
        if mask == WHOLE:
            found.n, found.bad = found.n + n, found.bad + bad
        if score is not None:
            counts = found.scores if mask == WHOLE else _group(found, mask, values).scores
            counts[float(score)] += n
    for kind, dimension, line, number, n in _rows(POINTS, facts):
        found.points.setdefault((kind, dimension, line), Counter())[float(number)] += n
    for mask, *values, number, n in _rows(OVERALL, facts, "number", Dimension.OVERALL, QuestionKind.SCALE):
        _group(found, mask, values).points[float(number)] += n
    for groups in found.parts.values():
        groups.pop(None, None)  # of no system, of no engineer
    return found


def _group(found: Grouped, mask: int, values: list[Any]) -> Counted:
    """The group of a row: the one bit of its mask that is not set says of which part it is."""
    place = len(PARTS) - (WHOLE - mask).bit_length()
    return found.parts[list(PARTS)[place]].setdefault(values[place], Counted())


def _rows(statement: str, facts: QuerySet[Any, Any], counted: str = "", *params: str) -> Iterator[Any]:
    sql, of_sheets = facts.query.sql_with_params()
    sets = ", ".join(f"({column}, {counted})" for column in COLUMNS)
    filled = statement.format(columns=", ".join(COLUMNS), sets=sets)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH sheet AS MATERIALIZED ({sql}) {filled}", [*of_sheets, *params])
        yield from cursor.fetchall()

"""Counts that charts are made of, beside the figures of the dictionary: records reported by their grade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.kpis import KPIS
from reports.kpis.definition import Kpi, Rows, Total
from reports.kpis.records import OF_TICKET, calls

GRADE_NAMES: Mapping[int | None, str | Promise] = {
    1: _("Grade 1"),
    2: _("Grade 2"),
    3: _("Grade 3"),
    None: _("No grade"),
}


def _of_grade(grade: int | None) -> Rows:
    return calls().filter(grade__isnull=True) if grade is None else calls().filter(grade=grade)


BY_GRADE: Mapping[int | None, Total] = {
    grade: Total(
        key=f"reported_{grade or 'ungraded'}",
        name=name,
        clause="§3.2",
        formula=_(
            "Records of this grade that were reported in the period. Merged ones and changes do not count."
        ),
        rows=partial(_of_grade, grade),
        at="reported_at",
        source="ticket",
        axes=OF_TICKET,
        higher_is_better=False,
    )
    for grade, name in GRADE_NAMES.items()
}
# Of which figures counts are kept: those of the dictionary, and what its charts are made of.
KEPT: Mapping[str, Kpi] = {**KPIS, **{kpi.key: kpi for kpi in BY_GRADE.values()}}

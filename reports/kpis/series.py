"""Counts that charts are made of: records by grade, faults by cause. Totals like those of the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Rows, Total
from reports.kpis.records import OF_TICKET, calls, faults
from tickets.models import Cause

GRADE_NAMES: Mapping[int | None, str | Promise] = {
    1: _("Grade 1"),
    2: _("Grade 2"),
    3: _("Grade 3"),
    None: _("No grade"),
}


def _of_grade(grade: int | None) -> Rows:
    return calls().filter(grade__isnull=True) if grade is None else calls().filter(grade=grade)


def _solved_of(cause: str) -> Rows:
    return faults().filter(cause=cause)


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
BY_CAUSE: Mapping[str, Total] = {
    cause: Total(
        key=f"cause_{cause or 'none'}",
        name=name,
        clause="§5.2",
        formula=_("Faults of this cause whose last solution lies in the period. Merged ones do not count."),
        rows=partial(_solved_of, cause),
        at="resolved_at",
        source="ticket",
        axes=OF_TICKET,
        higher_is_better=False,
    )
    for cause, name in {**{cause.value: cause.label for cause in Cause}, "": _("No cause given")}.items()
}
SERIES: Mapping[str, Total] = {kpi.key: kpi for kpi in (*BY_GRADE.values(), *BY_CAUSE.values())}

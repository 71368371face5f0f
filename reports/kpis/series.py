"""Counts that charts are made of: records by grade, faults by cause. Totals like those of the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Rows, Total
from reports.kpis.records import OF_TICKET
from tickets.models import Cause, Grade, Kind, Status, Ticket

GRADE_NAMES: Mapping[int | None, str | Promise] = {
    1: _("Grade 1"),
    2: _("Grade 2"),
    3: _("Grade 3"),
    None: _("No grade"),
}


def _of_grade(grade: int | None) -> Rows:
    rows = Ticket.objects.exclude(status=Status.MERGED)
    return rows.filter(grade__isnull=True) if grade is None else rows.filter(grade=grade)


def _solved_of(cause: str) -> Rows:
    return Ticket.objects.filter(kind=Kind.FAULT, cause=cause).exclude(status=Status.MERGED)


REPORTED = Total(
    key="reported",
    name=_("Reported"),
    clause="§3.2",
    formula=_("Records reported in the period."),
    rows=lambda: Ticket.objects.exclude(status=Status.MERGED),
    at="reported_at",
    source="ticket",
    axes=OF_TICKET,
    higher_is_better=False,
)
CLOSED = Total(
    key="closed",
    name=_("Closed"),
    clause="§3.2",
    formula=_("Records closed in the period."),
    rows=lambda: Ticket.objects.exclude(status=Status.MERGED),
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
)
BY_GRADE: Mapping[int | None, Total] = {
    grade: Total(
        key=f"reported_{grade or 'ungraded'}",
        name=name,
        clause="§3.2",
        formula=_("Records of this grade reported in the period."),
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
        formula=_("Faults of this cause solved in the period."),
        rows=partial(_solved_of, cause),
        at="resolved_at",
        source="ticket",
        axes=OF_TICKET,
        higher_is_better=False,
    )
    for cause, name in {**{cause.value: cause.label for cause in Cause}, "": _("No cause given")}.items()
}
SERIES: Mapping[str, Total] = {kpi.key: kpi for kpi in (*BY_GRADE.values(), *BY_CAUSE.values())}

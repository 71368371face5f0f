"""What the monthly report says of assessments, in its restricted section: names, scores, grades, factors."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language

from reports.models import Assessment
from reports.periods import Period
from staff.models import Group


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """One subject. `score` and `factor` are None where nothing could be measured, the grade then empty."""

    group: Group
    name: str
    name_en: str
    is_group: bool
    score: Decimal | None
    grade: str
    factor: Decimal | None
    state: str  # of `AssessmentState`: a draft is not shown to whom it is about
    is_final: bool
    is_supervisor: bool = False  # of a supervisor himself, which leaders alone read

    @property
    def label(self) -> str:
        """The name in the reader's language; the Chinese one where there is no other."""
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


def assessment_section(month: Period, group: Group | None = None) -> list[AssessedLine]:
    """Return the assessments of a month, of one group or of all, each group before its people. One query.

    For supervisors of the group and leaders alone: whoever puts it on paper keeps it from everybody else,
    and the lines of supervisors from each other.
    """
    rows = Assessment.objects.filter(month=month.first).select_related("group", "person")
    if group is not None:
        rows = rows.filter(group=group)
    return [_line(one) for one in sorted(rows, key=lambda one: (one.group.code, one.person_id or 0))]


def _line(one: Assessment) -> AssessedLine:
    named = one.person or one.group
    return AssessedLine(
        group=one.group,
        name=named.name,
        name_en=named.name_en,
        is_group=one.person_id is None,
        score=one.score,
        grade=one.grade,
        factor=one.factor,
        state=one.state,
        is_final=one.is_final,
        is_supervisor=one.of_supervisor,
    )

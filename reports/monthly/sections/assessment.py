"""The month's assessment as far as it is final; the group's supervisor and leaders alone read it (§5.2).

What supervisors came to stands in the department's report, which leaders alone read: a group may have two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from reports.assessment.section import AssessedLine, assessment_section
from reports.monthly.asked import About
from tickets.documents.structure import Part, Table


def gather(about: About) -> list[AssessedLine] | None:
    """None where nothing is final yet: what may still be appealed against is not put on paper."""
    lines = assessment_section(about.month, about.group)
    found = [line for line in lines if line.is_final and not (about.group and line.is_supervisor)]
    return found or None


def parts(found: Sequence[AssessedLine], about: About) -> Iterable[Part]:
    head = (_("Group"), _("Person"), _("Score"), _("Grade"), _("Factor"))
    yield Table(head, (30, 30, 14, 12, 14), tuple(_row(line) for line in found))


def _row(line: AssessedLine) -> tuple[str, ...]:
    rated = line.score is not None
    return (
        line.group.label,
        _("The group as a whole") if line.is_group else line.label,
        f"{line.score:.1f}" if rated else _("not rated"),
        line.grade or "–",
        f"{line.factor:.2f}" if line.factor is not None else "–",
    )

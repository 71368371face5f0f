"""Who is told of an assessment. A notice says that there is something to read, never what it says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from reports.assessment.standing import checkers, concerned, is_of_people, leaders, rulers
from reports.models import Assessment
from staff.actions import Occasion, notify_of
from staff.models import User


def tell_drafted(assessments: Iterable[Assessment], *, by: User | None, now: datetime) -> None:
    """Those who check hear once of a month and group, however many there are; not who has drafted them."""
    occasions = {}
    asked: dict[tuple[int, bool], list[User]] = {}  # who checks is asked once of a group and kind
    for one in assessments:
        kind = one.group_id, is_of_people(one)
        if kind not in asked:
            asked[kind] = checkers(one)
        for person in asked[kind]:
            if person == by:
                continue
            key = f"assessment:{one.month:%Y-%m}:{one.group_id}:drafted"
            url = f"{reverse('reports:assessment_table')}?group={one.group.code}&month={one.month:%Y-%m}"
            facts = _facts(one, "drafted") | {"person": "", "person_en": ""}
            occasions[person.pk, key] = Occasion([person], "assessment", facts, url=url, key=key)
    notify_of(occasions.values(), now=now)


def tell_shown(assessment: Assessment, *, by: User, now: datetime) -> None:
    _tell(assessment, concerned(assessment), "shown", by=by, now=now)


def tell_appealed(assessment: Assessment, *, by: User, now: datetime) -> None:
    _tell(assessment, rulers(assessment) or leaders(), "appealed", by=by, now=now)


def tell_ruled(assessment: Assessment, *, by: User, now: datetime) -> None:
    checker = [assessment.checked_by] if assessment.checked_by and assessment.checked_by.is_active else []
    _tell(assessment, [*concerned(assessment), *checker], "ruled", by=by, now=now)


def tell_final(assessment: Assessment, *, now: datetime) -> None:
    """Nobody has appealed: whom it is about hears that it stands."""
    _tell(assessment, concerned(assessment), "final", by=None, now=now)


def tell_overdue(assessment: Assessment, *, now: datetime) -> list[User]:
    """The leaders hear of what nobody checks or rules on; return whom."""
    people = [one for one in leaders() if one.pk != assessment.person_id]
    _tell(assessment, people, "unchecked" if assessment.is_draft else "unruled", by=None, now=now)
    return people


def _tell(
    assessment: Assessment, people: Iterable[User], what: str, *, by: User | None, now: datetime
) -> None:
    others = {person.pk: person for person in people if by is None or person.pk != by.pk}
    url = reverse("reports:assessment", args=[assessment.pk])
    key = f"assessment:{assessment.pk}:{what}:{assessment.version}"
    notify_of([Occasion(others.values(), "assessment", _facts(assessment, what), url=url, key=key)], now=now)


def _facts(assessment: Assessment, what: str) -> dict[str, object]:
    """Names and terms; neither score nor grade nor a word of what was written."""
    until = assessment.appeal_until if what == "shown" else assessment.due_at
    return {
        "what": what,
        "month": f"{assessment.month:%Y-%m}",
        "group": assessment.group.name,
        "group_en": assessment.group.name_en,
        "person": assessment.person.name if assessment.person else "",
        "person_en": assessment.person.name_en if assessment.person else "",
        "until_at": until.isoformat() if until else None,
    }

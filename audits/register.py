"""The process register read: the version in force, who may answer and publish, who has not read it (§1.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from audits.clauses import ClauseText
from audits.models import Clause, ProcessTerms, ProcessVersion, Reading, Suggestion
from audits.suggesting import Standing, Terms
from duty.calendar import whole_workdays
from staff.models import ManagementLevel, Role, User


def may_answer(user: User) -> bool:
    """Whether he writes and publishes versions and answers suggestions (decision 29).

    QA (§4.1.1), the department manager and above, administrators.
    """
    above = not user.is_contact and user.management_level >= ManagementLevel.DEPARTMENT_MANAGER
    return user.is_active and (user.role in (Role.AUDITOR, Role.ADMINISTRATOR) or above)


def may_see_readers(user: User) -> bool:
    """Whether he sees who has not read the version: a supervisor of his group, QA and leaders of all."""
    return not user.is_contact and (
        may_answer(user)
        or user.role in (Role.SUPERVISOR, Role.LEADER)
        or user.management_level >= ManagementLevel.SUPERVISOR
    )


def version_in_force(today: date) -> ProcessVersion | None:
    return ProcessVersion.objects.in_force(today).first()


def terms_row() -> ProcessTerms:
    return ProcessTerms.objects.first() or ProcessTerms(pk=1)


def terms_in_force(*, since: date) -> Terms:
    """Return the days for answers laid over the working days from `since` on: two queries."""
    return Terms(terms_row().days, whole_workdays(since=since), ZoneInfo(settings.TIME_ZONE))


def standing_of(suggestion: Suggestion, user: User) -> Standing:
    return Standing(suggestion.state, suggestion.by_id == user.pk, may_answer(user))


def texts(clauses: Iterable[Clause]) -> list[ClauseText]:
    return [clause.as_text for clause in clauses]


def clause_links(today: date) -> Mapping[str, tuple[str, str]]:
    """Return address and title of each clause in force, by its number: one query, for a whole page."""
    version = ProcessVersion.objects.in_force(today)
    rows = Clause.objects.filter(version__in=version.values("pk")).only("number", "title", "title_en")
    return {row.number: (row.get_absolute_url(), f"§{row.number} {row.label}") for row in rows}


def staff_of(user: User) -> QuerySet[User]:
    """The people whose reading he may look at: of his group, or of the whole house."""
    people = User.objects.filter(is_active=True).exclude(role=Role.CONTACT)
    return people if user.sees_everything or may_answer(user) else people.filter(group=user.group_id)


def with_reading(people: QuerySet[User], version: ProcessVersion) -> QuerySet[User]:
    """Say of each whether he `has_read` the version."""
    read = Reading.objects.filter(version=version, person=OuterRef("pk"))
    return people.annotate(has_read=Exists(read))

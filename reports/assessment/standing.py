"""What a person may do with an assessment, and who is there to check or rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from reports.assessment.following import SUPERVISOR, TECHNICAL_LEAD, Standing
from reports.models import Assessment
from staff.models import Group, ManagementLevel, Role, User
from tickets.overruns import terms


def may_write_schemes(user: User) -> bool:
    """Schemes are the leaders': whoever is assessed does not set what he is measured by."""
    return user.is_active and user.role == Role.LEADER


def may_read_tables(user: User) -> bool:
    """Say whether somebody reads the results of others at all."""
    return user.is_active and user.role in (Role.SUPERVISOR, Role.LEADER)


def checks(user: User, assessment: Assessment) -> bool:
    """Say whether it is his to check: a supervisor's, of his people; the leaders', of all others too."""
    if not user.is_active or is_own(user, assessment):
        return False
    if user.role == Role.LEADER:
        return True
    is_his = user.role == Role.SUPERVISOR and user.group_id == assessment.group_id
    return is_his and is_of_people(assessment)


def is_of_people(assessment: Assessment) -> bool:
    """Of one of those whom a supervisor checks: neither of a group nor of a supervisor."""
    return assessment.person_id is not None and not assessment.of_supervisor


def is_own(user: User, assessment: Assessment) -> bool:
    """His own; of a group: he supervises it, and so it says how he does."""
    return _is_about(assessment, user.pk, user.role, user.group_id)


def standing_of(assessment: Assessment, user: User, now: datetime) -> Standing:
    """The assessment as this person meets it now. At most one query."""
    until = assessment.appeal_until
    may_check = checks(user, assessment)
    return Standing(
        state=assessment.state,
        is_own=is_own(user, assessment),
        checks=may_check,
        level=user.management_level if user.is_active else 0,
        checked_level=assessment.checked_level,
        was_checker=assessment.checked_by_id == user.pk,
        is_whole=is_whole(assessment),
        is_appealable=until is not None and now <= until,
        has_higher=may_check and assessment.is_draft and _has_higher(user, assessment),
    )


def to_show(drafts: Iterable[Assessment], user: User) -> list[Assessment]:
    """Those of some assessments that he may show now: as `Standing` says, in at most one query."""
    his = [one for one in drafts if one.is_draft and is_whole(one) and checks(user, one)]
    if not his:
        return []
    above = set(_above(user).values_list("pk", "role", "group"))
    return [one for one in his if any(not _is_about(one, *person) for person in above)]


def is_whole(assessment: Assessment) -> bool:
    """Say whether it was counted after its month was over."""
    ended_at = assessment.period.span(get_default_timezone())[1]
    return assessment.counted_at is not None and assessment.counted_at >= ended_at


def checkers(assessment: Assessment) -> list[User]:
    """Who checks it: the supervisors of the group; of themselves, and where there is none, the leaders."""
    if not is_of_people(assessment):
        return leaders()
    # He may have become the supervisor himself since.
    others = [one for one in supervisors_of(assessment.group) if one.pk != assessment.person_id]
    return others or leaders()


def concerned(assessment: Assessment) -> list[User]:
    """Whom it is about: the person; of a group, its supervisors."""
    if assessment.person is None:
        return supervisors_of(assessment.group)
    return [assessment.person] if assessment.person.is_active else []


def rulers(assessment: Assessment) -> list[User]:
    """Who rules on an appeal: the lowest level above the one who checked that has anybody."""
    least = max(TECHNICAL_LEAD, assessment.checked_level + 1)
    for level in range(least, ManagementLevel.GENERAL_MANAGER + 1):
        people = User.objects.at_level(level, assessment.group).order_by("pk")
        if found := [
            one for one in people if one.pk != assessment.checked_by_id and not is_own(one, assessment)
        ]:
            return found
    return []


def supervisors_of(group: Group) -> list[User]:
    return list(User.objects.in_group(group).filter(role=Role.SUPERVISOR).order_by("pk"))


def leaders() -> list[User]:
    return list(User.objects.filter(is_active=True, role=Role.LEADER).order_by("pk"))


def level_of(user: User) -> int:
    """His level as the one who checks."""
    return max(user.management_level, SUPERVISOR)


def ends_at(since: datetime, days: int) -> datetime:
    """Return the end of the so-manieth working day after the day of `since`, in UTC; for terms of people."""
    return terms(since=since.date()).ends_at(since, days)


def month_of(now: datetime) -> date:
    """The first day of the month in which an instant lies, as the house counts."""
    return now.astimezone(get_default_timezone()).date().replace(day=1)


def _has_higher(user: User, assessment: Assessment) -> bool:
    """Whether somebody is there to rule on an appeal: not whom it is about, though he stand above."""
    return any(
        not _is_about(assessment, *person) for person in _above(user).values_list("pk", "role", "group")
    )


def _above(user: User) -> QuerySet[User]:
    least = max(TECHNICAL_LEAD, level_of(user) + 1)
    return User.objects.filter(is_active=True, management_level__gte=least).exclude(pk=user.pk)


def _is_about(assessment: Assessment, pk: int, role: str, group_id: int | None) -> bool:
    """As `is_own`, of somebody of whom this is known."""
    if assessment.person_id is not None:
        return assessment.person_id == pk
    return role == Role.SUPERVISOR and group_id == assessment.group_id

"""Assessments of a month are drafted, one of each person of a group and one of the group itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from reports.assessment.actions.common import count, locked, log, scored, stepping
from reports.assessment.actions.telling import tell_drafted
from reports.assessment.following import Step
from reports.assessment.kinds import AssessmentState, EventKind
from reports.assessment.standing import ends_at, month_of
from reports.models import Assessment, SchemeVersion
from reports.periods import Period
from staff.models import GROUP_ROLES, Group, Role, User
from staff.refused import Refused


def draft_group(group: Group, month: Period, *, by: User | None, now: datetime) -> list[Assessment]:
    """Draft what is missing of a group and month, and count its drafts anew; return the drafts.

    A month that is running can be drafted: nothing of it can be shown before it is over. Without `by` the
    clock does it. Safe to run again: there is one of each, and what was shown stays as it is. Of a month that
    is over those who check hear, once.
    """
    if by is not None and not _may_draft(by, group):
        raise Refused(_("Drafts are made by the supervisor of the group, or a leader."), code="forbidden")
    if month.first > month_of(now):
        raise Refused(_("This month has not begun."), field="month", code="ahead")
    scheme = SchemeVersion.objects.in_force(month.first).first()
    if scheme is None:
        message = _("No scheme was in force in %(month)s.") % {"month": month}
        raise Refused(message, field="month", code="no_scheme")
    ended_at = month.span(get_default_timezone())[1]
    due = ends_at(max(now, ended_at), scheme.says.check_days)
    people = User.objects.in_group(group).filter(role__in=GROUP_ROLES).order_by("pk")
    subjects: list[User | None] = [*people, None]  # the group last: where it is, all are
    taken = set(
        Assessment.objects.filter(month=month.first, person__in=people).values_list("person", flat=True)
    )
    Assessment.objects.bulk_create(
        (
            Assessment(
                month=month.first,
                group=group,
                person=person,
                of_supervisor=person is not None and person.role == Role.SUPERVISOR,
                scheme=scheme,
                due_at=due,
            )
            for person in subjects
            if person is None or person.pk not in taken  # in another group, which he has left
        ),
        ignore_conflicts=True,
    )
    rows = Assessment.objects.filter(group=group, month=month.first, state=AssessmentState.DRAFT)
    done = [one for row in rows.order_by("pk") if (one := _count_draft(row, by, now)) is not None]
    if now >= ended_at:
        tell_drafted(done, by=by, now=now)
    return done


def recount(assessment: Assessment, *, by: User, now: datetime) -> Assessment:
    """Count a draft anew: records may have been corrected, overruns ruled on."""
    with stepping(assessment, Step.RECOUNT, by=by, now=now) as fresh:
        was = scored(fresh)
        count(fresh, now=now)
        log(fresh, EventKind.RECOUNTED, by=by, now=now, changes={"result": [was, scored(fresh)]})
    return fresh


def follow_scheme(row: Assessment, scheme: SchemeVersion, *, by: User, now: datetime) -> None:
    """Count a draft by a scheme that was adopted for its month meanwhile. In the caller's transaction."""
    fresh = locked(row)
    if fresh.is_draft:
        was, fresh.scheme = scored(fresh), scheme
        count(fresh, now=now)
        fresh.version += 1
        fresh.save()
        changes = {"scheme": [None, scheme.number], "result": [was, scored(fresh)]}
        log(fresh, EventKind.RECOUNTED, by=by, now=now, changes=changes)


@transaction.atomic
def _count_draft(row: Assessment, by: User | None, now: datetime) -> Assessment | None:
    fresh = locked(row)
    if not fresh.is_draft:
        return None
    is_first = fresh.counted_at is None
    was = scored(fresh)
    count(fresh, now=now)
    fresh.version += 1
    fresh.save()
    if is_first:
        log(fresh, EventKind.DRAFTED, by=by, now=now, text=f"v{fresh.scheme.number}")
    elif was != scored(fresh):
        log(fresh, EventKind.RECOUNTED, by=by, now=now, changes={"result": [was, scored(fresh)]})
    return fresh


def _may_draft(by: User, group: Group) -> bool:
    if not by.is_active:
        return False
    return by.role == Role.LEADER or by.role == Role.SUPERVISOR and by.group_id == group.pk

"""What time does to assessments: drafted when a month is over, final when the term is, told of when late."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone
from django.utils.translation import override

from reports.assessment.actions.common import RELATED, freeze, log
from reports.assessment.actions.drafting import draft_group
from reports.assessment.actions.telling import tell_final, tell_overdue
from reports.assessment.kinds import AssessmentState, EventKind
from reports.assessment.standing import month_of
from reports.models import Assessment, SchemeVersion
from reports.periods import period_of
from staff.models import Group

BATCH = 100
HOUSE = "zh-hans"  # what the clock writes is in the language of the house
AFTER_MIDNIGHT = timedelta(hours=2, minutes=30)  # when the figures of the month are there
MONTHS_BACK = 3  # a beat that was dead for that long makes them good


def tend_assessments(*, now: datetime) -> None:
    """Draft, make final, tell of what waits too long. A second run changes nothing."""
    with override(HOUSE):
        _draft(now)
        while _finish(now):
            pass
        while _late(now):
            pass


def _draft(now: datetime) -> None:
    """Every group has its own assessment of each month that is over, counted after its end, and so have its
    people.
    """
    last = period_of(month_of(now), "month").plus(-1)
    for month in (last.plus(-back) for back in reversed(range(MONTHS_BACK))):
        ended_at = month.span(get_default_timezone())[1]
        if now < ended_at + AFTER_MIDNIGHT or not SchemeVersion.objects.in_force(month.first).exists():
            continue
        of_month = Assessment.objects.filter(month=month.first)
        done = of_month.filter(person=None, counted_at__gte=ended_at)
        early = of_month.filter(
            Q(counted_at=None) | Q(counted_at__lt=ended_at),  # None: whoever drafted it got no further
            state=AssessmentState.DRAFT,
        )
        missing = ~Q(pk__in=done.values("group")) | Q(pk__in=early.values("group"))
        for group in Group.objects.filter(missing).order_by("pk"):
            draft_group(group, month, by=None, now=now)


@transaction.atomic
def _finish(now: datetime) -> int:
    """Nobody has appealed in time: what was shown is final, since the end of the term."""
    over = Assessment.objects.filter(state=AssessmentState.SHOWN, appeal_until__lt=now)
    batch = _locked(over)
    for one in batch:
        assert one.appeal_until is not None
        one.version += 1
        log(one, EventKind.FINAL, by=None, now=now)
        freeze(one, at=one.appeal_until)
        one.save()
        tell_final(one, now=now)
    return len(batch)


@transaction.atomic
def _late(now: datetime) -> int:
    """Drafts nobody checks, appeals nobody rules on: told once of each."""
    late = Assessment.objects.exclude(state=AssessmentState.FINAL).filter(due_at__lte=now, is_told=False)
    batch = _locked(late)
    for one in batch:
        people = tell_overdue(one, now=now)
        told = {"told": [None, [person.name for person in people]]}
        log(one, EventKind.REPORTED_UP, by=None, now=now, changes=told)
    Assessment.objects.filter(pk__in=[one.pk for one in batch]).update(is_told=True)
    return len(batch)


def _locked(rows: QuerySet[Assessment]) -> list[Assessment]:
    found = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")
    return list(found.select_related(*RELATED)[:BATCH])

"""The monthly assessment: two final months, the later with an appeal upheld, and a draft of the running one.

All by the actions, as they were at that time (§5.2).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.timezone import get_default_timezone

from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.texts import load
from reports.assessment import actions
from reports.assessment.kinds import AssessmentState, Outcome
from reports.assessment.standing import checks, month_of
from reports.models import Assessment
from reports.periods import Period, period_of
from staff.models import ManagementLevel, User
from tickets.models import Ticket

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONTHS = 2  # that are final
DRAFTED, FINAL, LONG_AGO = 3 * HOUR, 16 * DAY, 22 * DAY  # after the end of a month; terms over, holidays too
REPEATS = "repeat_faults"


def assess(staff: Staff, *, now: datetime) -> None:
    """Assess everybody for the last months whose terms are over; draft the home group's month that runs."""
    running = period_of(month_of(now), "month")
    last = next(one for back in range(1, 4) if _ended_at(one := running.plus(-back)) + LONG_AGO <= now)
    months = [last.plus(-back) for back in reversed(range(MONTHS))]
    actions.load_defaults(now=_ended_at(months[0]) - DAY)
    for month in months:
        ended_at = _ended_at(month)
        actions.tend_assessments(now=ended_at + DRAFTED)
        _check(staff, month, ended_at + DAY + 9 * HOUR, appeals=month == last)
        actions.tend_assessments(now=ended_at + FINAL)
    home = next(team for team in staff.teams if team.group.code == HOME)
    actions.draft_group(home.group, running, by=home.supervisors[0], now=now)


def _check(staff: Staff, month: Period, then: datetime, *, appeals: bool) -> None:
    """Supervisors show their people's, the manager what is about supervisors and groups; one may appeal."""
    words = load("assessment")
    manager, lead = _at(staff, ManagementLevel.DEPARTMENT_MANAGER), _at(staff, ManagementLevel.TECHNICAL_LEAD)
    supervisors = {team.group.pk: team.supervisors[0] for team in staff.teams}
    drafts = Assessment.objects.filter(month=month.first, state=AssessmentState.DRAFT)
    for draft in drafts.select_related("group", "person", "scheme").order_by(
        F("score").desc(nulls_last=True), "pk"
    ):
        supervisor = supervisors.get(draft.group_id, manager)
        by = supervisor if checks(supervisor, draft) else manager
        record = Ticket.objects.filter(owner=draft.person, closed_at__lt=then).order_by("pk").last()
        is_chosen = appeals and draft.group.code == HOME and by != manager and record is not None
        if is_chosen:
            draft = actions.add_item(
                draft, code="praise", reason=words["praise"], record=record, by=by, now=then
            )
        shown = actions.show(draft, note=words["note"] if is_chosen else "", by=by, now=then)
        if is_chosen and shown.person is not None:
            appeals = False
            appealed = actions.appeal(shown, text=words["appeal"], by=shown.person, now=then + 4 * HOUR)
            places = [n for n, line in enumerate(shown.scheme.says.lines) if line.measures[0].kpi == REPEATS]
            actions.rule(
                appealed,
                outcome=Outcome.UPHELD,
                reason=words["ruling"],
                lines=places,
                by=lead,
                now=then + DAY,
            )


def _at(staff: Staff, level: ManagementLevel) -> User:
    return next(person for person in staff.everyone if person.management_level == level)


def _ended_at(month: Period) -> datetime:
    return month.span(get_default_timezone())[1]

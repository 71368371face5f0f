"""What happens around the records of a random history: who plans it, and the sweeps of the house."""

from __future__ import annotations

from audits import actions as audits
from duty import actions as duty
from meetings import actions as meetings
from meetings.actions.reportsweep import tend_reports
from reports.tests.recount.histories import DAY, History
from reports.tests.recount.onchanges import change, take_paper_back
from reports.tests.recount.onclients import (
    arrange,
    call_back,
    complain,
    correct,
    survey,
)
from reports.tests.recount.onduty import (
    file_calls,
    hand_over,
    inspect,
    take_leave,
)
from reports.tests.recount.onmeetings import (
    audit,
    follow_audit,
    follow_decision,
    hold_meeting,
    report_week,
)
from reports.tests.recount.world import BEGINS, ENDS
from surveys import actions as surveys
from surveys.actions import opening
from tickets import actions as tickets
from visits import actions as visits


def begin(history: History) -> None:
    """Plan the days of the house, and a number of things of each kind at any time."""
    audits.load_defaults(now=history.now)
    day = BEGINS
    while day < ENDS:
        history.plan(day + history.dice.random() * DAY, lambda: tend(history))
        day += history.one_of([3, 5]) * DAY if history.records > 10 else 9 * DAY
    for days in (20, 45, 70):
        history.plan(BEGINS + days * DAY, lambda: duty.publish_all(now=history.now))
    for often, happens in (
        (40, inspect),
        (30, hand_over),
        (12, arrange),
        (30, call_back),
        (30, survey),
        (14, complain),
        (30, correct),
        (4, audit),
        (20, follow_audit),
        (10, change),
        (9, hold_meeting),
        (24, follow_decision),
        (10, report_week),
        (4, take_leave),
        (12, file_calls),
        (8, take_paper_back),
    ):
        for _time in range(max(2, often * history.records // 40)):
            history.plan(history.some_time(), lambda happens=happens: happens(history))


def tend(history: History) -> None:
    """What the house does by itself; now and then it is late."""
    for sweep in (
        tickets.enforce_deadlines,
        tickets.tend_overruns,
        tickets.tend_changes,
        duty.tend_inspections,
        visits.tend_callbacks,
        surveys.tend_surveys,
        opening.open_due,
        audits.tend_audits,
        meetings.write_ahead,
        meetings.tend_meetings,
        tend_reports,
    ):
        if history.chance(0.4):
            sweep(now=history.now)

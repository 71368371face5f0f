"""The limits and report-up rules that a new installation starts with.

The process document contains one limit only (24 hours on site, grade 1). Every number below is a default of
the product, an editable row marked as such.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from tickets.accountability import DAYS
from tickets.models import ClockKind, EscalationRule, Grade, Target, TimeLimit, Window, WindowKind

SOURCE = "default, not from the process document"

M, H = timedelta(minutes=1), timedelta(hours=1)
WORKDAY = 8 * H  # of working time

RESPONSE, DIAGNOSIS, RESOLUTION = ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION
ONE, TWO, THREE = Grade.ONE, Grade.TWO, Grade.THREE

# clock, grade, limit, round the clock. An ungraded call may be a grade 1, so it is answered like one.
LIMITS = [
    (RESPONSE, None, 15 * M, True),
    (RESPONSE, ONE, 15 * M, True),
    (RESPONSE, TWO, 30 * M, True),
    (RESPONSE, THREE, 4 * H, False),
    (DIAGNOSIS, ONE, 1 * H, True),
    (DIAGNOSIS, TWO, 4 * H, True),
    (DIAGNOSIS, THREE, 1 * WORKDAY, False),
    (RESOLUTION, None, 3 * WORKDAY, False),
    (RESOLUTION, ONE, 12 * H, True),
    (RESOLUTION, TWO, 24 * H, True),
    (RESOLUTION, THREE, 9 * WORKDAY, False),
    (ClockKind.GRADING, None, 15 * M, True),
    (ClockKind.CONFIRMATION, None, 1 * WORKDAY, False),
]

# clock, grade, after (time on the clock) or percent of the limit, who is told.
RULES: list[tuple[ClockKind, Grade | None, timedelta | int, Target]] = [
    *[
        (kind, grade, percent, target)
        for kind, grade in [
            (RESPONSE, None),
            (RESPONSE, ONE),
            (RESPONSE, TWO),
            (RESPONSE, THREE),
            (DIAGNOSIS, ONE),
            (DIAGNOSIS, TWO),
            (DIAGNOSIS, THREE),
            (RESOLUTION, None),
            (RESOLUTION, ONE),
            (RESOLUTION, TWO),
            (RESOLUTION, THREE),
            (ClockKind.GRADING, None),
            (ClockKind.CONFIRMATION, None),
        ]
        for percent, target in [(80, Target.OWNER), (100, Target.OWNER), (100, Target.SUPERVISOR)]
    ],
    (ClockKind.NEXT_STEP, None, 100, Target.OWNER),
    (ClockKind.NEXT_STEP, None, 100, Target.SUPERVISOR),
    (RESPONSE, ONE, 50, Target.OWNER),
    (DIAGNOSIS, ONE, 0 * M, Target.SUPERVISOR),
    (DIAGNOSIS, ONE, 50, Target.OWNER),
    (DIAGNOSIS, TWO, 1 * H, Target.SUPERVISOR),
    (DIAGNOSIS, ONE, 100, Target.TECHNICAL_LEAD),
    (RESOLUTION, ONE, 30 * M, Target.TECHNICAL_LEAD),
    (RESOLUTION, ONE, 1 * H, Target.DEPARTMENT_MANAGER),
    (RESOLUTION, ONE, 2 * H, Target.GENERAL_MANAGER),
    (RESOLUTION, ONE, 4 * H, Target.GENERAL_MANAGER),
    (RESOLUTION, TWO, 4 * H, Target.TECHNICAL_LEAD),
    (RESOLUTION, TWO, 8 * H, Target.DEPARTMENT_MANAGER),
    (RESOLUTION, TWO, 24 * H, Target.GENERAL_MANAGER),
    (RESOLUTION, THREE, 3 * WORKDAY, Target.TECHNICAL_LEAD),
    (RESOLUTION, THREE, 5 * WORKDAY, Target.DEPARTMENT_MANAGER),
]

# What for, and how long: a fault that comes back within a month was not solved satisfactorily (§3.2). What
# concerns overruns counts working days.
WINDOWS = [
    (WindowKind.REPEAT_FAULT, timedelta(days=30)),
    *((WindowKind(step), timedelta(days=days)) for step, days in DAYS.items()),
]


@transaction.atomic
def load_defaults() -> None:
    """Create the default limits, rules and windows in an installation that has none. Never changes a row."""
    if not TimeLimit.objects.exists():
        TimeLimit.objects.bulk_create(
            TimeLimit(kind=kind, grade=grade, limit=limit, round_the_clock=round_the_clock, source=SOURCE)
            for kind, grade, limit, round_the_clock in LIMITS
        )
    if not EscalationRule.objects.exists():
        EscalationRule.objects.bulk_create(
            EscalationRule(
                kind=kind,
                grade=grade,
                after=when if isinstance(when, timedelta) else None,
                percent=when if isinstance(when, int) else None,
                target=target,
                source=SOURCE,
            )
            for kind, grade, when, target in RULES
        )
    if not Window.objects.exists():
        Window.objects.bulk_create(Window(kind=kind, span=span, source=SOURCE) for kind, span in WINDOWS)

"""The limits and report-up rules that a new installation starts with.

The process document contains one limit only (24 hours on site, grade 1). Every number below is a default of
the product, an editable row marked as such.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from tickets.accountability import DAYS
from tickets.models import (
    ClockKind,
    EscalationRule,
    Grade,
    Kind,
    PolicyState,
    PolicyVersion,
    Target,
    TimeLimit,
    Window,
    WindowKind,
)

SOURCE = "default, not from the process document"
ON_SITE_SOURCE = "§5.4.1.2 of the process document"

M, H = timedelta(minutes=1), timedelta(hours=1)
WORKDAY = 8 * H  # of working time

RESPONSE, DIAGNOSIS, RESOLUTION = ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION
VERDICT, ARRIVAL, PROGRESS = ClockKind.VERDICT, ClockKind.ARRIVAL, ClockKind.PROGRESS
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
    (VERDICT, ONE, 4 * H, True),
    (VERDICT, TWO, 1 * WORKDAY, False),
    (ARRIVAL, None, 5 * WORKDAY, False),
    (ARRIVAL, ONE, 24 * H, True),  # from the verdict that remote service cannot solve it
    (ARRIVAL, TWO, 48 * H, True),
    (ARRIVAL, THREE, 5 * WORKDAY, False),
    (PROGRESS, ONE, 1 * H, True),  # from one word to the client to the next; without a row none is owed
    (PROGRESS, TWO, 4 * H, True),
    (PROGRESS, THREE, 1 * WORKDAY, False),
]
# A complaint is no fault whose grade is still to be found, so it need not be answered at night; who complains
# is heard within two hours of his service time.
LIMITS_OF_WORK = [(Kind.COMPLAINT, RESPONSE, None, 2 * H, False)]
# The one limit that the process document itself sets.
FROM_THE_PROCESS: dict[tuple[ClockKind, Grade | None], str] = {(ARRIVAL, ONE): ON_SITE_SOURCE}

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
            (VERDICT, ONE),
            (VERDICT, TWO),
            (ARRIVAL, None),
            (ARRIVAL, ONE),
            (ARRIVAL, TWO),
            (ARRIVAL, THREE),
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
    (VERDICT, ONE, 100, Target.TECHNICAL_LEAD),
    (VERDICT, TWO, 100, Target.TECHNICAL_LEAD),
    (ARRIVAL, ONE, 100, Target.TECHNICAL_LEAD),
    (ARRIVAL, ONE, 100, Target.DEPARTMENT_MANAGER),
    *[(PROGRESS, grade, 100, Target.OWNER) for grade in Grade],
    *[(PROGRESS, grade, 150, Target.SUPERVISOR) for grade in Grade],
]
# Where these report up to the technical lead, the coordination meeting is convened at once (§5.4.1.2).
CONVENING = {(DIAGNOSIS, ONE, Target.TECHNICAL_LEAD), (RESOLUTION, ONE, Target.TECHNICAL_LEAD)}

# What for, and how long: a fault that comes back within a month was not solved satisfactorily (§3.2). What
# concerns overruns counts working days.
WINDOWS = [
    (WindowKind.REPEAT_FAULT, timedelta(days=30)),
    *((WindowKind(step), timedelta(days=days)) for step, days in DAYS.items()),
]


@transaction.atomic
def load_defaults() -> None:
    """Create the first version with the default limits and rules, and the windows. Never changes a row.

    In an installation that has them, what is new in a release is added to the version in force, and to a
    draft: the rows of those clocks, and of those kinds of work, of which no version has any.
    """
    if not PolicyVersion.objects.exists():
        PolicyVersion.objects.create(number=1, state=PolicyState.ADOPTED)
    known_limits = set(TimeLimit.objects.values_list("kind", "work"))
    known_rules = set(EscalationRule.objects.values_list("kind", flat=True))
    for version in PolicyVersion.objects.exclude(state=PolicyState.RETIRED):
        TimeLimit.objects.bulk_create(_limits(version, without=known_limits))
        EscalationRule.objects.bulk_create(_rules(version, without=known_rules))
    if not Window.objects.exists():
        Window.objects.bulk_create(Window(kind=kind, span=span, source=SOURCE) for kind, span in WINDOWS)


def limited() -> set[tuple[str, int | None]]:
    """For which clock and grade there may be limits."""
    return {(kind, grade) for kind, grade, _limit, _round_the_clock in LIMITS}


def required_limits() -> set[tuple[str, int | None]]:
    """For which of them a policy must have one for every client and kind of work.

    Without a limit for progress messages none is owed; nothing else works without one.
    """
    return {(kind, grade) for kind, grade in limited() if kind != PROGRESS}


def ruled() -> set[tuple[str, int | None]]:
    """For which clock and grade there may be report-up rules."""
    return limited() | {(kind, grade) for kind, grade, _when, _target in RULES}


def _limits(version: PolicyVersion, *, without: set[tuple[str, str]]) -> list[TimeLimit]:
    every = [("", *row) for row in LIMITS] + [(str(row[0]), *row[1:]) for row in LIMITS_OF_WORK]
    return [
        TimeLimit(
            version=version,
            kind=kind,
            grade=grade,
            work=work,
            limit=limit,
            round_the_clock=round_the_clock,
            source=FROM_THE_PROCESS.get((kind, grade), SOURCE),
        )
        for work, kind, grade, limit, round_the_clock in every
        if (kind, work) not in without
    ]


def _rules(version: PolicyVersion, *, without: set[str]) -> list[EscalationRule]:
    return [
        EscalationRule(
            version=version,
            kind=kind,
            grade=grade,
            after=when if isinstance(when, timedelta) else None,
            percent=when if isinstance(when, int) else None,
            target=target,
            convenes=(kind, grade, target) in CONVENING,
            source=SOURCE,
        )
        for kind, grade, when, target in RULES
        if kind not in without
    ]

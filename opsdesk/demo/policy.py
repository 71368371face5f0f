"""A draft of the policy that somebody is thinking about, and what it would have meant for the past."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from opsdesk.demo.people import Staff
from opsdesk.demo.texts import load
from staff.models import ManagementLevel
from tickets.actions.drafting import draft_policy, save_limit, save_rule
from tickets.actions.rehearsal import ask_what_if
from tickets.escalation import Needs, While
from tickets.models import ClockKind, EscalationRule, Grade, Target

HOUR = timedelta(hours=1)
MONTHS = 18


def draft(staff: Staff, *, now: datetime) -> None:
    """The department manager wants grade 2 to be quicker; the worker finds his question and answers it."""
    manager = next(
        user for user in staff.everyone if user.management_level == ManagementLevel.DEPARTMENT_MANAGER
    )
    version = draft_policy(**load("policy"), by=manager, now=now)
    resolution = version.limits.get(kind=ClockKind.RESOLUTION, grade=Grade.TWO)
    resolution.limit = 16 * HOUR
    save_limit(resolution, by=manager)
    save_rule(
        EscalationRule(
            version=version,
            kind=ClockKind.DIAGNOSIS,
            grade=Grade.TWO,
            after=3 * HOUR,
            target=Target.TECHNICAL_LEAD,
            only_while=While.UNDIAGNOSED,
            repeat_every=HOUR / 2,
            repeat_times=2,
            needs_ack=Needs.ONE,
            quiet_from=time(22),
            quiet_until=time(7),
        ),
        by=manager,
    )
    ask_what_if(version, months=MONTHS, by=manager, now=now)

"""What the tests of weekly reports begin with: a week of 陈工 with something in every figure."""

from __future__ import annotations

from datetime import datetime, timedelta

from meetings.actions import reports as actions
from meetings.models import WeeklyReport
from opsdesk.testing import Cast
from staff.models import User
from tickets.actions import acknowledge, grade, resolve
from tickets.models import Cause, Grade, Ticket, TimeSpent
from tickets.models import Entry as TicketEntry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = {
    "done": "更换了故障硬盘",
    "problems": "备件不足",
    "plans": "观察阵列",
    "help_wanted": "周五需要一名同事",
}


def worked(cast: Cast, now: datetime) -> tuple[Ticket, Ticket]:
    """A fault that 陈工 has solved at an instant, with an hour and a half noted; one that is still his."""
    solved, still = (_taken(cast, now - 2 * HOUR, title=title) for title in ("磁盘告警", "报表很慢"))
    solved = resolve(solved, solution="换盘", cause=Cause.HARDWARE, by=cast.chen, now=now)
    entry = TicketEntry.objects.filter(ticket=solved, by=cast.chen).latest("pk")
    day = now.astimezone(actions.tz()).date()
    TimeSpent.objects.create(ticket=solved, entry=entry, person=cast.chen, minutes=90, on=day)
    return solved, still


def submitted(cast: Cast, now: datetime, **words: str) -> WeeklyReport:
    """The report of 陈工 for the week of an instant, submitted at that instant."""
    report = actions.draft_report(now.astimezone(actions.tz()).date(), by=cast.chen, now=now)
    return actions.submit_report(report, WORDS | words, by=cast.chen, now=now)


def _taken(cast: Cast, now: datetime, **more: object) -> Ticket:
    ticket = grade(cast.ticket(now, **more), Grade.TWO, reason="clause", by=cast.li, now=now)
    return acknowledge(ticket, by=cast.chen, now=now + HOUR / 4)


def report_for(verb: str, cast: Cast, now: datetime) -> tuple[WeeklyReport, User]:
    """A report on which a verb of the REST interface may be done, and who may do it."""
    if verb in ("mark_read", "comment", "reopen"):
        return submitted(cast, now), cast.wang
    return actions.draft_report(now.astimezone(actions.tz()).date(), by=cast.chen, now=now), cast.chen

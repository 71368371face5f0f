"""What the tests of callbacks begin with: plans in force, a fault solved, a callback due."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from tickets.actions import acknowledge, grade, resolve
from tickets.models import Cause, Grade, Ticket
from visits import actions
from visits.kinds import Method
from visits.models import Callback

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_BEFORE = MONDAY - 30 * DAY
WORDS = "病区反映重启后又出现。"


def planned(now: datetime = LONG_BEFORE) -> None:
    """The default plans, in force since then."""
    actions.load_defaults(now=now)


def solved(cast: Cast, now: datetime = MONDAY, to: Grade = Grade.ONE, **more: object) -> Ticket:
    """A fault of the hospital's, solved by 陈工 within an hour."""
    ticket = cast.ticket(now - HOUR, **more)
    ticket = grade(ticket, to, reason="clause", by=cast.li, now=now - HOUR)
    ticket = acknowledge(ticket, by=cast.chen, now=now - HOUR / 2)
    return resolve(ticket, solution="重启服务", cause=Cause.SOFTWARE, by=cast.chen, now=now)


def after_fault(cast: Cast, now: datetime = MONDAY) -> Callback:
    """The callback after a fault of grade 1 that was solved then."""
    ticket = solved(cast, now)
    actions.draw_faults(now=now)
    return Callback.objects.get(ticket=ticket)


def arranged(cast: Cast, now: datetime = MONDAY, method: Method = Method.PHONE, **more: object) -> Callback:
    """A callback of the hospital planned by 李敏 for the next day, to be made by herself."""
    facts = {"note": "按约定回访", "contact": cast.contact, "person": cast.li}
    facts["on"] = timezone.localdate(now + DAY)
    return actions.arrange(cast.hospital, method=method, **(facts | more), by=cast.li, now=now)  # type: ignore[arg-type]

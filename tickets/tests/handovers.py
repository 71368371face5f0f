"""What the tests of handovers have in common: 陈工 goes off duty at six in the evening and 李敏 follows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from duty.models import Shift
from duty.tests.rosters import defined
from opsdesk.testing import Cast, at
from staff.models import User
from tickets import actions
from tickets.models import Grade, Handover, Ticket

SIX = at("2026-11-24 18:00")
MINUTE = timedelta(minutes=1)
BEFORE = SIX - 20 * MINUTE


def begun(cast: Cast, *, by: User | None = None) -> Handover:
    """The handover of the evening, begun by 陈工; nothing is written yet."""
    defined(cast)
    return actions.open_handover(cast.south, SIX, by=by or cast.chen, now=BEFORE)


def handed_over(cast: Cast, **more) -> Handover:
    texts = {"note": "一夜平静", "to_do": "回电孙主任", "done": ["see", "say"]} | more
    return actions.hand_over(begun(cast), **texts, by=cast.chen, now=BEFORE)


def grave(cast: Cast, now: datetime = BEFORE) -> Ticket:
    """A grade-1 fault that somebody works on."""
    ticket = actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def on_duty_now(cast: Cast) -> datetime:
    """陈工 is on duty and 李敏 follows in ten minutes of real time, for pages and REST; return when."""
    now = timezone.now()
    if planned := Shift.objects.filter(group=cast.south, user=cast.li, starts_at__gt=now).first():
        return planned.starts_at
    changes = (now + 10 * MINUTE).replace(second=0, microsecond=0)
    local = timezone.localtime(changes)
    yesterday = changes - timedelta(days=1)
    defined(
        cast,
        since=yesterday,
        now=yesterday,
        starts=local.time(),
        ends=local.time(),
        first_day=timezone.localdate(yesterday),
    )
    return changes

"""What the tests of the roster have in common: a rotation of the south group, and who is on duty when."""

from __future__ import annotations

from datetime import date, datetime, time

from duty.actions import Turns, define_rotation
from duty.models import DutyRole, Rotation, Shift
from opsdesk.testing import MONDAY, Cast, at

START = at("2026-11-23 18:00")


def daily(cast: Cast, **more) -> Turns:
    """陈工, 李敏 and 王强 a day each, from six in the evening on."""
    facts = {
        "name": "On call",
        "role": DutyRole.PRIMARY,
        "people": [cast.chen, cast.li, cast.wang],
        "starts": time(18),
        "ends": time(18),
        "first_day": date(2026, 11, 23),
    }
    return Turns(**(facts | more))


def defined(cast: Cast, *, since: datetime = START, now: datetime = MONDAY, **more) -> Rotation:
    return define_rotation(cast.south, daily(cast, **more), since=since, by=cast.wang, now=now)


def on_duty(cast: Cast, text: str, role: DutyRole = DutyRole.PRIMARY) -> str | None:
    found = Shift.objects.on_duty(cast.south, at(f"2026-{text}")).filter(role=role).first()
    return found.user.username if found else None


def nights(cast: Cast, *days: int) -> list[str | None]:
    """Who has the night that begins on each of these days of November."""
    return [on_duty(cast, f"11-{day} 23:00") for day in days]

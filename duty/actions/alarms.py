"""Alarms: of holes in a roster, and of holidays that it does not cover (§5.1, §5.5).

Sweeps look for both every minute, and a report-up that finds nobody on duty looks at once. What people were
told of stands in rows, so that nothing is told twice, and a late look tells once of all that it missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from duty import alarms
from duty.actions.common import begin, note
from duty.actions.telling import (
    MOST_LISTED,
    department,
    leaders,
    named,
    named_group,
    span_of,
    supervisors_of,
)
from duty.alarms import Found, Known, Verdict
from duty.cover import Lack
from duty.coverplans import CoverPlan, blocks_ahead, cover_plans
from duty.holes import Hole, holes_of, watched, watched_until
from duty.models import HoleAlarm, RosterEventKind, RosterTerms
from duty.plans import terms_of
from duty.reminding import days_until, notice_day
from staff.actions import Occasion, notify, notify_of
from staff.models import Group, User


def raise_all(*, now: datetime) -> int:
    """Raise the alarms of every group that has a roster; return of how many holes was told."""
    return sum(raise_alarms(group, now=now) for group in watched().order_by("pk"))


@transaction.atomic
def raise_alarms(group: Group, *, now: datetime) -> int:
    """Tell of a group's holes that are new or have come near; return of how many.

    Its supervisor hears of all of them, the department manager of those within 24 hours. A group that
    somebody is just changing is left to the next look, so that no record waits for a roster.
    """
    if not Group.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=group.pk).exists():
        return 0
    until = watched_until(now)
    found = list(holes_of([group], now, until)[group.pk])
    rows = {row.pk: row for row in HoleAlarm.objects.filter(group=group, filled_at=None, ends_at__gt=now)}
    if not found and not rows:
        return 0
    verdicts = alarms.judge(
        [Found(hole.starts_at, hole.ends_at, hole.role, hole.ends_at >= until) for hole in found],
        [Known(row.pk, row.starts_at, row.ends_at, row.role, row.goes_on, row.step) for row in rows.values()],
        now=now,
        warn_days=terms_of(group).warn_days,
    )
    kept = [(_keep(verdict, group, rows, now), hole) for verdict, hole in zip(verdicts, found, strict=True)]
    filled = rows.keys() - {row.pk for row, _hole in kept}
    HoleAlarm.objects.filter(pk__in=filled).update(filled_at=now)
    told = [_Told(row, hole) for (row, hole), verdict in zip(kept, verdicts, strict=True) if verdict.is_told]
    _tell_of_holes(group, told, now)
    return len(told)


@dataclass(frozen=True, slots=True)
class _Told:
    alarm: HoleAlarm
    hole: Hole

    @property
    def is_urgent(self) -> bool:
        return alarms.is_urgent(self.alarm.step)


def _keep(verdict: Verdict, group: Group, rows: dict[int, HoleAlarm], now: datetime) -> HoleAlarm:
    """Keep a hole as it is now. One that has begun keeps its beginning."""
    hole = verdict.found
    known = rows.get(verdict.key) if verdict.key is not None else None
    row = known or HoleAlarm(group=group, role=hole.role, found_at=now, starts_at=hole.starts_at)
    if not (hole.starts_at <= now and row.starts_at <= now):
        row.starts_at = hole.starts_at
    row.ends_at, row.goes_on, row.step = hole.ends_at, hole.goes_on, verdict.step
    row.told += verdict.is_told
    row.save()
    return row


def _tell_of_holes(group: Group, told: Sequence[_Told], now: datetime) -> None:
    """One notice for each person, however many holes there are."""
    urgent = [one for one in told if one.is_urgent]
    supervisors = supervisors_of(group)
    above = [person for person in department() if person not in supervisors]
    occasions = [
        Occasion(
            people,
            "holes",
            named_group(group) | _facts(holes, now),
            url=f"{reverse('duty:now')}#{group.code}",
            key=f"hole:{holes[0].alarm.pk}:{holes[0].alarm.told}",
            group_id=group.pk if people is supervisors else None,
        )
        for people, holes in ((supervisors, told), (above, urgent))
        if holes
    ]
    notify_of(occasions, now=now)


def _facts(told: Sequence[_Told], now: datetime) -> dict[str, Any]:
    return {
        "nobody_now": any(one.alarm.step == alarms.NOW and one.hole.role == "primary" for one in told),
        "is_urgent": any(one.is_urgent for one in told),
        "first_at": min(one.alarm.starts_at for one in told).isoformat(),
        "holes": [span_of(one.alarm) | named(one.hole.absent, "absent") for one in told[:MOST_LISTED]],
        "more": max(0, len(told) - MOST_LISTED),
    }


def raise_holiday_alarms(*, now: datetime) -> int:
    """Tell of holidays ahead that a roster does not cover; return of how many groups and holidays (§5.5).

    The supervisor is told once when it comes into sight (14 days before, unless the group has set otherwise);
    from 7 days before on he, the department manager and the general manager are told each morning, until
    nothing lacks.
    """
    tz = ZoneInfo(settings.TIME_ZONE)
    today = notice_day(now, tz)
    terms = {one.group_id: one for one in RosterTerms.objects.all()}
    usual = RosterTerms()
    reach = max(max(one.plan_days, one.plan_alarm_days) for one in (usual, *terms.values()))
    blocks = blocks_ahead(today, today + timedelta(days=reach + 1))
    told = 0
    for plan in cover_plans(list(watched().order_by("pk")), blocks, now=now) if blocks else ():
        own = terms.get(plan.group.pk, usual)
        days = days_until(plan.block.first, now, tz)
        if not plan.is_complete and days <= max(own.plan_days, own.plan_alarm_days):
            told += _tell_of_cover(plan, is_up=days <= own.plan_alarm_days, today=str(today), now=now) > 0
    return told


def _tell_of_cover(plan: CoverPlan, *, is_up: bool, today: str, now: datetime) -> int:
    block, group = plan.block, plan.group
    people: list[User] = supervisors_of(group)
    if is_up:
        people += [person for person in leaders() if person not in people]
    return notify(
        people,
        "holiday_cover",
        named_group(group)
        | {
            "holiday": block.name,
            "holiday_en": block.name_en,
            "first_day": block.first.isoformat(),
            "last_day": block.last.isoformat(),
            "is_official": plan.is_official,
            "lacks": [_lack(plan, lack) for lack in plan.lacks[:MOST_LISTED]],
            "more": max(0, len(plan.lacks) - MOST_LISTED),
        },
        url=reverse("duty:cover_block", args=[group.code, block.first.isoformat()]),
        key=f"cover:{group.pk}:{block.first}:{today if is_up else 'early'}",
        now=now,
    )


def _lack(plan: CoverPlan, lack: Lack) -> dict[str, str]:
    person = plan.people[lack.person] if lack.person is not None else None
    return span_of(lack) | {"why": lack.why.value} | named(person)


@transaction.atomic
def set_alarm_terms(
    group: Group,
    *,
    warn_days: Sequence[int],
    plan_days: int,
    plan_alarm_days: int,
    by: User,
    now: datetime,
) -> RosterTerms:
    """Set when a group's alarms are raised: asked of by the next look."""
    begin(group, by)
    days = sorted(set(warn_days), reverse=True)
    facts = {"warn_days": days, "plan_days": plan_days, "plan_alarm_days": plan_alarm_days}
    terms, _created = RosterTerms.objects.update_or_create(group=group, defaults=facts)
    words = f"{', '.join(map(str, days)) or '-'} / {plan_days} / {plan_alarm_days}"
    note(group, RosterEventKind.ALARMS_CHANGED, by=by, now=now, note=words)
    return terms

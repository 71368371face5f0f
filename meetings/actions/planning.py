"""Meetings are written ahead as rows, and follow the plan and the calendar until somebody touches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from duty.calendar import working_days
from duty.models import CalendarDay
from meetings.actions.common import event, forbidden, log, may_plan, tz
from meetings.actions.telling import tell
from meetings.kinds import EventKind, MeetingState, Why
from meetings.models import Meeting, MeetingEvent, MeetingPlan
from meetings.weeks import MOST_WEEKS, WEEK, IsWorking, Placed, announce_at, monday_of, placed
from staff.models import Group, User
from staff.refused import Refused
from tickets.lifecycle import Moved

WEEKS_AHEAD = 4
NAMES = ("group", "chair", "merged_into")
PLAN_FIELDS = ("weekday", "at", "minutes", "place", "link", "chair")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a group's plan to be. Local time; `chair` None: the group's supervisor."""

    weekday: int
    at: time
    minutes: int
    place: str = ""
    link: str = ""
    chair: User | None = None


@transaction.atomic
def set_plan(plan: MeetingPlan, wanted: Wanted, *, by: User, now: datetime) -> MeetingPlan:
    """Change when, where and under whom a group meets; what is scheduled and untouched follows at once.

    Raises `Refused` at a field, `Moved` where the plan is no longer as he saw it.
    """
    if not may_plan(plan.group_id, by):
        raise forbidden()
    fresh = (
        MeetingPlan.objects.select_for_update(of=("self",)).select_related("group", "chair").get(pk=plan.pk)
    )
    if fresh.version != plan.version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    chair = wanted.chair
    if chair is not None and (chair.is_contact or not chair.is_active):
        raise Refused(_("This person cannot chair."), field="chair", code="invalid")
    before = {name: getattr(fresh, name) for name in PLAN_FIELDS}
    for name in PLAN_FIELDS:
        setattr(fresh, name, getattr(wanted, name))
    try:
        fresh.clean_fields(exclude=["group", "chair"])
    except ValidationError as wrong:
        field, messages = next(iter(wrong.message_dict.items()))
        raise Refused(messages[0], field=field, code="invalid") from None
    changes = {
        name: [_said(before[name]), _said(getattr(fresh, name))]
        for name in PLAN_FIELDS
        if before[name] != getattr(fresh, name)
    }
    if not changes:
        return fresh
    fresh.version += 1
    fresh.save(update_fields=[*PLAN_FIELDS, "version"])
    log(fresh, EventKind.PLAN_CHANGED, by=by, now=now, changes=changes)
    _place_anew([fresh], by=by, now=now)
    return fresh


def write_ahead(*, now: datetime) -> None:
    """Write every group's meetings four weeks ahead, those of weeks that nobody wrote among them.

    What was written and is untouched is placed as the calendar is now. A second run changes nothing.
    """
    _make_plans(now)
    until = monday_of(now.astimezone(tz()).date()) + WEEKS_AHEAD * WEEK
    plans = MeetingPlan.objects.select_related("group", "chair")
    behind = plans.filter(written_until=None) | plans.filter(written_until__lt=until)
    for pk in list(behind.order_by("pk").values_list("pk", flat=True)):
        _write(pk, until, now)
    with transaction.atomic():
        _place_anew(list(plans), by=None, now=now)


def _make_plans(now: datetime) -> None:
    """Every group meets: one without a plan gets ours, Monday 14:00."""
    missing = list(Group.objects.filter(meeting_plan=None))
    if not missing:
        return
    with transaction.atomic():
        MeetingPlan.objects.bulk_create([MeetingPlan(group=one) for one in missing], ignore_conflicts=True)
        made = MeetingPlan.objects.filter(group__in=missing, events=None)
        MeetingEvent.objects.bulk_create(
            event(plan, EventKind.PLAN_MADE, by=None, now=now)
            for plan in made.select_for_update(of=("self",))
        )


@transaction.atomic
def _write(pk: int, until: date, now: datetime) -> None:
    rows = MeetingPlan.objects.select_for_update(of=("self",), skip_locked=True)
    plan = rows.select_related("group", "chair").filter(pk=pk).first()
    if plan is None or (plan.written_until is not None and plan.written_until >= until):
        return  # somebody else does it, or has done it
    first = plan.written_until + WEEK if plan.written_until else monday_of(now.astimezone(tz()).date())
    is_working, slot = _working_days(first), plan.slot(tz())
    if plan.written_until is None and placed(first, slot, is_working).starts_at <= now:
        first += WEEK
    found: list[Placed] = []
    week = first
    while week <= until or found[-1].into is not None:  # what is covered stands with what covers it
        found.append(placed(week, slot, is_working))
        week += WEEK
    written = {one.week: one for one in Meeting.objects.filter(group=plan.group_id, week__gte=first)}
    fresh = [one for one in found if one.week not in written]
    names = _names(one.slot_on for one in fresh)
    made = []
    for one in sorted(fresh, key=lambda one: (one.into is not None, one.week)):
        facts = _facts(plan, one, names, is_working, written)
        meeting = Meeting(group=plan.group, week=one.week, changed_at=now, **facts)
        meeting.save(force_insert=True)
        written[one.week] = meeting
        made.append(event(meeting, EventKind.SCHEDULED, by=None, now=now, text=meeting.reason))
    MeetingEvent.objects.bulk_create(made)
    plan.written_until = week - WEEK
    plan.save(update_fields=["written_until"])


def _place_anew(plans: Iterable[MeetingPlan], *, by: User | None, now: datetime) -> None:
    """Let what is untouched follow the plan and the calendar as they are now; who was invited is told."""
    by_group = {plan.group_id: plan for plan in plans}
    rows = Meeting.objects.untouched(now).filter(group__in=by_group)
    ahead = list(rows.select_for_update(of=("self",), skip_locked=True).select_related(*NAMES))
    if not ahead:
        return
    is_working = _working_days(min(one.week for one in ahead))
    found = {one.pk: placed(one.week, by_group[one.group_id].slot(tz()), is_working) for one in ahead}
    names = _names(one.slot_on for one in found.values())
    weeks = {(one.group_id, one.week): one for one in _of_weeks(found.values(), by_group)}
    for meeting in ahead:
        plan, place = by_group[meeting.group_id], found[meeting.pk]
        own = {week: one for (group, week), one in weeks.items() if group == meeting.group_id}
        if place.starts_at <= now or (place.into is not None and place.into not in own):
            continue  # it would lie in the past; or what covers it is not written yet
        facts = _facts(plan, place, names, is_working, own)
        changes = {name: value for name, value in facts.items() if getattr(meeting, name) != value}
        if changes:
            _change(meeting, changes, by=by, now=now)


def _of_weeks(found: Iterable[Placed], by_group: Mapping[int, MeetingPlan]) -> Iterable[Meeting]:
    into = {one.into for one in found if one.into is not None}
    return Meeting.objects.filter(group__in=by_group, week__in=into) if into else []


def _change(meeting: Meeting, changes: Mapping[str, Any], *, by: User | None, now: datetime) -> None:
    before = {name: _said(getattr(meeting, name)) for name in changes}
    for name, value in changes.items():
        setattr(meeting, name, value)
    if {"starts_at", "place", "link", "minutes", "state"} & set(changes):
        meeting.sequence += 1
    meeting.changed_at = now
    meeting.version += 1
    meeting.save(update_fields=[*changes, "sequence", "changed_at", "version"])
    said = {name: [before[name], _said(value)] for name, value in changes.items()}
    log(meeting, EventKind.PLACED_ANEW, by=by, now=now, text=meeting.reason, changes=said)
    if meeting.announced_at is not None and {"starts_at", "place", "link", "state"} & set(changes):
        is_merged = meeting.state == MeetingState.MERGED
        tell(meeting, "merged" if is_merged else "moved", now=now, by=by, reason=meeting.reason)


def _facts(
    plan: MeetingPlan,
    place: Placed,
    names: Mapping[date, tuple[str, str]],
    is_working: IsWorking,
    written: Mapping[date, Meeting],
) -> dict[str, Any]:
    """What the plan and the calendar make of the meeting of a week."""
    why, reason, reason_en = Why.ON_ITS_DAY, "", ""
    if place.is_moved or place.into is not None:
        why = Why.MERGED if place.into is not None else Why.HOLIDAY
        reason, reason_en = names.get(place.slot_on, (str(place.slot_on), ""))
    return {
        "slot_on": place.slot_on,
        "starts_at": place.starts_at,
        "minutes": plan.minutes,
        "place": plan.place,
        "link": plan.link,
        "chair": plan.chair,
        "state": MeetingState.MERGED if place.into is not None else MeetingState.SCHEDULED,
        "merged_into": written[place.into] if place.into is not None else None,
        "why": why,
        "reason": reason,
        "reason_en": reason_en,
        "announce_at": announce_at(place.starts_at, is_working, tz()),
    }


def _names(days: Iterable[date]) -> dict[date, tuple[str, str]]:
    """What the days off are called, each with its date, in both languages."""
    rows = CalendarDay.objects.filter(date__in=set(days))
    return {
        day: (f"{day} {name}".strip(), f"{day} {name_en}".strip())
        for day, name, name_en in rows.values_list("date", "name", "name_en")
    }


def _working_days(first: date) -> IsWorking:
    """The calendar from so far back that no break before `first` is cut."""
    return working_days(since=first - (MOST_WEEKS + 1) * WEEK)


def _said(value: Any) -> str | None:
    return None if value is None else str(value)

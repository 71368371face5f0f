"""Plans of inspections: which sheet, how often, by when; their inspections are written ahead (tail 7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from duty.actions.common import may_roster
from duty.actions.sheets import log
from duty.calendar import working_days
from duty.models import (
    DutyRole,
    Inspection,
    InspectionEventKind,
    InspectionPlan,
    InspectionSheet,
    SheetVersion,
    Shift,
)
from duty.recurrence import DAY, IsWorking, Often, falls_on
from staff.models import User
from staff.refused import Refused

# Inspections are there a day ahead, so that whoever has the duty sees what waits for him.
AHEAD = timedelta(days=1)
LONGEST_WINDOW = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a plan says: the fields of `InspectionPlan`."""

    often: Often
    due: time
    since: date
    window_minutes: int = 120
    weekday: int | None = None
    month_day: int | None = None
    is_moved: bool = True


@transaction.atomic
def make_plan(sheet: InspectionSheet, rhythm: Rhythm, *, by: User, now: datetime) -> InspectionPlan:
    """Let a published sheet be gone through in this rhythm; what comes till tomorrow is written at once."""
    _check_may(sheet, by)
    _check(sheet, rhythm, now)
    plan = InspectionPlan(sheet=sheet, **asdict(_plain(rhythm)))
    plan.written_until = _before_the_first(plan, now)
    plan.save()
    log(sheet, InspectionEventKind.PLAN_MADE, by=by, now=now, note=f"{plan.due:%H:%M}")
    write_inspections([plan], now=now)
    return plan


@transaction.atomic
def change_plan(plan: InspectionPlan, rhythm: Rhythm, *, by: User, now: datetime) -> InspectionPlan:
    """Change the rhythm from now on: what is not begun and not due yet is written anew, the rest stays."""
    plan = _running(plan, by)
    _check(plan.sheet, rhythm, now, begun=plan.since)
    _clear(plan, now)
    for name, value in asdict(_plain(rhythm)).items():
        setattr(plan, name, value)
    plan.written_until = _before_the_first(plan, now)
    plan.save()
    log(plan.sheet, InspectionEventKind.PLAN_CHANGED, by=by, now=now, note=f"{plan.due:%H:%M}")
    write_inspections([plan], now=now)
    return plan


@transaction.atomic
def end_plan(plan: InspectionPlan, *, by: User, now: datetime) -> None:
    """End a plan: what is not begun and not due yet falls away; what was inspected, or missed, stays."""
    plan = _running(plan, by)
    _clear(plan, now)
    plan.ended_at = now
    plan.save(update_fields=["ended_at"])
    log(plan.sheet, InspectionEventKind.PLAN_ENDED, by=by, now=now, note=f"{plan.due:%H:%M}")


def write_inspections(plans: Iterable[InspectionPlan], *, now: datetime) -> None:
    """Write the inspections of locked plans up to tomorrow, and those of days since the last. Not a verb.

    A second run writes none: one plan has one inspection a day.
    """
    until = timezone.localdate(now) + AHEAD
    plans = [plan for plan in plans if plan.written_until < until]
    if not plans:
        return
    is_working = working_days(since=min(plan.written_until for plan in plans))
    newest: Mapping[int, SheetVersion] = {
        version.sheet_id: version
        for version in SheetVersion.objects.filter(
            sheet__in=[plan.sheet_id for plan in plans], published_at__isnull=False
        ).order_by("number")
    }
    rows = [
        Inspection(
            plan=plan,
            version=newest[plan.sheet_id],
            group=plan.sheet.group,
            day=day,
            due_at=plan.due_on(day),
            closes_at=plan.due_on(day) + plan.window,
        )
        for plan in plans
        for day in _days(plan, until, is_working)
    ]
    give_to_whoever_is_on_duty(rows)
    Inspection.objects.bulk_create(rows, ignore_conflicts=True)
    for plan in plans:
        plan.written_until = until
    InspectionPlan.objects.bulk_update(plans, ["written_until"])


def give_to_whoever_is_on_duty(inspections: Iterable[Inspection]) -> list[Inspection]:
    """Set the person of each to whoever the roster has on duty when it is due; return those that changed.

    Nobody where nobody is on duty. Not a verb: the rows are not written.
    """
    inspections = list(inspections)
    if not inspections:
        return []
    first, last = (pick(one.due_at for one in inspections) for pick in (min, max))
    shifts = list(
        Shift.objects.filter(
            group__in={one.group_id for one in inspections},
            role=DutyRole.PRIMARY,
            user__is_active=True,
            starts_at__lte=last,
            ends_at__gt=first,
        ).values_list("group", "user", "starts_at", "ends_at")
    )
    changed = []
    for one in inspections:
        person = next(
            (
                user
                for group, user, starts_at, ends_at in shifts
                if group == one.group_id and starts_at <= one.due_at < ends_at
            ),
            None,
        )
        if person != one.person_id:
            one.person_id = person
            changed.append(one)
    return changed


def _before_the_first(plan: InspectionPlan, now: datetime) -> date:
    """The last day before a new rhythm: it never makes an inspection that is due already."""
    today = timezone.localdate(now)
    return max(plan.since - DAY, today if plan.due_on(today) <= now else today - DAY)


def _days(plan: InspectionPlan, until: date, is_working: IsWorking) -> Iterable[date]:
    day = max(plan.written_until + DAY, plan.since)
    while day <= until:
        if falls_on(plan.recurrence, day, is_working):
            yield day
        day += DAY


def _plain(rhythm: Rhythm) -> Rhythm:
    """The rhythm without what does not belong to how often it is."""
    often = rhythm.often
    return Rhythm(
        often,
        rhythm.due,
        rhythm.since,
        rhythm.window_minutes,
        rhythm.weekday if often == Often.WEEKLY else None,
        rhythm.month_day if often == Often.MONTHLY else None,
        rhythm.is_moved,
    )


def _check(sheet: InspectionSheet, rhythm: Rhythm, now: datetime, begun: date | None = None) -> None:
    if sheet.retired_at is not None:
        raise Refused(_("This sheet is not used any more."), field="sheet", code="wrong_status")
    if not sheet.versions.filter(published_at__isnull=False).exists():
        raise Refused(_("Publish the sheet first."), field="sheet", code="wrong_status")
    if rhythm.often == Often.WEEKLY and rhythm.weekday not in range(7):
        raise Refused(_("Choose the day of the week."), field="weekday", code="required")
    if rhythm.often == Often.MONTHLY and rhythm.month_day not in range(1, 32):
        raise Refused(_("Choose a day of the month, 1 to 31."), field="month_day", code="required")
    if not 0 <= rhythm.window_minutes <= LONGEST_WINDOW:
        raise Refused(_("At most a week."), field="window_minutes", code="invalid")
    if rhythm.since != begun and rhythm.since < timezone.localdate(now):
        raise Refused(_("The past does not change: begin today or later."), field="since", code="invalid")


def _check_may(sheet: InspectionSheet, by: User) -> None:
    if not may_roster(sheet.group, by):
        message = _("Only the group's supervisor may change what is inspected.")
        raise Refused(message, code="forbidden")


def _running(plan: InspectionPlan, by: User) -> InspectionPlan:
    locked = InspectionPlan.objects.select_for_update(of=("self",)).select_related("sheet__group")
    plan = locked.get(pk=plan.pk)
    _check_may(plan.sheet, by)
    if plan.ended_at is not None:
        raise Refused(_("This plan is over."), code="wrong_status")
    return plan


def _clear(plan: InspectionPlan, now: datetime) -> None:
    """Take away what is neither begun nor due."""
    waiting = Inspection.objects.untouched().filter(plan=plan, due_at__gt=now)
    Inspection.objects.filter(pk__in=waiting.values("pk")).delete()

"""What happens to the calendar and the roster."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from duty.models import CalendarDay, CalendarYear, DayKind, DutyRole, Shift
from staff.models import Group, User
from staff.refused import Refused

if TYPE_CHECKING:
    from duty.official import OfficialPlan

BY_HAND = "edited"


@transaction.atomic
def load_year(plan: OfficialPlan) -> int:
    """Lay a year's plan into the calendar; return how many days changed. Days edited by hand are kept."""
    source = plan.days[0].source
    CalendarYear.objects.update_or_create(
        year=plan.year, defaults={"is_official": plan.is_official, "source": source}
    )
    days = CalendarDay.objects.filter(date__year=plan.year)
    have = {day.date: day for day in days}
    wanted = [
        CalendarDay(date=day.date, kind=day.kind, name=day.name_zh, name_en=day.name_en, source=day.source)
        for day in plan.days
    ]
    changed = [day for day in wanted if _differs(have.get(day.date), day)]
    CalendarDay.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["kind", "name", "name_en", "source"],
    )
    return len(changed)


def edit_day(on: date, *, kind: DayKind, name: str, name_en: str, by: User) -> CalendarDay:
    """Set what kind of day a date is; from then on no official plan overwrites it."""
    if not by.may_supervise:
        raise Refused(_("Only a supervisor or an administrator may edit the calendar."))
    is_weekend = on.weekday() >= 5
    if kind == DayKind.WORKDAY and is_weekend:
        raise Refused(_("A Saturday or Sunday that is worked is a make-up workday."), field="kind")
    if kind in (DayKind.WEEKEND, DayKind.MAKEUP_WORKDAY) and not is_weekend:
        raise Refused(_("Monday to Friday is no weekend."), field="kind")
    day, _created = CalendarDay.objects.update_or_create(
        date=on,
        defaults={
            "kind": kind,
            "name": name.strip(),
            "name_en": name_en.strip(),
            "source": BY_HAND,
            "is_edited": True,
        },
    )
    return day


def may_roster(group: Group, by: User) -> bool:
    """Say whether a person may change a group's roster: its supervisors, and the administrators."""
    return by.may_supervise and (by.group_id == group.pk or by.may_administer)


def publish_shift(
    group: Group,
    person: User,
    role: DutyRole,
    starts_at: datetime,
    ends_at: datetime,
    *,
    by: User,
    now: datetime,
) -> Shift:
    """Put a person on duty for a half-open span. One person a role and group at any instant (§5.1).

    The past does not change: a shift must end in the future. Raises `Refused` naming the field.
    """
    _check_may_roster(group, by)
    if ends_at <= starts_at:
        raise Refused(_("A shift must end after it starts."), field="ends_at")
    if ends_at <= now:
        raise Refused(_("The past does not change: choose a span that ends in the future."), field="ends_at")
    if person.group_id != group.pk or not person.may_work:
        raise Refused(_("This person does not work in the group."), field="user")
    try:
        with transaction.atomic():
            return Shift.objects.create(
                group=group, user=person, role=role, starts_at=starts_at, ends_at=ends_at
            )
    except IntegrityError as error:
        if "duty_shift_one_person_a_role" not in str(error):
            raise
        raise Refused(_("Somebody else already has this duty in that span."), field="starts_at") from error


def remove_shift(shift: Shift, *, by: User, now: datetime) -> None:
    """Take a shift back that has not begun; one that has begun ends now, so that the past stays."""
    _check_may_roster(shift.group, by)
    if shift.ends_at <= now:
        raise Refused(_("The past does not change."))
    if shift.starts_at >= now:
        shift.delete()
    else:
        Shift.objects.filter(pk=shift.pk).update(ends_at=now)


def _check_may_roster(group: Group, by: User) -> None:
    if not may_roster(group, by):
        raise Refused(_("Only the group's supervisor may change its roster."))


def _differs(have: CalendarDay | None, wanted: CalendarDay) -> bool:
    if have is None:
        return True
    fields = ("kind", "name", "name_en", "source")
    return not have.is_edited and any(getattr(have, field) != getattr(wanted, field) for field in fields)

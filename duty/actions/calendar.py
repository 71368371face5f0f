"""What happens to the working calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.publishing import publish_all
from duty.models import CalendarDay, CalendarYear, DayKind
from staff.models import User
from staff.refused import Refused

if TYPE_CHECKING:
    from duty.official import OfficialPlan, PlannedDay

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


@transaction.atomic
def edit_day(on: date, *, kind: DayKind, name: str, name_en: str, by: User, now: datetime) -> CalendarDay:
    """Set what kind of day a date is; from then on no official plan overwrites it.

    Rotations that hold on some kinds of day only follow at once.
    """
    _check_may_edit(by)
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
    publish_all(now=now)
    return day


@transaction.atomic
def forget_edit(planned: PlannedDay, *, by: User, now: datetime) -> None:
    """Let a day follow the plan of its year again, or the week where no plan was laid into the calendar.

    A day that was not edited by hand stays as it is. Rotations follow at once.
    """
    _check_may_edit(by)
    edited = CalendarDay.objects.filter(date=planned.date, is_edited=True)
    if CalendarYear.objects.filter(year=planned.date.year).exists():
        edited.update(
            kind=planned.kind,
            name=planned.name_zh,
            name_en=planned.name_en,
            source=planned.source,
            is_edited=False,
        )
    else:
        edited.delete()
    publish_all(now=now)


def _check_may_edit(by: User) -> None:
    if not by.may_supervise:
        message = _("Only a supervisor or an administrator may edit the calendar.")
        raise Refused(message, code="forbidden")


def _differs(have: CalendarDay | None, wanted: CalendarDay) -> bool:
    if have is None:
        return True
    fields = ("kind", "name", "name_en", "source")
    return not have.is_edited and any(getattr(have, field) != getattr(wanted, field) for field in fields)

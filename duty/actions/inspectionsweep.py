"""What time does to inspections: written ahead they follow the roster, are reminded of, and are missed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from duty.actions.inspectionplans import AHEAD, give_to_whoever_is_on_duty, write_inspections
from duty.actions.sheets import log
from duty.models import Inspection, InspectionEventKind, InspectionPlan
from staff.actions import notify
from staff.models import ManagementLevel, User

BATCH = 100


def tend_inspections(*, now: datetime) -> None:
    """Do all that is due: as late as it comes, and as often; a second run changes nothing."""
    write_ahead(now=now)
    _follow_the_roster(now)
    while _remind(now) or _miss(now):
        pass


@transaction.atomic
def write_ahead(*, now: datetime) -> None:
    """Write the inspections of all plans up to tomorrow; a second run writes none."""
    until = timezone.localdate(now) + AHEAD
    due = InspectionPlan.objects.running().filter(written_until__lt=until)
    locked = due.select_for_update(of=("self",), skip_locked=True).select_related("sheet__group")
    write_inspections(list(locked), now=now)


@transaction.atomic
def _follow_the_roster(now: datetime) -> None:
    """What is not due yet goes to whoever is on duty by the roster as it is now."""
    ahead = Inspection.objects.open().filter(due_at__gt=now)
    changed = give_to_whoever_is_on_duty(ahead.select_for_update(skip_locked=True))
    Inspection.objects.bulk_update(changed, ["person"])


@transaction.atomic
def _remind(now: datetime) -> int:
    """Tell the person on duty of what is due and not finished; where nobody is, the group's supervisors."""
    rows = _locked(Inspection.objects.open().filter(due_at__lte=now, closes_at__gt=now, reminded_at=None))
    for inspection in rows:
        people = [inspection.person] if inspection.person else _supervisors(inspection)
        _tell(inspection, people, "inspection_due", now)
        inspection.reminded_at = now
    Inspection.objects.bulk_update(rows, ["reminded_at"])
    return len(rows)


@transaction.atomic
def _miss(now: datetime) -> int:
    """Mark what was not finished in its window, and tell the person on duty and the group's supervisors."""
    rows = _locked(Inspection.objects.open().filter(closes_at__lte=now))
    for inspection in rows:
        inspection.missed_at = inspection.closes_at
        people = [inspection.person] if inspection.person else []
        _tell(inspection, [*people, *_supervisors(inspection)], "inspection_missed", now)
        log(
            inspection.sheet,
            InspectionEventKind.MISSED,
            by=None,
            now=inspection.closes_at,
            inspection=inspection,
        )
    Inspection.objects.bulk_update(rows, ["missed_at"])
    return len(rows)


def _locked(rows: QuerySet[Inspection]) -> list[Inspection]:
    related = ("group", "person", "version__sheet__group", "version__sheet__system__client")
    locked = rows.select_for_update(of=("self",), skip_locked=True).select_related(*related)
    return list(locked.order_by("closes_at", "pk")[:BATCH])


def _supervisors(inspection: Inspection) -> list[User]:
    return list(User.objects.at_level(ManagementLevel.SUPERVISOR, inspection.group))


def _tell(inspection: Inspection, people: list[User], kind: str, now: datetime) -> None:
    sheet = inspection.sheet
    notify(
        people,
        kind,
        {
            "sheet": sheet.name,
            "sheet_en": sheet.name_en,
            "client": sheet.system.client.name if sheet.system else sheet.group.name,
            "client_en": sheet.system.client.name_en if sheet.system else sheet.group.name_en,
            "due_at": inspection.due_at,
            "person": inspection.person.name if inspection.person else "",
            "person_en": inspection.person.name_en if inspection.person else "",
        },
        url=reverse("duty:inspection", args=[inspection.pk]),
        key=f"{kind}:{inspection.pk}",
        now=now,
    )

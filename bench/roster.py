"""A group of forty people with a roster: day and night, backup and supervisor, written out and lived with."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from duty import actions
from duty.actions import Turns
from duty.models import DutyRole, OverrideKind, Shift
from staff.models import Group, Role, User

GROUP, USER, PEOPLE = "duty", "bench-duty", 40
DAY = timedelta(days=1)
BACK = timedelta(days=45)
MORNING, EVENING = time(8, 30), time(17, 30)


@transaction.atomic
def lay_out(*, now: datetime) -> None:
    """Lay the roster out around now; one that is there already is written out further."""
    if Group.objects.filter(code=GROUP).exists():
        actions.publish_all(now=now)
        return
    group = Group.objects.create(code=GROUP, name="Duty", name_en="Duty")
    people = User.objects.bulk_create(
        [
            User(
                username=f"duty{number}", name=f"Duty {number}", role=Role.ENGINEER, group=group, phone="2001"
            )
            for number in range(PEOPLE - 1)
        ]
    )
    lead = User.objects.create(username=USER, name="Lead", role=Role.SUPERVISOR, group=group)
    first = timezone.localdate(now) - BACK
    began = datetime.combine(first, MORNING, timezone.get_default_timezone())
    for name, role, whose, starts, ends in (
        ("Day", DutyRole.PRIMARY, people[:16], MORNING, EVENING),
        ("Night", DutyRole.PRIMARY, people[16:32], EVENING, MORNING),
        ("Backup", DutyRole.BACKUP, people[32:], MORNING, MORNING),
        ("Supervisor", DutyRole.SUPERVISOR, people[8:13], MORNING, MORNING),
    ):
        plan = Turns(name, role, whose, starts, ends, first)
        actions.define_rotation(group, plan, since=began, by=lead, now=began)
    actions.publish_all(now=now)
    _change(group, people, lead, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _change(group: Group, people: list[User], lead: User, now: datetime) -> None:
    """Leave of a few, and a dozen shifts that somebody else has."""
    for number, person in enumerate(people[:8]):
        starts_at = now + (5 + 9 * number) * DAY
        leave = actions.ask_leave(person, starts_at, starts_at + 5 * DAY, by=person, now=now)
        actions.approve_leave(leave, by=lead, now=now)
    backups = Shift.objects.filter(group=group, role=DutyRole.BACKUP, starts_at__gt=now + DAY)
    for shift in backups.order_by("starts_at")[:24:2]:
        actions.place_override(
            group,
            OverrideKind.REPLACE,
            DutyRole.BACKUP,
            shift.starts_at,
            shift.ends_at,
            user=lead,
            by=lead,
            now=now,
        )

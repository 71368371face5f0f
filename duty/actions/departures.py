"""Who leaves a group leaves its roster: what he had ahead is empty from then on, and alarms are raised."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from duty.actions.common import note
from duty.actions.publishing import lock, publish
from duty.models import RosterEventKind, Shift
from staff.models import Group, User


@transaction.atomic
def empty_shifts_of(person: User, *, by: User, now: datetime) -> int:
    """Empty the shifts ahead that a person can hold no longer; return in how many groups there were any."""
    ahead = Shift.objects.filter(user=person, ends_at__gt=now, group=OuterRef("pk"))
    groups = Group.objects.filter(Exists(ahead))
    left = [group for group in groups if not (person.may_work and person.group_id == group.pk)]
    for group in left:
        lock(group)
        note(group, RosterEventKind.PERSON_LEFT, by=by, now=now, person=person)
        publish(group, now=now)
    return len(left)

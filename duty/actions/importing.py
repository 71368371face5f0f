"""A roster read from a file: all of it, as a temporary schedule, or nothing (§5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from duty.actions.common import begin, note
from duty.actions.temporary import Placed, objections, set_temporary
from duty.models import RosterEventKind, TemporarySchedule
from staff.models import Group, User
from staff.refused import Refused

MOST_DAYS = 92


def import_objections(group: Group, placed: Sequence[Placed], *, now: datetime) -> list[Refused]:
    """Everything that stands against taking these spans over, each naming its field. Writes nothing."""
    if not placed:
        return []
    first = timezone.localdate(min(one.starts_at for one in placed))
    late = [one for one in placed if (timezone.localdate(one.ends_at) - first).days > MOST_DAYS]
    if late:  # before anything is looked at that far ahead
        message = _("A file covers 1 to %(most)s days.") % {"most": MOST_DAYS}
        return [Refused(message, field=one.field) for one in late]
    found = [
        Refused(_("The past does not change: choose days that have not begun."), field=one.field, code="past")
        for one in placed
        if one.starts_at <= now
    ]
    return [*found, *objections(group, [one for one in placed if one.starts_at > now], now=now)]


@transaction.atomic
def import_roster(
    group: Group, name: str, placed: Sequence[Placed], *, by: User, now: datetime
) -> TemporarySchedule:
    """Make the spans of a file the plan of their days. Raises `Refused` where one of them cannot be taken."""
    begin(group, by)
    if not placed:
        raise Refused(_("There is no duty in this file."), field="file", code="required")
    for refused in import_objections(group, placed, now=now):
        raise refused
    days = [timezone.localdate(one.starts_at) for one in placed]
    schedule = set_temporary(group, name, min(days), max(days), placed, by=by, now=now)
    note(group, RosterEventKind.ROSTER_IMPORTED, by=by, now=now, note=schedule.name)
    return schedule

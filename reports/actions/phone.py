"""The numbers of the telephone exchange are filed, day by day and group by group (§3.1)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _

from reports.models import PhoneDay, PhoneEntry
from reports.models.phone import MOST_CALLS
from reports.periods import EARLIEST
from staff.models import Group, Role, User
from staff.refused import Refused, refuse_too_long

LONGEST_NOTE = 200


def may_file_calls(user: User, group: Group | int | None) -> bool:
    """Say whether somebody may: a supervisor those of his group, an administrator all."""
    pk = group.pk if isinstance(group, Group) else group
    if user.role == Role.ADMINISTRATOR:
        return user.is_active
    return user.is_active and user.role == Role.SUPERVISOR and pk is not None and user.group_id == pk


@transaction.atomic
def file_calls(
    group: Group,
    day: date,
    *,
    offered: int,
    answered: int,
    note: str = "",
    by: User,
    now: datetime,
) -> PhoneDay:
    """File how many calls came in on a local day and how many were answered.

    Filed again they replace those of before, and the history keeps both; the same numbers again change
    nothing. Raises `Refused` at the field at fault.
    """
    if not may_file_calls(by, group):
        raise Refused(
            _("The calls of a group are filed by its supervisor or an administrator."), code="forbidden"
        )
    if day > localdate(now, get_default_timezone()):
        raise Refused(_("That day is still to come."), field="day", code="future")
    if day < EARLIEST:
        raise Refused(_("This is too long ago to be right."), field="day", code="too_far")
    for field, number in (("offered", offered), ("answered", answered)):
        if not 0 <= number <= MOST_CALLS:
            said = _("Between 0 and %(most)s.") % {"most": MOST_CALLS}
            raise Refused(said, field=field, code="invalid")
    if answered > offered:
        raise Refused(_("No more than came in."), field="answered", code="invalid")
    refuse_too_long(note.strip(), "note", longest=LONGEST_NOTE)
    # Whoever is second waits here for the first, and then replaces what he has filed.
    numbers = {"offered": offered, "answered": answered}
    row, is_new = PhoneDay.objects.select_for_update().get_or_create(group=group, day=day, defaults=numbers)
    if not is_new:
        if (row.offered, row.answered) == (offered, answered):
            return row
        row.offered, row.answered, row.version = offered, answered, row.version + 1
        row.save()
    PhoneEntry.objects.create(of=row, **numbers, note=note.strip(), at=now, by=by)
    return row

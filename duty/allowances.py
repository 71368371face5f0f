"""The duties of a month by kind of day, read: a group's, or one person's of it (§5.1)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from duty.actions import may_roster
from duty.counting import Duty, PaidKind, Tally, tallies
from duty.models import DayKind, DutyRole, Shift
from duty.plans import day_kinds
from duty.roster import day_span
from staff.models import Group, User
from staff.sheets import Cell


@dataclass(frozen=True, slots=True)
class Line:
    """What one person had of one duty in the month."""

    group: Group
    person: User
    role: DutyRole
    tally: Tally

    @property
    def counts(self) -> list[tuple[int, float]]:
        """Shifts and hours of each kind of day, and in all."""
        return [(count.shifts, count.hours) for count in (*self.tally.kinds.values(), self.tally.total)]


def lines_of(groups: list[Group], month: date, *, by: User) -> list[Line]:
    """The lines of a month that a person sees, by group and name: of groups that he rosters, else his own.

    Two questions, however many groups. The month ahead of today counts as it is written out.
    """
    tz, last = ZoneInfo(settings.TIME_ZONE), month.replace(day=monthrange(month.year, month.month)[1])
    span = (day_span(month, tz).starts_at, day_span(last, tz).ends_at)
    shifts = Shift.objects.filter(group__in=groups, starts_at__gte=span[0], starts_at__lt=span[1])
    kind_of, names = day_kinds(month), {group.pk: group for group in groups}
    whole = {group.pk for group in groups if by.sees_everything or may_roster(group, by)}
    duties: dict[int, list[Duty]] = {}
    people: dict[int, User] = {}
    for shift in shifts.select_related("user"):
        if shift.group_id in whole or shift.user_id == by.pk:
            people[shift.user_id] = shift.user
            duties.setdefault(shift.group_id, []).append(
                Duty(shift.user_id, shift.role, shift.starts_at, shift.ends_at)
            )
    found = [
        Line(names[group], people[person], DutyRole(role), tally)
        for group, own in duties.items()
        for (person, role), tally in tallies(own, month, last, kind_of, tz).items()
    ]
    order = DutyRole.values
    return sorted(
        found,
        key=lambda one: (one.group.code, one.person.name, one.person.pk, order.index(one.role)),
    )


def heading() -> list[str]:
    """What the columns of the file are called, in the language spoken."""
    kinds = [str(DayKind(kind).label) for kind in PaidKind] + [_("In all")]
    shifts, hours = _("shifts"), _("hours")
    pairs = [name for kind in kinds for name in (f"{kind}: {shifts}", f"{kind}: {hours}")]
    return [_("Month"), _("Group"), _("Person"), _("Sign-in name"), _("Duty"), *pairs]


def cells(lines: list[Line], month: date) -> list[list[Cell]]:
    return [
        [
            f"{month:%Y-%m}",
            line.group.label,
            line.person.label,
            line.person.username,
            str(line.role.label),
            *(value for count in line.counts for value in count),
        ]
        for line in lines
    ]

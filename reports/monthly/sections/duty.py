"""Whether somebody was on duty, on holidays too, and whether duties were handed over (§5.1, §5.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from duty.calendar import days_of
from duty.holes import Hole, holes_of, watched
from duty.models import CalendarDay, DayKind, DutyRole, Shift
from duty.roster import day_span
from reports.monthly.asked import About, Rows
from reports.monthly.words import day, moment, table
from staff.models import Group
from staff.templatetags.look import in_words
from tickets.documents.structure import Pairs, Part, Table, Text, Tone

MOST = 20
OFF = (DayKind.STATUTORY, DayKind.DAY_IN_LIEU)


@dataclass(frozen=True, slots=True)
class Found:
    """`holes` are of each watched group; `cover` is how many shifts touch each day off, by group."""

    groups: Sequence[Group]
    shifts: int
    holes: Sequence[tuple[Group, Hole]]
    days_off: Sequence[CalendarDay]
    cover: Mapping[date, int]


def gather(about: About) -> Found:
    first, until = about.days
    groups = list(about.of(watched(), group="pk"))
    end = min(about.end, about.now)
    found = holes_of(groups, about.start, end) if groups and end > about.start else {}
    holes = [(group, hole) for group in groups for hole in found.get(group.pk, ())]
    shifts = Shift.objects.filter(group__in=groups, starts_at__lt=about.end, ends_at__gt=about.start)
    days_off = [one for one in days_of(first, until - timedelta(days=1)) if one.kind in OFF]
    primary = list(shifts.filter(role=DutyRole.PRIMARY).values_list("starts_at", "ends_at", "group"))
    cover: Counter[date] = Counter()
    for off in days_off:
        whole = day_span(off.date, about.tz)
        covered = {
            group
            for starts_at, ends_at, group in primary
            if starts_at < whole.ends_at and ends_at > whole.starts_at
        }
        cover[off.date] = len(covered)
    return Found(groups, shifts.count(), holes, days_off, cover)


def parts(found: Found, about: About) -> Iterable[Part]:
    if not found.groups:
        return
    signed, handovers = about.numbers.share("handovers") or (0, 0)
    yield Pairs(
        (
            (_("Shifts"), str(found.shifts)),
            (_("Handovers that were due"), str(handovers)),
            (_("of these signed"), str(signed)),
            (_("Gaps in the roster"), str(len(found.holes))),
        )
    )
    if found.days_off:
        yield Table(
            (_("Day off"), _("Holiday"), _("Groups with somebody on duty")),
            (24, 44, 32),
            tuple(
                (day(one.date), holiday(one), f"{found.cover[one.date]} / {len(found.groups)}")
                for one in found.days_off
            ),
            tuple(
                Tone.GOOD if found.cover[one.date] == len(found.groups) else Tone.BAD
                for one in found.days_off
            ),
        )
    yield from table(
        (_("Group"), _("Duty"), _("From"), _("To"), _("Length")),
        (28, 16, 20, 20, 16),
        Rows(found.holes[:MOST], len(found.holes)),
        lambda pair: _hole(pair[0], pair[1], about),
        lambda _pair: Tone.BAD,
    )
    if not found.holes:
        yield Text(_("Somebody was on duty at all times."))


def holiday(one: CalendarDay) -> str:
    english = (get_language() or "").startswith("en")
    return (one.name_en if english and one.name_en else one.name) or str(DayKind(one.kind).label)


def _hole(group: Group, hole: Hole, about: About) -> list[str]:
    return [
        group.label,
        str(DutyRole(hole.role).label),
        moment(hole.starts_at, about.tz),
        moment(hole.ends_at, about.tz),
        in_words((hole.ends_at - hole.starts_at).total_seconds()),
    ]

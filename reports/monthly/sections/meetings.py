"""What weekly meetings decided in the month, and what of it, and of earlier decisions, is done (§6.1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meetings.kinds import DecisionState, MeetingState
from meetings.models import Decision, Meeting
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, day, table
from tickets.documents.structure import Pairs, Part, Tone

HELD = (MeetingState.ENDED, MeetingState.PUBLISHED)

OPEN_FIRST = Case(When(state=DecisionState.OPEN, then=0), default=1)


@dataclass(frozen=True, slots=True)
class Found:
    held: int
    decided: int
    settled: int
    listed: Rows


def gather(about: About) -> Found:
    first, until = about.days
    held = Meeting.objects.filter(started_at__gte=about.start, started_at__lt=about.end, state__in=HELD)
    rows = about.of(Decision.objects.all())
    decided = rows.filter(decided_at__gte=about.start, decided_at__lt=about.end)
    settled = rows.filter(settled_at__gte=about.start, settled_at__lt=about.end)
    overdue = Q(state=DecisionState.OPEN, due_on__lt=until)
    shown = rows.filter(Q(decided_at__gte=about.start, decided_at__lt=about.end) | overdue)
    shown = shown.filter(decided_at__lt=about.end).with_names().order_by(OPEN_FIRST, "due_on", "pk")
    return Found(about.of(held).count(), decided.count(), settled.count(), first_of(shown))


def parts(found: Found, about: About) -> Iterable[Part]:
    if not (found.held or found.decided or found.settled or found.listed.rows):
        return
    yield Pairs(
        (
            (_("Meetings held"), str(found.held)),
            (_("Decisions taken"), str(found.decided)),
            (_("Decisions settled"), str(found.settled)),
        )
    )
    yield from table(
        (_("Number"), pgettext("meeting", "Decision"), _("Owner"), _("Due on"), _("State")),
        (12, 44, 16, 14, 14),
        found.listed,
        lambda one: (
            one.number,
            brief(one.text, 160),
            one.owner.label,
            day(one.due_on),
            str(one.get_state_display()),
        ),
        lambda one: _tone(one, about),
    )


def _tone(one: Decision, about: About) -> Tone:
    if one.state == DecisionState.DONE:
        return Tone.GOOD
    return Tone.BAD if one.is_overdue(about.month.until) else Tone.PLAIN

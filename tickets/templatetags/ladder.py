"""How the ladder of service and its meetings are put into words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models import ClockKind, CoordinationMeeting, Joined, Outcome
from tickets.views.asked import Met
from tickets.views.ladder import Rung

register = template.Library()

ICONS = {"now": "half", "before": "circle-check", "skipped": "circle-dashed", "ahead": "circle"}
WORDS = {"now": _("now"), "before": _("tried"), "skipped": _("left out"), "ahead": _("not yet")}
REPORT_UPS = {
    ClockKind.DIAGNOSIS: _("reported up to the technical lead: not diagnosed yet"),
    ClockKind.RESOLUTION: _("reported up to the technical lead: not solved yet"),
}
JOINED = {
    Joined.ROOM: _("I have joined in the room"),
    Joined.PHONE: _("by phone"),
    Joined.VIDEO: _("by video"),
}
REPORTED_UP = _("reported up to the technical lead")


@register.simple_tag
def rung_icon(rung: Rung) -> str:
    """The icon of a rung as it stands."""
    return ICONS[rung.stands]


@register.simple_tag
def rung_words(rung: Rung) -> str:
    """How a rung stands, in a word."""
    return str(WORDS[rung.stands])


@register.simple_tag
def meeting_reason(meeting: CoordinationMeeting) -> str:
    """Why a meeting was convened: in the words of who did it, or which report-up did."""
    if meeting.escalation is None:
        return meeting.reason
    return str(REPORT_UPS.get(ClockKind(meeting.escalation.clock.kind), REPORTED_UP))


@register.simple_tag
def outcome_name(outcome: str) -> str:
    """A verdict in the reader's language."""
    return str(Outcome(outcome).label)


@register.simple_tag
def has_joined(met: Met, user: User) -> bool:
    """Whether the reader is noted as having joined the meeting."""
    return any(guest.username == user.username and guest.joined_at for guest in met.guests)


@register.simple_tag
def joining_ways() -> list[tuple[str, str]]:
    """The buttons with which somebody says himself that he has joined: in the room, by phone, by video."""
    return [(way.value, str(JOINED[way])) for way in Joined]

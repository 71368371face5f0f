"""Handovers on the pages of the roster, which know nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils import timezone

from duty.views.board import Board
from staff.models import Group, User
from tickets.handovers import Seen, current_in
from tickets.models import HandoverEventKind

register = template.Library()

ICONS = {
    HandoverEventKind.HANDED_OVER: "send",
    HandoverEventKind.SENT_BACK: "undo",
    HandoverEventKind.OVERRULED: "alert",
    HandoverEventKind.SIGNED: "check",
    HandoverEventKind.RECORDS_TAKEN: "records",
}


@register.simple_tag
def current_handovers(boards: Iterable[Board]) -> dict[int, Seen]:
    """Of the group of each board the change of duty that matters now."""
    return current_in([board.group for board in boards], timezone.now())


@register.inclusion_tag("tickets/_handover_line.html")
def handover_line(found: Mapping[int, Seen], group: Group) -> dict[str, object]:
    """Who hands over to whom, when, and how that stands; nothing where nobody follows."""
    return {"seen": found.get(group.pk)}


@register.inclusion_tag("tickets/_handover_mine.html")
def handover_mine(user: User) -> dict[str, object]:
    """The same for the person who is one of the two."""
    found = current_in([user.group], timezone.now()) if user.group else {}
    seen = next(iter(found.values()), None)
    is_mine = seen is not None and user.pk in (seen.handover.outgoing_id, seen.handover.incoming_id)
    return {"seen": seen if is_mine else None, "user": user}


@register.simple_tag
def handover_icon(kind: str) -> str:
    """The icon of an entry of a handover's history."""
    return ICONS[HandoverEventKind(kind)]

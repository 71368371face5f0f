"""Corrective actions on their own page, and on those of records and clients, which know nothing of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clients.models import Channel, Client
from staff.models import ManagementLevel, User
from staff.templatetags.look import icon
from surveys.correcting import RootCause
from surveys.correctives import may_open
from surveys.models import CorrectiveAction, CorrectiveEvent, CorrectiveEventKind
from tickets.models import Kind, Ticket

register = template.Library()
MOST = 5
ICONS = {
    CorrectiveEventKind.OPENED: "flag",
    CorrectiveEventKind.ANALYSED: "question",
    CorrectiveEventKind.PLANNED: "calendar",
    CorrectiveEventKind.CARRIED_OUT: "check",
    CorrectiveEventKind.REPLIED: "chat",
    CorrectiveEventKind.VERIFIED: "checks",
    CorrectiveEventKind.RETURNED: "undo",
    CorrectiveEventKind.ASKED_AGAIN: "surveys",
    CorrectiveEventKind.EFFECTIVE: "star",
    CorrectiveEventKind.NOT_EFFECTIVE: "undo",
    CorrectiveEventKind.REPORTED_UP: "alert",
    CorrectiveEventKind.CLOSED: "checks",
    CorrectiveEventKind.DROPPED: "close",
}


@register.simple_tag
def corrective_icon(kind: str) -> str:
    """The icon of an entry of the history."""
    return icon(ICONS[CorrectiveEventKind(kind)])


@register.simple_tag
def corrective_changes(event: CorrectiveEvent) -> SafeString:
    """What an entry says besides its text, each with its name."""
    said = [
        (label, shown) for name, (_old, new) in event.changes.items() for label, shown in _said(name, new)
    ]
    return format_html_join("", '<p class="muted small">{}: {}</p>', said)


@register.inclusion_tag("surveys/_correctives_of.html", takes_context=True)
def correctives_of_record(context: Context, ticket: Ticket) -> dict[str, Any]:
    """Those of a maintenance record; nothing for a client's contact."""
    user: User = context["request"].user
    if user.is_contact:
        return {}
    found = CorrectiveAction.objects.visible_to(user).filter(ticket=ticket)
    opens = may_open(user, ticket.group_id)
    return {
        "actions": _listed(found),
        "open_url": reverse("satisfaction:corrective_open", args=["record", ticket.pk]) if opens else "",
        "complaint": ticket.pk if ticket.kind == Kind.COMPLAINT else None,
    }


@register.inclusion_tag("surveys/_correctives_of.html", takes_context=True)
def correctives_of_client(context: Context, client: Client) -> dict[str, Any]:
    """The newest of a client; nothing for its contact."""
    user: User = context["request"].user
    if user.is_contact:
        return {}
    found = CorrectiveAction.objects.visible_to(user).filter(client=client)
    opens = may_open(user, client.group_id)
    return {
        "actions": _listed(found),
        "open_url": reverse("satisfaction:corrective_open", args=["client", client.pk]) if opens else "",
    }


def _listed(found: Iterable[CorrectiveAction]) -> list[tuple[CorrectiveAction, bool]]:
    now = timezone.now()
    rows = found.order_by("-pk")[:MOST]  # type: ignore[attr-defined]
    return [(action, action.is_overdue(now)) for action in rows]


def _said(name: str, new: Any) -> list[tuple[str, str]]:
    match name:
        case "owner":
            return [(_("Owner"), new)]
        case "due_on":
            return [(_("To be carried out by"), _day(new))]
        case "effect_due_on":
            return [(_("Effect to be checked on"), _day(new))]
        case "root_cause":
            return [(_("Root cause"), str(RootCause(new).label))]
        case "how":
            return [(_("How"), str(Channel(new).label))]
        case "told":
            return [(_("Told"), ", ".join(new) if isinstance(new, list) else new)]
        case "target":
            return [(_("Level"), str(ManagementLevel[new.upper()].label))]
        case "invitation":
            return [(_("Survey"), new)]
        case "at":
            at = parse_datetime(new)
            return [(_("When"), date_format(timezone.localtime(at), "Y-m-d H:i"))] if at else []
    return []


def _day(text: str) -> str:
    day = parse_date(text)
    return date_format(day, "Y-m-d") if day else text

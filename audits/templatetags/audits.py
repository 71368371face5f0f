"""Audits on their own pages, and on those of records, which know nothing of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audits.kinds import AuditKind, EventKind
from audits.models import AuditEvent, FindingOrder
from audits.models.finding import Finding
from staff.models import ManagementLevel
from staff.templatetags.look import icon
from tickets.models import Ticket

register = template.Library()
ICONS = {
    EventKind.PLANNED: "calendar",
    EventKind.PROPOSED: "calendar",
    EventKind.ADOPTED: "check",
    EventKind.CHANGED: "edit",
    EventKind.MISSED: "alert",
    EventKind.DROPPED: "close",
    EventKind.BEGUN: "play",
    EventKind.DRAWN: "list",
    EventKind.CHECKED: "check",
    EventKind.FILED: "attach",
    EventKind.RAISED: "flag",
    EventKind.RECORD: "records",
    EventKind.CORRECTIVE: "star",
    EventKind.ANSWERED: "chat",
    EventKind.VERIFIED: "checks",
    EventKind.RETURNED: "undo",
    EventKind.WITHDRAWN: "close",
    EventKind.REPORTED: "flag",
    EventKind.STATED: "chat",
    EventKind.CLOSED: "checks",
    EventKind.PUBLISHED: "check",
    EventKind.REPORTED_UP: "alert",
}


@register.simple_tag
def audit_icon(kind: str) -> str:
    """The icon of an entry of the history."""
    return icon(ICONS[EventKind(kind)])


@register.simple_tag
def audit_kind(kind: str) -> str:
    return str(AuditKind(kind).label)


@register.simple_tag
def audit_changes(event: AuditEvent) -> SafeString:
    """What an entry says besides its text, each with its name."""
    said = [(label, shown) for name, value in event.changes.items() for label, shown in _said(name, value)]
    return format_html_join("", '<p class="muted small">{}: {}</p>', said)


@register.inclusion_tag("audits/_of_record.html", takes_context=True)
def findings_of_record(context: Context, ticket: Ticket) -> dict[str, Any]:
    """The findings that a record was opened of, or that were raised of it; nothing for a client's contact."""
    user = context["request"].user
    if user.is_contact:
        return {}
    ordered = FindingOrder.objects.filter(ticket=ticket).values("finding")
    seen = Finding.objects.visible_to(user)
    rows = (seen.filter(pk__in=ordered) | seen.filter(ticket=ticket)).select_related("audit").order_by("pk")
    return {"findings": rows[:5]}


def _said(name: str, value: list[Any]) -> list[tuple[str, str]]:
    old, new = value
    match name:
        case "seed":
            return [(_("Seed"), new)]
        case "size":
            return [(_("Sample"), str(new))]
        case "population":
            return [(_("Population"), str(new))]
        case "items":
            return [(_("Items"), str(new))]
        case "planned_on":
            return [(_("Day"), f"{old} → {new}")]
        case "auditor":
            return [(_("Auditor"), f"{old or '–'} → {new or '–'}")]
        case "told":
            return [(_("Told"), ", ".join(new))]
        case "target":
            return [(_("Level"), str(ManagementLevel[new.upper()].label))]
    return []

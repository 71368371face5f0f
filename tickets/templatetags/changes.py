"""A change on the page of its record."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.models import Change, Ticket

register = template.Library()


@register.inclusion_tag("changes/_of_record.html")
def change_of_record(ticket: Ticket) -> dict[str, Any]:
    """How the change of a record stands; nothing, and no question, where it is none."""
    change = Change.objects.with_names().get(pk=ticket.pk) if ticket.is_change else None
    return {"change": change}

"""What a page of an inspection shows of the records that were opened of it."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from duty.models import Inspection, InspectionAnswer, SheetItem
from tickets.models import InspectionRecord, Ticket

register = template.Library()


@register.simple_tag(takes_context=True)
def inspection_records(context: Context, inspection: Inspection) -> dict[int, Ticket]:
    """The records of an inspection as far as the reader may see them, by the ids of its items: one query."""
    user = context["request"].user
    found = InspectionRecord.objects.visible_to(user).filter(answer__inspection=inspection)
    return {one.answer.item_id: one.ticket for one in found.select_related("answer", "ticket")}


@register.inclusion_tag("tickets/_inspection_record.html")
def record_of_item(
    records: dict[int, Ticket],
    inspection: Inspection,
    item: SheetItem,
    answer: InspectionAnswer | None,
    may_open: bool = False,
) -> dict[str, Any]:
    """The record of an abnormal item, or the button that opens one."""
    return {
        "ticket": records.get(item.pk),
        "inspection": inspection,
        "item": item,
        "answer": answer,
        "may_open": may_open,
    }

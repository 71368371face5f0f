"""What surveys show on the pages of records and clients, which know nothing of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from clients.models import Client
from surveys.models import AnswerSheet, Invitation
from tickets.models import Ticket

register = template.Library()
MOST = 5


@register.inclusion_tag("surveys/_of_record.html", takes_context=True)
def surveys_of(context: Context, ticket: Ticket) -> dict[str, Any]:
    """Whether and what the client was asked about this record, as far as the reader may see it."""
    found = Invitation.objects.visible_to(context["request"].user).filter(ticket=ticket)
    return {"invitations": found.select_related("sheet").order_by("-pk")[:MOST]}


@register.inclusion_tag("surveys/_of_client.html", takes_context=True)
def satisfaction_of(context: Context, client: Client) -> dict[str, Any]:
    """The client's last answers, newest first."""
    found = AnswerSheet.objects.visible_to(context["request"].user).finished()
    found = found.filter(invitation__client=client).select_related("invitation__campaign")
    return {"sheets": found.order_by("-finished_at", "-pk")[:MOST], "client": client}

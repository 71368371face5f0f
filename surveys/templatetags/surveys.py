"""What surveys show on the pages of records and clients, which know nothing of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.db.models import Avg, Count
from django.template.context import Context
from django.utils import timezone

from clients.models import Client
from surveys.models import AnswerSheet, Invitation
from tickets.models import Ticket

register = template.Library()
MOST = 5
LATELY = timedelta(days=90)


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


@register.simple_tag(takes_context=True)
def satisfaction_lately(context: Context, client: Client) -> dict[str, Any]:
    """The mean of what a client has answered in the last 90 days, in per cent, and of how many answers."""
    found = AnswerSheet.objects.visible_to(context["user"]).finished()
    lately = found.filter(invitation__client=client, finished_at__gte=timezone.now() - LATELY)
    return lately.aggregate(mean=Avg("score"), n=Count("score"))

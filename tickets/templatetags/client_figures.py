"""What the record library adds to a client's pages: how he stands, and the limits that his contract sets."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from clients.models import Client, Contract
from tickets.clienthealth import health_of
from tickets.models import PolicyState, TimeLimit

register = template.Library()


@register.inclusion_tag("tickets/_client_health.html", takes_context=True)
def client_health(context: Context, client: Client) -> dict[str, Any]:
    user, now = context["request"].user, timezone.now()
    return {"health": health_of(client, user, now), "client": client, "user": user}


@register.inclusion_tag("tickets/_contract_limits.html", takes_context=True)
def contract_limits(context: Context, contract: Contract) -> dict[str, Any]:
    """Limits of the policy in force that hold for this contract alone; running clocks keep theirs (§5.4)."""
    limits = TimeLimit.objects.filter(version__state=PolicyState.ADOPTED, contract=contract)
    return {"limits": limits, "user": context["request"].user}

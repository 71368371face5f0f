"""What is shown wherever somebody is about to contact a client: his taboos first (§4.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from clients.models import Client, Contact
from clients.reaching import how_to_reach as gather

register = template.Library()


@register.inclusion_tag("clients/_reach.html")
def how_to_reach(
    client: Client, contact: Contact | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Wishes, quiet times and taboos in a few lines; nothing where there are none."""
    return {"reach": gather(client, contact or None, now or timezone.now()), "with_numbers": False}


@register.inclusion_tag("clients/_reach.html")
def contact_card(contact: Contact, now: datetime | None = None) -> dict[str, Any]:
    """The same of a contact, with who he is and every way to him."""
    return {"reach": gather(contact.client, contact, now or timezone.now()), "with_numbers": True}

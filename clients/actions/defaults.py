"""What an empty archive begins with."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path

from django.db import transaction

from clients.models import ClientType, ContactRole, RenewalTerm, ServiceHours, ServiceSpan

DEFAULTS = Path(__file__).parents[1] / "defaults.json"


@transaction.atomic
def load_defaults() -> None:
    """Create the default types, roles, terms and hours where they are missing. Never changes a row."""
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for row in defaults["types"]:
        ClientType.objects.get_or_create(code=row.pop("code"), defaults=row)
    for position, row in enumerate(defaults["roles"]):
        ContactRole.objects.get_or_create(code=row.pop("code"), defaults=row | {"position": position})
    if not RenewalTerm.objects.exists():
        RenewalTerm.objects.bulk_create(RenewalTerm(days=days) for days in defaults["renewal_days"])
    for row in defaults["hours"]:
        days, spans = row.pop("days"), row.pop("spans")
        hours, created = ServiceHours.objects.get_or_create(code=row.pop("code"), defaults=row)
        if created:
            ServiceSpan.objects.bulk_create(
                ServiceSpan(
                    hours=hours, weekday=day, starts=time.fromisoformat(start), ends=time.fromisoformat(end)
                )
                for day in days
                for start, end in spans
            )

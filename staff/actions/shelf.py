"""The shelf is kept clean: what no row has claimed goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps

from staff import shelf
from staff.models import StoredFile

# Longer than any request or task may take: until then a file without a row may still be getting one.
UNCLAIMED = timedelta(hours=1)


def sweep_shelf(*, now: datetime) -> int:
    """Delete what has lain there for an hour without a row; return how many. A second run finds none."""
    keepers = [model for model in apps.get_models() if issubclass(model, StoredFile)]
    swept = 0
    for names in shelf.folders():
        claimed: set[str] = set()
        for keeper in keepers:
            claimed.update(keeper._default_manager.filter(stored__in=names).values_list("stored", flat=True))
        for name in names - claimed:
            if shelf.is_older(name, now - UNCLAIMED):
                shelf.remove(name)
                swept += 1
    return swept

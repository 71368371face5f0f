"""The draft of a call: kept while it is typed, gone when it is saved. No record yet, so no history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from staff.models import User
from tickets.models import CallDraft


def save_draft(fields: Mapping[str, str], *, started_at: datetime, by: User, now: datetime) -> CallDraft:
    """Keep what is typed so far, in place of what was kept before. The call began at `started_at`."""
    kept = {"fields": dict(fields), "started_at": min(started_at, now), "saved_at": now}
    draft, _created = CallDraft.objects.update_or_create(user=by, defaults=kept)
    return draft


def discard_draft(*, by: User) -> None:
    """Forget the person's draft. A second call changes nothing."""
    CallDraft.objects.filter(user=by).delete()

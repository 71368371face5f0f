"""What is typed on the screen of a callback, kept until it is saved. No history: nothing has happened yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from staff.models import User
from visits.models import Callback, CallbackDraft


def save_draft(callback: Callback, fields: Mapping[str, str], *, by: User, now: datetime) -> CallbackDraft:
    """Keep what is typed so far, in place of what was kept before."""
    kept = {"fields": dict(fields), "saved_at": now}
    draft, _created = CallbackDraft.objects.update_or_create(callback=callback, user=by, defaults=kept)
    return draft


def discard_draft(callback: Callback, *, by: User) -> None:
    """Forget the person's draft. A second call changes nothing."""
    CallbackDraft.objects.filter(callback=callback, user=by).delete()

"""How remote access stands in a record's history: icons, and the words of an entry's changes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models import EntryKind, HowGiven, PurgeReason

ICONS = {
    EntryKind.AUTHORISED: "shield",
    EntryKind.REVOKED: "circle-x",
    EntryKind.REMOTE_OPENED: "sign-in",
    EntryKind.REMOTE_CLOSED: "sign-out",
    EntryKind.DEPOSITED: "lock",
    EntryKind.REVEALED: "eye",
    EntryKind.PURGED: "trash",
}
FIELDS = {
    "given_by": _("Authorised by"),
    "how_given": _("How it was given"),
    "systems": _("Systems"),
    "window": pgettext_lazy("of time", "Window"),
    "evidence": _("Evidence"),
    "session": _("Session"),
    "operator": _("Logged in"),
    "lasted": _("Minutes"),
    "overran": _("Minutes past the window"),
    "witness": _("Watched by"),
    "account": _("Account"),
    "look_approved": _("A look at the password is approved"),
    "approved_by": _("Approved by"),
    "purged_because": _("Reason"),
    "told_to_change": _("The client was told to change the password"),
}


def _instant(value: str) -> str:
    at = parse_datetime(value)
    return f"{timezone.localtime(at):%m-%d %H:%M}" if isinstance(at, datetime) else value


LABELS = {
    "how_given": lambda value: HowGiven(value).label,
    "purged_because": lambda value: PurgeReason(value).label,
    "window": _instant,
}

"""The course of events: which entries of a record's history a document tells, and what of them to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Channel
from tickets.documents.facts import Happening
from tickets.documents.words import listed
from tickets.models import (
    Cause,
    ClockKind,
    Entry,
    EntryKind,
    Grade,
    OnSiteOutcome,
    Outcome,
    PauseReason,
    Way,
)

# Housekeeping, what has a section of its own, what belongs to other records, and everything about passwords
# and about who answers for what.
UNTOLD = (
    EntryKind.NEAR,
    EntryKind.REPORTED_UP,
    EntryKind.ACKED,
    EntryKind.LINKED,
    EntryKind.UNLINKED,
    EntryKind.MERGED,
    EntryKind.ABSORBED,
    EntryKind.UNMERGED,
    EntryKind.SPLIT,
    EntryKind.CHECKLIST,
    EntryKind.TICKED,
    EntryKind.UNTICKED,
    EntryKind.TIME_CORRECTED,
    EntryKind.DEPOSITED,
    EntryKind.REVEALED,
    EntryKind.PURGED,
    EntryKind.RULED,
    EntryKind.ISSUED,
)
# What the client is told; of the second set also in our words, of the third without saying who.
FOR_CLIENT = frozenset(
    {
        EntryKind.LOGGED,
        EntryKind.GRADED,
        EntryKind.ACKNOWLEDGED,
        EntryKind.DIAGNOSED,
        EntryKind.MESSAGE,
        EntryKind.MAIL,
        EntryKind.REPLY,
        EntryKind.PAUSED,
        EntryKind.RESUMED,
        EntryKind.RESOLVED,
        EntryKind.CONFIRMED,
        EntryKind.REOPENED,
        EntryKind.CONVENED,
        EntryKind.DECIDED,
        EntryKind.AUTHORISED,
        EntryKind.REVOKED,
        EntryKind.REMOTE_OPENED,
        EntryKind.REMOTE_CLOSED,
        EntryKind.DISPATCHED,
        EntryKind.DEPARTED,
        EntryKind.ARRIVED,
        EntryKind.LEFT,
    }
)
SAID_TO_CLIENT = frozenset(
    {
        EntryKind.DIAGNOSED,
        EntryKind.MESSAGE,
        EntryKind.MAIL,
        EntryKind.REPLY,
        EntryKind.RESOLVED,
        EntryKind.CONFIRMED,
        EntryKind.REOPENED,
        EntryKind.REVOKED,
    }
)
NAMELESS = frozenset({EntryKind.CONVENED, EntryKind.DECIDED, EntryKind.DISPATCHED})
# What a change is called, by the name under which the entry keeps it; the others stand elsewhere or nowhere.
LABELS: Mapping[str, Callable[[Any], object]] = {
    "clock": lambda value: ClockKind(value).label,
    "grade": lambda value: Grade(value).label,
    "cause": lambda value: Cause(value).label,
    "outcome": lambda value: Outcome(value).label,
    "way": lambda value: Way(value).label,
    "reason": lambda value: PauseReason(value).label,
    "on_site": lambda value: OnSiteOutcome(value).label,
    "how": lambda value: Channel(value).label,
}
# And whose name needs a word to be understood.
NAMES = {
    "owner": gettext_lazy("Owner"),
    "group": gettext_lazy("Group"),
    "engineer": gettext_lazy("Engineer"),
    "told": gettext_lazy("Who was told"),
    "given_by": gettext_lazy("Allowed by"),
    "confirmed_by": gettext_lazy("Confirmed by"),
    "written_by": gettext_lazy("From whom"),
    "files": gettext_lazy("Files"),
}


def of(entries: Iterable[Entry]) -> tuple[Happening, ...]:
    """Return what happened in the order in which it happened."""
    return tuple(sorted(map(_happening, entries), key=lambda each: each.at))


def _happening(entry: Entry) -> Happening:
    kind = EntryKind(entry.kind)
    return Happening(
        at=timezone.localtime(_instant(entry)),
        what=str(kind.label),
        who=entry.by.label if entry.by else entry.changes.get("sender", [None, "OpsDesk"])[1],
        detail=_detail(entry),
        said=entry.text,
        for_client=kind in FOR_CLIENT,
        names_who_to_client=kind not in NAMELESS,
        said_to_client=kind in SAID_TO_CLIENT,
    )


def _instant(entry: Entry) -> datetime:
    """When it happened: what an engineer reports may have come in later."""
    said = entry.changes.get("happened_at")
    return (parse_datetime(said[1]) if said else None) or entry.at


def _detail(entry: Entry) -> str:
    """What changed, in the order of `LABELS` and `NAMES`; of a clock's entry the clock."""
    shown = []
    for name in (*LABELS, *NAMES):
        change = entry.changes.get(name)
        values = change if isinstance(change, list) else [change]
        label = LABELS.get(name, str)
        words = " → ".join(str(label(value)) for value in values if value not in (None, ""))
        if words and name in NAMES:
            words = _("%(name)s: %(value)s") % {"name": NAMES[name], "value": words}
        shown.append(words)
    return listed(shown) if any(shown) else ""

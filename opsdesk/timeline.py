"""One timeline of everything that happened with a client: the sources of all apps, merged by time (§5.3).

An app that has something to tell offers a source (`clients.happenings`) and is entered in `SOURCES` under the
name that its happenings carry, or the first of them. Each is asked for one row more than is shown, so a page
costs the same number of queries however long the history is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.utils.dateparse import parse_datetime

from clients import history
from clients.happenings import Asked, Happening, Mark, Source
from clients.models import Client
from duty import happenings as duty_happenings
from staff.models import User
from surveys import correctivehappenings as corrective_happenings
from surveys import happenings as survey_happenings
from tickets import happenings as ticket_happenings
from visits import happenings as visit_happenings

SHOWN = 50
# By the name that their happenings carry; the order means nothing.
SOURCES: Mapping[str, Source] = {
    "archive": history.entries,
    "contracts": history.contracts,
    "inspections": duty_happenings.inspections,
    "records": ticket_happenings.records,
    "entries": ticket_happenings.entries,
    "corrective": corrective_happenings.correctives,
    "surveys": survey_happenings.answers,
    "callbacks": visit_happenings.callbacks,  # and needs and promises, each under its own name
}
_signer = Signer(salt="opsdesk.timeline")


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of happenings, newest first; `older` is the cursor of the next page, where there is one."""

    happenings: list[Happening]
    older: str | None


def timeline(
    client: Client,
    *,
    viewer: User,
    now: datetime,
    about: Collection[str] = (),
    cursor: str = "",
    limit: int = SHOWN,
    doubles: Iterable[int] | None = None,
) -> Timeline:
    """What happened with a client and the doubles merged into it; only what the viewer may see.

    `doubles` are the ids of these, where they are known already.

    `about` names kinds of happening, none means all. A cursor that was not given out is the first page.
    """
    if viewer.is_contact:
        return Timeline([], None)
    if doubles is None:
        doubles = Client.objects.filter(merged_into=client).values_list("pk", flat=True)
    asked = Asked([client.pk, *doubles], viewer, now, limit + 1, mark_of(cursor), frozenset(about))
    found = [happening for source in SOURCES.values() for happening in source(asked)]
    found.sort(key=lambda happening: happening.mark, reverse=True)
    shown = found[:limit]
    return Timeline(shown, cursor_of(shown[-1].mark) if len(found) > limit else None)


def cursor_of(mark: Mark) -> str:
    """A place in the timeline as a signed text for an address."""
    return _signer.sign_object([mark.at.isoformat(), mark.source, mark.pk])


def mark_of(cursor: str) -> Mark | None:
    """The place that a cursor names; None for one that was not given out."""
    try:
        at, source, pk = _signer.unsign_object(cursor)
        instant = parse_datetime(at)
    except (BadSignature, ValueError, TypeError):
        return None
    return Mark(instant, source, pk) if instant else None

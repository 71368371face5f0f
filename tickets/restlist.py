"""The records that a query of the REST interface asks for, a page of them: the statement is written once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from staff.lean import lean
from staff.models import User
from staff.prepared import prepared
from tickets.grams import words_of
from tickets.models import Entry, Grade, Ticket
from tickets.search import MOST_ASKED_FOR, Way, find, having, way_to


def records_asked(
    user: User, query: Mapping[str, Any], after: int | None, limit: int, now: datetime
) -> list[Ticket]:
    """Return so many records below the id `after`, newest first, that the person may see and asked for."""
    way, words = Way(), words_of(query.get("q", "")[:MOST_ASKED_FOR])
    if "q" in query and not words:
        return []
    if words and not user.is_contact:
        way = way_to(words)
    grade = query.get("grade")
    values = (
        after,
        query.get("status"),
        query.get("channel"),
        query.get("group"),
        query.get("client"),
        Grade(int(grade)) if grade not in (None, "none") else None,
        1 if grade == "none" else None,
        1 if query.get("owner") == "me" else None,
        now if query.get("overdue") else None,
        query.get("updated_since"),
    )
    if words and user.is_contact:  # what he may read differs from word to word
        rows = _page.ask(user, *values, None, None, None)
        return list(find(rows, query["q"], user).rows[:limit])
    return _page(user, *values, way.hits, way.rarest, way.keys, limit=limit)


@prepared
def _page(
    user: User,
    after: int | None,
    status: str | None,
    channel: str | None,
    group: str | None,
    client: str | None,
    grade: Grade | None,
    ungraded: int | None,
    own: int | None,
    overdue_at: datetime | None,
    since: datetime | None,
    hits: list[int] | None,
    rarest: list[int] | None,
    keys: list[int] | None,
) -> QuerySet[Ticket]:
    """The records that a person may see, newest first, narrowed down by whatever is not None."""
    equal = {
        "status": status,
        "channel": channel,
        "group__code": group,
        "client__code": client,
        "grade": grade,
    }
    rows = Ticket.objects.visible_to(user).filter(
        **{column: value for column, value in equal.items() if value is not None}
    )
    if after is not None:
        rows = rows.filter(pk__lt=after)
    if ungraded is not None:
        rows = rows.filter(grade__isnull=True)
    if own is not None:
        rows = rows.filter(owner=user)
    if overdue_at is not None:
        rows = rows.overdue(overdue_at)
    if since is not None:
        rows = rows.filter(Exists(Entry.objects.filter(ticket=OuterRef("pk"), at__gte=since)))
    if hits is not None or keys is not None:
        rows = rows.filter(having(hits, rarest, keys))
    return lean(rows.order_by("-pk"))

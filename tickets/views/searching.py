"""What a list shows of a search: the words, where they stand, and how many records have them."""

from __future__ import annotations

from django.http import HttpRequest

from staff.models import User
from staff.paging import Page
from tickets.excerpts import excerpts
from tickets.names import Names
from tickets.search import Found


def words_in(request: HttpRequest) -> str:
    """What the address asks for; empty where nothing is looked for."""
    return request.GET.get("q", "").replace("\0", "").strip()


def shown_of(search: Found, found: Page, names: Names, user: User) -> dict[str, object]:
    """The context of `_rows.html` and `_search_result.html` where something was looked for."""
    return {
        "words": search.words,
        "excerpts": excerpts(found.rows, names, search.words, user),
        "is_ranked": search.is_ranked,
        "matches": _matches(search, found),
        "was_searched": True,
    }


def _matches(search: Found, found: Page) -> int | None:
    """How many records were found; None where there are more than anybody counts."""
    if not found.newer_url and not found.older_url:
        return len(found.rows)
    return search.rows.count() if search.is_ranked else None

"""A board on a wall: a page that asks for a part of itself anew, which says how old it is.

The page does so by static/js/wall.js.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.timezone import get_default_timezone_name

STALE_AFTER = 60  # seconds without an answer, then the board says in red that it is old
# A board in which one of these has changed since it was opened loads itself anew.
MADE_OF = (
    "static/js/wall.js",
    "static/css/wall.css",
    "static/css/operations.css",
    "static/css/tokens.css",
    "static/css/base.css",
    "templates/wallboard.html",
    "templates/duty/wall.html",
    "templates/reports/wall.html",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on a board, as HTML, and the instant at which it was so. It says nothing of "now" itself."""

    html: str
    at: datetime


def board_answer(
    request: HttpRequest, shown: Shown, page: str, context: Mapping[str, object], *, now: datetime
) -> HttpResponse:
    """Answer with the page around what is shown; with `?part=1` with that alone, or 304 where it is the same.

    Instants are told in milliseconds: when the data were so, and what time it is.
    """
    tag = f'"{hashlib.sha256(shown.html.encode()).hexdigest()[:32]}"'
    if "part" in request.GET:
        answer = get_conditional_response(request, etag=tag) or HttpResponse(shown.html)
        answer.headers["ETag"] = tag
    else:
        facts = {
            "shown": shown,
            "etag": tag,
            "at": _milliseconds(shown.at),
            "server_now": _milliseconds(now),
            "now": now,
            "zone": get_default_timezone_name(),
            "stale_after": STALE_AFTER,
            "edition": edition(),
            "part": f"{request.path}?{_with_part(request)}",
        }
        answer = render(request, page, facts | context)
    answer.headers["X-Board-At"] = str(_milliseconds(shown.at))
    answer.headers["X-Board-Now"] = str(_milliseconds(now))
    answer.headers["X-Board-Edition"] = edition()
    return answer


@cache
def edition() -> str:
    """Return what the page of a board is made of, as one short word: another one after each change of it."""
    digest = hashlib.sha256()
    for name in MADE_OF:
        digest.update(Path(settings.BASE_DIR, name).read_bytes())
    return digest.hexdigest()[:16]


def _with_part(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked["part"] = "1"
    return asked.urlencode()


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)

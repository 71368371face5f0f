"""Dashboards of the department, a group, a person or a client, their parts, and all figures as a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from reports.board.asked import Board, board_of
from reports.board.parts import PARTS, Part
from reports.board.parts.over_time import one
from reports.board.parts.part import Shown
from reports.board.tiles import headline, whole_table
from reports.board.whose import ways, whose_words
from reports.chosen import Chosen, with_chosen
from reports.kpis import KPIS
from staff.models import User
from staff.views.access import house_only

View = Callable[..., HttpResponse]


def with_board(view: View) -> View:
    """Give a view the figures that its address asks for."""

    @require_safe
    @with_chosen
    @wraps(view)
    def boarded(request: HttpRequest, chosen: Chosen, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, board_of(chosen, request.GET, timezone.now()), *args, **kwargs)

    return boarded


@with_board
def dashboard(request: HttpRequest, board: Board) -> HttpResponse:
    """The figures of the first look; what lies below them is asked for when it is seen.

    With `whole` in the address everything stands on one page: for paper, and where there is no script.
    """
    return _dashboard(request, board)


@house_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own figures."""
    reader = cast(User, request.user)
    return _dashboard(request, board_of(Chosen(reader, person=reader), request.GET, timezone.now()))


@vary_on_headers("HX-Request")
@with_board
def part(request: HttpRequest, board: Board, key: str) -> HttpResponse:
    """One part alone: what a dashboard asks for, and a page of its own where somebody opens it."""
    if (found := PARTS.get(key)) is None:
        raise Http404
    context = _frame(board) | _read(found, board)
    return render(request, _template(request, found.template), context)


@vary_on_headers("HX-Request")
@with_board
def course(request: HttpRequest, board: Board) -> HttpResponse:
    """One figure over the last periods."""
    kpi = KPIS.get(request.GET.get("kpi", ""))
    if kpi is None or not kpi.measures(board.chosen.scope):
        raise Http404
    shown = Part(f"course-{kpi.key}", kpi.name, lambda board: one(board, kpi))
    context = _frame(board, kept=f"&kpi={kpi.key}") | _read(shown, board) | {"kpi": kpi}
    return render(request, _template(request, shown.template), context)


@with_board
def table(request: HttpRequest, board: Board) -> HttpResponse:
    """All figures of the dictionary, by subject."""
    return render(request, "reports/table.html", _frame(board) | {"subjects": whole_table(board)})


def _dashboard(request: HttpRequest, board: Board) -> HttpResponse:
    is_whole = request.GET.get("whole") == "1"
    parts = [_read(each, board) if is_whole else {"part": each} for each in PARTS.values()]
    frame = _frame(board, kept="&whole=1" if is_whole else "")
    context = frame | {"tiles": headline(board), "parts": parts, "is_whole": is_whole}
    return render(request, "reports/dashboard.html", context)


def _read(part: Part, board: Board) -> dict[str, Any]:
    found = part.read(board)
    return {"part": part, **({"shown": found} if isinstance(found, Shown) else found)}


def _template(request: HttpRequest, template: str) -> str:
    """The part alone for a page that asks for it, a page around it for a person."""
    return template if request.headers.get("HX-Request") else "reports/part.html"


def _frame(board: Board, kept: str = "") -> dict[str, Any]:
    """What every page of figures shows: whose, of when, the ways to others, in which `kept` stays."""
    return {
        "board": board,
        "chosen": board.chosen,
        "whose": whose_words(board.chosen),
        "address": board.query(),
        "kept": kept,
        "ways": ways(board),
        "now": board.now,
    }

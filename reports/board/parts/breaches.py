"""Limits that were missed in the period: of which record, by how much, and what came of it (§3.2b)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from reports.board.asked import Board
from reports.scope import Axis, narrowed
from tickets.models import Overrun
from tickets.models.overrun import OverrunQuerySet
from tickets.overruns import cases

SHOWN = 10
OF_OVERRUN = {Axis.GROUP: "group", Axis.PERSON: "person", Axis.CLIENT: "ticket__client"}


def breaches(board: Board) -> dict[str, Any]:
    """The latest cases, as the reader may read them: who answers and what he wrote is not for everybody."""
    found = _latest(board)
    return {
        "cases": cases(found[:SHOWN], board.chosen.reader, board.now),
        "has_more": len(found) > SHOWN,
        "all_url": _all(board),
        "now": board.now,
    }


def _latest(board: Board) -> list[Overrun]:
    """The latest of them and one more."""
    named = missed(board).select_related("clock", "ticket__client", "group", "person")
    return list(named.order_by("-due_at", "-pk")[: SHOWN + 1])


def missed(board: Board) -> OverrunQuerySet:
    """The cases that count whose limit ended in the period, as far as the reader knows of them."""
    start, end = board.span
    rows = Overrun.objects.visible_to(board.chosen.reader).standing()
    return narrowed(rows, board.chosen.scope, OF_OVERRUN).filter(due_at__gte=start, due_at__lt=end)


def _all(board: Board) -> str:
    """The register of overruns, which knows months; of other periods it shows all."""
    chosen = board.chosen
    asked = {
        "state": "all",
        "month": str(board.period) if board.period.unit == "month" else "",
        "group": chosen.group.code if chosen.group else "",
        "client": chosen.client.code if chosen.client else "",
        "person": chosen.person.username if chosen.person else "",
    }
    return f"{reverse('tickets:overruns')}?{urlencode({k: v for k, v in asked.items() if v})}"

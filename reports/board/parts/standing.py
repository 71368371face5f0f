"""Parts that show how open records stand now, whatever period is looked at: by age, and what breaks next."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from reports.ageing import by_grade_and_age
from reports.board.asked import Board
from reports.board.parts.part import Legend, Row, Shown, number
from reports.charts.bars import stacks
from reports.kpis.records import OF_TICKET
from reports.kpis.series import GRADE_NAMES
from reports.scope import Scope, narrowed
from staff.models import User
from staff.prepared import prepared
from tickets.faces import next_clocks
from tickets.models import Ticket
from tickets.names import names_of

BREAKING_NEXT = 8


def ageing(board: Board) -> Shown:
    """Open records by grade and days since the call."""
    rows = by_grade_and_age(board.chosen.scope, board.now)
    names = [(f"grade-{row.grade or 'none'}", str(GRADE_NAMES[row.grade])) for row in rows]
    ages = [age for age, _count in rows[0].counts]
    labels = [_("%(days)s d") % {"days": age.replace("30+", ">30")} for age in ages]
    series = [(*name, [count for _age, count in row.counts]) for name, row in zip(names, rows, strict=True)]
    table = [
        Row(
            name,
            [
                *(number(count, open_address(board, row.grade, age)) for age, count in row.counts),
                number(row.total, open_address(board, row.grade), is_strong=True),
            ],
        )
        for (_mark, name), row in zip(names, rows, strict=True)
    ]
    return Shown(
        drawing=stacks(labels, series) if any(row.total for row in rows) else None,
        head=[_("Grade"), *labels, _("Total")],
        rows=table,
        legend=[Legend(mark, name) for mark, name in names],
        note=_("Now; days since the call. No grade: requests, complaints, and faults not graded yet."),
        empty=_("No record is open."),
    )


def open_address(board: Board, grade: int | None = None, age: str = "", **more: str) -> str:
    """Return the address of the list of these open records."""
    chosen = board.chosen
    asked = {
        "group": chosen.group and chosen.group.code,
        "client": chosen.client and chosen.client.code,
        "owner": chosen.person and chosen.person.username,
        "age": age,
    }
    if not more:
        asked["grade"] = str(grade or "none")
    found = {name: value for name, value in (asked | more).items() if value}
    return f"{reverse('tickets:list')}?{urlencode(found)}"


def breaking_next(board: Board) -> dict[str, Any]:
    """The open records whose next deadline is still to come, the soonest first, each with that clock.

    Those that the reader sees: a person's may be another group's.
    """
    chosen, scope = board.chosen, board.chosen.scope
    reader = None if chosen.is_readers_group else chosen.reader
    tickets = _coming(scope.group, scope.person, scope.client, reader, board.now)
    clocks = next_clocks(tickets, board.now)
    return {
        "breaking_next": [(ticket, clocks.get(ticket.pk)) for ticket in tickets],
        "names": names_of(tickets),
        "all_url": open_address(board, queue="open"),
        "now": board.now,
    }


@prepared
def _coming(
    group: int | None, person: int | None, client: int | None, reader: User | None, now: datetime
) -> QuerySet[Ticket]:
    """Without a reader all of them: to ask once more whether they are his would only mislead the planner."""
    visible = Ticket.objects.all() if reader is None else Ticket.objects.visible_to(reader)
    rows = narrowed(visible, Scope(group, person, client), OF_TICKET)
    return (
        rows.open().filter(next_due_at__gte=now).order_by("next_due_at", "pk").without_texts()[:BREAKING_NEXT]
    )

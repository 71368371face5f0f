"""What came in and what went out, week by week, and what was open at the end of each."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from reports.addresses import rows_address
from reports.board.asked import Board, today
from reports.board.parts.part import Legend, Row, Shown, number
from reports.charts.bars import beside
from reports.charts.drawing import under
from reports.charts.lines import Series, Value, lines
from reports.figures import figures
from reports.kpis.records import BACKLOG
from reports.kpis.volume import CLOSED, REPORTED
from reports.periods import week_of

WEEKS = 12
DAY = timedelta(days=1)


def backlog(board: Board) -> Shown:
    """The twelve weeks that end with the period, or now."""
    last = week_of(min(board.period.until - DAY, today(board.now)))
    weeks = [last.plus(n - WEEKS + 1) for n in range(WEEKS)]
    kpis = (REPORTED, CLOSED, BACKLOG)
    found = figures(kpis, board.chosen.scope, weeks, now=board.now)
    came, went, stood = ([int(found[kpi.key, week].numerator) for week in weeks] for kpi in kpis)
    names = (str(REPORTED.name), str(CLOSED.name), _("Open at the end of the week"))
    labels = [str(week).partition("-")[2] for week in weeks]
    values = [Value(count, str(count)) for count in stood]
    so_far = _("so far") if last.until > today(board.now) else ""
    drawing = under(
        beside(labels, [("c", names[0], came), ("d", names[1], went)], height=160, so_far=so_far),
        lines(labels, [Series("a", names[2], values)], height=140, so_far=so_far),
    )
    rows = [
        Row(
            f"{week} {so_far}".rstrip() if week == last else str(week),
            [
                number(count, rows_address(kpi.key, board.chosen, week))
                for kpi, count in zip(kpis, counts, strict=True)
            ],
        )
        for week, *counts in zip(weeks, came, went, stood, strict=True)
    ]
    return Shown(
        drawing=drawing if any((*came, *went, *stood)) else None,
        head=[_("Week"), *names],
        rows=rows,
        legend=[Legend("c", names[0]), Legend("d", names[1]), Legend("a", names[2], "line")],
        note=_("Above what came in and went out, below what stood open."),
        empty=_("Nothing was reported, closed or open in these weeks."),
    )

"""What faults were made by: the causes of those solved in the period, the weightiest first (Pareto)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.addresses import rows_address
from reports.board.asked import Board
from reports.board.parts.part import Cell, Legend, Row, Shown, number
from reports.charts.pareto import pareto, weighed
from reports.figures import figures
from reports.kpis.series import BY_CAUSE


def causes(board: Board) -> Shown:
    """Count the faults solved in the period by cause."""
    found = figures(BY_CAUSE.values(), board.chosen.scope, [board.period], now=board.now)
    kpis = {str(kpi.name): kpi for kpi in BY_CAUSE.values()}
    rows = weighed([(name, int(found[kpi.key, board.period].numerator)) for name, kpi in kpis.items()])
    bar, line = _("Faults solved"), _("Together, in per cent")
    return Shown(
        drawing=pareto(rows) if rows else None,
        head=[_("Cause"), bar, _("Share"), _("Together")],
        rows=[
            Row(
                name,
                [
                    number(count, rows_address(kpis[name].key, board.chosen, board.period)),
                    Cell(f"{share:.1f} %"),
                    Cell(f"{together:.1f} %"),
                ],
            )
            for name, count, share, together in rows
        ],
        legend=[Legend("b", bar), Legend("a", line, "line")],
        note=_("By the time of the solution. The causes left of 80 % are worth an improvement first."),
        empty=_("No fault was solved in this period."),
    )

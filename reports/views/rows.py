"""The rows behind a figure: one page and two files for every KPI and each of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from reports.addresses import rows_address
from reports.chosen import Chosen, with_chosen
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.definition import Kpi, Rows
from reports.kpis.figure import Figure
from reports.periods import Period, parse_period, period_of
from reports.sources import SOURCES, seen
from reports.sources.listing import Source
from reports.targets import targets_for
from reports.views.rowfiles import RowsFile, answer_with
from staff.paging import page

PART_NAMES = {
    "": gettext_lazy("All"),
    "counted": gettext_lazy("Counted"),
    "others": gettext_lazy("The others"),
}


@dataclass(frozen=True)
class Asked:
    """Which rows an address asks for."""

    kpi: Kpi
    period: Period
    part: str
    chosen: Chosen
    now: datetime

    @property
    def source(self) -> Source:
        return SOURCES[self.kpi.source]

    @cached_property
    def figure(self) -> Figure:
        """The figure that the rows stand behind."""
        found = figures([self.kpi], self.chosen.scope, [self.period], now=self.now)
        return found[self.kpi.key, self.period]

    @property
    def is_untold(self) -> bool:
        """Whether too few speak of a single person for anything to be said of him."""
        is_of_a_person = self.chosen.scope.person is not None
        return is_of_a_person and (self.figure.denominator or 0) < self.kpi.least_told

    @cached_property
    def whole(self) -> Rows:
        """All rows of the part, whoever may see them."""
        span = self.period.span(timezone.get_default_timezone())
        rows = self.kpi.part(self.part, self.chosen.scope, *span, now=self.now)
        return rows.none() if self.is_untold else rows

    @cached_property
    def visible(self) -> Rows:
        """Those that the reader may see."""
        return seen(self.kpi, self.whole, self.chosen)

    def hidden(self) -> int:
        """Count what the figure counts and its reader may not see: it is said as a number."""
        if self.visible is self.whole:
            return 0
        return self.whole.order_by().count() - self.visible.order_by().count()

    @cached_property
    def rows(self) -> Rows:
        """What can be seen, with all that a line says; `order` is of these."""
        rows = self.source.listed(self.visible)
        at = self.kpi.at
        return rows.annotate(**{at: F(at)}) if at in rows.query.annotations else rows

    @property
    def order(self) -> tuple[str, ...]:
        return f"-{self.kpi.at}", "-pk"

    def address(self, part: str, period: Period | None = None) -> str:
        return rows_address(self.kpi.key, self.chosen, period or self.period, part)


def _asked(request: HttpRequest, chosen: Chosen) -> Asked:
    """Read an address. What it names must exist, and the figure must be one of what is chosen."""
    kpi = KPIS.get(request.GET.get("kpi", ""))
    now = timezone.now()
    part = request.GET.get("part", "")
    text = request.GET.get("period", "")
    try:
        today = timezone.localdate(now, timezone.get_default_timezone())
        period = parse_period(text) if text else period_of(today, "month")
    except ValueError:
        raise Http404 from None
    if kpi is None or part not in kpi.parts or not kpi.measures(chosen.scope):
        raise Http404
    return Asked(kpi, period, part, chosen, now)


@require_safe
@with_chosen
def rows(request: HttpRequest, chosen: Chosen) -> HttpResponse:
    """One page of the rows, the newest first, with the figure that they make."""
    asked = _asked(request, chosen)
    found = page(asked.rows, request=request, order=asked.order)
    context = {
        "asked": asked,
        "chosen": chosen,
        "kpi": asked.kpi,
        "period": asked.period,
        "figure": asked.figure,
        "aim": targets_for(asked.period)[asked.kpi.key],
        "parts": _parts(asked),
        "page": found,
        "heads": asked.source.heads,
        "lines": [(asked.source.url(row), asked.source.cells(row, asked.now)) for row in found.rows],
        "hidden": asked.hidden(),
        "earlier": asked.address(asked.part, asked.period.plus(-1)),
        "later": asked.address(asked.part, asked.period.plus(1)) if _is_over(asked) else None,
        "query": request.GET.urlencode(),
        "back": chosen.query(period=asked.period),
        "now": asked.now,
    }
    return render(request, "reports/rows.html", context)


@require_safe
@with_chosen
def export(request: HttpRequest, chosen: Chosen, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same rows as a file, all pages of them; the log says who took how many."""
    asked = _asked(request, chosen)
    file = RowsFile(
        f"opsdesk-{asked.kpi.key}-{asked.period}",
        asked.kpi.key,
        asked.source,
        asked.rows.order_by(*asked.order),
        asked.now,
        chosen.reader,
    )
    return answer_with(file, request, form, back=asked.address(asked.part))


def _parts(asked: Asked) -> list[tuple[str, str, int, bool]]:
    """The parts of a share to choose from: name, address, how many, whether it is this one."""
    if len(asked.kpi.parts) < 2:
        return []
    total, counted = asked.figure.denominator or 0, int(asked.figure.numerator)
    numbers = {"": total, "counted": counted, "others": total - counted}
    return [
        (str(PART_NAMES[part]), asked.address(part), numbers[part], part == asked.part)
        for part in asked.kpi.parts
    ]


def _is_over(asked: Asked) -> bool:
    return asked.period.until <= timezone.localdate(asked.now, timezone.get_default_timezone())

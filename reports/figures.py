"""The one door to figures: dashboards, reports, assessment and REST all ask here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.timezone import get_default_timezone

from reports.kpis.counting import Figures, counted
from reports.kpis.definition import Kpi
from reports.periods import Period
from reports.scope import Scope


def figures(kpis: Iterable[Kpi], scope: Scope, periods: Sequence[Period], *, now: datetime) -> Figures:
    """Return each figure in each period, by (key, period); months are the house's, not the reader's.

    What cannot be narrowed to the scope is left out.
    """
    return counted(kpis, scope, periods, tz=get_default_timezone(), now=now)

"""Addresses of what stands behind a figure."""

from __future__ import annotations

from django.urls import reverse

from reports.chosen import Chosen
from reports.periods import Period


def rows_address(kpi_key: str, chosen: Chosen, period: Period, part: str = "") -> str:
    """Return the address of the rows behind a figure of a period, as far as its reader has chosen.

    `part` is empty for all of them, `counted` for those in the numerator, `others` for the rest.
    """
    query = chosen.query(kpi=kpi_key, period=period, part=part or None)
    return f"{reverse('reports:rows')}?{query}"

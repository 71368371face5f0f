"""Asks every section for its facts of a month: a bounded number of queries, whatever there is.

All of them see the same state of the records, so that no section contradicts another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from reports.models import MonthlyReport, MonthlyTerms
from reports.monthly.asked import About, numbers_of, scope_of
from reports.monthly.composing import content_of, figures_of
from reports.monthly.kinds import Edition
from reports.monthly.oneview import one_view
from reports.monthly.sections import ASSESSMENT, CHAPTERS


def counted(
    report: MonthlyReport, terms: MonthlyTerms, *, now: datetime, told: Callable[[int], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return content and figures of a report at `now`; `told` hears how far it is, in per cent."""
    tz = ZoneInfo(settings.TIME_ZONE)
    edition = Edition(report.edition)
    scope = scope_of(report.group, report.client)
    headlines = tuple(terms.headlines)
    with one_view() as within:
        with within():
            numbers = numbers_of(edition, scope, report.period, headlines, now=now, tz=tz)
        about = About(
            edition,
            report.period,
            now,
            tz,
            numbers,
            group=report.group,
            client=report.client,
            headlines=headlines,
        )
        chapters = {key: chapter for key, chapter in CHAPTERS.items() if edition in chapter.editions}
        found: dict[str, Any] = {}
        for number, (key, chapter) in enumerate(chapters.items(), start=1):
            told(100 * number // (len(chapters) + 2))
            with within():
                found[key] = chapter.gather(about)
        if found.get(ASSESSMENT, ...) is None:
            del found[ASSESSMENT]
        with within():
            content = content_of(about, found, reference=report.reference, subject=report.subject)
    return content, figures_of(numbers)

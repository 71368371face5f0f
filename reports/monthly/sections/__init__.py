"""The sections of a monthly report, in the order in which it is read. Comments are kept by their keys."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reports.monthly.asked import Chapter
from reports.monthly.kinds import HOUSE
from reports.monthly.sections import (
    assessment,
    changes,
    definitions,
    duty,
    faults,
    figures,
    findings,
    inspections,
    meetings,
    misses,
    overruns,
    overview,
    plan,
    records,
    remote,
    reviews,
    suggestions,
    summary,
    voices,
)

SUMMARY = "summary"
ASSESSMENT = "assessment"

CHAPTERS: Mapping[str, Chapter] = {
    SUMMARY: Chapter(_("Executive summary"), summary.gather, summary.parts),
    "overview": Chapter(_("Service overview"), overview.gather, overview.parts),
    "figures": Chapter(_("Key figures"), figures.gather, figures.parts),
    "records": Chapter(_("Maintenance records"), records.gather, records.parts),
    "faults": Chapter(_("Faults by grade"), faults.gather, faults.parts),
    "overruns": Chapter(
        _("Overruns: who answers for them, and why"), overruns.gather, overruns.parts, HOUSE, True
    ),
    "reviews": Chapter(_("Major faults reviewed"), reviews.gather, reviews.parts),
    "misses": Chapter(_("Limits missed, and why"), misses.gather, misses.parts),
    "inspections": Chapter(_("Inspections and hidden dangers"), inspections.gather, inspections.parts),
    "duty": Chapter(_("Duty, holidays and handovers"), duty.gather, duty.parts, HOUSE),
    "changes": Chapter(_("Changes and cutovers"), changes.gather, changes.parts),
    "voices": Chapter(_("Callbacks, surveys and complaints"), voices.gather, voices.parts),
    "findings": Chapter(_("Findings of quality audits"), findings.gather, findings.parts, HOUSE),
    "remote": Chapter(_("Remote authorisations used"), remote.gather, remote.parts),
    ASSESSMENT: Chapter(_("Monthly assessment"), assessment.gather, assessment.parts, HOUSE, True),
    "meetings": Chapter(_("Decisions of weekly meetings"), meetings.gather, meetings.parts, HOUSE),
    "suggestions": Chapter(_("Suggestions for the process"), suggestions.gather, suggestions.parts, HOUSE),
    "plan": Chapter(pgettext_lazy("monthly report", "Next month"), plan.gather, plan.parts),
    "definitions": Chapter(_("Appendix: how figures are defined"), definitions.gather, definitions.parts),
}
# The leader's page is one page: its lists say what there is to say.
COMMENTED = frozenset(CHAPTERS) - {SUMMARY}

"""What the agenda is drawn from: each source asks for bounded rows of the apps above (§6.1.1).

An app that has something to say to the meeting is entered in `SOURCES` under a name that stays, in the order
in which it is talked about.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from meetings.asked import Source
from meetings.sources import ahead, decided, improving, owed, records

SOURCES: Mapping[str, Source] = {
    "decisions": Source(_("Decisions of the last meetings"), decided.decisions, decided.decision_line),
    "leftovers": Source(_("Records left over"), records.leftovers, records.leftover_line),
    "faults": Source(_("Faults of grade 1 and 2 against their limits"), records.faults, records.fault_line),
    "lights": Source(
        _("Limits missed, week on week"),
        records.lights,
        records.light_line,
        count=records.missed_in_all,
        behind=(records.missed, records.missed_line),
    ),
    "inspections": Source(_("Inspections failed or missed"), owed.inspections, owed.inspection_line),
    "callbacks": Source(_("Callbacks due"), owed.callbacks, owed.callback_line),
    "correctives": Source(_("Corrective actions due"), owed.correctives, owed.corrective_line),
    "findings": Source(_("Findings of audits"), improving.findings, improving.finding_line),
    "remote": Source(_("Remote authorisations open"), owed.remote, owed.remote_line),
    "deadlines": Source(_("Deadlines of this week"), records.deadlines, records.deadline_line),
    "changes": Source(_("Changes this week"), improving.changes, improving.change_line),
    "leave": Source(_("Leave this week"), ahead.leave, ahead.leave_line),
    "cover": Source(_("Holidays ahead and their cover"), draw=ahead.cover),
    "reports": Source(_("Weekly reports: problems, help wanted"), improving.reports, improving.report_line),
    "suggestions": Source(_("Suggestions for the process"), improving.suggestions, improving.suggestion_line),
}

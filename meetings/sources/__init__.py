"""What the agenda is drawn from: each source asks for bounded rows of the apps above (§6.1.1).

An app that has something to say to the meeting is entered in `SOURCES` under a name that stays, in the order
in which it is talked about.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from meetings.asked import Source
from meetings.sources import ahead, decided, owed, records

SOURCES: Mapping[str, Source] = {
    "decisions": Source(_("Decisions of the last meetings"), decided.decisions),
    "leftovers": Source(_("Records left over"), records.leftovers),
    "faults": Source(_("Faults of grade 1 and 2 against their limits"), records.faults),
    "lights": Source(_("Limits missed, week on week"), draw=records.lights, behind=records.missed),
    "inspections": Source(_("Inspections failed or missed"), owed.inspections),
    "callbacks": Source(_("Callbacks due"), owed.callbacks),
    "correctives": Source(_("Corrective actions due"), owed.correctives),
    "remote": Source(_("Remote authorisations open"), owed.remote),
    "deadlines": Source(_("Deadlines of this week"), records.deadlines),
    "leave": Source(_("Leave this week"), ahead.leave),
    "cover": Source(_("Holidays ahead and their cover"), draw=ahead.cover),
}

"""What the rows behind figures are, by the `source` of a KPI: a registry of lists."""

from collections.abc import Mapping

from reports.chosen import Chosen
from reports.kpis.definition import Kpi, Rows
from reports.scope import Axis
from reports.sources import others, records
from reports.sources.listing import Source

SOURCES: Mapping[str, Source] = {
    "ticket": records.TICKET,
    "clock": records.CLOCK,
    "escalation": records.ESCALATION,
    "dispatch": records.DISPATCH,
    "solution": records.SOLUTION,
    "pause": records.PAUSE,
    "merge": records.MERGE,
    "time": records.TIME,
    "session": records.SESSION,
    "change": records.CHANGE,
    "inspection": others.INSPECTION,
    "abnormal": others.ABNORMAL,
    "shift": others.SHIFT,
    "empty_shift": others.EMPTY_SHIFT,
    "callback": others.CALLBACK,
    "answer": others.ANSWER,
    "sheet": others.ANSWERS,
    "corrective": others.CORRECTIVE,
    "finding": others.FINDING,
    "check": others.CHECK,
    "decision": others.DECISION,
    "weekly_report": others.WEEKLY_REPORT,
    "phone": others.PHONE,
}


def seen(kpi: Kpi, rows: Rows, chosen: Chosen) -> Rows:
    """Return those of the rows of a chosen scope that its reader may see.

    Those of his own group a supervisor sees all; to ask once more would only mislead the planner. Of systems
    the group is the client's, and a record of it may be another group's.
    """
    reader = chosen.reader
    if reader.sees_everything:
        return rows
    if chosen.is_readers_group and not kpi.axes[Axis.GROUP].startswith("system__"):
        return rows
    return SOURCES[kpi.source].seen_by(rows, reader)

"""The KPI dictionary (§3.2b, §5.2): every figure of the department, defined once, subject by subject."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.kpis import clients, quality, records, rounds, solving, systems, telephone, volume, works
from reports.kpis.definition import Kpi, Text


@dataclass(frozen=True, slots=True)
class Subject:
    """KPIs that are read together."""

    key: str
    name: Text
    kpis: tuple[Kpi, ...]


SUBJECTS = (
    Subject(
        "limits",
        _("Limits kept"),
        (
            records.RESPONSE,
            records.DIAGNOSIS,
            records.REPORT_UP,
            records.ARRIVAL,
            records.RESOLUTION,
            records.MTTA,
            records.MTTR,
        ),
    ),
    Subject(
        "solving",
        _("How well it was solved"),
        (
            solving.SOLVED,
            solving.FIRST_TIME,
            solving.SECOND_CALLS,
            solving.REPEAT_FAULTS,
            solving.REOPENED,
            solving.FIRST_DISPATCH,
            solving.COMPLETE,
        ),
    ),
    Subject(
        "volume",
        _("How much there was"),
        (
            volume.REPORTED,
            volume.SOLVED_RECORDS,
            volume.CLOSED,
            records.BACKLOG,
            volume.OPEN_3,
            volume.OPEN_7,
            volume.OPEN_30,
            volume.OPEN_LONGER,
            volume.WAITING,
            volume.PAUSED_HOURS,
            volume.MERGED,
            volume.WORK_HOURS,
            volume.PER_ENGINEER,
        ),
    ),
    Subject(
        "systems",
        _("Systems and works"),
        (systems.AVAILABILITY, systems.MTBF, works.REMOTE, works.CHANGES, works.CALLED_OFF),
    ),
    Subject(
        "duty",
        _("Duty and inspections"),
        (
            rounds.INSPECTIONS,
            rounds.DANGERS_CLOSED,
            rounds.NO_RECORD,
            rounds.SHIFTS,
            rounds.HANDOVERS,
            rounds.EMPTY_SHIFTS,
        ),
    ),
    Subject(
        "clients",
        _("What clients say"),
        (
            clients.CALLBACKS,
            clients.REACHED,
            clients.CALLBACKS_MOOT,
            clients.SATISFIED_CLIENTS,
            clients.SATISFACTION,
            clients.COMPLAINTS,
            clients.COMPLAINTS_ANSWERED,
            clients.CORRECTIVE,
            clients.CORRECTIVE_DROPPED,
        ),
    ),
    Subject(
        "quality",
        _("Audits and meetings"),
        (
            quality.FINDINGS,
            quality.FINDINGS_WITHDRAWN,
            quality.DANGERS_FOUND,
            quality.DOCUMENTS,
            quality.DECISIONS,
            quality.DECISIONS_DROPPED,
            quality.WEEKLY_REPORTS,
        ),
    ),
    Subject("telephone", _("Telephone"), (telephone.ANSWERED, telephone.RECORDED)),
)
KPIS: Mapping[str, Kpi] = {kpi.key: kpi for subject in SUBJECTS for kpi in subject.kpis}

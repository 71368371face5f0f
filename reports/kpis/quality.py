"""KPIs of quality audits, meetings and weekly reports (§4.1.1, §6.1, tail §6.2 and §6.4)."""

from __future__ import annotations

from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from audits.kinds import AuditKind, FindingState, Result
from audits.models import Check, Finding
from meetings.kinds import DecisionState
from meetings.models import Decision, WeeklyReport
from reports.kpis.definition import At, Rows, Share, Total
from reports.scope import Axis

OF_FINDING = {Axis.GROUP: "group", Axis.PERSON: "owner", Axis.CLIENT: "client"}
OF_DECISION = {Axis.GROUP: "group", Axis.PERSON: "owner"}


def _findings() -> Rows:
    answered_on = TruncDate("answered_at", tzinfo=get_default_timezone())
    return Finding.objects.exclude(state=FindingState.WITHDRAWN).alias(answered_on=answered_on)


def _decisions() -> Rows:
    settled_on = TruncDate("settled_at", tzinfo=get_default_timezone())
    return Decision.objects.exclude(state=DecisionState.DROPPED).alias(settled_on=settled_on)


FINDINGS = Share(
    key="findings",
    name=_("Findings remedied in time"),
    clause="§4.1.1",
    formula=_(
        "Findings of quality audits whose remedy was reported on or before the day by which they were to "
        "be remedied and was not given back (it waits to be verified, or is), over all whose day lies in "
        "the period and is over. Withdrawn ones do not count. Days are those of the house's time zone."
    ),
    rows=_findings,
    at="due_on",
    at_is=At.LAST_DAY,
    source="finding",
    axes=OF_FINDING,
    counted=Q(state__in=(FindingState.ANSWERED, FindingState.CLOSED), answered_on__lte=F("due_on")),
    target=95,
    beside=("findings_withdrawn",),
)
FINDINGS_WITHDRAWN = Total(
    key="findings_withdrawn",
    name=_("Findings withdrawn"),
    clause="§4.1.1",
    formula=_("Findings of quality audits that were withdrawn in the period."),
    rows=lambda: Finding.objects.filter(state=FindingState.WITHDRAWN),
    at="over_at",
    source="finding",
    axes=OF_FINDING,
    higher_is_better=False,
)
DANGERS_FOUND = Total(
    key="dangers_found",
    name=_("Hidden dangers found by audits"),
    clause="§4.1.1",
    formula=_(
        "Hidden dangers that audits raised in the period, before anything failed. Withdrawn ones do not "
        "count. Of a person: those that he raised."
    ),
    rows=lambda: Finding.objects.dangers().exclude(state=FindingState.WITHDRAWN),
    at="raised_at",
    source="finding",
    axes=OF_FINDING | {Axis.PERSON: "raised_by"},
)
DOCUMENTS = Share(
    key="documents",
    name=_("Records in order when audited"),
    clause="§6.4",
    formula=_(
        "Of what audits of documents looked at in the period: what conforms, over what conforms or "
        "deviates. Of a person: of records that he owned when they were drawn."
    ),
    rows=lambda: Check.objects.filter(
        audit__kind=AuditKind.DOCUMENTS, result__in=(Result.CONFORMS, Result.DEVIATES)
    ),
    at="at",
    source="check",
    axes={
        Axis.GROUP: "audit__group",
        Axis.PERSON: "sampled__person",
        Axis.CLIENT: "sampled__ticket__client",
    },
    counted=Q(result=Result.CONFORMS),
    target=98,
)
DECISIONS = Share(
    key="decisions",
    name=_("Decisions of meetings done in time"),
    clause="§6.1",
    formula=_(
        "Decisions of weekly meetings that were done on or before their day, over all whose day lies in "
        "the period and is over. Dropped ones do not count. Days are those of the house's time zone."
    ),
    rows=_decisions,
    at="due_on",
    at_is=At.LAST_DAY,
    source="decision",
    axes=OF_DECISION,
    counted=Q(state=DecisionState.DONE, settled_on__lte=F("due_on")),
    target=90,
    beside=("decisions_dropped",),
)
DECISIONS_DROPPED = Total(
    key="decisions_dropped",
    name=_("Decisions dropped"),
    clause="§6.1",
    formula=_("Decisions of weekly meetings that were dropped in the period."),
    rows=lambda: Decision.objects.filter(state=DecisionState.DROPPED),
    at="settled_at",
    source="decision",
    axes=OF_DECISION,
    higher_is_better=False,
)
WEEKLY_REPORTS = Share(
    key="weekly_reports",
    name=_("Weekly reports on time"),
    clause="§6.2",
    formula=_(
        "Weekly reports that were submitted for the first time at or before their deadline, over all whose "
        "deadline lies in the period."
    ),
    rows=lambda: WeeklyReport.objects.all(),
    at="due_at",
    source="weekly_report",
    axes={Axis.GROUP: "group", Axis.PERSON: "person"},
    counted=Q(first_submitted_at__lte=F("due_at")),
    target=100,
)

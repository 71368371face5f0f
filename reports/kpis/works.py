"""KPIs of remote sessions, changes and dispatches that were called off (§4.2.2, tail §7.2)."""

from __future__ import annotations

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Rows, Share, Total
from reports.kpis.records import OF_ITS_PARTS
from reports.scope import Axis
from tickets.changes import Outcome
from tickets.models import Change, Dispatch, HowGiven, RemoteSession

OF_AUTHORISATION = {
    Axis.GROUP: "authorisation__ticket__group",
    Axis.PERSON: "operator",
    Axis.CLIENT: "authorisation__ticket__client",
}


def _sessions() -> Rows:
    """Sessions with the instant at which all that proves them has to be there."""
    due_at = Greatest("authorisation__window_to", "authorisation__written_due_at")
    return RemoteSession.objects.alias(proven_by=due_at)


def _authorised() -> Q:
    """Inside a window that the client allowed and has not withdrawn, with the paper that proves it."""
    inside = Q(
        started_at__gte=F("authorisation__window_from"), ended_at__lte=F("authorisation__window_to")
    ) & (Q(authorisation__revoked_at=None) | Q(authorisation__revoked_at__gte=F("started_at")))
    paper = ~Q(authorisation__how=HowGiven.PHONE) & Q(
        authorisation__evidence__isnull=False, authorisation__evidence__withdrawn_at=None
    )
    word = Q(
        authorisation__how=HowGiven.PHONE,
        authorisation__written_evidence__isnull=False,
        authorisation__written_evidence__withdrawn_at=None,
        authorisation__written_received_at__lte=F("authorisation__written_due_at"),
    )
    return inside & (paper | word)


REMOTE = Share(
    key="remote",
    name=_("Remote sessions as authorised"),
    clause="§4.2.2",
    formula=_(
        "Remote sessions that began in the client's window, before he withdrew it, and ended at or before "
        "its end, and for which the evidence is there and was not withdrawn; of an authorisation by phone, "
        "what he sent in writing by its limit; over all whose window (and limit for the paper, where that "
        "is later) ended in the period."
    ),
    rows=_sessions,
    at="proven_by",
    source="session",
    axes=OF_AUTHORISATION,
    counted=_authorised(),
    target=100,
)
CHANGES = Share(
    key="changes",
    name=_("Changes without rollback"),
    clause="§7.2",
    formula=_(
        "Changes that succeeded, over all whose work ended in the period: what was rolled back or failed "
        "did not. A change that was withdrawn before it began does not count."
    ),
    rows=lambda: Change.objects.all(),
    at="finished_at",
    source="change",
    axes=OF_ITS_PARTS,
    counted=Q(outcome=Outcome.SUCCEEDED),
    target=95,
)
CALLED_OFF = Total(
    key="called_off",
    name=_("Dispatches called off"),
    clause="§4.2.3",
    formula=_("Dispatches that were called off in the period."),
    rows=lambda: Dispatch.objects.all(),
    at="called_off_at",
    source="dispatch",
    axes=OF_ITS_PARTS | {Axis.PERSON: "engineer"},
    higher_is_better=False,
)

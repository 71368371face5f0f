"""KPIs of what clients say: callbacks, satisfaction, complaints, corrective actions (§4.1.2, §4.3, §5.3)."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import At, Mean, Share, Total
from reports.kpis.figure import Unit
from reports.kpis.records import IN_TIME, OF_ITS_PARTS, OF_TICKET, calls, clocks
from reports.scope import Axis
from surveys.correcting import CorrectiveState
from surveys.models import Answer, AnswerSheet, CampaignKind, CorrectiveAction, Dimension
from surveys.questions import QuestionKind
from surveys.statistics.comparing import LEAST_TOLD
from surveys.statistics.figures import SATISFIED
from tickets.models import ClockKind, Kind
from visits.kinds import MOOT, State
from visits.models import Callback

OF_CALLBACK = {Axis.GROUP: "group", Axis.PERSON: "person", Axis.CLIENT: "client"}
OF_INVITATION = {
    Axis.GROUP: "invitation__group",
    Axis.PERSON: "invitation__engineer",
    Axis.CLIENT: "invitation__client",
}

CALLBACKS = Share(
    key="callbacks",
    name=_("Callbacks done on time"),
    clause="§5.3",
    formula=_(
        "Callbacks that were done at or before the end of their last day, over all whose last day lies in "
        "the period. Those counted with another or no longer needed do not count."
    ),
    rows=lambda: Callback.objects.owed(),
    at="limit_at",
    at_is=At.END_OF_DAY,
    source="callback",
    axes=OF_CALLBACK,
    counted=Q(state=State.DONE, done_at__lte=F("limit_at")),
    target=80,
    beside=("callbacks_moot",),
)
REACHED = Share(
    key="reached",
    name=_("Callbacks that reached the client"),
    clause="§5.3",
    formula=_(
        "Callbacks that are done, over all that somebody has tried and whose last day lies in the period. "
        "Those counted with another or no longer needed do not count."
    ),
    rows=lambda: Callback.objects.owed().attempted(),
    at="limit_at",
    at_is=At.END_OF_DAY,
    source="callback",
    axes=OF_CALLBACK,
    counted=Q(state=State.DONE),
    target=60,
    beside=("callbacks_moot",),
)
CALLBACKS_MOOT = Total(
    key="callbacks_moot",
    name=_("Callbacks taken out"),
    clause="§5.3",
    formula=_("Callbacks counted with another or no longer needed, whose last day lies in the period."),
    rows=lambda: Callback.objects.filter(state__in=MOOT),
    at="limit_at",
    at_is=At.END_OF_DAY,
    source="callback",
    axes=OF_CALLBACK,
    higher_is_better=False,
)
SATISFIED_CLIENTS = Share(
    key="satisfied",
    name=_("Satisfied clients"),
    clause="§4.1.2",
    formula=_(
        "Answers of 4 or 5 to the scale question on overall satisfaction, over all answers to it in "
        "finished questionnaires given in the period. Clients who were asked again after a corrective "
        "action do not count. Of a single person nothing is said below five answers."
    ),
    rows=lambda: Answer.objects.filter(
        sheet__finished_at__isnull=False,
        question__dimension=Dimension.OVERALL,
        question__kind=QuestionKind.SCALE,
        number__isnull=False,
    ).exclude(sheet__invitation__campaign__kind=CampaignKind.AGAIN),
    at="sheet__given_at",
    source="answer",
    axes={axis: f"sheet__{lookup}" for axis, lookup in OF_INVITATION.items()},
    counted=Q(number__gte=SATISFIED),
    target=90,
    least_told=LEAST_TOLD,
)
SATISFACTION = Mean(
    key="satisfaction",
    name=_("Mean satisfaction"),
    clause="§4.1.2",
    formula=_(
        "The mean of the scores (0 to 100) of finished questionnaires given in the period that have one. "
        "Clients who were asked again after a corrective action do not count. Of a single person nothing "
        "is said below five answers."
    ),
    rows=lambda: (
        AnswerSheet.objects.finished()
        .filter(score__isnull=False)
        .exclude(invitation__campaign__kind=CampaignKind.AGAIN)
    ),
    at="given_at",
    source="sheet",
    axes=OF_INVITATION,
    of=F("score"),
    unit=Unit.POINTS,
    target=80,
    least_told=LEAST_TOLD,
)
COMPLAINTS = Share(
    key="complaints",
    name=_("Complaints among the records"),
    clause="§4.3",
    formula=_(
        "Complaints, over all records reported in the period. Merged records and changes do not count."
    ),
    rows=calls,
    at="reported_at",
    source="ticket",
    axes=OF_TICKET,
    counted=Q(kind=Kind.COMPLAINT),
    target=0.5,
    higher_is_better=False,
)
COMPLAINTS_ANSWERED = Share(
    key="complaints_answered",
    name=_("Complaints answered in time"),
    clause="§4.3",
    formula=_(
        "Response clocks of complaints that stopped at or before their deadline, over all whose deadline "
        "lies in the period. Clocks that a merge has set aside do not count."
    ),
    rows=lambda: clocks(ClockKind.RESPONSE).filter(ticket__kind=Kind.COMPLAINT),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=100,
)
CORRECTIVE = Share(
    key="corrective",
    name=_("Corrective actions in time"),
    clause="§4.3",
    formula=_(
        "Corrective actions whose measure was not late and is verified, over all whose measure was to be "
        "carried out by a day of the period that is over. Dropped ones do not count."
    ),
    rows=lambda: CorrectiveAction.objects.exclude(state=CorrectiveState.DROPPED),
    at="due_on",
    at_is=At.LAST_DAY,
    source="corrective",
    axes={Axis.GROUP: "group", Axis.PERSON: "owner", Axis.CLIENT: "client"},
    counted=Q(verified_at__isnull=False, was_late=False),
    target=90,
    beside=("corrective_dropped",),
)
CORRECTIVE_DROPPED = Total(
    key="corrective_dropped",
    name=_("Corrective actions dropped"),
    clause="§4.3",
    formula=_("Corrective actions that were dropped in the period."),
    rows=lambda: CorrectiveAction.objects.filter(state=CorrectiveState.DROPPED),
    at="over_at",
    source="corrective",
    axes={Axis.GROUP: "group", Axis.PERSON: "owner", Axis.CLIENT: "client"},
    higher_is_better=False,
)

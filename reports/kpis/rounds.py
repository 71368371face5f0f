"""KPIs of duty: inspections, what they found, shifts and handovers (§5.1)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from duty.inspecting import Result
from duty.models import DutyRole, EmptyShift, Inspection, InspectionAnswer, Shift
from reports.kpis.definition import Rows, Share, Total
from reports.kpis.records import IN_TIME, OF_ITS_PARTS, clocks
from reports.scope import Axis
from tickets.models import ClockKind, Handover, HandoverTerms, InspectionRecord

OF_SHIFT = {Axis.GROUP: "group", Axis.PERSON: "user"}
MINUTE = timedelta(minutes=1)
USUAL_MINUTES = 15  # to sign a handover in, where the group's terms say nothing

INSPECTIONS = Share(
    key="inspections",
    name=_("Inspections done in their window"),
    clause="§5.1",
    formula=_(
        "Inspections that were finished before or when their window closed, over all whose window closed "
        "in the period."
    ),
    rows=lambda: Inspection.objects.all(),
    at="closes_at",
    source="inspection",
    axes={Axis.GROUP: "group", Axis.PERSON: "person", Axis.CLIENT: "version__sheet__system__client"},
    counted=Q(finished_at__lte=F("closes_at")),
    target=100,
)


def _of_inspections() -> Rows:
    """The resolution clocks of the records that were opened of abnormal items."""
    opened = InspectionRecord.objects.filter(ticket=OuterRef("ticket"))
    return clocks(ClockKind.RESOLUTION).filter(Exists(opened))


DANGERS_CLOSED = Share(
    key="dangers_closed",
    name=_("Hidden dangers of inspections removed in time"),
    clause="§5.1",
    formula=_(
        "Of the records that were opened of abnormal items of inspections: resolution clocks that stopped "
        "at or before their deadline, over all whose deadline lies in the period. Clocks that a new grade "
        "or a merge has set aside do not count."
    ),
    rows=_of_inspections,
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=95,
    beside=("abnormal_without_record",),
)
NO_RECORD = Total(
    key="abnormal_without_record",
    name=_("Abnormal items without a record"),
    clause="§5.1",
    formula=_(
        "Abnormal items of inspections that were finished in the period for which a reason was given "
        "instead of a record."
    ),
    rows=lambda: InspectionAnswer.objects.filter(result=Result.ABNORMAL, recorded_at=None),
    at="inspection__finished_at",
    source="abnormal",
    axes={
        Axis.GROUP: "inspection__group",
        Axis.PERSON: "inspection__finished_by",
        Axis.CLIENT: "inspection__version__sheet__system__client",
    },
    higher_is_better=False,
)


def _turns() -> Rows:
    """Shifts of the first duty with which it passes to somebody else, with when that is to be signed."""
    shifts = Shift.objects.filter(role=DutyRole.PRIMARY)
    before = shifts.filter(group=OuterRef("group"), starts_at__lt=OuterRef("starts_at")).order_by(
        "-starts_at"
    )
    terms = HandoverTerms.objects.filter(group=OuterRef("group"))
    minutes = Coalesce(Subquery(terms.values("sign_within")[:1]), Value(USUAL_MINUTES))
    sign_by = ExpressionWrapper(F("starts_at") + minutes * Value(MINUTE), output_field=DateTimeField())
    return shifts.alias(user_before=Subquery(before.values("user")[:1]), sign_by=sign_by).filter(
        ~Q(user_before=F("user")), user_before__isnull=False
    )


def _signed(by: str) -> Q:
    handovers = Handover.objects.filter(group=OuterRef("group"), changes_at=OuterRef("starts_at"))
    return Q(Exists(handovers.filter(signed_at__lte=OuterRef(by))))


SHIFTS = Share(
    key="shifts",
    name=_("Shifts taken up on time"),
    clause="§5.1",
    formula=_(
        "Of the shifts of the first duty (role primary) before which another person had it last, also "
        "where nobody had it in between: those whose handover was signed no later than the group's terms "
        "allow (15 minutes where they say nothing) after the shift began, over all for which that time "
        "ended in the period. Shifts of the person who had it last do not count."
    ),
    rows=_turns,
    at="sign_by",
    source="shift",
    axes=OF_SHIFT,
    counted=_signed("sign_by"),
    target=100,
    beside=("empty_shifts",),
)
HANDOVERS = Share(
    key="handovers",
    name=_("Handovers signed"),
    clause="§5.1",
    formula=_(
        "Of the shifts of the first duty (role primary) before which another person had it last, also "
        "where nobody had it in between: those whose handover was signed by the end of the shift, over all "
        "that ended in the period."
    ),
    rows=_turns,
    at="ends_at",
    source="shift",
    axes=OF_SHIFT,
    counted=_signed("ends_at"),
    target=100,
)
EMPTY_SHIFTS = Total(
    key="empty_shifts",
    name=_("Shifts that nobody held"),
    clause="§5.1",
    formula=_(
        "Spans for which somebody was planned and absent and nobody stood in, that began in the period."
    ),
    rows=lambda: EmptyShift.objects.all(),
    at="starts_at",
    source="empty_shift",
    axes=OF_SHIFT,
    higher_is_better=False,
)

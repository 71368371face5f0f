"""How much there was: reported, solved, closed, left open by age, and what the rates leave out (§3.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.functions import Cast, Extract
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import At, Stock, Text, Total
from reports.kpis.figure import Unit
from reports.kpis.records import OF_ITS_PARTS, OF_TICKET, calls, open_at
from reports.kpis.shapes import PerHead
from reports.scope import Axis
from tickets.ages import AGES, bounds, reported_between
from tickets.models import Link, LinkKind, Pause, Status, Ticket, TimeSpent

REPORTED = Total(
    key="reported",
    name=_("Records reported"),
    clause="§3.2",
    formula=_("Records that were reported in the period. Merged ones and changes do not count."),
    rows=calls,
    at="reported_at",
    source="ticket",
    axes=OF_TICKET,
    higher_is_better=False,
    is_volume=True,
)
SOLVED_RECORDS = Total(
    key="solved_records",
    name=_("Records solved"),
    clause="§3.2",
    formula=_(
        "Records whose last solution lies in the period; one that was reopened and is not solved again "
        "does not count. Merged ones and changes do not count."
    ),
    rows=calls,
    at="resolved_at",
    source="ticket",
    axes=OF_TICKET,
    is_volume=True,
)
CLOSED = Total(
    key="closed",
    name=_("Records closed"),
    clause="§3.2",
    formula=_("Records that the client confirmed in the period and that are closed. Changes do not count."),
    rows=calls,
    at="closed_at",
    source="ticket",
    axes=OF_TICKET,
    is_volume=True,
)


def _of_age(age: str) -> Callable[..., Q]:
    days = [day for day in AGES[age] if day is not None]

    def standing(instant: datetime, *before: datetime) -> Q:
        ends = dict(zip(days, before, strict=True)) if before else bounds(instant)
        return open_at(instant) & Q(**reported_between(age, ends))

    return standing


def _open(key: str, name: Text, formula: Text, age: str) -> Stock:
    return Stock(
        key=key,
        name=name,
        clause="§3.2",
        formula=formula,
        rows=Ticket.objects.all,
        at="reported_at",
        source="ticket",
        axes=OF_TICKET,
        standing=_of_age(age),
        ends="closed_at",
        ages=tuple(timedelta(days=days) for days in AGES[age] if days is not None),
        higher_is_better=False,
    )


OPEN_3 = _open(
    "open_0_3",
    _("Open for up to 3 days"),
    _(
        "Of the open records, those reported at most 3 times 24 hours before the end of the period, or "
        "before now."
    ),
    "0-3",
)
OPEN_7 = _open(
    "open_4_7",
    _("Open for 4 to 7 days"),
    _(
        "Of the open records, those reported more than 3 and at most 7 times 24 hours before the end of "
        "the period, or before now."
    ),
    "4-7",
)
OPEN_30 = _open(
    "open_8_30",
    _("Open for 8 to 30 days"),
    _(
        "Of the open records, those reported more than 7 and at most 30 times 24 hours before the end of "
        "the period, or before now."
    ),
    "8-30",
)
OPEN_LONGER = _open(
    "open_over_30",
    _("Open for more than 30 days"),
    _(
        "Of the open records, those reported more than 30 times 24 hours before the end of the period, or "
        "before now."
    ),
    "30+",
)
WAITING = Stock(
    key="waiting",
    name=_("Records that wait"),
    clause="§5.4",
    formula=_(
        "Pauses that began before the end of the period and had not ended before it; for a period that has "
        "not ended, now stands for its end. While a record waits its limits stand still. Those of merged "
        "records do not count."
    ),
    rows=lambda: Pause.objects.exclude(ticket__status=Status.MERGED),
    at="started_at",
    source="pause",
    axes=OF_ITS_PARTS,
    standing=lambda instant: Q(started_at__lt=instant) & (Q(ended_at=None) | Q(ended_at__gte=instant)),
    ends="ended_at",
    higher_is_better=False,
)
PAUSED_HOURS = Total(
    key="paused_hours",
    name=_("Hours that records waited"),
    clause="§5.4",
    formula=_(
        "The hours from beginning to end of all pauses that ended in the period, by the wall clock. Those "
        "of merged records do not count."
    ),
    rows=lambda: Pause.objects.exclude(ticket__status=Status.MERGED),
    at="ended_at",
    source="pause",
    axes=OF_ITS_PARTS,
    of=ExpressionWrapper(
        Cast(Extract(F("ended_at") - F("started_at"), "epoch"), FloatField()) / Value(3600.0),
        output_field=FloatField(),
    ),
    unit=Unit.HOURS,
    higher_is_better=False,
)
MERGED = Total(
    key="merged",
    name=_("Records merged into others"),
    clause="§3.2",
    formula=_("Records that were merged into another one in the period, and still are."),
    rows=lambda: Link.objects.filter(kind=LinkKind.DUPLICATE),
    at="at",
    source="merge",
    axes={axis: f"record__{lookup}" for axis, lookup in OF_TICKET.items()},
    higher_is_better=False,
)
WORK_HOURS = Total(
    key="work_hours",
    name=_("Working hours logged"),
    clause="§5.2",
    formula=_(
        "The minutes spent on records on the days of the period, corrections included, divided by 60. Of a "
        "group or a client: on its records, whoever spent them."
    ),
    rows=TimeSpent.objects.all,
    at="on",
    at_is=At.DAY,
    source="time",
    axes={Axis.GROUP: "ticket__group", Axis.PERSON: "person", Axis.CLIENT: "ticket__client"},
    of=ExpressionWrapper(F("minutes") / Value(60.0), output_field=FloatField()),
    unit=Unit.HOURS,
    is_volume=True,
)
PER_ENGINEER = PerHead(
    key="per_engineer",
    name=_("Records for each engineer"),
    clause="§5.2",
    formula=_(
        "Records whose last solution lies in the period, over the number of different people who own them. "
        "Merged ones, changes and records without an owner do not count. Never alone a ranking."
    ),
    rows=lambda: calls().filter(owner__isnull=False),
    at="resolved_at",
    source="ticket",
    axes=OF_TICKET,
    head="owner",
    is_volume=True,
)

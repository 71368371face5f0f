"""KPIs of the hotline: calls answered, and calls recorded (§3.2). Its numbers are filed day by day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import (
    Count,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone_name
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from reports.kpis.definition import At, Rows
from reports.kpis.shapes import Weighted
from reports.models import PhoneDay
from reports.scope import Axis
from tickets.models import Entry, EntryKind, Kind, Ticket

OF_DAY = {Axis.GROUP: "group"}


def _midnight(days_later: int) -> Expression:
    """The first instant, in the house's time zone, of the day of the outer row, or of a later one."""
    local = ExpressionWrapper(
        OuterRef("day") + Value(timedelta(days=days_later)), output_field=DateTimeField()
    )
    return Func(Value(get_default_timezone_name()), local, function="timezone", output_field=DateTimeField())


def _number(rows: QuerySet, group: str) -> Expression:
    """How many rows there are, for a sum with others."""
    found = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), Value(0))


def _days() -> Rows:
    """The days, each with how many calls of it were recorded: as a record, or with one that there was."""
    span = {"gte": _midnight(0), "lt": _midnight(1)}
    records = Ticket.objects.filter(
        group=OuterRef("group"),
        channel=Channel.PHONE,
        **{f"reported_at__{bound}": instant for bound, instant in span.items()},
    ).exclude(kind=Kind.CHANGE)
    again = Entry.objects.filter(
        ticket__group=OuterRef("group"),
        kind=EntryKind.REPEAT_CONTACT,
        changes__channel__1=Channel.PHONE.value,
        **{f"at__{bound}": instant for bound, instant in span.items()},
    )
    return PhoneDay.objects.annotate(recorded=_number(records, "group") + _number(again, "ticket__group"))


ANSWERED = Weighted(
    key="answered",
    name=_("Calls answered"),
    clause="§3.1",
    formula=_(
        "Calls that somebody answered, over all calls that came in, by the numbers of the telephone "
        "exchange filed for the days of the period. Days without numbers do not count."
    ),
    rows=PhoneDay.objects.all,
    at="day",
    at_is=At.DAY,
    source="phone",
    axes=OF_DAY,
    of=F("answered"),
    whole=F("offered"),
    target=90,
)
RECORDED = Weighted(
    key="recorded",
    name=_("Calls recorded"),
    clause="§5.1",
    formula=_(
        "Records of the group that were reported by phone (merged ones among them, changes not), and "
        "further calls by phone about its records, on days for which the numbers of the telephone exchange "
        "are filed; over the calls that somebody answered on these days of the period. More than 100 % "
        "means that calls were recorded which did not pass the exchange."
    ),
    rows=_days,
    at="day",
    at_is=At.DAY,
    source="phone",
    axes=OF_DAY,
    of=F("recorded"),
    whole=F("answered"),
    target=95,
)

"""What a weekly report counts, from the engineer's own rows; and those rows as somebody may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import reduce
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from duty.models import Inspection
from meetings.models import WeeklyReport
from meetings.reporting import BAD, DAY, Figure, Span
from staff.models import User
from tickets.models import Dispatch, Entry, Ticket, TimeSpent
from visits.models import Callback

# Of a figure's rows so many are shown; nobody does more in a week.
MOST_ROWS = 500

Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a page shows it: `n` rows, or minutes where it is the time spent."""

    figure: Figure
    n: int
    is_bad: bool

    @property
    def is_time(self) -> bool:
        return self.figure == Figure.TIME


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure: what it is called, where it is read, since when, and how it stands."""

    number: str
    title: str
    url: str
    at: datetime | date | None
    note: str = ""
    minutes: int | None = None


def gather(person: int, span: Span, *, tz: tzinfo, now: datetime) -> Figures:
    """Count what a person has done in a span and what he still owes now, in one query."""
    since, until = span.bounds(tz)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    parts = [
        rows.order_by()
        .annotate(figure=Value(str(figure), CharField()), amount=amount)
        .values_list("pk", "figure", "amount")
        for figure, rows, amount in _sources(person, span, since, until, now)
    ]
    for pk, figure, amount in reduce(lambda one, other: one.union(other, all=True), parts):
        found[figure].append((pk, amount))
    return {
        figure.value: {
            "n": sum(amount for _pk, amount in found[figure])
            if figure == Figure.TIME
            else len(found[figure]),
            "rows": sorted(pk for pk, _amount in found[figure]),
        }
        for figure in Figure
    }


def figures_of(report: WeeklyReport, *, tz: tzinfo, now: datetime) -> Figures:
    """Those that were submitted, or as they are now."""
    return report.figures or gather(report.person_id, report.span, tz=tz, now=now)


def shown(figures: Mapping[str, Mapping[str, Any]]) -> list[Shown]:
    """All figures in their order; those that a newer version counts are not asked of an older report."""
    return [
        Shown(figure, figures[figure]["n"], figure in BAD and figures[figure]["n"] > 0)
        for figure in Figure
        if figure in figures
    ]


def rows_of(figure: Figure, pks: Sequence[int], viewer: User) -> list[Row]:
    """The rows behind a figure, as far as the viewer may see them, newest first."""
    wanted = list(pks)[-MOST_ROWS:]
    match figure:
        case Figure.DISPATCHES:
            orders = Dispatch.objects.visible_to(viewer).filter(pk__in=wanted)
            return [_dispatch(one) for one in orders.select_related("ticket__client").order_by("-pk")]
        case Figure.INSPECTIONS | Figure.MISSED:
            seen = Inspection.objects.visible_to(viewer).filter(pk__in=wanted)
            return [_inspection(one) for one in seen.select_related("version__sheet").order_by("-day", "-pk")]
        case Figure.CALLBACKS | Figure.CALLBACKS_LATE:
            calls = Callback.objects.visible_to(viewer).filter(pk__in=wanted)
            return [_callback(one) for one in calls.select_related("client").order_by("-due_at", "-pk")]
        case Figure.TIME:
            spent = TimeSpent.objects.visible_to(viewer).filter(pk__in=wanted)
            return [_time(one) for one in spent.select_related("ticket").order_by("-on", "-pk")]
    tickets = Ticket.objects.visible_to(viewer).filter(pk__in=wanted).without_texts()
    return [_ticket(one) for one in tickets.select_related("client").order_by("-pk")]


def _sources(person: int, span: Span, since: datetime, until: datetime, now: datetime) -> list[tuple]:
    one = Value(1, IntegerField())
    own = Ticket.objects.filter(owner=person)
    unsolved = own.open().filter(resolved_at=None)
    touched = Entry.objects.filter(by=person, at__gte=since, at__lt=until).values("ticket")
    ended = Coalesce("resolved_at", "closed_at")
    there = Coalesce("arrived_at", "departed_at", "ordered_at")
    sent = Dispatch.objects.filter(engineer=person, called_off_at=None).alias(there=there)
    made = Callback.objects.filter(done_by=person, done_at__gte=since, done_at__lt=until)
    time = TimeSpent.objects.filter(person=person).between(span.first, span.last + DAY)
    checked = Inspection.objects.filter(finished_by=person, finished_at__gte=since, finished_at__lt=until)
    missed = Inspection.objects.filter(person=person, missed_at__gte=since, missed_at__lt=until)
    return [
        (
            Figure.OWNED,
            own.alias(ended=ended).filter(Q(ended=None) | Q(ended__gte=since), logged_at__lt=until),
            one,
        ),
        (Figure.WORKED_ON, Ticket.objects.filter(pk__in=touched), one),
        (Figure.SOLVED, own.filter(resolved_at__gte=since, resolved_at__lt=until), one),
        (Figure.OPEN, unsolved, one),
        (Figure.OVERDUE, unsolved.overdue(now), one),
        (Figure.DISPATCHES, sent.filter(there__gte=since, there__lt=until), one),
        (Figure.INSPECTIONS, checked, one),
        (Figure.MISSED, missed, one),
        (Figure.CALLBACKS, made, one),
        (Figure.CALLBACKS_LATE, Callback.objects.overdue(now).filter(person=person), one),
        (Figure.TIME, time, F("minutes")),
    ]


def _ticket(ticket: Ticket) -> Row:
    url = reverse("tickets:detail", args=[ticket.pk])
    note = f"{ticket.client.label} · {ticket.get_status_display()}"
    return Row(ticket.number, ticket.title, url, ticket.resolved_at or ticket.reported_at, note)


def _dispatch(order: Dispatch) -> Row:
    url = reverse("tickets:detail", args=[order.ticket_id])
    at = order.arrived_at or order.departed_at or order.ordered_at
    return Row(order.ticket.number, order.ticket.client.label, url, at, order.get_outcome_display())


def _inspection(one: Inspection) -> Row:
    url = reverse("duty:inspection", args=[one.pk])
    return Row("", one.sheet.label, url, one.finished_at or one.day)


def _callback(one: Callback) -> Row:
    url = reverse("visits:callback", args=[one.pk])
    return Row(one.number, one.client.label, url, one.done_at or one.due_at, one.get_state_display())


def _time(spent: TimeSpent) -> Row:
    url = reverse("tickets:detail", args=[spent.ticket_id])
    return Row(spent.ticket.number, spent.ticket.title, url, spent.on, minutes=spent.minutes)

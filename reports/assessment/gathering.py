"""What an assessment is made of: the figures of a month, and the rows that a rule finds in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import get_default_timezone

from duty.models import CalendarDay, DayKind, Inspection
from reports.assessment.kinds import Source, Thing
from reports.assessment.scoring import Reading
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.figure import Figure
from reports.periods import Period
from reports.scope import Scope
from staff.models import Group, User
from surveys.models import ComplaintRuling, Verdict
from tickets.accountability import OverrunCause
from tickets.grading import Grade
from tickets.models import Overrun, Status, Ticket
from tickets.models.inspection import InspectionRecord
from tickets.models.link import Link
from tickets.models.policy import LIMITED_BY_GRADE
from tickets.models.ticket import Kind

HOLIDAYS = (DayKind.STATUTORY, DayKind.DAY_IN_LIEU)
EXACT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Found:
    """A row that a rule found. `key` names it, so that it counts once."""

    source: Source
    thing: Thing
    thing_id: int
    label: str

    @property
    def key(self) -> str:
        return f"{self.source}:{self.thing_id}"


def known_kpis() -> Mapping[str, bool]:
    """Return of each KPI whether more is better: what a scheme may name."""
    return {key: kpi.higher_is_better for key, kpi in KPIS.items()}


def scope_of(group: Group, person: User | None) -> Scope:
    return Scope(person=person.pk) if person else Scope(group=group.pk)


def readings(
    keys: Iterable[str], scope: Scope, months: Sequence[Period], *, now: datetime
) -> Mapping[Period, Mapping[str, Reading]]:
    """Return what each KPI came to in each month, as far as it is measured of such a subject."""
    kpis = [KPIS[key] for key in keys if key in KPIS]
    found = figures(kpis, scope, months, now=now)
    return {
        month: {key: _reading(figure) for (key, period), figure in found.items() if period == month}
        for month in months
    }


def found(group: Group, person: User | None, month: Period) -> list[Found]:
    """Return the rows of a month that are a bonus or a penalty, of a person or of the whole group."""
    start, end = month.span(get_default_timezone())
    rules = (_overruns, _inspections, _complaints, _holiday_faults, _dangers)
    return [one for rule in rules for one in rule(group, person, start, end)]


def _reading(figure: Figure) -> Reading:
    if figure.value is None:
        return Reading(None, figure.denominator)
    return Reading(Decimal(str(figure.value)).quantize(EXACT), figure.denominator)


def _overruns(group: Group, person: User | None, start: datetime, end: datetime) -> Iterator[Found]:
    """Those whose limit ended in the month, ruled an own cause and not excused (§3.2)."""
    rows = Overrun.objects.standing().filter(
        _of(group, person), due_at__gte=start, due_at__lt=end, cause=OverrunCause.OWN, is_excused=False
    )
    for case in rows.select_related("ticket").order_by("pk"):
        label = f"{case.ticket.number} · {case.kind_label}"
        yield Found(Source.OVERRUN, Thing.OVERRUN, case.pk, label)


def _inspections(group: Group, person: User | None, start: datetime, end: datetime) -> Iterator[Found]:
    """Those due in the month that nobody did, not even late (§5.1)."""
    rows = Inspection.objects.filter(
        _of(group, person), due_at__gte=start, due_at__lt=end, missed_at__isnull=False, finished_at=None
    )
    for one in rows.select_related("version__sheet").order_by("due_at", "pk"):
        label = f"{one.day:%Y-%m-%d} · {one.sheet}"
        yield Found(Source.INSPECTION, Thing.INSPECTION, one.pk, label)


def _complaints(group: Group, person: User | None, start: datetime, end: datetime) -> Iterator[Found]:
    """Those ruled founded in the month. Of a person: about a record of his, which the complaint is tied to.

    Whoever merely takes a complaint up is not to blame for it; where none is tied, the supervisor says who.
    """
    rows = ComplaintRuling.objects.filter(verdict=Verdict.FOUNDED, at__gte=start, at__lt=end)
    rows = rows.exclude(ticket__status=Status.MERGED)
    if person is None:
        rows = rows.filter(ticket__group=group)
    else:
        complaint = OuterRef("ticket")
        tied = Link.objects.filter(
            Q(record=complaint, other__owner=person) & ~Q(other__kind=Kind.COMPLAINT)
            | Q(other=complaint, record__owner=person) & ~Q(record__kind=Kind.COMPLAINT)
        )
        rows = rows.filter(Exists(tied))
    for ruling in rows.select_related("ticket").order_by("pk"):
        yield Found(Source.COMPLAINT, Thing.RECORD, ruling.ticket_id, _title(ruling.ticket))


def _holiday_faults(group: Group, person: User | None, start: datetime, end: datetime) -> Iterator[Found]:
    """Grade-1 faults reported on a day of a holiday and solved in the month, with every limit kept."""
    late = Overrun.objects.standing().filter(ticket=OuterRef("pk"), kind__in=LIMITED_BY_GRADE)
    holiday = CalendarDay.objects.filter(kind__in=HOLIDAYS, date=OuterRef("reported_on"))
    who = Q(owner=person) if person else Q(group=group)
    rows = Ticket.objects.filter(
        who, kind=Kind.FAULT, grade=Grade.ONE, resolved_at__gte=start, resolved_at__lt=end
    ).exclude(status=Status.MERGED)
    rows = rows.annotate(reported_on=TruncDate("reported_at", tzinfo=get_default_timezone()))
    for ticket in rows.filter(Exists(holiday), ~Exists(late)).order_by("pk"):
        yield Found(Source.HOLIDAY, Thing.RECORD, ticket.pk, _title(ticket))


def _dangers(group: Group, person: User | None, start: datetime, end: datetime) -> Iterator[Found]:
    """Records that inspections opened of what they found: nobody had called. One merged was known before."""
    who = Q(answer__answered_by=person) if person else Q(answer__inspection__group=group)
    rows = InspectionRecord.objects.filter(who, answer__recorded_at__gte=start, answer__recorded_at__lt=end)
    seen = set()
    for row in rows.exclude(ticket__status=Status.MERGED).select_related("ticket").order_by("ticket", "pk"):
        if row.ticket_id not in seen:
            seen.add(row.ticket_id)
            yield Found(Source.DANGER, Thing.RECORD, row.ticket_id, _title(row.ticket))


def _of(group: Group, person: User | None) -> Q:
    return Q(person=person) if person else Q(group=group)


def _title(ticket: Ticket) -> str:
    return f"{ticket.number} {ticket.title}"[:120]

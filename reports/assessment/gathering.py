"""What an assessment is made of: the figures of a month, and the rows that a rule finds in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import get_default_timezone

from duty.models import CalendarDay, DayKind, Inspection
from reports.assessment.kinds import Source, Thing
from reports.assessment.scoring import Reading
from reports.figures import figures, figures_of_people
from reports.kpis import KPIS
from reports.kpis.counting import Figures
from reports.kpis.figure import Figure
from reports.periods import Period
from reports.scope import Scope
from staff.bilingual import in_both_languages
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
LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A row that a rule found. `key` names it, so that it counts once. `label_en` is empty where it is as
    the Chinese one.
    """

    source: Source
    thing: Thing
    thing_id: int
    label: str
    label_en: str = ""

    @property
    def key(self) -> str:
        return f"{self.source}:{self.thing_id}"


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom rows are asked for: of people, of a group itself, or of both at once."""

    group: Group | None
    people: Sequence[User]

    def rows(self, person: str, group: str) -> Q:
        """The condition that a row is theirs, by its two lookups."""
        of_people = Q(**{f"{person}__in": self.people})
        return of_people if self.group is None else Q(**{group: self.group}) | of_people


# A row as a rule finds it: when it falls into a month, the people whose it is, and its group.
Hit = tuple[datetime, Iterable[int | None], int, Found]
Subject = tuple[int | None, Period]  # the id of a person, None of the group itself; and a month


def known_kpis() -> Mapping[str, bool]:
    """Return of each KPI whether more is better: what a scheme may name."""
    return {key: kpi.higher_is_better for key, kpi in KPIS.items()}


def scope_of(group: Group, person: User | None) -> Scope:
    return Scope(person=person.pk) if person else Scope(group=group.pk)


def readings(
    keys: Iterable[str], scope: Scope, months: Sequence[Period], *, now: datetime
) -> Mapping[Period, Mapping[str, Reading]]:
    """Return what each KPI came to in each month, as far as it is measured of such a subject."""
    return _read(figures([KPIS[key] for key in keys if key in KPIS], scope, months, now=now), months)


def readings_of_people(
    keys: Iterable[str], people: Sequence[User], months: Sequence[Period], *, now: datetime
) -> Mapping[int, Mapping[Period, Mapping[str, Reading]]]:
    """Return by person (id) what `readings` says of each, asked for at once."""
    kpis = [KPIS[key] for key in keys if key in KPIS]
    found = figures_of_people(kpis, [person.pk for person in people], months, now=now)
    return {person: _read(each, months) for person, each in found.items()}


def _read(found: Figures, months: Sequence[Period]) -> Mapping[Period, Mapping[str, Reading]]:
    return {
        month: {key: _reading(figure) for (key, period), figure in found.items() if period == month}
        for month in months
    }


def found(group: Group, person: User | None, month: Period) -> list[Found]:
    """Return the rows of a month that are a bonus or a penalty, of a person or of the whole group."""
    whose = Whose(None, [person]) if person else Whose(group, [])
    return found_of(whose, [month])[person.pk if person else None, month]


def found_of(whose: Whose, months: Sequence[Period]) -> Mapping[Subject, list[Found]]:
    """Return the rows of each subject and month. As many queries for a year of a group as for one month of
    one person.
    """
    tz = get_default_timezone()
    spans = {month: month.span(tz) for month in months}
    subjects: set[int | None] = {person.pk for person in whose.people}
    if whose.group is not None:
        subjects.add(None)
    lists: dict[Subject, dict[str, Found]] = {(who, month): {} for who in subjects for month in months}
    start, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    rules: Sequence[Callable[[Whose, datetime, datetime], Iterator[Hit]]]
    rules = (_overruns, _inspections, _complaints, _holiday_faults, _dangers)
    for rule in rules:
        for at, people, group_id, one in rule(whose, start, end):
            month = next((month for month, (first, last) in spans.items() if first <= at < last), None)
            if month is None:
                continue
            owners: set[int | None] = {pk for pk in people if pk is not None and pk in subjects}
            if whose.group is not None and group_id == whose.group.pk:
                owners.add(None)
            for who in owners:
                lists[who, month].setdefault(one.key, one)
    return {subject: list(rows.values()) for subject, rows in lists.items()}


def _reading(figure: Figure) -> Reading:
    if figure.value is None:
        return Reading(None, figure.denominator)
    return Reading(Decimal(str(figure.value)).quantize(EXACT), figure.denominator)


def _overruns(whose: Whose, start: datetime, end: datetime) -> Iterator[Hit]:
    """Those whose limit ended in the month, ruled an own cause and not excused (§3.2)."""
    rows = Overrun.objects.standing().filter(
        whose.rows("person", "group"),
        due_at__gte=start,
        due_at__lt=end,
        cause=OverrunCause.OWN,
        is_excused=False,
    )
    for case in rows.select_related("ticket").order_by("pk"):
        chinese, english = _in_both(lambda case=case: f"{case.ticket.number} · {case.kind_label}")  # type: ignore[misc]
        one = Found(Source.OVERRUN, Thing.OVERRUN, case.pk, chinese, english)
        yield case.due_at, [case.person_id], case.group_id, one


def _inspections(whose: Whose, start: datetime, end: datetime) -> Iterator[Hit]:
    """Those due in the month that nobody did, not even late (§5.1)."""
    rows = Inspection.objects.filter(
        whose.rows("person", "group"),
        due_at__gte=start,
        due_at__lt=end,
        missed_at__isnull=False,
        finished_at=None,
    )
    for done in rows.select_related("version__sheet").order_by("due_at", "pk"):
        chinese, english = _in_both(lambda done=done: f"{done.day:%Y-%m-%d} · {done.sheet}")  # type: ignore[misc]
        one = Found(Source.INSPECTION, Thing.INSPECTION, done.pk, chinese, english)
        yield done.due_at, [done.person_id], done.group_id, one


def _complaints(whose: Whose, start: datetime, end: datetime) -> Iterator[Hit]:
    """Those ruled founded in the month. Of a person: about a record of his, which the complaint is tied to.

    Whoever merely takes a complaint up is not to blame for it; where none is tied, the supervisor says who.
    """
    rulings = ComplaintRuling.objects.filter(verdict=Verdict.FOUNDED, at__gte=start, at__lt=end)
    rulings = rulings.exclude(ticket__status=Status.MERGED)
    complaint = OuterRef("ticket")
    is_theirs = Q()
    if whose.people:
        tied = Link.objects.filter(
            Q(record=complaint, other__owner__in=whose.people) & ~Q(other__kind=Kind.COMPLAINT)
            | Q(other=complaint, record__owner__in=whose.people) & ~Q(record__kind=Kind.COMPLAINT)
        )
        is_theirs |= Q(Exists(tied))
    if whose.group is not None:
        is_theirs |= Q(ticket__group=whose.group)
    rows = list(rulings.filter(is_theirs).select_related("ticket").order_by("pk"))
    owners = _owners_tied([row.ticket_id for row in rows]) if whose.people and rows else {}
    for row in rows:
        one = Found(Source.COMPLAINT, Thing.RECORD, row.ticket_id, _title(row.ticket))
        yield row.at, owners.get(row.ticket_id, ()), row.ticket.group_id, one


def _owners_tied(complaints: Sequence[int]) -> Mapping[int, set[int | None]]:
    """Return by complaint who owns the records, but for other complaints, that it is tied to."""
    owners: dict[int, set[int | None]] = {pk: set() for pk in complaints}
    links = Link.objects.filter(Q(record__in=complaints) | Q(other__in=complaints))
    for link in links.select_related("record", "other"):
        for complaint, record in ((link.record, link.other), (link.other, link.record)):
            if complaint.pk in owners and record.kind != Kind.COMPLAINT:
                owners[complaint.pk].add(record.owner_id)
    return owners


def _holiday_faults(whose: Whose, start: datetime, end: datetime) -> Iterator[Hit]:
    """Grade-1 faults reported on a day of a holiday and solved in the month, with every limit kept."""
    late = Overrun.objects.standing().filter(ticket=OuterRef("pk"), kind__in=LIMITED_BY_GRADE)
    holiday = CalendarDay.objects.filter(kind__in=HOLIDAYS, date=OuterRef("reported_on"))
    rows = Ticket.objects.filter(
        whose.rows("owner", "group"),
        kind=Kind.FAULT,
        grade=Grade.ONE,
        resolved_at__gte=start,
        resolved_at__lt=end,
    ).exclude(status=Status.MERGED)
    rows = rows.annotate(reported_on=TruncDate("reported_at", tzinfo=get_default_timezone()))
    for ticket in rows.filter(Exists(holiday), ~Exists(late)).order_by("pk"):
        assert ticket.resolved_at is not None
        one = Found(Source.HOLIDAY, Thing.RECORD, ticket.pk, _title(ticket))
        yield ticket.resolved_at, [ticket.owner_id], ticket.group_id, one


def _dangers(whose: Whose, start: datetime, end: datetime) -> Iterator[Hit]:
    """Records that inspections opened of what they found: nobody had called. One merged was known before."""
    rows = InspectionRecord.objects.filter(
        whose.rows("answer__answered_by", "answer__inspection__group"),
        answer__recorded_at__gte=start,
        answer__recorded_at__lt=end,
    ).exclude(ticket__status=Status.MERGED)
    for row in rows.select_related("ticket", "answer__inspection").order_by("ticket", "pk"):
        answer = row.answer
        assert answer.recorded_at is not None
        one = Found(Source.DANGER, Thing.RECORD, row.ticket_id, _title(row.ticket))
        yield answer.recorded_at, [answer.answered_by_id], answer.inspection.group_id, one


def _in_both(said: Callable[[], str]) -> tuple[str, str]:
    """A label in Chinese and in English, whoever counts, each as long as it may be."""
    chinese, english = in_both_languages(said)
    return chinese[:LONGEST_LABEL], english[:LONGEST_LABEL]


def _title(ticket: Ticket) -> str:
    return f"{ticket.number} {ticket.title}"[:LONGEST_LABEL]

"""Reads from a record what its documents need, in the language that is active."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Channel
from tickets.documents import happenings
from tickets.documents.facts import (
    Case,
    Decision,
    Facts,
    Limit,
    Meeting,
    ReportUp,
    Session,
    Visit,
    Worker,
)
from tickets.grading import CLAUSES, Grade
from tickets.models import (
    Acknowledgement,
    Clock,
    ClockKind,
    CoordinationMeeting,
    Dispatch,
    Entry,
    Escalation,
    Hotline,
    Overrun,
    RemoteSession,
    Ticket,
    TimeSpent,
    Verdict,
)
from tickets.plain import PROMISED

CLOCKS = (
    ClockKind.RESPONSE,
    ClockKind.DIAGNOSIS,
    ClockKind.VERDICT,
    ClockKind.ARRIVAL,
    ClockKind.RESOLUTION,
)
NAMES = ("client", "system", "contact", "group", "owner", "taken_by")


def gather(ticket: Ticket, *, now: datetime) -> Facts:
    """Return what a graded record says at `now`. A fixed number of queries, however long its history."""
    record = Ticket.objects.select_related(*NAMES).get(pk=ticket.pk)
    grade = Grade(record.grade)  # type: ignore[arg-type]
    entries = Entry.objects.filter(ticket=record).exclude(kind__in=happenings.UNTOLD).select_related("by")
    visits = list(Dispatch.objects.filter(ticket=record).select_related("engineer"))
    sessions = list(
        RemoteSession.objects.filter(authorisation__ticket=record).select_related("operator", "authorisation")
    )
    hotline = Hotline.objects.filter(group=record.group_id).first()
    return Facts(
        now=timezone.localtime(now),
        zone=timezone.get_current_timezone_name(),
        number=record.number,
        title=record.title,
        details=record.details,
        client=record.client.label,
        system=record.system.label if record.system else "",
        caller=record.caller_name,
        group=record.group.label,
        owner=record.owner.label if record.owner else "",
        hotline=hotline.number if hotline else "",
        grade=str(grade.label),
        clause=str(CLAUSES[grade]),
        grade_reason=record.grade_reason if record.grade_reason != str(CLAUSES[grade]) else "",
        status=record.get_status_display(),
        reported_at=timezone.localtime(record.reported_at),
        logged_at=timezone.localtime(record.logged_at),
        acknowledged_at=local(record.acknowledged_at),
        diagnosed_at=local(record.diagnosed_at),
        resolved_at=local(record.resolved_at),
        closed_at=local(record.closed_at),
        reopened=record.reopened_count,
        cause=record.get_cause_display() if record.cause else "",
        diagnosis=record.diagnosis,
        solution=record.solution,
        confirmed_by=record.confirmed_by,
        confirmed_how=str(Channel(record.confirmed_channel).label) if record.confirmed_channel else "",
        files=tuple(record.attachments.present().values_list("name", flat=True)),
        happenings=happenings.of(entries.order_by("at", "pk")),
        limits=_limits(record, now),
        report_ups=_report_ups(record),
        visits=tuple(map(_visit, visits)),
        meetings=_meetings(record),
        sessions=tuple(map(_session, sessions)),
        cases=_cases(record, now),
        workers=_workers(record, visits, sessions),
    )


def local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None


def _limits(record: Ticket, now: datetime) -> tuple[Limit, ...]:
    """The clocks of the process with all their cycles, in its order; what a regrade replaced is history."""
    clocks = Clock.objects.current().filter(ticket=record, kind__in=CLOCKS)
    return tuple(
        Limit(
            name=clock.kind_label if clock.cycle == 1 else f"{clock.kind_label} #{clock.cycle}",
            limit=clock.limit,
            round_the_clock=clock.round_the_clock,
            started_at=timezone.localtime(clock.started_at),
            due_at=local(clock.due_at),
            stopped_at=local(clock.stopped_at),
            state=clock.state(now),
            is_promised=clock.kind in PROMISED,
        )
        for clock in sorted(clocks, key=lambda clock: (CLOCKS.index(ClockKind(clock.kind)), clock.pk))
    )


def _report_ups(record: Ticket) -> tuple[ReportUp, ...]:
    acknowledged = Acknowledgement.objects.select_related("by")
    fired = Escalation.objects.filter(ticket=record).fired().select_related("clock", "rule__person")
    fired = fired.prefetch_related("told", Prefetch("acknowledgements", acknowledged))
    return tuple(
        ReportUp(
            at=timezone.localtime(step.fired_at),
            clock=step.clock.kind_label,
            target=step.rule.person.label if step.rule.person else step.get_target_display(),
            told=tuple(person.label for person in step.told.all()),
            acknowledged=tuple(each.by.label for each in step.acknowledgements.all()),
        )
        for step in fired.order_by("fired_at", "pk")
    )


def _visit(order: Dispatch) -> Visit:
    return Visit(
        engineer=order.engineer.label,
        ordered_at=timezone.localtime(order.ordered_at),
        departed_at=local(order.departed_at),
        arrived_at=local(order.arrived_at),
        left_at=local(order.left_at),
        called_off_at=local(order.called_off_at),
        outcome=order.get_outcome_display() if order.outcome else "",
        reason=order.reason,
        signed_by=order.signed_by,
    )


def _meetings(record: Ticket) -> tuple[Meeting, ...]:
    verdicts = Verdict.objects.select_related("by")
    rows = CoordinationMeeting.objects.filter(ticket=record)
    return tuple(
        Meeting(
            convened_at=timezone.localtime(meeting.convened_at),
            reason=meeting.reason,
            invited=tuple(person.label for person in meeting.invited.all()),
            decisions=tuple(
                Decision(timezone.localtime(each.at), each.get_outcome_display(), each.reason, each.by.label)
                for each in meeting.verdicts.all()
            ),
            is_open=meeting.is_open,
        )
        for meeting in rows.prefetch_related("invited", Prefetch("verdicts", verdicts))
    )


def _session(session: RemoteSession) -> Session:
    return Session(
        operator=session.operator.label,
        allowed_by=session.authorisation.given_by,
        started_at=timezone.localtime(session.started_at),
        ended_at=local(session.ended_at),
        summary=session.summary,
    )


def _cases(record: Ticket, now: datetime) -> tuple[Case, ...]:
    rows = Overrun.objects.filter(ticket=record).standing().select_related("clock", "person")
    return tuple(
        Case(
            clock=row.kind_label,
            due_at=timezone.localtime(row.due_at),
            late=row.late_by(now),
            person=row.person.label if row.person else "",
            state=row.get_state_display(),
            explanation=row.explanation,
            cause=row.get_cause_display() if row.cause else "",
            is_excused=row.is_excused,
            ruling=row.decision or row.ruling,
        )
        for row in rows.order_by("due_at", "pk")
    )


def _workers(
    record: Ticket, visits: Iterable[Dispatch], sessions: Iterable[RemoteSession]
) -> tuple[Worker, ...]:
    """Who did what on it: the parts that he had, and the minutes that he wrote down."""
    names: dict[int, str] = {}
    parts: defaultdict[int, dict[str, bool]] = defaultdict(dict)  # each part once, in order; for the client?
    for person, part, for_client in [
        *(((record.taken_by, _("took the call"), True),) if record.taken_by else ()),
        *(((record.owner, _("owner"), True),) if record.owner else ()),
        *((visit.engineer, _("on site"), True) for visit in visits if visit.arrived_at),
        *((session.operator, _("remotely"), True) for session in sessions),
    ]:
        names[person.pk] = person.label
        parts[person.pk][part] = for_client
    minutes: Counter[int] = Counter()
    for spent in TimeSpent.objects.filter(ticket=record).select_related("person"):
        names.setdefault(spent.person_id, spent.person.label)
        parts[spent.person_id].setdefault(_("worked on it"), False)
        minutes[spent.person_id] += spent.minutes
    return tuple(
        Worker(name, tuple(parts[pk]), minutes[pk], for_client=any(parts[pk].values()))
        for pk, name in names.items()
    )

"""The fault report: what happened, whether the limits were kept, why, and what is done against it. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.documents import words
from tickets.documents.facts import Facts
from tickets.documents.kinds import Edition, Order
from tickets.documents.structure import Section, Table, Tone
from tickets.documents.words import moment, pairs, span


def sections(facts: Facts, order: Order) -> tuple[Section, ...]:
    """Return what a report says as the record stands, as far as this edition may say it."""
    entered, for_client = order.entered, order.edition == Edition.CLIENT
    found = [
        Section(_("The fault"), (pairs(*_fault(facts, for_client=for_client)),)),
        Section(_("Impact"), words.texts(entered.impact)),
        Section(_("Course of events"), words.course(facts, for_client=for_client)),
        Section(_("Clocks and limits"), words.limits(facts, for_client=for_client)),
        Section(_("Cause"), (pairs(*_cause(facts, order)),)),
        Section(_("Solution"), words.texts(facts.solution)),
        Section(_("On-site visits"), words.visits(facts, for_client=for_client)),
        Section(_("Coordination meetings and verdicts"), words.meetings(facts, for_client=for_client)),
        Section(_("Remote sessions"), words.sessions(facts, for_client=for_client)),
        Section(_("Who worked on it"), words.rows_or_none(_workers(facts, for_client=for_client))),
        Section(_("Client's confirmation"), (pairs(*_confirmation(facts)),)),
        Section(_("Prevention and corrective measures"), words.texts(entered.measures)),
    ]
    if not for_client:
        found.append(Section(_("Reported up"), words.report_ups(facts)))
        found.append(Section(_("Overruns and rulings"), words.rows_or_none(_cases(facts)), restricted=True))
        if facts.files:
            found.append(Section(_("Files of the record"), words.texts("\n".join(facts.files))))
    return words.numbered(found)


def _fault(facts: Facts, *, for_client: bool) -> list[tuple[str, str]]:
    took = span(facts.resolved_at - facts.reported_at) if facts.resolved_at else ""
    again = [(_("Times reopened"), str(facts.reopened))] if facts.reopened else []
    inside = [] if for_client else [(_("Recorded at"), moment(facts.logged_at))]
    return [
        (_("What happened"), facts.title),
        (_("In detail"), facts.details),
        (_("Reported by"), facts.caller),
        *words.graded(facts, for_client=for_client),
        (_("Reported at"), moment(facts.reported_at)),
        *inside,
        (_("Acknowledged at"), moment(facts.acknowledged_at)),
        (_("Diagnosed at"), moment(facts.diagnosed_at)),
        (_("Resolved at"), moment(facts.resolved_at)),
        (_("From the report to the solution"), took),
        *again,
    ]


def _cause(facts: Facts, order: Order) -> list[tuple[str, str]]:
    root = order.entered.root_cause.strip()
    return [
        (_("Kind of cause"), facts.cause),
        (_("Diagnosis"), facts.diagnosis),
        *([(_("Root cause"), root)] if root else []),
    ]


def _workers(facts: Facts, *, for_client: bool) -> Table:
    shown = [worker for worker in facts.workers if worker.for_client or not for_client]
    inside_head = () if for_client else (_("Time spent"),)
    return Table(
        (_("Person"), _("Part"), *inside_head),
        (30, 70) if for_client else (30, 50, 20),
        tuple(
            (
                worker.name,
                words.listed(worker.parts),
                *(() if for_client else (_minutes(worker.minutes),)),
            )
            for worker in shown
        ),
    )


def _minutes(minutes: int) -> str:
    return _("%(n)s min") % {"n": minutes} if minutes else words.NOTHING


def _confirmation(facts: Facts) -> list[tuple[str, str]]:
    if not facts.confirmed_by:
        return [(_("Confirmed by"), _("not confirmed yet"))]
    return [
        (_("Confirmed by"), facts.confirmed_by),
        (_("How"), facts.confirmed_how),
        (_("When"), moment(facts.closed_at)),
    ]


def _cases(facts: Facts) -> Table:
    return Table(
        (_("Clock"), _("Due at"), _("Late by"), _("Answerable"), _("Explanation"), _("Ruling")),
        (12, 17, 12, 12, 24, 23),
        tuple(
            (
                case.clock,
                moment(case.due_at),
                span(case.late),
                case.person or words.NOTHING,
                case.explanation or words.NOTHING,
                _ruling(case.state, case.cause, case.is_excused, case.ruling),
            )
            for case in facts.cases
        ),
        tuple(Tone.BAD if case.cause and not case.is_excused else Tone.PLAIN for case in facts.cases),
    )


def _ruling(state: str, cause: str, is_excused: bool, ruling: str) -> str:
    if not cause:
        return state
    excused = _("excused") if is_excused else _("not excused")
    return "\n".join((state, f"{cause}, {excused}", ruling))

"""The technical coordination meeting: convened where the group cannot solve a fault, ended by a verdict
(§5.4.1.2)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions import people, timing
from tickets.actions.journal import changing, record
from tickets.actions.ladder import move_to
from tickets.actions.mentions import as_changes, mentioned_in
from tickets.actions.telling import tell_people
from tickets.coordination import NO_MEETING, OUTCOMES, outcomes_for
from tickets.lifecycle import OPEN, Move, Refused
from tickets.models import (
    ClockKind,
    CoordinationMeeting,
    Dispatch,
    EntryKind,
    Escalation,
    Outcome,
    Target,
    Ticket,
    Verdict,
)

log = logging.getLogger(__name__)


def convene(ticket: Ticket, *, reason: str, place: str = "", by: User, now: datetime) -> Ticket:
    """Convene the meeting at once because the group cannot solve the fault; the verdict clock starts.

    Invited and told are the technical lead, the group's supervisor, the specialists on duty, the owner, and
    whoever is mentioned in the reason. Raises `Refused` with the clause for a grade 3, and where a meeting is
    open already.
    """
    with changing(ticket, Move.CONVENE, by=by, now=now) as fresh:
        reason = require(reason, "reason")
        meant = mentioned_in(reason, fresh, by=by, field="reason")
        also = User.objects.filter(pk__in={reader.pk for reader in meant.values()}) if meant else []
        meeting = CoordinationMeeting(ticket=fresh, convened_by=by, reason=reason, place=place.strip())
        _open(meeting, also, as_changes(meant), now=now)
    return fresh


def decide(ticket: Ticket, *, outcome: Outcome, reason: str, by: User, now: datetime) -> Ticket:
    """Write down the meeting's verdict with its reason, which stops the verdict clock (§5.4.1.2).

    Where an engineer has to go, the arrival clock starts at this instant, unless somebody is there already,
    and owner and supervisor are told to send one; the ladder follows. Where none has to, nobody is waited for
    but who is on his way already. A later verdict of the same meeting replaces the one before, which stays
    readable. Raises `Refused` where there is nothing to decide, or the
    outcome is not one of the grade's.
    """
    with changing(ticket, Move.DECIDE, by=by, now=now) as fresh:
        meeting = CoordinationMeeting.objects.filter(ticket=fresh).order_by("-pk").first()
        last = meeting.verdicts.last() if meeting else None
        if meeting is None or not (meeting.is_open or last):
            raise Refused(_("No coordination meeting has been convened."), code="no_meeting")
        outcome, reason = Outcome(outcome), require(reason, "reason")
        if fresh.grade is None or outcome not in outcomes_for(fresh.grade):
            raise Refused(
                _("This is not a verdict on a fault of its grade."), field="outcome", code="invalid"
            )
        if last and last.outcome == outcome:
            raise Refused(_("This is the verdict already."), field="outcome", code="unchanged")
        verdict = Verdict.objects.create(
            meeting=meeting, grade=fresh.grade, outcome=outcome, reason=reason, at=now, by=by
        )
        if meeting.is_open:
            CoordinationMeeting.objects.filter(pk=meeting.pk).update(closed_at=now)
        timing.stop(fresh, ClockKind.VERDICT, now=now)
        changes = {"outcome": [last.outcome if last else None, outcome]}
        record(fresh, EntryKind.DECIDED, by=by, now=now, text=reason, changes=changes)
        orders = Dispatch.objects.filter(ticket=fresh)
        if not outcome.sends_an_engineer:
            if not orders.on_the_way().exists():  # who is, is waited for until he is called off
                timing.drop(fresh, ClockKind.ARRIVAL, now=now)
        elif not (
            fresh.clocks.running().filter(kind=ClockKind.ARRIVAL).exists() or orders.on_site().exists()
        ):
            timing.start(fresh, ClockKind.ARRIVAL, at=now)
        move_to(fresh, outcome.way, reason=reason, by=by, now=now)
        _tell_verdict(fresh, verdict, now)
    return fresh


def convene_due(*, now: datetime) -> int:
    """Convene the meetings that a report-up asks for and nobody has convened; return how many.

    A report-up of a rule that `convenes` has fired, its clock runs still, and the fault has had no meeting
    since that clock began. One record at a time, each in its own transaction; one that another worker holds
    is passed over, and one that fails holds up no other.
    """
    done = 0
    for pk in awaiting_meetings().values_list("pk", flat=True):
        try:
            done += _convene_one(pk, now)
        except Exception:
            log.exception("the coordination meeting on T-%s could not be convened; trying again later", pk)
    return done


def awaiting_meetings(*, asked_before: datetime | None = None) -> QuerySet[Ticket]:
    """Records on which a report-up has asked for a meeting (before an instant) that nobody has convened."""
    asked = _asking().filter(ticket=OuterRef("pk"), rule__grade=OuterRef("grade"))
    if asked_before is not None:
        asked = asked.filter(fired_at__lt=asked_before)
    meetings = CoordinationMeeting.objects.filter(ticket=OuterRef("pk"))
    return Ticket.objects.filter(
        Exists(asked),
        ~Exists(meetings.open()),
        status__in=OPEN,
        grade__in=[grade for grade, outcomes in OUTCOMES.items() if outcomes],
    )


def close_without_verdict(ticket: Ticket, *also: ClockKind, now: datetime) -> None:
    """Let nobody owe a verdict on a locked record any more, nor what `also` is owed. Not a verb.

    It has been solved, or is a grade 3 after all. What was overdue stays too late; what was not due yet
    counts for nothing, so that a rate praises nobody for a verdict that was never given.
    """
    if ClockKind.VERDICT in timing.drop(ticket, ClockKind.VERDICT, *also, now=now):
        CoordinationMeeting.objects.filter(ticket=ticket).open().update(closed_at=now)


def _open(
    meeting: CoordinationMeeting, also: Iterable[User], changes: dict[str, object], *, now: datetime
) -> None:
    """Check and write a new meeting of a locked record, start its clock, and tell everybody invited."""
    ticket = meeting.ticket
    if not ticket.is_fault:
        raise Refused(_("Only a fault has a coordination meeting."), code="not_a_fault")
    if ticket.needs_grade:
        raise Refused(_("Grade the fault first."), field="grade", code="ungraded")
    if not outcomes_for(ticket.grade):
        raise Refused(str(NO_MEETING), code="grade_three")
    before = CoordinationMeeting.objects.filter(ticket=ticket)
    if before.open().exists():
        raise Refused(_("A coordination meeting is convened already."), code="taken")
    meeting.cycle, meeting.convened_at = before.count() + 1, now
    meeting.save()
    invited = _invited(ticket, also, now)
    meeting.invited.set(invited)
    timing.start(ticket, ClockKind.VERDICT, at=now)
    changes |= {"invited": [None, ", ".join(person.name for person in invited)]}
    if meeting.place:
        changes["place"] = [None, meeting.place]
    if meeting.escalation:
        changes["why"] = [None, f"report_up_{meeting.escalation.clock.kind}"]
    by = meeting.convened_by
    entry = record(ticket, EntryKind.CONVENED, by=by, now=now, text=meeting.reason, changes=changes)
    told = [person for person in invited if person != by]
    facts = {"reason": meeting.reason, "place": meeting.place}
    tell_people(ticket, told, "convened", key=f"convened:{entry.pk}", now=now, **facts)


def _invited(ticket: Ticket, also: Iterable[User], now: datetime) -> list[User]:
    """Who comes: the technical lead, the supervisor, the specialists on duty, the owner, and who else is."""
    lead, _found_at = people.resolve(Target.TECHNICAL_LEAD, ticket, now)
    supervisors, _found_at = people.resolve(Target.SUPERVISOR, ticket, now)
    owner = [ticket.owner] if ticket.owner and ticket.owner.is_active else []
    everybody = [*lead, *supervisors, *people.specialists_on_duty(now), *owner, *also]
    return list({person.pk: person for person in everybody}.values())


def _tell_verdict(ticket: Ticket, verdict: Verdict, now: datetime) -> None:
    """Tell the owner of it, and where an engineer has to go the supervisor too: one of them sends him."""
    told, _found_at = people.resolve(Target.OWNER, ticket, now)
    engineer = Outcome(verdict.outcome).sends_an_engineer
    if engineer:
        supervisors, _found_at = people.resolve(Target.SUPERVISOR, ticket, now)
        told = [*told, *supervisors]
    facts = {"outcome": verdict.outcome, "reason": verdict.reason, "engineer": engineer}
    tell_people(ticket, dict.fromkeys(told), "verdict", key=f"verdict:{verdict.pk}", now=now, **facts)


def _asking() -> QuerySet[Escalation]:
    """Fired report-ups that convene, on clocks that run still and since whose start there was no meeting."""
    since = CoordinationMeeting.objects.filter(
        ticket=OuterRef("ticket"), convened_at__gte=OuterRef("clock__started_at")
    )
    running = Q(clock__stopped_at__isnull=True, clock__superseded_at__isnull=True)
    return Escalation.objects.fired().filter(running, ~Exists(since), rule__convenes=True).order_by()


def _convene_one(pk: int, now: datetime) -> int:
    with transaction.atomic():
        free = Ticket.objects.filter(pk=pk).select_for_update(skip_locked=True, of=("self",), no_key=True)
        # Asked again under the lock: another worker may have been here since.
        if not free or not awaiting_meetings().filter(pk=pk).exists():
            return 0
        with changing(free[0], Move.CONVENE, by=None, now=now) as fresh:
            asked = _asking().filter(ticket=fresh, rule__grade=F("ticket__grade")).select_related("clock")
            meeting = CoordinationMeeting(ticket=fresh, escalation=asked.earliest("fired_at", "pk"))
            _open(meeting, (), {}, now=now)
    return 1

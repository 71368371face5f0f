"""A case of an overrun as one person meets it: what he may read of it, what he may do, and by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from duty.calendar import whole_workdays
from staff.models import User
from staff.prepared import prepared
from tickets.accountability import DAYS, NO_LEVEL, SUPERVISOR, OverrunState, Standing, Step, Terms
from tickets.models import OVERRUN_WINDOWS, Overrun, Ticket, Window
from tickets.models.overrun import level_of, may_read

# Far enough back that a term which is over by now began after it, whatever holidays lie between.
LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Case:
    """A row of a list or the head of a page. What is not his to read is left out by `is_readable`."""

    overrun: Overrun
    is_readable: bool
    late: timedelta
    due_at: datetime | None
    is_overdue: bool


def terms(*, since: date) -> Terms:
    """Return the terms in force, laid over the calendar from `since` on: two queries."""
    days = DAYS | {Step(kind): span.days for kind, span in _spans()}
    return Terms(
        explain=days[Step.EXPLAIN],
        rule=days[Step.RULE],
        appeal=days[Step.APPEAL],
        decide=days[Step.DECIDE],
        workdays=whole_workdays(since=since),
    )


@prepared
def _spans() -> QuerySet[Window, tuple[str, timedelta]]:
    return Window.objects.filter(kind__in=OVERRUN_WINDOWS).values_list("kind", "span")


def terms_for(overruns: Iterable[Overrun], now: datetime) -> Terms:
    """Return the terms for these cases, from the oldest on that waits for something."""
    waiting = [case.opened_at for case in overruns if case.state != OverrunState.SETTLED]
    return terms(since=min([*waiting, now]).date())


def due_at(overrun: Overrun, terms: Terms) -> datetime | None:
    """Return by when the next step of a case is due; None where there is none."""
    return terms.due_at(
        overrun.state,
        has_person=overrun.person_id is not None,
        opened_at=overrun.opened_at,
        explained_at=overrun.explained_at,
        appeal_until=overrun.appeal_until,
        appealed_at=overrun.appealed_at,
    )


def begun_before(now: datetime) -> tuple[datetime, datetime, datetime, datetime]:
    """Before which instants those terms began that are over by now: to explain, to rule, both, to decide."""
    over = terms(since=(now - LOOK_BACK).date())
    spans = (over.explain, over.rule, over.explain + over.rule, over.decide)
    explain, rule, both, decide = (over.over_since(now, days) for days in spans)
    return explain, rule, both, decide


def overdue(now: datetime) -> Q:
    """Which cases wait longer than they may: what `Case.is_overdue` says of one."""
    explain, rule, _both, decide = begun_before(now)
    is_open = Q(state=OverrunState.OPEN)
    return (
        is_open & Q(person__isnull=False, opened_at__lt=explain)
        | is_open & Q(person__isnull=True, opened_at__lt=rule)
        | Q(state=OverrunState.EXPLAINED, explained_at__lt=rule)
        | Q(state=OverrunState.APPEALED, appealed_at__lt=decide)
    )


def standing_of(overrun: Overrun, user: User, terms: Terms, now: datetime) -> Standing:
    """The case as this person meets it now. Reads its clock, and who ruled where there is an appeal."""
    until = overrun.appeal_until
    explains_until = terms.ends_at(overrun.opened_at, terms.explain)
    ruler = overrun.ruled_by
    return Standing(
        state=overrun.state,
        counts=not overrun.is_set_aside,
        is_own=overrun.person_id == user.pk,
        level=level_of(user, overrun),
        ruled_level=max(ruler.management_level, SUPERVISOR) if ruler else NO_LEVEL,
        was_ruler=ruler is not None and ruler.pk == user.pk,
        was_heard=(overrun.explained_at is not None or overrun.person_id is None or now > explains_until),
        is_appealable=until is not None and now <= until,
    )


def cases(overruns: Iterable[Overrun], user: User, now: datetime) -> list[Case]:
    """The rows of a list, as this person may read them."""
    rows = list(overruns)
    in_force = terms_for(rows, now)
    return [case_of(overrun, user, in_force, now) for overrun in rows]


def case_of(overrun: Overrun, user: User, terms: Terms, now: datetime) -> Case:
    due = None if overrun.is_set_aside else due_at(overrun, terms)
    return Case(
        overrun,
        is_readable=may_read(user, overrun),
        late=overrun.late_by(now),
        due_at=due,
        # A ruling that nobody appealed against becomes final: nobody is late with that.
        is_overdue=due is not None and due < now and overrun.state != OverrunState.RULED,
    )


def overruns_of(ticket: Ticket, user: User, now: datetime) -> list[Case]:
    """The cases of a record for its page; no query where it has none. `ticket` says `has_overruns`."""
    if user.is_contact or not ticket.has_overruns:  # type: ignore[attr-defined]
        return []
    return cases([row for row in _overruns(ticket.pk) if not row.is_set_aside], user, now)


@prepared
def _overruns(ticket: int) -> QuerySet[Overrun]:
    return Overrun.objects.filter(ticket=ticket).select_related("clock", "person").order_by("due_at", "pk")

"""What a sound installation has none of: the questions that the auditor asks (§3.2).

Each is answered from what is open, running or waiting, by a partial index, so that it costs the same however
many records there have been (`./script/bench --only audit`). The rows come in the order of that index: with a
limit and in any other order Postgres would rather read a whole table and hope to be done soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least

from staff.models import Delivery, NoticeChannel
from staff.outbox import due as to_be_sent
from tickets.accountability import OverrunState, Told
from tickets.actions.coordination import awaiting_meetings
from tickets.lifecycle import OVER
from tickets.models import (
    Clock,
    ClockKind,
    Custody,
    Escalation,
    Link,
    LinkKind,
    OutgoingMail,
    Overrun,
    Pause,
    RemoteSession,
    Status,
    Ticket,
    WhatIf,
)

# How late each may be: some rounds of whoever does it.
OVERDUE_BY = timedelta(seconds=60)
WINDOWS_BY, OVERRUNS_BY, MEETINGS_BY = timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=2)
WHAT_IF_BY, UNSENT_BY = timedelta(minutes=10), timedelta(minutes=15)
KEEPS_FAILING = 3  # attempts, after which the administrators are told


@dataclass(frozen=True, slots=True)
class Look:
    """One question: the rows that are wrong, what each may be (`code`), and where it names its record."""

    codes: tuple[str, ...]
    rows: QuerySet[Any]
    ticket: str


def look(code: str, rows: QuerySet[Any], ticket: str = "ticket_id") -> Look:
    """Ask for rows all of which are wrong in the same way; the code is a stable English one."""
    return Look((code,), rows.annotate(code=Value(code)), ticket)


def looks(now: datetime) -> Iterator[Look]:
    """Everything that is asked, as it is at `now` (aware)."""
    yield from looks_at_records(now)
    yield from _remote(now)
    yield from _duties(now)
    yield from _outboxes(now)


def looks_at_records(now: datetime) -> Iterator[Look]:
    """What is asked about records and their clocks, whether or not anybody tends the rest."""
    yield from _records()
    yield from _merged()
    yield from _clocks(now)


def _records() -> Iterator[Look]:
    """Records that could sink: without a clock, without a next step, under a wrong time."""
    clocks = Clock.objects.running().filter(ticket=OuterRef("pk"))
    soonest = clocks.order_by("due_at").values("due_at")[:1]  # ascending: Postgres puts the paused last
    is_open = Ticket.objects.open().order_by("next_due_at", "pk")
    pauses = Pause.objects.filter(ended_at__isnull=True).order_by("ticket_id")
    waiting = is_open.filter(status=Status.WAITING)
    yield look("no_running_clock", is_open.filter(~Exists(clocks.filter(due_at__isnull=False))), "pk")
    yield look(
        "next_due_is_not_the_clock",
        is_open.annotate(soonest=Subquery(soonest)).exclude(next_due_at=F("soonest")),
        "pk",
    )
    next_step = clocks.filter(kind=ClockKind.NEXT_STEP)
    yield look("waits_without_a_next_step", waiting.filter(~Exists(next_step)), "pk")
    yield look("waits_without_a_pause", waiting.filter(~Exists(pauses.filter(ticket=OuterRef("pk")))), "pk")
    yield look("pause_without_an_end", pauses.exclude(ticket__status__in=(Status.WAITING, Status.MERGED)))


def _merged() -> Iterator[Look]:
    duplicates = Link.objects.filter(kind=LinkKind.DUPLICATE).order_by("record_id")
    into = duplicates.filter(record=OuterRef("pk"))
    merged = Ticket.objects.filter(status=Status.MERGED).order_by("pk")
    yield look("merged_into_nothing", merged.filter(~Exists(into)), "pk")
    yield look("merged_but_not_so", duplicates.exclude(record__status=Status.MERGED), "record_id")


def _clocks(now: datetime) -> Iterator[Look]:
    """Clocks that are not enforced, or would never be: the sweep looks at `next_at` and at nothing else."""
    running, passed = Clock.objects.running().order_by("ticket_id", "kind"), now - OVERDUE_BY
    by_instant = running.order_by("next_at")
    planned = Escalation.objects.planned().filter(clock=OuterRef("pk")).values("due_at")
    soonest = Least(  # of those that there are
        Case(When(near_marked_at__isnull=True, then=F("near_at"))),
        Case(When(breached_marked_at__isnull=True, then=F("due_at"))),
        Subquery(planned[:1]),
    )
    unnoticed = Q(next_at__isnull=True) | Q(next_at__gt=F("soonest"), failures=0)
    never, over, late = "clock_without_next_instant", "instant_passed_over", "clock_rings_too_late"
    which = Case(
        When(next_at__isnull=True, then=Value(never)),
        When(soonest__lt=passed, then=Value(over)),
        default=Value(late),
    )
    wrong = running.annotate(soonest=soonest).filter(unnoticed, soonest__isnull=False)
    yield look("deadline_not_enforced", by_instant.filter(next_at__lt=passed))
    yield look("deadline_keeps_failing", by_instant.filter(next_at__gte=passed, failures__gte=KEEPS_FAILING))
    yield Look((never, over, late), wrong.annotate(code=which), "ticket_id")
    stands_still = running.filter(due_at__isnull=True)
    yield look(
        "clock_stands_still",
        stands_still.filter(~Q(ticket__status=Status.WAITING), ~Q(ticket__status__in=OVER)),
    )
    is_open = Ticket.objects.open().order_by().values("pk")
    yield look("clock_of_a_closed_record", running.exclude(ticket__in=is_open))
    cases = Overrun.objects.filter(clock=OuterRef("pk"))
    yield look("overrun_without_a_case", running.filter(~Exists(cases), breached_marked_at__isnull=False))


def _remote(now: datetime) -> Iterator[Look]:
    """Windows of remote access that are over, and nobody has looked (§4.2.2)."""
    passed = now - WINDOWS_BY
    sessions = RemoteSession.objects.open().filter(authorisation__window_to__lt=passed).order_by()
    record = "authorisation__ticket_id"
    yield look("window_end_not_marked", sessions.filter(overrun_at__isnull=True), record)
    over = Q(authorisation__window_to__lt=passed) | Q(authorisation__revoked_at__lt=passed)
    over |= Q(authorisation__ticket__status__in=OVER)
    yield look("password_not_destroyed", Custody.objects.held().filter(over).order_by(), record)


def _duties(now: datetime) -> Iterator[Look]:
    """What else comes of itself: meetings, cases of overrun, what-if runs."""
    awaiting = awaiting_meetings(asked_before=now - MEETINGS_BY)
    yield look("meeting_not_convened", awaiting.order_by("next_due_at", "pk"), "pk")
    passed, cases = now - OVERRUNS_BY, Overrun.objects.standing().order_by()
    unheard = cases.filter(state=OverrunState.OPEN, told=Told.NOBODY, opened_at__lt=passed)
    yield look("overrun_not_told", unheard)
    yield look("ruling_not_settled", cases.filter(state=OverrunState.RULED, appeal_until__lt=passed))
    next_run = WhatIf.objects.filter(pk__in=WhatIf.objects.waiting().values("pk")[:1])
    lasting = next_run.annotate(last=Coalesce("carried_on_at", "asked_at"))
    yield look("what_if_stands_still", lasting.filter(last__lt=now - WHAT_IF_BY), "")


def _outboxes(now: datetime) -> Iterator[Look]:
    """What should have left the house, and what somebody had taken to send when he died."""
    held_back = NoticeChannel.objects.filter(paused_until__gt=now)
    copies = to_be_sent(Delivery.objects.exclude(via__in=held_back), now - UNSENT_BY).order_by("next_try_at")
    mails = to_be_sent(OutgoingMail.objects.order_by("next_try_at"), now - UNSENT_BY)
    yield look("copy_not_sent", copies.filter(attempts=0), "")
    yield look("copy_given_back_by_nobody", copies.filter(attempts__gt=0), "")
    yield look("mail_not_sent", mails.filter(attempts=0))
    yield look("mail_given_back_by_nobody", mails.filter(attempts__gt=0))

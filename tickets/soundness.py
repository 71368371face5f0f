"""What a sound installation has none of: the questions that the auditor asks (§3.2).

Each is answered from what is open, running or waiting, by an index, so that it costs the same however many
records there have been (`./script/bench --only audit`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
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
    """One question: a stable English code, the rows that are wrong, and where each names its record."""

    code: str
    rows: QuerySet[Any]
    ticket: str = "ticket_id"


def looks(now: datetime) -> Iterator[Look]:
    """Everything that is asked, as it is at `now` (aware)."""
    yield from _records()
    yield from _merged()
    yield from _clocks(now)
    yield from _remote(now)
    yield from _duties(now)
    yield from _outboxes(now)


def _records() -> Iterator[Look]:
    """Records that could sink: without a clock, without a next step, under a wrong time."""
    clocks = Clock.objects.running().filter(ticket=OuterRef("pk"))
    soonest = clocks.order_by("due_at").values("due_at")[:1]  # ascending: Postgres puts the paused last
    is_open, pauses = Ticket.objects.open(), Pause.objects.filter(ended_at__isnull=True)
    waiting = is_open.filter(status=Status.WAITING)
    yield Look("no_running_clock", is_open.filter(~Exists(clocks.filter(due_at__isnull=False))), "pk")
    yield Look(
        "next_due_is_not_the_clock",
        is_open.annotate(soonest=Subquery(soonest)).exclude(next_due_at=F("soonest")),
        "pk",
    )
    next_step = clocks.filter(kind=ClockKind.NEXT_STEP)
    yield Look("waits_without_a_next_step", waiting.filter(~Exists(next_step)), "pk")
    yield Look("waits_without_a_pause", waiting.filter(~Exists(pauses.filter(ticket=OuterRef("pk")))), "pk")
    yield Look("pause_without_an_end", pauses.exclude(ticket__status=Status.WAITING))


def _merged() -> Iterator[Look]:
    duplicates = Link.objects.filter(kind=LinkKind.DUPLICATE)
    into = duplicates.filter(record=OuterRef("pk"))
    yield Look("merged_into_nothing", Ticket.objects.filter(~Exists(into), status=Status.MERGED), "pk")
    yield Look("merged_but_not_so", duplicates.exclude(record__status=Status.MERGED), "record_id")


def _clocks(now: datetime) -> Iterator[Look]:
    """Clocks that are not enforced, or would never be: the sweep looks at `next_at` and at nothing else."""
    running, passed = Clock.objects.running(), now - OVERDUE_BY
    planned = Escalation.objects.planned().filter(clock=OuterRef("pk")).values("due_at")
    soonest = Least(  # of those that there are
        Case(When(near_marked_at__isnull=True, then=F("near_at"))),
        Case(When(breached_marked_at__isnull=True, then=F("due_at"))),
        Subquery(planned[:1]),
    )
    ringing = running.annotate(soonest=soonest).filter(soonest__isnull=False)
    unnoticed = ringing.filter(next_at__gt=F("soonest"), failures=0)
    yield Look("deadline_not_enforced", running.filter(next_at__lt=passed))
    yield Look("deadline_keeps_failing", running.filter(next_at__gte=passed, failures__gte=KEEPS_FAILING))
    yield Look("clock_without_next_instant", ringing.filter(next_at__isnull=True))
    yield Look("instant_passed_over", unnoticed.filter(soonest__lt=passed))
    yield Look("clock_rings_too_late", unnoticed.filter(soonest__gte=passed))
    stands_still = running.filter(due_at__isnull=True)
    yield Look(
        "clock_stands_still",
        stands_still.filter(~Q(ticket__status=Status.WAITING), ~Q(ticket__status__in=OVER)),
    )
    yield Look("clock_of_a_closed_record", running.filter(ticket__status__in=OVER))
    cases = Overrun.objects.filter(clock=OuterRef("pk"))
    yield Look("overrun_without_a_case", running.filter(~Exists(cases), breached_marked_at__isnull=False))


def _remote(now: datetime) -> Iterator[Look]:
    """Windows of remote access that are over, and nobody has looked (§4.2.2)."""
    passed = now - WINDOWS_BY
    sessions = RemoteSession.objects.open().filter(authorisation__window_to__lt=passed)
    record = "authorisation__ticket_id"
    yield Look("window_end_not_marked", sessions.filter(overrun_at__isnull=True), record)
    over = Q(authorisation__window_to__lt=passed) | Q(authorisation__revoked_at__lt=passed)
    over |= Q(authorisation__ticket__status__in=OVER)
    yield Look("password_not_destroyed", Custody.objects.held().filter(over), record)


def _duties(now: datetime) -> Iterator[Look]:
    """What else comes of itself: meetings, cases of overrun, what-if runs."""
    yield Look("meeting_not_convened", awaiting_meetings(asked_before=now - MEETINGS_BY), "pk")
    passed, cases = now - OVERRUNS_BY, Overrun.objects.standing()
    unheard = cases.filter(state=OverrunState.OPEN, told=Told.NOBODY, opened_at__lt=passed)
    yield Look("overrun_not_told", unheard)
    yield Look("ruling_not_settled", cases.filter(state=OverrunState.RULED, appeal_until__lt=passed))
    next_run = WhatIf.objects.filter(pk__in=WhatIf.objects.waiting().values("pk")[:1])
    lasting = next_run.annotate(last=Coalesce("carried_on_at", "asked_at"))
    yield Look("what_if_stands_still", lasting.filter(last__lt=now - WHAT_IF_BY), "")


def _outboxes(now: datetime) -> Iterator[Look]:
    """What should have left the house, and what somebody had taken to send when he died."""
    held_back = NoticeChannel.objects.filter(paused_until__gt=now)
    copies = to_be_sent(Delivery.objects.exclude(via__in=held_back), now - UNSENT_BY)
    mails = to_be_sent(OutgoingMail.objects.all(), now - UNSENT_BY)
    yield Look("copy_not_sent", copies.filter(attempts=0), "")
    yield Look("copy_given_back_by_nobody", copies.filter(attempts__gt=0), "")
    yield Look("mail_not_sent", mails.filter(attempts=0))
    yield Look("mail_given_back_by_nobody", mails.filter(attempts__gt=0))

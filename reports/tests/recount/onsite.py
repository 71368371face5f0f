"""Engineers on their way and people logged in at the client, in a random history."""

from __future__ import annotations

from io import BytesIO

from reports.tests.recount.histories import MINUTE, History
from staff.files import Upload
from staff.models import User
from tickets import actions
from tickets.dispatching import OnSiteOutcome
from tickets.models import (
    Clock,
    Dispatch,
    RemoteAuthorisation,
    RemoteSession,
)


def on_the_way(history: History, pk: int) -> None:
    """The next step of an engineer who was sent: he departs, arrives and leaves, or is called off."""
    order = Dispatch.objects.select_related("engineer", "ticket").get(pk=pk)
    engineer: User = order.engineer
    now, happened = history.now, history.now - history.one_of([0, 0, 0, 90]) * MINUTE
    if not order.is_open:
        return
    if history.chance(0.15):
        by = history.world.leads[order.ticket.group_id]
        history.attempt("call_off", lambda: actions.call_off(order, reason="x", by=by, now=now))
        return
    if order.departed_at is None and order.arrived_at is None and history.chance(0.8):
        history.attempt("depart", lambda: actions.depart(order, happened_at=happened, by=engineer, now=now))
    elif order.arrived_at is None:
        history.attempt("arrive", lambda: actions.arrive(order, happened_at=happened, by=engineer, now=now))
    else:
        outcome = history.one_of(list(OnSiteOutcome))
        history.attempt(
            f"leave {outcome}",
            lambda: actions.leave(
                order, outcome=outcome, reason="x", signed_by="x", happened_at=happened, by=engineer, now=now
            ),
        )
    arrival = Clock.objects.running().filter(ticket=order.ticket_id, kind="arrival")
    history.plan(history.soon([*arrival.values_list("due_at", flat=True)]), lambda: on_the_way(history, pk))


def remote(history: History, pk: int) -> None:
    """Something under an authorisation: paper comes, a session begins or ends, it is withdrawn."""
    access, now = RemoteAuthorisation.objects.select_related("ticket").get(pk=pk), history.now
    by = history.anybody(access.ticket.group_id)
    actions.watch_windows(now=now)
    if history.chance(0.1):
        history.attempt("revoke_remote", lambda: actions.revoke_remote(access, reason="x", by=by, now=now))
        return
    if not access.has_evidence and history.chance(0.6):
        paper = Upload("b.txt", BytesIO(b"x"))
        history.attempt("add_evidence", lambda: actions.add_evidence(access, paper, by=by, now=now))
        return
    session = history.attempt("open_remote", lambda: actions.open_remote(access, by=by, now=now))
    if session is not None:
        history.plan(history.soon([access.window_to]), lambda: log_out(history, session.pk))


def log_out(history: History, pk: int) -> None:
    session = RemoteSession.objects.select_related("operator").get(pk=pk)
    actions.watch_windows(now=history.now)
    if session.is_open and history.chance(0.85):
        history.attempt(
            "close_remote",
            lambda: actions.close_remote(session, summary="x", by=session.operator, now=history.now),
        )

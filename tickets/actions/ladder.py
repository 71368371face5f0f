"""The service ladder: by phone and e-mail, then remotely, then on site (§4.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions.journal import changing, record
from tickets.coordination import skips
from tickets.lifecycle import Move, Refused
from tickets.models import EntryKind, ServiceStep, Ticket, Way


def step_up(ticket: Ticket, *, way: Way, reason: str, by: User, now: datetime) -> Ticket:
    """Serve a record in another way, with the reason why the one before does not do (§4.2).

    The reason is required on every step, so a rung that is left out never goes unexplained. Raises `Refused`
    where the record is served in this way already.
    """
    with changing(ticket, Move.STEP_UP, by=by, now=now) as fresh:
        if move_to(fresh, way, reason=reason, by=by, now=now) is None:
            raise Refused(_("It is served in this way already."), field="way", code="unchanged")
    return fresh


def move_to(ticket: Ticket, way: Way, *, reason: str, by: User, now: datetime) -> ServiceStep | None:
    """Let a locked record be served in another way; None where it is so already. Not a verb.

    For the verbs that imply the step: a verdict, a remote session, an engineer who is sent.
    """
    reason, before = require(reason, "reason"), current_way(ticket)
    if before == way:
        return None
    changes: dict[str, object] = {"way": [before, Way(way)]}
    if skips(before, Way(way)):
        changes["why"] = [None, "rung_skipped"]
    record(ticket, EntryKind.STEPPED, by=by, now=now, text=reason, changes=changes)
    return ServiceStep.objects.create(ticket=ticket, way=way, started_at=now, by=by, reason=reason)


def current_way(ticket: Ticket) -> Way:
    """Return how a record is served now."""
    last = ServiceStep.objects.filter(ticket=ticket).order_by("-pk").values_list("way", flat=True).first()
    return Way(last) if last else Way.GUIDANCE

"""Rows of all kinds for the tests of figures, written as they would stand after the actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from opsdesk.testing import Cast, at
from reports.figures import figures
from reports.kpis import KPIS
from reports.kpis.figure import Figure
from reports.periods import parse_period
from reports.scope import DEPARTMENT, Scope
from tickets.models import Clock, ClockKind, Entry, EntryKind, Ticket

NOW = at("2026-11-23 12:00")
NOVEMBER = parse_period("2026-11")
HOUR = timedelta(hours=1)


def figure(key: str, *, period: str = "2026-11", scope: Scope = DEPARTMENT, now=NOW) -> Figure:
    wanted = parse_period(period)
    return figures([KPIS[key]], scope, [wanted], now=now)[key, wanted]


def measured(key: str, **more: Any) -> tuple[float, int | None]:
    """Numerator and denominator of a figure, rounded to what a person reads."""
    found = figure(key, **more)
    return round(found.numerator, 2), found.denominator


def record(cast: Cast, *, reported: str = "2026-11-02 09:00", **more: Any) -> Ticket:
    """A record: open, or solved and closed where its times say so."""
    facts: dict[str, Any] = {
        "client": cast.hospital,
        "group": cast.south,
        "system": cast.his,
        "contact": cast.contact,
        "owner": cast.chen,
        "taken_by": cast.li,
        "caller_name": "孙主任",
        "title": "慢",
        "logged_at": at(reported),
        "next_due_at": at(reported),
    } | more
    for name in ("acknowledged", "resolved", "closed"):
        if text := facts.pop(name, ""):
            facts[f"{name}_at"] = at(text)
    if "resolved_at" in facts:
        facts.setdefault("acknowledged_at", facts["resolved_at"])
        facts |= {"status": "resolved", "solution": "重启", "cause": facts.get("cause", "software")}
    if "closed_at" in facts:
        facts |= {"status": "closed", "confirmed_by": "孙主任", "next_due_at": None}
    return Ticket.objects.create(reported_at=at(reported), **facts)


def closed(cast: Cast, when: str = "2026-11-10 10:00", **more: Any) -> Ticket:
    """A record that was solved and closed at the same instant."""
    return record(cast, resolved=when, closed=when, **more)


def clock(
    ticket: Ticket, due: str | None, stopped: str | None = None, *, kind=ClockKind.RESPONSE, **more: Any
):
    return Clock.objects.create(
        ticket=ticket,
        kind=kind,
        limit=HOUR,
        round_the_clock=True,
        started_at=ticket.reported_at,
        due_at=due and at(due),
        stopped_at=stopped and at(stopped),
        **more,
    )


def entry(ticket: Ticket, kind: EntryKind, when: str, *, by: Any = None, **changes: Any) -> Entry:
    return Entry.objects.create(ticket=ticket, kind=kind, at=at(when), by=by, changes=changes)


def day(text: str) -> date:
    return date.fromisoformat(text)
